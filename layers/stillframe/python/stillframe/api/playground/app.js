// Starts the playground and connects its parts.

import { createCode } from './code.js';
import { announce, h } from './dom.js';
import { showFailure } from './failure.js';
import { createForm } from './form.js';
import { createHistory, outcomeOf } from './history.js';
import { showEmpty, showResult, showRunning } from './result.js';
import { isSame } from './schema.js';
import { blobOf, capture, Failure, names, openapi, token } from './service.js';

// Edits within this time are one, in milliseconds.
const LIVE_DELAY = 700;

const at = (id) => document.getElementById(id);
const [pane, button, cancel, live] = ['result', 'capture', 'cancel', 'live'].map(at);

let form;
let code;
let history;
let running;
let timer;

async function start() {
  at('token').value = token.get();
  at('token').addEventListener('input', () => token.set(at('token').value.trim()));
  at('token').addEventListener('change', renew);
  showEmpty(pane);
  let api;
  try {
    api = await openapi();
  } catch (failure) {
    at('options').replaceChildren(
      h('p', { class: 'error' }, `The options could not be loaded. ${failure.message}`),
    );
    return;
  }
  const schema = api.components.schemas.CaptureRequest;
  form = createForm({ document: api, choices, changed });
  history = createHistory(at('history'), { show: restore, secret: form.secret });
  code = createCode(at('code'), {
    schema,
    failed: (failure) => form.fail(failure.body?.error_details ?? []),
  });
  at('options').replaceChildren(form.element);
  at('options').removeAttribute('aria-busy');
  at('presets').replaceChildren(...(schema['x-presets'] ?? []).map(preset));
  changed();
}

// The controls that show what an endpoint lists, and the answer that they wait for.
const lists = new Map();
let listedWith = token.get();

/** Give the names that an endpoint lists to `use`, and again when the token changes. */
function choices(endpoint, use) {
  if (!lists.has(endpoint)) lists.set(endpoint, { users: [], answer: names(endpoint) });
  const list = lists.get(endpoint);
  list.users.push(use);
  list.answer.then((found) => found && use(found));
}

function renew() {
  if (token.get() === listedWith) return;
  listedWith = token.get();
  for (const [endpoint, list] of lists) {
    list.answer = names(endpoint);
    list.answer.then((found) => found && list.users.map((use) => use(found)));
  }
}

function preset({ name, description, options }) {
  const choose = () => {
    const source = Object.entries(form.values).filter(([option]) => form.group(option) === 'source');
    form.set(isChosen(options) ? Object.fromEntries(source) : { ...Object.fromEntries(source), ...options });
  };
  const attributes = { type: 'button', title: description, 'aria-pressed': 'false', onclick: choose };
  const element = h('button', attributes, name);
  presets.push({ element, options });
  return element;
}

const presets = [];

function isChosen(options) {
  const set = Object.entries(form.values).filter(([option]) => form.group(option) !== 'source');
  return (
    set.length === Object.keys(options).length && set.every(([name, value]) => isSame(value, options[name]))
  );
}

function changed() {
  if (!form) return;
  code.update(form.values);
  const count = Object.keys(form.values).length;
  at('reset').hidden = !count;
  at('reset').setAttribute('aria-label', `Reset ${count} options`);
  for (const { element, options } of presets) element.setAttribute('aria-pressed', String(isChosen(options)));
  clearTimeout(timer);
  if (live.checked) timer = setTimeout(run, LIVE_DELAY);
}

async function run() {
  clearTimeout(timer);
  running?.abort();
  if (!form) return;
  renew();
  const mine = new AbortController();
  running = mine;
  const options = form.values;
  const view = showRunning(pane);
  cancel.hidden = false;
  announce('Capturing');
  // On a phone the result is below the form.
  if (matchMedia('(max-width: 700px)').matches) pane.scrollIntoView({ block: 'start' });
  const started = performance.now();
  const entry = { options, text: options.url ?? 'Page of the request' };
  try {
    const waiting = (status) => view.note(`The job is ${status}.`);
    const answer = await capture(options, { signal: mine.signal, waiting });
    const shown = { ...answer, artifacts: await artifactsOf(answer.result) };
    view.end();
    if (running !== mine) return;
    form.fail([]);
    showResult(pane, shown);
    const outcome = outcomeOf(shown);
    history.add({ ...entry, ...outcome, shown });
    announce(`Captured: ${outcome.outcome}`);
  } catch (failure) {
    view.end();
    if (running !== mine) return;
    if (failure.name === 'AbortError') {
      showEmpty(pane);
      announce('Cancelled');
    } else fail(failure, performance.now() - started, entry);
  } finally {
    if (running === mine) {
      cancel.hidden = true;
      running = undefined;
    }
  }
}

function fail(error, ms, entry) {
  const failure =
    error instanceof Failure ? error : new Failure(0, { code: 'playground_error', message: String(error) });
  form.fail(failure.body.error_details ?? []);
  showFailure(pane, failure, { ms, focus: form.focus, has: form.has });
  history.add({
    ...entry,
    kind: String(failure.status || '!'),
    outcome: failure.body.code,
    good: false,
    failure,
    ms,
  });
  if (failure.status === 401) at('token').focus();
}

/** The parts of a result with their bytes, and a link to these that lasts as long as the tab. */
async function artifactsOf(result) {
  if (result === null) return [];
  return Promise.all(
    (result.outputs ?? [result]).map(async (artifact) => {
      const blob = await blobOf(artifact);
      delete artifact.file;
      return { ...artifact, blob, link: blob && URL.createObjectURL(blob) };
    }),
  );
}

function restore({ options, shown, failure, ms }) {
  running?.abort();
  running = undefined;
  cancel.hidden = true;
  form.set(options);
  clearTimeout(timer);
  if (shown) showResult(pane, shown);
  else if (failure) {
    form.fail(failure.body.error_details ?? []);
    showFailure(pane, failure, { ms, focus: form.focus, has: form.has });
  } else showEmpty(pane);
  pane.focus();
}

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  run();
});
cancel.addEventListener('click', () => {
  running?.abort();
  button.focus();
});
at('reset').addEventListener('click', () => {
  form.set({});
  announce('All options are reset.');
});
live.addEventListener('change', () => live.checked && run());
addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
  const typing = event.target.closest?.('input, textarea, select');
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    form?.search();
  }
});

start();
