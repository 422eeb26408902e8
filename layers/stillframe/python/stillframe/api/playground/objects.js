// Controls of objects, and of values that may have several shapes. `context.control` draws what they contain.

import { h, newId } from './dom.js';
import { describe, fits, isSimple, shapeName } from './schema.js';

// An object with more fields than this shows those that are set, and offers the others by name.
const MANY = 10;

/** The fields of an object; of a large one those that are set. */
export function openObject(shape, context) {
  const names = Object.keys(shape.properties);
  const required = new Set(shape.required ?? []);
  const many = names.length > MANY;
  const grid = h('div', { class: 'fields' });
  const more = h('select', { 'aria-label': `Add a field to ${context.name}`, class: 'more', onchange: pick });
  let values = {};
  let shown = [];
  function isFirst(name) {
    return !many || required.has(name) || shape.properties[name]['x-prominent'];
  }
  const emit = () => {
    const set = names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]);
    context.emit(set.length ? Object.fromEntries(set) : undefined);
  };
  function pick() {
    const name = more.value;
    shown.push(name);
    draw();
    grid.querySelector(`[data-field="${name}"] :is(input, select, textarea, button)`)?.focus();
  }
  function draw() {
    const visible = names.filter(
      (name) => isFirst(name) || shown.includes(name) || values[name] !== undefined,
    );
    grid.replaceChildren(...visible.map(field));
    const rest = names.filter((name) => !visible.includes(name));
    more.replaceChildren(
      h('option', { value: '' }, 'Add a field…'),
      ...rest.map((name) => h('option', {}, name)),
    );
    more.hidden = !rest.length;
  }
  function field(name) {
    const schema = shape.properties[name];
    const path = `${context.path}.${name}`;
    const simple = isSimple(schema, context.document) && !schema['x-widget'] && !schema['x-choices-from'];
    const id = newId();
    const own = { 'data-path': path, ...(simple ? { id } : { 'aria-label': name }) };
    const inner = context.control(schema, {
      ...context,
      name: `${context.name} ${name}`,
      path,
      labelling: own,
      required: required.has(name),
      emit: (value) => {
        values = { ...values, [name]: value };
        emit();
      },
    });
    inner.set(values[name]);
    const label = simple ? h('label', { for: id }, name) : h('span', { class: 'label' }, name);
    const role = simple ? {} : { role: 'group', 'aria-label': `${context.name} ${name}` };
    const kind = describe(schema, context.document).kind;
    return h('div', { class: `field ${kind}`, 'data-field': name, ...role }, label, inner.element);
  }
  const set = (value) => {
    values = { ...value };
    shown = [];
    draw();
  };
  const focus = () => grid.querySelector('input, select, textarea, button')?.focus();
  return { element: h('div', {}, grid, many ? more : null), set, focus };
}

/** An object that may be absent. */
export function optionalObject(shape, context) {
  const box = h('div', {});
  const add = h(
    'button',
    { type: 'button', class: 'add', 'aria-label': `Set ${context.name}`, onclick: open },
    'Set',
  );
  const inner = openObject(shape, { ...context, emit: (value) => context.emit(value) });
  const close = () => {
    set(undefined);
    context.emit(undefined);
    add.focus();
  };
  const remove = h(
    'button',
    { type: 'button', class: 'add', 'aria-label': `Remove ${context.name}`, onclick: close },
    'Remove',
  );
  function open() {
    inner.set({});
    box.replaceChildren(inner.element, remove);
    inner.focus();
  }
  function set(value) {
    inner.set(value ?? {});
    box.replaceChildren(...(value === undefined ? [add] : [inner.element, remove]));
  }
  return { element: box, set, focus: () => (box.contains(add) ? add : inner).focus() };
}

/** A value that may have several shapes: which one, and its control. */
export function variantsField(variants, context) {
  const names = variants.map((variant) => h('option', {}, shapeName(variant, context.document)));
  const select = h('select', { 'aria-label': `Kind of ${context.name}`, onchange: change }, names);
  const box = h('div', { class: 'variant' });
  let inner;
  function show(index, value) {
    select.selectedIndex = index;
    inner = context.control(variants[index], context);
    inner.set(value);
    box.replaceChildren(inner.element);
  }
  function change() {
    show(select.selectedIndex);
    context.emit(undefined);
  }
  function set(value) {
    const found = variants.findIndex((variant) => fits(variant, context.document, value));
    show(Math.max(0, found), value);
  }
  set(undefined);
  return { element: h('div', {}, select, box), set, focus: () => inner.focus() };
}
