// Ten calls with the types that openapi-typescript generates and openapi-fetch; prints what they found as JSON.
// Arguments: the service's address, its token, and the address of a page to capture.

import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

declare const process: { argv: string[] };
type Job = components['schemas']['Job'];

const [endpoint = '', token = '', page = ''] = process.argv.slice(2);
const client = createClient<paths>({
  baseUrl: endpoint,
  headers: { Authorization: `Bearer ${token}` },
});
const found: Record<string, unknown> = {};
const first = (bytes: ArrayBuffer, count: number) => [...new Uint8Array(bytes).subarray(0, count)];
const hex = (bytes: ArrayBuffer) =>
  first(bytes, 8)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

/** The data of an answer; throws its error. */
function got<T>(answer: { data?: T; error?: components['schemas']['Error'] }): T {
  if (answer.data === undefined) throw new Error(answer.error?.message ?? 'no data');
  return answer.data;
}

async function finished(id: string): Promise<Job> {
  for (;;) {
    const job = got(await client.GET('/jobs/{id}', { params: { path: { id } } }));
    if (job.status === 'done' || job.status === 'failed') return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const small = { window_width: 320, window_height: 200 };

const picture = await client.POST('/capture', { body: { url: page, ...small }, parseAs: 'arrayBuffer' });
found.picture = hex(got(picture));

// Without `as const` the compiler widens the format, and openapi-fetch forgets `parseAs`.
const asPdf = { url: page, format: 'pdf' } as const;
const pdf = await client.POST('/capture', { body: asPdf, parseAs: 'arrayBuffer' });
found.pdf = String.fromCharCode(...first(got(pdf), 5));

const query = { url: page, format: 'html' } as const;
const html = await client.GET('/capture', { params: { query }, parseAs: 'text' });
found.html = got(html);

const report = got(await client.POST('/capture/json', { body: { url: page, device: 'iPhone 15' } }));
if (!('report' in report) || report.file === undefined) throw new Error('no result');
found.json = {
  width: report.width,
  bytes: atob(report.file).length === report.bytes,
};
if (!report.report.verdict?.ok) throw new Error('a finding');

const refused = await client.POST('/capture', { body: { url: page, pdf_scale: 9 } });
const detail = refused.error?.error_details?.[0];
found.error = [refused.response.status, refused.error?.code, detail?.field];

const missing = { url: page, selector: '#none' };
const unwanted = await client.POST('/capture', { body: missing });
found['page error'] = [unwanted.response.status, unwanted.error?.code];
// @ts-expect-error: the compiler refuses a value of a wrong type.
void (() => client.POST('/capture', { body: { url: page, full_page: 'twice' } }));

const form = new FormData();
form.append('files', new Blob(['<h1>Uploaded</h1>']), 'index.html');
form.append('options', '{"format": "text"}');
const bodySerializer = () => form;
const upload = await client.POST('/capture', { body: { files: [] }, bodySerializer, parseAs: 'text' });
found.upload = got(upload).trim();

const params = { header: { 'Idempotency-Key': 'once-ts' } };
const later = { body: { url: page, async: true, ...small }, params };
const receipt = got(await client.POST('/capture/json', later));
const again = got(await client.POST('/capture/json', later));
if (!('status_url' in receipt && 'status_url' in again)) throw new Error('no job');
found.job = receipt.id === again.id;

const job = await finished(receipt.id);
const stored = await fetch(job.result?.url ?? '');
found.poll = [job.status, hex(await stored.arrayBuffer())];
const path = { id: receipt.id };
found.deleted = (await client.DELETE('/jobs/{id}', { params: { path } })).response.status;

const requests = [{ url: page }, { html_content: '<p>x</p>' }];
const batch = await client.POST('/capture/batch', { body: { requests, options: { format: 'text' } } });
const whole = await finished(got(batch).id);
found.batch = [whole.counts?.done, whole.jobs?.length];

const link = got(await client.POST('/sign', { body: { url: page, expires_in: 60, ...small } }));
found.sign = hex(await (await fetch(link.url)).arrayBuffer());

const checked = got(await client.POST('/validate', { body: { url: page, pdf_scale: 0.5 } }));
found.validate = [checked.request, checked.warnings];

console.log(JSON.stringify(found));
