"""Capture a page into a file, at once or as a job.

pip install stillframe
STILLFRAME=http://localhost:8080 AUTH_TOKEN=... python capture.py https://example.com page.png [--job]
"""

import os
import sys

from stillframe import Client
from stillframe.errors import CaptureError

url, file, *flags = sys.argv[1:]

with Client(os.environ["STILLFRAME"], os.environ.get("AUTH_TOKEN")) as client:
    try:
        if "--job" in flags:
            job = client.submit(url=url, full_page=True)
            print(f"job {job.id}: {job.status}")
            result = job.wait(timeout=120)
        else:
            result = client.capture(url=url, full_page=True)
    except CaptureError as error:
        # The client has repeated what is retryable already.
        fields = ", ".join(detail["field"] for detail in error.details if "field" in detail)
        sys.exit(f"{error.code}: {error.message} ({fields or 'no field'}, request {error.request_id})")

result.save(file)
print(f"{file}: {result.content_type}, {len(result.content)} bytes, verdict {result.verdict.line()}")
