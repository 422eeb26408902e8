// Requests to the service, with the token of this tab.

const TOKEN = 'stillframe.token';

export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? '',
  set: (text) => (text ? sessionStorage.setItem(TOKEN, text) : sessionStorage.removeItem(TOKEN)),
};

/** An answer that is an error: `body` has the fields of the error, `headers` those of the response. */
export class Failure extends Error {
  constructor(status, body, headers = new Headers()) {
    super(body.message);
    Object.assign(this, { status, body, headers });
  }
}

/** The address of an endpoint, without the query of this page. */
export function address(path = '') {
  return new URL(path, location.href.split(/[?#]/, 1)[0]).href.replace(/\/$/, '');
}

async function ask(path, { body, signal } = {}) {
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  const method = body === undefined ? 'GET' : 'POST';
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal,
      body: body && JSON.stringify(body),
      cache: 'no-store',
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Failure(0, {
      code: 'no_answer',
      message: 'The service did not answer. It may be down, or the connection was lost.',
    });
  }
  if (response.ok) return response;
  throw new Failure(response.status, await errorOf(response), response.headers);
}

/** The error body; gateways and load balancers in front of the service write others, or none. */
async function errorOf(response) {
  const text = await response.text();
  try {
    const body = JSON.parse(text);
    if (body.code && body.message) return body;
    if (body.message || body.Message)
      return { code: `http_${response.status}`, message: body.message ?? body.Message };
  } catch {
    // Not JSON: the message below stands for it.
  }
  return {
    code: `http_${response.status}`,
    message: `The service answered ${response.status}, without an explanation.`,
  };
}

export const openapi = async () => (await ask('openapi.json')).json();

/** The names that `devices` or `templates` lists, each with a note; undefined where it does not answer. */
export async function names(endpoint) {
  try {
    const listed = Object.values(await (await ask(endpoint)).json())[0];
    return Object.entries(listed).map(([name, options]) => [name, size(options)]);
  } catch {
    return undefined;
  }
}

function size({ window_width: width, window_height: height, pixel_density: density = 1 }) {
  if (!width) return '';
  return `${width} × ${height}${density === 1 ? '' : ` @${density}x`}`;
}

/** A signed link for the options. */
export async function sign(options, seconds) {
  return (await ask('sign', { body: { ...options, expires_in: seconds } })).json();
}

/**
 * Capture, and wait for the job if it is one. Gives the JSON of the result, or null for an empty answer, its
 * headers, and the milliseconds it took. The report is in JSON only, so that is what is asked for.
 */
export async function capture(options, { signal, waiting }) {
  const started = performance.now();
  const kinds = { empty: 'empty', redirect: 'url', url: 'url' };
  const body = { ...options, response_type: kinds[options.response_type] ?? 'json' };
  const response = await ask('capture', { body, signal });
  const answer = (result) => ({ result, headers: response.headers, ms: performance.now() - started });
  if (response.status === 204) return answer(null);
  const result = await response.json();
  return answer(response.status === 202 ? await finished(result.id, signal, waiting) : result);
}

async function finished(id, signal, waiting) {
  for (;;) {
    const job = await (await ask(`jobs/${encodeURIComponent(id)}`, { signal })).json();
    if (job.status === 'failed')
      throw new Failure(
        job.error?.status_code ?? 0,
        job.error ?? { code: 'failed', message: 'The job failed.' },
      );
    if (job.status === 'done') return { ...job.result, job: id };
    waiting(job.status);
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, 1000);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new DOMException('', 'AbortError'));
      });
    });
  }
}

/** The bytes of an artifact: those in the result, or those of a stored file of this origin; else undefined. */
export async function blobOf(artifact) {
  if (artifact.file !== undefined) {
    const text = atob(artifact.file);
    const data = Uint8Array.from(text, (character) => character.charCodeAt(0));
    return new Blob([data], { type: artifact.content_type });
  }
  if (!artifact.url || new URL(artifact.url).origin !== location.origin) return undefined;
  const response = await fetch(artifact.url);
  return response.ok ? new Blob([await response.blob()], { type: artifact.content_type }) : undefined;
}
