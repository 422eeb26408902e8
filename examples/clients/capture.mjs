// Capture a page into a file, at once or as a job. Needs Node.js 18 or later and no package.
//
//   STILLFRAME=http://localhost:8080 AUTH_TOKEN=... node capture.mjs https://example.com page.png [--job]

import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const { STILLFRAME, AUTH_TOKEN } = process.env;
const [url, file, flag] = process.argv.slice(2);

class CaptureError extends Error {
  constructor(body) {
    super(body.message);
    Object.assign(this, body);
  }
}

/** One request to the service. Repeats what is retryable, after `Retry-After`; throws CaptureError. */
async function ask(method, path, body) {
  const headers = { 'Idempotency-Key': randomUUID() };
  if (AUTH_TOKEN) headers.Authorization = `Bearer ${AUTH_TOKEN}`;
  if (body) headers['Content-Type'] = 'application/json';
  for (let attempt = 1; ; attempt++) {
    // A result that is too large for the answer is stored: fetch follows the 303 without the token.
    const response = await fetch(STILLFRAME + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    if (response.ok) return response;
    const error = await response
      .json()
      .catch(() => ({ code: response.status, message: response.statusText }));
    if (!error.retryable || attempt === 4) throw new CaptureError(error);
    await pause(1000 * (Number(response.headers.get('Retry-After')) || Math.random() * 2 ** attempt));
  }
}

async function finished(id) {
  for (;;) {
    const response = await ask('GET', `/jobs/${id}`);
    const job = await response.json();
    if (job.status === 'done') return job.result;
    if (job.status === 'failed') throw new CaptureError(job.error);
    await pause(1000 * (Number(response.headers.get('Retry-After')) || 1));
  }
}

try {
  let bytes;
  if (flag === '--job') {
    const receipt = await (await ask('POST', '/capture', { url, full_page: true, async: true })).json();
    console.log(`job ${receipt.id}: ${receipt.status}`);
    const result = await finished(receipt.id);
    // The link is its own permission, so the token is not sent. Without a storage the job holds the bytes.
    bytes = result.url ? await (await fetch(result.url)).arrayBuffer() : Buffer.from(result.file, 'base64');
  } else {
    const response = await ask('POST', '/capture', { url, full_page: true });
    console.log(`verdict ${response.headers.get('X-Capture-Verdict')}`);
    bytes = await response.arrayBuffer();
  }
  await writeFile(file, Buffer.from(bytes));
  console.log(`${file}: ${bytes.byteLength} bytes`);
} catch (error) {
  if (!(error instanceof CaptureError)) throw error;
  const fields = (error.error_details ?? []).map((detail) => detail.field).filter(Boolean);
  console.error(
    `${error.code}: ${error.message} (${fields.join(', ') || 'no field'}, request ${error.request_id})`,
  );
  process.exitCode = 1;
}
