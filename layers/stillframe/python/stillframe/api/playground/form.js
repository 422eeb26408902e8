// The form: presets, the options that come first, and the groups of all others, with a search.

import { control } from './control.js';
import { h, newId, rich } from './dom.js';
import { describe, isSame, isSimple, resolve } from './schema.js';

/** The form of a request. `changed()` is called after each edit. */
export function createForm({ document: api, choices, changed }) {
  const schema = api.components.schemas.CaptureRequest;
  const options = new Map(Object.entries(schema.properties).map(([name, s]) => [name, option(name, s)]));
  const groups = (schema['x-groups'] ?? []).map(group).filter(Boolean);
  const first = h('div', { class: 'first' });
  const rank = (one) => one.schema['x-prominent'];
  const prominent = [...options.values()].filter(rank).sort((a, b) => rank(a) - rank(b));
  first.append(...prominent.map((one) => one.element));
  const hits = h('p', { class: 'hits', role: 'status' });
  const search = h('input', {
    type: 'search',
    id: 'search',
    placeholder: `Search ${options.size} options`,
    'aria-label': 'Search the options',
    autocomplete: 'off',
    oninput: () => find(search.value),
  });
  const element = h('div', {}, first, h('search', {}, search, hits), ...groups.map((g) => g.element));
  let values = {};

  function option(name, given) {
    const resolved = resolve(given, api);
    const id = newId('option');
    const simple = isSimple(given, api);
    const kind = describe(given, api).kind;
    const error = h('p', { class: 'error', id: `${id}-error`, hidden: true });
    const note = h('p', { class: 'note', id: `${id}-note` }, rich(resolved.description ?? ''));
    const clear = h(
      'button',
      { type: 'button', class: 'small clear', 'aria-label': `Reset ${name}`, onclick: reset, hidden: true },
      '×',
    );
    const described = `${id}-note ${id}-error`;
    const own = control(given, {
      document: api,
      name,
      path: name,
      labelling: {
        'data-path': name,
        ...(simple ? { id, 'aria-describedby': described } : { 'aria-label': name }),
      },
      choices,
      emit: (value) => {
        const same = value === undefined || isSame(value, resolved.default);
        store(name, same ? undefined : value);
        changed();
      },
    });
    own.set(undefined);
    function reset() {
      own.set(undefined);
      store(name, undefined);
      own.focus();
      changed();
    }
    const label = simple
      ? h('label', { for: id }, name)
      : h('span', { class: 'label', id: `${id}-label` }, name);
    const head = h('div', { class: 'head' }, kind === 'switch' ? own.element : null, label, clear);
    const role = simple
      ? {}
      : { role: 'group', 'aria-labelledby': `${id}-label`, 'aria-describedby': described };
    const body = kind === 'switch' ? [head, note] : [head, own.element, note];
    const row = h('div', { class: `option ${kind}`, 'data-option': name, ...role }, ...body, error);
    const words = [name, resolved.description, resolved['x-group'], ...(resolved['x-aliases'] ?? [])];
    return {
      name,
      schema: resolved,
      element: row,
      control: own,
      clear,
      error,
      words: words.join(' ').toLowerCase(),
    };
  }

  function group({ name, title: words, description }) {
    const members = [...options.values()].filter(
      (o) => o.schema['x-group'] === name && !o.schema['x-prominent'],
    );
    if (!members.length) return null;
    const count = h('span', { class: 'count' });
    const title = h(
      'summary',
      {},
      h('span', { class: 'title' }, words),
      count,
      h('span', { class: 'about' }, description),
    );
    const box = h('details', { class: 'group' }, title, h('div', {}, ...members.map((o) => o.element)));
    return { element: box, members, count };
  }

  function store(name, value) {
    const { [name]: _, ...others } = values;
    values = value === undefined ? others : { ...others, [name]: value };
    mark(options.get(name));
    fail(name, null);
  }

  function mark(one) {
    const isSet = one.name in values;
    one.clear.hidden = !isSet;
    one.element.classList.toggle('set', isSet);
    for (const { members, count } of groups) {
      if (!members.includes(one)) continue;
      const number = members.filter((o) => o.name in values).length;
      count.textContent = number ? `${number} set` : '';
    }
  }

  function find(text) {
    const wanted = text.trim().toLowerCase().replaceAll(' ', '_');
    const matches = (o) => o.words.includes(wanted) || o.words.includes(text.trim().toLowerCase());
    let found = 0;
    for (const one of options.values()) {
      const hit = !wanted || matches(one);
      one.element.hidden = !hit;
      found += hit;
    }
    for (const { element: box, members } of groups) {
      const hit = members.some((o) => !o.element.hidden);
      box.hidden = !hit;
      if (wanted) {
        box.dataset.was ??= String(box.open);
        box.open = hit;
      } else if (box.dataset.was) {
        box.open = box.dataset.was === 'true';
        delete box.dataset.was;
      }
    }
    hits.textContent = wanted ? `${found} ${found === 1 ? 'option' : 'options'}` : '';
  }

  function fail(name, message) {
    const one = options.get(name);
    one.error.replaceChildren(...rich(message ?? ''));
    one.error.hidden = !message;
    one.element.classList.toggle('wrong', Boolean(message));
    for (const input of one.element.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
  }

  /** The option and the control of a field such as `interactions.0.selector`; undefined where there is none. */
  function locate(field) {
    const [name] = field.split(/[.[]/, 1);
    if (!options.has(name)) return undefined;
    const parts = field.replaceAll('[', '.').replaceAll(']', '').split('.');
    for (let length = parts.length; length; length -= 1) {
      const path = parts.slice(0, length).join('.');
      const input = options.get(name).element.querySelector(`[data-path="${CSS.escape(path)}"]`);
      if (input) return { name, input };
    }
    return { name };
  }

  return {
    element,
    get values() {
      return values;
    },
    set(given) {
      values = { ...given };
      for (const one of options.values()) {
        one.control.set(values[one.name]);
        mark(one);
        fail(one.name, null);
      }
      changed();
    },
    secret: (name) => Boolean(options.get(name)?.schema['x-secret']),
    group: (name) => options.get(name)?.schema['x-group'],
    has: (name) => options.has(name),
    /** Show the message of each finding at its field. */
    fail(details) {
      for (const name of options.keys()) fail(name, null);
      for (const { field, message } of details) {
        const at = locate(field ?? '');
        if (!at) continue;
        fail(at.name, message ?? 'This value is not valid.');
        at.input?.setAttribute('aria-invalid', 'true');
      }
    },
    /** Open the group of a field and move the focus to it. */
    focus(field) {
      const at = locate(field);
      if (!at) return;
      const one = options.get(at.name);
      if (search.value) {
        search.value = '';
        find('');
      }
      const box = one.element.closest('details');
      if (box) box.open = true;
      one.element.scrollIntoView({ block: 'center' });
      if (at.input) at.input.focus();
      else one.control.focus();
    },
    search: () => search.focus(),
  };
}
