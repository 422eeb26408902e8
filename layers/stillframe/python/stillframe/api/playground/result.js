// The result pane: the preview of each artifact, and what can be done with it.

import { bytes, h, newId, tabs } from './dom.js';
import { report } from './report.js';

const TEXTS = /^(text\/|application\/json|multipart\/related)/;
// Longer texts make a browser slow; the file has all of it.
const MAX_TEXT = 300_000;

/** What is shown before the first capture. */
export function showEmpty(pane) {
  const keys = navigator.platform.startsWith('Mac') ? ['⌘', 'Enter'] : ['Ctrl', 'Enter'];
  pane.replaceChildren(
    h(
      'div',
      { class: 'empty' },
      h('div', { class: 'shutter', 'aria-hidden': 'true' }),
      h('h2', {}, 'No capture yet'),
      h('p', {}, 'Enter an address, choose a preset or any option, then capture.'),
      h(
        'dl',
        { class: 'keys' },
        h('dt', {}, h('kbd', {}, keys[0]), ' ', h('kbd', {}, keys[1])),
        h('dd', {}, 'capture'),
        h('dt', {}, h('kbd', {}, '/')),
        h('dd', {}, 'search the options'),
      ),
    ),
  );
}

/** While a capture runs. The seconds are for the eye; a screen reader was told once. */
export function showRunning(pane) {
  const seconds = h('span', { class: 'seconds', 'aria-hidden': 'true' });
  const note = h('p', {});
  const started = performance.now();
  const timer = setInterval(() => {
    seconds.textContent = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  }, 100);
  pane.setAttribute('aria-busy', 'true');
  pane.replaceChildren(
    h(
      'div',
      { class: 'empty running' },
      h('div', { class: 'shutter', 'aria-hidden': 'true' }),
      h('h2', {}, 'Capturing '),
      seconds,
      note,
    ),
  );
  return {
    note: (text) => {
      note.textContent = text;
    },
    end: () => {
      clearInterval(timer);
      pane.removeAttribute('aria-busy');
    },
  };
}

/** A finished capture: `artifacts` are its parts, each with `blob` or `url`. */
export function showResult(pane, shown) {
  const { result, artifacts, headers, ms } = shown;
  if (result === null) {
    const words = 'The page was captured; the answer has no content, as response_type asks.';
    pane.replaceChildren(h('div', { class: 'empty' }, h('h2', {}, '204 No Content'), h('p', {}, words)));
    return;
  }
  const id = newId('preview');
  const stage = h('div', { class: 'stage', id, tabindex: 0, 'aria-label': 'Preview', role: 'group' });
  const facts = h('p', { class: 'facts' });
  const actions = h('div', { class: 'tools' });
  function choose(index) {
    const artifact = artifacts[index];
    const view = preview(artifact);
    stage.className = `stage ${view.kind}`;
    stage.replaceChildren(view.element);
    facts.textContent = describe(artifact);
    actions.replaceChildren(...tools(artifact, stage, view.kind));
    if (artifacts.length > 1) stage.setAttribute('role', 'tabpanel');
  }
  const entries = artifacts.map((artifact, index) => [index, artifact.format, id]);
  const list = artifacts.length > 1 ? tabs('Outputs', entries, 0, choose) : null;
  choose(0);
  pane.replaceChildren(
    h('div', { class: 'bar' }, list, facts, actions),
    h('div', { class: 'split' }, stage, report(result, headers, ms)),
  );
}

function describe({ format, width, height, bytes: size }) {
  const note = format === 'html' ? 'shown without scripts and network' : null;
  return [format, width ? `${width} × ${height}` : null, size === undefined ? null : bytes(size), note]
    .filter(Boolean)
    .join(' · ');
}

function preview(artifact) {
  const { blob, link, content_type: type = '', format } = artifact;
  if (!blob) {
    const words = artifact.url
      ? 'The result is stored. Its link opens it; a page of another origin is not shown here.'
      : 'There is nothing to show.';
    return { kind: 'note', element: h('div', { class: 'empty' }, h('p', {}, words)) };
  }
  if (type.startsWith('image/')) {
    const alt = `The captured page as ${format}, ${artifact.width} by ${artifact.height} pixels`;
    return { kind: 'picture', element: h('img', { src: link, alt }) };
  }
  if (type.startsWith('application/pdf')) return { kind: 'document', element: pdf(link) };
  if (type.startsWith('text/html')) return { kind: 'document', element: html(blob) };
  if (TEXTS.test(type)) return { kind: 'text', element: text(blob, type) };
  return {
    kind: 'note',
    element: h('div', { class: 'empty' }, h('p', {}, 'This file has no preview; download it.')),
  };
}

function pdf(link) {
  if (navigator.pdfViewerEnabled)
    return h('iframe', { src: `${link}#navpanes=0`, title: 'The captured PDF' });
  return h(
    'div',
    { class: 'empty' },
    h('p', {}, 'This browser shows no PDF in a page; open or download it.'),
  );
}

/** Captured HTML in a frame of no origin, without scripts and network. */
function html(blob) {
  const source = new URL('frame.html', import.meta.url).href;
  const frame = h('iframe', { src: source, sandbox: 'allow-scripts', title: 'The captured HTML' });
  addEventListener('message', async function send(event) {
    if (event.source !== frame.contentWindow || event.data !== 'ready') return;
    removeEventListener('message', send);
    frame.contentWindow.postMessage(await blob.text(), '*');
  });
  return frame;
}

function text(blob, type) {
  const shown = h('pre', {}, 'Reading…');
  blob.text().then((content) => {
    const whole = type.startsWith('application/json')
      ? JSON.stringify(JSON.parse(content), null, 2)
      : content;
    const rest = whole.length - MAX_TEXT;
    const cut = `${whole.slice(0, MAX_TEXT)}\n… ${rest.toLocaleString('en')} more characters are in the file.`;
    shown.textContent = rest > 0 ? cut : whole;
  });
  return shown;
}

function tools(artifact, stage, kind) {
  const { link, url, filename, format } = artifact;
  const found = [];
  if (kind === 'picture') {
    const toggle = () => {
      const is = stage.classList.toggle('actual');
      button.setAttribute('aria-pressed', String(is));
    };
    const button = h(
      'button',
      { type: 'button', class: 'small', 'aria-pressed': 'false', onclick: toggle },
      'Actual size',
    );
    found.push(button);
  }
  // Captured HTML must not be opened with the origin of this page.
  const safe = kind === 'picture' || format === 'pdf';
  if (link && safe)
    found.push(h('a', { class: 'button', href: link, target: '_blank', rel: 'noopener' }, 'Open'));
  if (link)
    found.push(
      h('a', { class: 'button', href: link, download: filename ?? `capture.${format}` }, 'Download'),
    );
  if (url)
    found.push(h('a', { class: 'button', href: url, target: '_blank', rel: 'noreferrer' }, 'Stored file'));
  return found;
}
