// The result pane of a capture that failed.

import { h, milliseconds, rich } from './dom.js';
import { report } from './report.js';

/** An error: what, where, how to fix it, and where it is explained. `focus(field)` goes to an option. */
export function showFailure(pane, failure, { ms, focus, has }) {
  const {
    code,
    message,
    error_details: details = [],
    documentation_url: docs,
    request_id: id,
    retryable,
  } = failure.body;
  const rows = details.filter(({ field }) => field).map((detail) => finding(detail, message, { focus, has }));
  const hint = advice(failure);
  const after = failure.headers.get('retry-after');
  const parts = [
    h(
      'div',
      { class: 'failure', role: 'alert' },
      h('h2', {}, h('code', {}, code), failure.status ? h('span', {}, ` HTTP ${failure.status}`) : null),
      h('p', { class: 'message' }, rich(message)),
      rows.length ? h('ul', {}, rows) : null,
      hint ? h('p', {}, hint) : null,
      h(
        'p',
        { class: 'meta' },
        retryable ? `A retry may succeed${after ? ` in ${after} s` : ''}. ` : null,
        docs ? h('a', { href: docs, target: '_blank', rel: 'noreferrer' }, `About ${code}`) : null,
        id ? h('span', {}, ` · request ${id}`) : null,
        ms ? h('span', {}, ` · ${milliseconds(ms)}`) : null,
      ),
    ),
    report({}, failure.headers, ms),
  ];
  pane.replaceChildren(...parts.filter(Boolean));
}

function finding({ field, message, suggestion }, whole, { focus, has }) {
  const name = field.split(/[.[]/, 1)[0];
  const goal = has(name) ? field : has(suggestion ?? '') ? suggestion : null;
  const go = goal
    ? h('button', { type: 'button', class: 'link', onclick: () => focus(goal) }, field)
    : h('code', {}, field);
  const text = message && message !== whole ? message.replace(`${field}: `, '') : null;
  return h('li', {}, go, text ? rich(` ${text}`) : null);
}

function advice({ status, body }) {
  if (status === 401 || body.code === 'token_invalid')
    return 'Enter the token of the service in the field at the top.';
  if (body.code === 'destination_blocked') return 'The operator opens addresses with EGRESS_ALLOW.';
  return null;
}
