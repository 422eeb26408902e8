// Elements, texts and numbers.

/** An element; `on…` are listeners, `true` and `false` switch an attribute, other values are its text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked') element[name] = value;
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

let count = 0;

/** A new id for an element. */
export function newId(prefix = 'f') {
  count += 1;
  return `${prefix}-${count}`;
}

/** A text in which `code` stands between backticks. */
export function rich(text) {
  return text.split('`').map((part, index) => (index % 2 ? h('code', {}, part) : part));
}

/** Tells screen readers what happened. */
export function announce(text) {
  document.getElementById('status').textContent = text;
}

const BYTES = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
];

export function bytes(count) {
  const [size, unit] = BYTES.find(([size]) => count >= size) ?? [1, 'bytes'];
  return `${(count / size).toLocaleString('en', { maximumFractionDigits: size === 1 ? 0 : 1 })} ${unit}`;
}

export function milliseconds(ms) {
  return ms >= 1000 ? `${(ms / 1000).toFixed(ms >= 10_000 ? 1 : 2)} s` : `${Math.round(ms)} ms`;
}

/** A group of buttons of which one is chosen: arrow keys move, `choose(key)` is called. */
export function tabs(label, entries, chosen, choose) {
  const list = h('div', { role: 'tablist', 'aria-label': label, class: 'tabs' });
  const buttons = entries.map(([key, text, panel]) => {
    const is = key === chosen;
    const attributes = { role: 'tab', type: 'button', 'aria-selected': String(is), tabindex: is ? 0 : -1 };
    return h('button', { ...attributes, 'aria-controls': panel, onclick: () => select(key) }, text);
  });
  function select(key, focus = false) {
    entries.forEach(([other], index) => {
      const is = other === key;
      buttons[index].setAttribute('aria-selected', String(is));
      buttons[index].tabIndex = is ? 0 : -1;
      if (is && focus) buttons[index].focus();
    });
    choose(key);
  }
  list.addEventListener('keydown', (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -buttons.length, End: buttons.length };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const at = buttons.indexOf(document.activeElement);
    const step = steps[event.key];
    const last = buttons.length - 1;
    const next =
      Math.abs(step) === 1
        ? (at + step + buttons.length) % buttons.length
        : Math.min(last, Math.max(0, at + step));
    select(entries[next][0], true);
  });
  list.append(...buttons);
  return list;
}
