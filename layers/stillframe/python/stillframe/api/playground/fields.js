// Controls of single values. A control has an `element`, `set(value)` and `focus()`; it calls `emit(value)`, with
// undefined for "not set".

import { h } from './dom.js';

/** A field for texts, and for numbers where a text of digits may be one. */
export function textField({ shape, numeric }, schema, context) {
  const long = schema['x-widget'] === 'code';
  const input = h(long ? 'textarea' : 'input', {
    ...context.labelling,
    ...(long ? { rows: 4 } : { type: shape.pattern?.startsWith('^https?') ? 'url' : 'text' }),
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    maxlength: shape.maxLength,
    placeholder: schema.default ?? schema['x-placeholder'],
    class: long ? 'code' : undefined,
    oninput: () => context.emit(read()),
  });
  function read() {
    const text = input.value;
    if (text === '') return undefined;
    return numeric && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  }
  const set = (value) => {
    input.value = value ?? '';
  };
  return { element: input, set, focus: () => input.focus() };
}

/** A field for a colour: its text, and the picker of the browser. */
export function colorField(description, schema, context) {
  const text = textField(description, schema, { ...context, emit: changed });
  const picker = h('input', {
    type: 'color',
    'aria-label': `Pick ${context.name}`,
    oninput: () => {
      text.set(picker.value);
      context.emit(picker.value);
    },
  });
  function changed(value) {
    show(value);
    context.emit(value);
  }
  function show(value) {
    picker.value = /^#[0-9a-f]{6}$/i.test(value ?? '') ? value : '#ffffff';
  }
  const set = (value) => {
    text.set(value);
    show(value);
  };
  return { element: h('div', { class: 'pair' }, text.element, picker), set, focus: text.focus };
}

export function numberField({ shape }, schema, context) {
  const input = h('input', {
    ...context.labelling,
    type: 'number',
    inputmode: shape.type === 'integer' ? 'numeric' : 'decimal',
    step: shape.type === 'integer' ? 1 : 'any',
    min: shape.minimum,
    max: shape.maximum,
    placeholder: schema.default ?? undefined,
    oninput: () => context.emit(input.value === '' ? undefined : Number(input.value)),
  });
  const set = (value) => {
    input.value = value ?? '';
  };
  return { element: input, set, focus: () => input.focus() };
}

export function switchField(schema, context) {
  const input = h('input', {
    ...context.labelling,
    type: 'checkbox',
    checked: schema.default,
    onchange: () => context.emit(input.checked === schema.default ? undefined : input.checked),
  });
  const set = (value) => {
    input.checked = value ?? schema.default;
  };
  return { element: input, set, focus: () => input.focus() };
}

const WORDS = new Map([
  [true, 'yes'],
  [false, 'no'],
]);
const word = (value) => WORDS.get(value) ?? String(value);

/** One of several values; the first entry is "not set". */
export function choiceField({ values }, schema, context) {
  const fallback = schema.default ?? undefined;
  const none = fallback === undefined ? (context.required ? 'Choose…' : 'Not set') : word(fallback);
  const others = values.filter((value) => value !== fallback);
  const select = h(
    'select',
    { ...context.labelling, onchange: () => context.emit(others[select.selectedIndex - 1]) },
    h('option', {}, none),
    others.map((value) => h('option', {}, word(value))),
  );
  const set = (value) => {
    select.selectedIndex = others.indexOf(value) + 1;
  };
  return { element: select, set, focus: () => select.focus() };
}

/** One of the names that an endpoint lists; a text field where it does not answer. */
export function pickerField(description, schema, context) {
  const plain = textField(description, schema, context);
  const box = h('div', { class: 'picker' }, plain.element);
  const control = { element: box, set: remember, focus: plain.focus };
  let value;
  function remember(given) {
    value = given;
    plain.set(given);
  }
  context.choices(schema['x-choices-from'], (entries) => {
    const select = h(
      'select',
      { ...context.labelling, onchange: () => context.emit(select.value || undefined) },
      h('option', { value: '' }, 'Not set'),
      options(entries),
    );
    control.set = (given) => {
      const known = [...select.options].some((option) => option.value === (given ?? ''));
      if (!known) select.append(h('option', { value: given }, given));
      select.value = given ?? '';
    };
    control.focus = () => select.focus();
    box.replaceChildren(select);
    control.set(value);
  });
  return {
    element: box,
    set: (given) => {
      value = given;
      control.set(given);
    },
    focus: () => control.focus(),
  };
}

/** Long lists are grouped by their first word. */
function options(entries) {
  const drawn = entries.map(([name, note]) => [
    name,
    h('option', { value: name }, note ? `${name} · ${note}` : name),
  ]);
  if (entries.length < 20) return drawn.map(([, option]) => option);
  const groups = new Map();
  for (const [name, option] of drawn) {
    const first = name.split(' ', 1)[0];
    if (!groups.has(first)) groups.set(first, h('optgroup', { label: first }));
    groups.get(first).append(option);
  }
  return [...groups.values()];
}

/** Any number of listed values, as checkboxes. */
export function choicesField({ values }, context) {
  let chosen = [];
  const boxes = values.map((value) =>
    h('input', {
      type: 'checkbox',
      onchange: (event) => {
        chosen = values.filter((other) => (other === value ? event.target.checked : chosen.includes(other)));
        context.emit(chosen.length ? chosen : undefined);
      },
    }),
  );
  const labels = values.map((value, index) => h('label', {}, boxes[index], String(value)));
  const set = (value) => {
    chosen = value ?? [];
    values.forEach((other, index) => {
      boxes[index].checked = chosen.includes(other);
    });
  };
  return { element: h('div', { class: 'checks' }, labels), set, focus: () => boxes[0]?.focus() };
}

/** A value that the schema says nothing about. */
export function jsonField(context) {
  const input = h('textarea', {
    ...context.labelling,
    rows: 3,
    class: 'code',
    spellcheck: 'false',
    placeholder: 'JSON',
    oninput: () => {
      try {
        context.emit(input.value.trim() ? JSON.parse(input.value) : undefined);
        input.setCustomValidity('');
      } catch (error) {
        input.setCustomValidity(error.message);
      }
    },
  });
  const set = (value) => {
    input.value = value === undefined ? '' : JSON.stringify(value, null, 2);
  };
  return { element: input, set, focus: () => input.focus() };
}
