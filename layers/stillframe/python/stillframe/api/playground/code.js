// The code pane: the request in each language, and as a signed link.

import { announce, h, newId, tabs } from './dom.js';
import { address, sign } from './service.js';
import { client, curl, fileName, javascript, shell } from './snippets.js';

const LANGUAGES = [
  ['curl', 'curl', curl],
  ['python', 'Python', client],
  ['javascript', 'JavaScript', javascript],
  ['shell', 'Command line', shell],
  ['link', 'Signed link'],
];
const VARIABLE = 'Set STILLFRAME_TOKEN to the token of the service; any text will do where it has none.';
const NOTES = {
  link: 'Whoever has the link gets this capture until it expires, without the token.',
  python: `Needs the package stillframe. ${VARIABLE}`,
  shell: 'Captures on your machine, without the service.',
  other: VARIABLE,
};
const HOUR = 3600;
const LIFETIMES = [
  [HOUR, '1 hour'],
  [24 * HOUR, '1 day'],
  [7 * 24 * HOUR, '7 days'],
  [30 * 24 * HOUR, '30 days'],
];

/** The pane; `update(options)` writes the code anew. `failed(failure)` shows why a link could not be signed. */
export function createCode(pane, { schema, failed }) {
  let chosen = 'curl';
  let options = {};
  const id = newId('code');
  const text = h('pre', { tabindex: 0, 'aria-label': 'Code', role: 'group' });
  const note = h('p', { class: 'quiet' });
  const copy = h('button', { type: 'button', class: 'small', onclick: copyText }, 'Copy');
  const life = h(
    'select',
    { id: newId() },
    LIFETIMES.map(([seconds, name]) => h('option', { value: seconds }, name)),
  );
  const make = h('button', { type: 'button', class: 'small', onclick: makeLink }, 'Sign');
  const signing = h(
    'div',
    { class: 'signing', hidden: true },
    h('label', { for: life.id }, 'Valid for'),
    life,
    make,
  );
  const panel = h('div', { id, role: 'tabpanel', class: 'panel' }, signing, text, note);
  const list = tabs(
    'Languages',
    LANGUAGES.map(([key, name]) => [key, name, id]),
    chosen,
    choose,
  );
  pane.replaceChildren(h('div', { class: 'bar' }, h('h2', {}, 'Code'), list, copy), panel);

  function choose(key) {
    chosen = key;
    update(options);
  }

  function update(given) {
    options = given;
    const isLink = chosen === 'link';
    signing.hidden = !isLink;
    copy.hidden = isLink;
    text.hidden = isLink;
    text.classList.toggle('link', isLink);
    const file = fileName(options, schema);
    const write = LANGUAGES.find(([key]) => key === chosen)[2];
    if (write) text.textContent = write(options, { schema, endpoint: address(), file });
    note.textContent = NOTES[chosen] ?? NOTES.other;
  }

  async function makeLink() {
    make.disabled = true;
    try {
      const { url, expires } = await sign(options, Number(life.value));
      text.textContent = url;
      text.hidden = false;
      copy.hidden = false;
      note.textContent = `Valid until ${new Date(expires * 1000).toLocaleString()}.`;
      announce('The link is signed.');
    } catch (failure) {
      note.textContent = failure.message;
      failed(failure);
    } finally {
      make.disabled = false;
    }
  }

  async function copyText() {
    const said = await navigator.clipboard.writeText(text.textContent).then(
      () => 'Copied',
      () => 'Not copied',
    );
    copy.textContent = said;
    announce(said);
    setTimeout(() => {
      copy.textContent = 'Copy';
    }, 1500);
  }

  return { update };
}
