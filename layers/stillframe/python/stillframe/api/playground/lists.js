// Controls of lists and of named values. `context.control` draws what they contain.

import { h } from './dom.js';
import { openObject } from './objects.js';
import { describe } from './schema.js';

function button(text, name, onclick) {
  return h('button', { type: 'button', class: 'small', 'aria-label': name, onclick }, text);
}

/** Rows of one control each, in an order that can be changed. */
export function listField(items, context) {
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
    entry.control = (isObject ? openObject : context.control)(
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
export function mapField(values, context) {
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
        const value = context.control(values === true ? { type: 'string' } : values, {
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
