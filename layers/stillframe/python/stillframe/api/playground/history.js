// The captures of this tab: options and outcome in sessionStorage, results in memory.

import { bytes, h, milliseconds } from './dom.js';

const KEY = 'stillframe.history';
const MAX_ENTRIES = 20;
// Results in memory; older entries keep their options.
const MAX_BYTES = 150e6;

/** The pane; `show(entry)` is called for a click. `secret(name)` tells which options are not written down. */
export function createHistory(pane, { show, secret }) {
  let entries = read();
  const list = h('ol', {});
  const clear = h('button', { type: 'button', class: 'small', onclick: forget }, 'Clear');
  pane.replaceChildren(h('div', { class: 'bar' }, h('h2', {}, 'History of this tab'), clear), list);
  draw();

  /** An entry: `options`, `text` (what it was), `outcome`, `good`, and `shown` or `failure` while in memory. */
  function add(entry) {
    entries = [{ ...entry, at: Date.now() }, ...entries];
    for (const old of entries.splice(MAX_ENTRIES)) release(old);
    let size = 0;
    for (const one of entries) {
      for (const artifact of one.shown?.artifacts ?? []) size += artifact.blob?.size ?? 0;
      if (size > MAX_BYTES) one.shown = release(one);
    }
    write();
    draw();
  }

  function write() {
    const kept = entries.map(({ shown: _, failure: __, options, ...entry }) => ({
      ...entry,
      options: Object.fromEntries(Object.entries(options).filter(([name]) => !secret(name))),
    }));
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      sessionStorage.removeItem(KEY); // full: the list stays in memory
    }
  }

  function draw() {
    pane.hidden = !entries.length;
    list.replaceChildren(
      ...entries.map((entry) => {
        const picture = entry.shown?.artifacts.find((a) => a.link && a.content_type?.startsWith('image/'));
        const thumb = picture
          ? h('img', { src: picture.link, alt: '', loading: 'lazy' })
          : h('span', { class: 'thumb', 'aria-hidden': 'true' }, entry.kind);
        const time = new Date(entry.at).toLocaleTimeString([], {
          hour: '2-digit',
          minute: '2-digit',
          second: '2-digit',
        });
        const lines = [
          h('b', {}, entry.text.replace(/^https?:\/\//, '')),
          h('span', { class: entry.good ? 'good' : 'bad' }, entry.outcome),
          h('span', {}, time),
        ];
        return h(
          'li',
          {},
          h(
            'button',
            { type: 'button', onclick: () => show(entry) },
            thumb,
            h('span', { class: 'lines' }, lines),
          ),
        );
      }),
    );
  }

  function forget() {
    entries.forEach(release);
    entries = [];
    sessionStorage.removeItem(KEY);
    draw();
  }

  return { add };
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

/** Give the bytes of an entry back to the browser. */
function release(entry) {
  for (const { link } of entry.shown?.artifacts ?? []) if (link) URL.revokeObjectURL(link);
  return undefined;
}

/** What an entry says of a result. */
export function outcomeOf({ result, artifacts, ms }) {
  if (result === null) return { kind: '204', outcome: `204 · ${milliseconds(ms)}`, good: true };
  const good = result.report?.verdict?.ok ?? true;
  const kind = artifacts.length > 1 ? 'zip' : artifacts[0].format;
  const size = result.bytes === undefined ? '' : ` · ${bytes(result.bytes)}`;
  return { kind, outcome: `${good ? 'ok' : 'problems'}${size} · ${milliseconds(ms)}`, good };
}
