// Beside the preview: the verdict, the receipt, the time of each phase, and the facts about the page.

import { bytes, h, milliseconds, rich } from './dom.js';

/** The column of facts; sections without any are left out, and null stands for none at all. */
export function report(result, headers, ms) {
  const { report: given = {} } = result;
  const sections = [
    verdict(given),
    timings(given.timings ?? serverTiming(headers), ms),
    receipt(given.receipt),
    target(given, result),
    facts(result.metadata),
  ].filter(Boolean);
  return sections.length ? h('div', { class: 'report' }, sections) : null;
}

function section(title, ...content) {
  return h('section', {}, h('h2', {}, title), ...content);
}

function verdict({ verdict: given, warnings = [] }) {
  if (!given) return null;
  const problems = given.findings.filter((f) => f.severity === 'problem').length;
  const words = given.ok ? 'Nothing is wrong' : `${problems} ${problems === 1 ? 'problem' : 'problems'}`;
  const line = h('p', { class: given.ok ? 'verdict good' : 'verdict bad' }, words);
  const known = new Set(given.findings.map((f) => f.message));
  const rest = warnings.filter((warning) => !known.has(warning.message));
  const items = [
    ...given.findings.map(found),
    ...rest.map((w) => found({ ...w, severity: 'warning', count: 1 })),
  ];
  return section('Verdict', line, items.length ? h('ul', { class: 'findings' }, items) : null);
}

function found({ code, severity, message, count, items = [] }) {
  const head = [
    h('code', {}, code),
    count > 1 ? ` × ${count}` : null,
    h('span', { class: severity }, severity),
  ];
  const body = [h('p', {}, rich(message))];
  if (items.length) {
    const listed = items.map((item) => h('li', {}, Object.values(item).map(String).join(' · ')));
    body.push(
      h('details', {}, h('summary', {}, `${items.length} listed`), h('ul', { class: 'items' }, listed)),
    );
  }
  return h('li', {}, h('div', { class: 'code-line' }, head), body);
}

function serverTiming(headers) {
  const found = (headers.get('server-timing') ?? '').matchAll(/([\w-]+);dur=([\d.]+)/g);
  return Object.fromEntries([...found].map(([, name, duration]) => [name, Number(duration)]));
}

function timings(phases, ms) {
  const { total, ...parts } = phases;
  if (!Object.keys(parts).length) return null;
  const scale = Math.max(total ?? 0, ...Object.values(parts), 1);
  const rows = Object.entries(parts).map(([name, duration]) => bar(name, duration, scale));
  const sums = [
    total === undefined ? null : `${milliseconds(total)} in the service`,
    ms ? `${milliseconds(ms)} in this tab` : null,
  ];
  const table = h(
    'table',
    { class: 'timings' },
    h('caption', { class: 'hidden' }, 'Time of each phase'),
    h('tbody', {}, rows),
  );
  return section('Time', table, h('p', { class: 'quiet' }, sums.filter(Boolean).join(' · ')));
}

function bar(name, duration, scale) {
  const fill = h('span', { class: 'fill' });
  // An attribute would need `unsafe-inline`; the policy does not stop the object model.
  fill.style.setProperty('width', `${Math.max((duration / scale) * 100, 0.5)}%`);
  const track = h('td', { class: 'track', 'aria-hidden': 'true' }, fill);
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, name),
    track,
    h('td', { class: 'ms' }, milliseconds(duration)),
  );
}

function list(pairs) {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return h(
    'dl',
    { class: 'pairs' },
    shown.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, String(value))]),
  );
}

function receipt(given) {
  if (!given) return null;
  const { browser_bytes: browser, process_bytes: process } = given.peak_memory;
  return section(
    'Receipt',
    list([
      ['Lambda', `$${given.usd.toFixed(6)} (estimate)`],
      [
        'Billed',
        `${milliseconds(given.billed_ms)} × ${given.memory_mb.toLocaleString('en')} MB, ${given.architecture}`,
      ],
      ['Cold start', given.init_ms ? milliseconds(given.init_ms) : null],
      ['Memory', browser ? `${bytes(browser)} browser, ${bytes(process)} process` : null],
      ['Network', `${bytes(given.bytes_received)} received, ${bytes(given.bytes_sent)} sent`],
    ]),
  );
}

function target({ target: given = {}, blocked_requests: blocked, retried }, { cache, request_id: id, job }) {
  const moved = given.final_url && given.final_url !== given.url ? given.final_url : null;
  const pairs = [
    ['Status', given.status],
    ['Final address', moved],
    ['Blocked', blocked ? `${blocked} requests` : null],
    ['Retried', retried],
    ['Cache', cache],
    ['Job', job],
    ['Request', id],
  ];
  return pairs.some(([, value]) => value) ? section('Page', list(pairs)) : null;
}

function facts(metadata) {
  if (!metadata) return null;
  const plain = (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
  return section('Metadata', list(Object.entries(metadata).map(([name, value]) => [name, plain(value)])));
}
