"""Links to stored results, against a server that really checks signature and age."""

from __future__ import annotations

import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator

import boto3
import pytest
from cloud import REGION, credentials

from stillframe.storage.s3 import S3Storage

BUCKET = f"links-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def store(ministack: str) -> Iterator[S3Storage]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in credentials(ministack).items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        found = S3Storage(f"s3://{BUCKET}/output")
        for name in ("a.png", "b.png"):
            found.put(name, f"bytes of {name}".encode(), "image/png", filename=name)
        yield found


def fetch(url: str) -> tuple[int, bytes, dict[str, str]]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), {}


def test_a_link_gives_the_bytes_as_a_download(store: S3Storage) -> None:
    status, data, headers = fetch(store.url("a.png", 60)[0])
    assert (status, data) == (200, b"bytes of a.png")
    assert headers["content-type"] == "image/png"
    assert headers["content-disposition"] == "attachment; filename=a.png"


def test_a_link_is_for_one_object_and_one_signature(store: S3Storage) -> None:
    url = store.url("a.png", 60)[0]
    assert fetch(url.replace("a.png", "b.png"))[0] == 403
    assert fetch(url.replace("Expires=60", "Expires=6000"))[0] == 403
    head, _, signature = url.partition("X-Amz-Signature=")
    assert fetch(f"{head}X-Amz-Signature={'0' * 8}{signature[8:]}")[0] == 403


def test_a_link_ends(store: S3Storage) -> None:
    import time

    url = store.url("a.png", 1)[0]
    end = time.monotonic() + 20
    while (status := fetch(url)[0]) == 200 and time.monotonic() < end:
        time.sleep(0.2)
    assert status == 403
