"""Ten calls with the client that openapi-python-client generates; prints what they found as JSON.

Arguments: the service's address, its token, and the address of a page to capture.
"""

from __future__ import annotations

import json
import sys
import time
from base64 import b64decode
from io import BytesIO

import httpx
from generated_client import AuthenticatedClient
from generated_client.api.capture import capture, capture_by_query, capture_json, validate
from generated_client.api.jobs import capture_batch, delete_job, get_job
from generated_client.api.links import sign
from generated_client.models import (
    BatchRequest,
    CaptureByQueryFormat,
    CaptureOptions,
    CaptureOptionsFormat,
    CaptureResult,
    Error,
    Job,
    JobReceipt,
    JobStatus,
    SignedLink,
    SignRequest,
    UploadForm,
    Validation,
)
from generated_client.types import File

endpoint, token, page = sys.argv[1:]
client = AuthenticatedClient(endpoint, token, raise_on_unexpected_status=True, timeout=httpx.Timeout(60))
found: dict[str, object] = {}


def finished(id: str) -> Job:
    while True:
        job = get_job.sync(id, client=client)
        assert isinstance(job, Job), job
        if job.status in (JobStatus.DONE, JobStatus.FAILED):
            return job
        time.sleep(0.1)


small = {"window_width": 320, "window_height": 200}
answer = capture.sync(client=client, body=CaptureOptions(url=page, **small))
assert isinstance(answer, File), answer
found["picture"] = answer.payload.read()[:8].hex()

answer = capture.sync(client=client, body=CaptureOptions(url=page, format_=CaptureOptionsFormat.PDF))
assert isinstance(answer, File), answer
found["pdf"] = answer.payload.read(5).decode()

# The generator renames the parameter `url`.
answer = capture_by_query.sync(client=client, url_query=page, format_=CaptureByQueryFormat.HTML)
assert isinstance(answer, File), answer
found["html"] = answer.payload.read().decode()

result = capture_json.sync(client=client, body=CaptureOptions(url=page, device="iPhone 15"))
assert isinstance(result, CaptureResult), result
assert result.report.verdict.ok
found["json"] = {"width": result.width, "bytes": len(b64decode(result.file)) == result.bytes_}

refused = capture.sync_detailed(client=client, body=CaptureOptions(url=page, pdf_scale=9))
assert isinstance(refused.parsed, Error), refused
found["error"] = [refused.status_code, refused.parsed.code, refused.parsed.error_details[0].field]
unwanted = capture.sync_detailed(client=client, body=CaptureOptions(url=page, selector="#none"))
assert isinstance(unwanted.parsed, Error), unwanted
found["page error"] = [unwanted.status_code, unwanted.parsed.code]

pages = [File(BytesIO(b"<h1>Uploaded</h1>"), "index.html", "text/html")]
answer = capture.sync(client=client, body=UploadForm(files=pages, options='{"format": "text"}'))
assert isinstance(answer, File), answer
found["upload"] = answer.payload.read().decode().strip()

receipt = capture.sync(
    client=client, body=CaptureOptions(url=page, async_=True, **small), idempotency_key="once"
)
assert isinstance(receipt, JobReceipt), receipt
again = capture.sync(
    client=client, body=CaptureOptions(url=page, async_=True, **small), idempotency_key="once"
)
found["job"] = again.id == receipt.id

job = finished(receipt.id)
found["poll"] = [job.status.value, httpx.get(job.result.url).content[:8].hex()]
found["deleted"] = delete_job.sync_detailed(receipt.id, client=client).status_code

batch = capture_batch.sync(
    client=client,
    body=BatchRequest(
        requests=[CaptureOptions(url=page), CaptureOptions(html_content="<p>x</p>")],
        options=CaptureOptions(format_=CaptureOptionsFormat.TEXT),
    ),
)
assert isinstance(batch, JobReceipt), batch
done = finished(batch.id)
found["batch"] = [done.counts.additional_properties["done"], len(done.jobs)]

link = sign.sync(client=client, body=SignRequest(url=page, expires_in=60, **small))
assert isinstance(link, SignedLink), link
found["sign"] = httpx.get(link.url, timeout=60).content[:8].hex()

checked = validate.sync(client=client, body=CaptureOptions(url=page, pdf_scale=0.5))
assert isinstance(checked, Validation), checked
found["validate"] = [checked.request.to_dict(), checked.warnings]

print(json.dumps(found))
