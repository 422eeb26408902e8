// Controls of lists, objects and named values, composed of other controls.

import { h, newId } from './dom.js';
import * as fields from './fields.js';
import { describe, resolve, shapeName } from './schema.js';

// An object with more fields than this shows those that are set, and offers the others by name.
const MANY = 10;

/**
 * The control of any schema. `context`: `document` (OpenAPI), `name`, `path`, `labelling` (attributes that tie the
 * control to its label), `choices(endpoint, use)` and `emit(value)`.
 */
export function control(schema, context) {
  const resolved = resolve(schema, context.document);
  const description = describe(schema, context.document);
  switch (description.kind) {
    case 'text':
      if (resolved['x-choices-from']) return fields.pickerField(description, resolved, context);
      if (resolved['x-widget'] === 'color') return fields.colorField(description, resolved, context);
      return fields.textField(description, resolved, context);
    case 'number':
      return fields.numberField(description, resolved, context);
    case 'switch':
      return fields.switchField(resolved, context);
    case 'choice':
      return fields.choiceField(description, resolved, context);
    case 'choices':
      return fields.choicesField(description, context);
    case 'list':
      return listField(description.items, context);
    case 'map':
      return mapField(description.values, context);
    case 'object':
      return optionalObject(description.shape, context);
    case 'variants':
      return variantsField(description.variants, context);
    default:
      return fields.jsonField(context);
  }
}

/** Whether a label can be tied to the control itself; others are a group with a name. */
export function isSimple(schema, document) {
  return ['text', 'number', 'switch', 'choice', 'json'].includes(describe(schema, document).kind);
}

function button(text, name, onclick) {
  return h('button', { type: 'button', class: 'small', 'aria-label': name, onclick }, text);
}

/** Rows of one control each, in an order that can be changed. */
function listField(items, context) {
  const rows = h('ol', { class: 'rows' });
  const isObject = describe(items, context.document).kind === 'object';
  let entries = [];
  const emit = () => {
    const values = entries.map((entry) => entry.value).filter((value) => value !== undefined);
    context.emit(values.length ? values : undefined);
  };
  function draw(focused) {
    rows.replaceChildren(...entries.map((entry, index) => row(entry, index)));
    if (focused !== undefined) (entries[focused]?.control ?? { focus: () => add.focus() }).focus();
  }
  function row(entry, index) {
    const name = `${context.name} ${index + 1}`;
    const remove = () => {
      entries = entries.filter((other) => other !== entry);
      draw(Math.min(index, entries.length - 1));
      emit();
    };
    const up = () => {
      entries.splice(index - 1, 2, entry, entries[index - 1]);
      draw(index - 1);
      emit();
    };
    entry.control = (isObject ? openObject : control)(
      isObject ? describe(items, context.document).shape : items,
      {
        ...context,
        name,
        path: `${context.path}.${index}`,
        labelling: { 'aria-label': name, 'data-path': `${context.path}.${index}` },
        required: true,
        emit: (value) => {
          entry.value = isObject ? (value ?? {}) : value;
          emit();
        },
      },
    );
    entry.control.set(entry.value);
    const tools = [index ? button('↑', `Move ${name} up`, up) : null, button('×', `Remove ${name}`, remove)];
    if (!isObject) return h('li', { class: 'line' }, entry.control.element, tools);
    const head = h('div', { class: 'card-head' }, h('span', {}, `${index + 1}`), tools);
    return h(
      'li',
      { class: 'card' },
      h('div', { role: 'group', 'aria-label': name }, head, entry.control.element),
    );
  }
  const append = () => {
    entries.push({ value: isObject ? {} : undefined });
    draw(entries.length - 1);
    emit();
  };
  const add = h(
    'button',
    { type: 'button', class: 'add', 'aria-label': `Add to ${context.name}`, onclick: append },
    'Add',
  );
  rows.addEventListener('keydown', (event) => {
    if (
      event.key !== 'Enter' ||
      isObject ||
      event.ctrlKey ||
      event.metaKey ||
      event.target.tagName !== 'INPUT'
    )
      return;
    event.preventDefault();
    append();
  });
  const set = (value) => {
    entries = (value ?? []).map((item) => ({ value: item }));
    draw();
  };
  return { element: h('div', {}, rows, add), set, focus: () => (entries[0]?.control ?? add).focus() };
}

/** Names with their values. */
function mapField(values, context) {
  const rows = h('ul', { class: 'rows' });
  let entries = [];
  const emit = () => {
    const named = entries.filter((entry) => entry.name && entry.value !== undefined);
    context.emit(named.length ? Object.fromEntries(named.map((e) => [e.name, e.value])) : undefined);
  };
  function draw() {
    rows.replaceChildren(
      ...entries.map((entry, index) => {
        const name = `${context.name} ${index + 1}`;
        const attributes = {
          type: 'text',
          'aria-label': `Name of ${name}`,
          placeholder: 'name',
          spellcheck: 'false',
        };
        entry.input = h('input', {
          ...attributes,
          value: entry.name,
          oninput: (event) => {
            entry.name = event.target.value.trim();
            emit();
          },
        });
        const value = control(values === true ? { type: 'string' } : values, {
          ...context,
          name: `Value of ${name}`,
          labelling: { 'aria-label': `Value of ${name}`, 'data-path': `${context.path}.${entry.name}` },
          emit: (given) => {
            entry.value = given;
            emit();
          },
        });
        value.set(entry.value);
        const remove = () => {
          entries = entries.filter((other) => other !== entry);
          draw();
          add.focus();
          emit();
        };
        return h('li', { class: 'line' }, entry.input, value.element, button('×', `Remove ${name}`, remove));
      }),
    );
  }
  const append = () => {
    entries.push({ name: '', value: undefined });
    draw();
    entries.at(-1).input.focus();
  };
  const add = h(
    'button',
    { type: 'button', class: 'add', 'aria-label': `Add to ${context.name}`, onclick: append },
    'Add',
  );
  const set = (value) => {
    entries = Object.entries(value ?? {}).map(([name, given]) => ({ name, value: given }));
    draw();
  };
  return { element: h('div', {}, rows, add), set, focus: () => (entries[0]?.input ?? add).focus() };
}

/** The fields of an object; of a large one those that are set. */
function openObject(shape, context) {
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
    const inner = control(schema, {
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
function optionalObject(shape, context) {
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
function variantsField(variants, context) {
  const label = { 'aria-label': `Kind of ${context.name}` };
  const select = h(
    'select',
    { ...label, onchange: () => show(select.selectedIndex) },
    variants.map((variant) => h('option', {}, shapeName(variant, context.document))),
  );
  const box = h('div', { class: 'variant' });
  let inner;
  function show(index, value) {
    select.selectedIndex = index;
    inner = control(variants[index], context);
    inner.set(value);
    box.replaceChildren(inner.element);
    if (value === undefined) context.emit(undefined);
  }
  function set(value) {
    const kind = Array.isArray(value) ? 'array' : typeof value;
    const fits = (v) =>
      kind === 'object' ? v.type === 'object' : kind === 'array' ? v.type === 'array' : v.anyOf;
    const index = value === undefined ? 0 : Math.max(0, variants.findIndex(fits));
    select.selectedIndex = index;
    inner = control(variants[index], context);
    inner.set(value);
    box.replaceChildren(inner.element);
  }
  set(undefined);
  return { element: h('div', {}, select, box), set, focus: () => inner.focus() };
}
