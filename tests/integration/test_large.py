"""A picture of more than 10 MB is a link at every door, and the link returns the picture."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import httpx
import pytest
from cloud import REGION, Cloud, Context, credentials, event, load_handler, serving, sqs_record
from fakes import forget_settings
from pages import NOISE, assert_is_noise

from stillframe import storage
from stillframe.api.app import create_app
from stillframe.doors import LOCAL
from stillframe.drops import run
from stillframe.drops.event import read_event
from stillframe.jobs import view
from stillframe.jobs.submit import submit
from stillframe.request import parse

BUCKET = f"large-{uuid.uuid4().hex[:8]}"
TOKEN = {"authorization": "Bearer a-token-of-the-integration-tests"}


@pytest.fixture
def checked(cloud: Cloud, ministack: str, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Results go to an S3 that checks signatures; the queue and the table stay where they are."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", ministack)
    s3 = boto3.client("s3")
    for bucket in (BUCKET, f"{BUCKET}-in"):
        if bucket not in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    monkeypatch.setenv("STORAGE_URL", f"s3://{BUCKET}/output")
    monkeypatch.setenv("INPUT_BUCKET", f"{BUCKET}-in")
    assert credentials(ministack)["AWS_SECRET_ACCESS_KEY"] == "test"
    forget_settings()
    return cloud


def assert_link(url: str) -> None:
    """The link works as it is, is refused when it was changed, and its bytes are the picture."""
    assert "X-Amz-Signature=" in url
    answer = httpx.get(url, timeout=30)
    assert answer.status_code == 200
    assert_is_noise(answer.content)
    assert httpx.get(url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200")).status_code == 403


@pytest.mark.usefixtures("main_loop")
@pytest.mark.parametrize("name", ["rest_api_v1", "http_api_v2", "function_url", "alb"])
def test_by_the_http_function(checked: Cloud, name: str) -> None:
    recorded, body = event(name), json.dumps(NOISE)
    recorded["body"], recorded["isBase64Encoded"] = body, False
    recorded["headers"] = (
        {k: v for k, v in recorded["headers"].items() if k.lower() != "authorization"}
        | TOKEN
        | {"content-type": "application/json", "content-length": str(len(body))}
    )
    if "multiValueHeaders" in recorded:
        recorded["multiValueHeaders"] = {k: [v] for k, v in recorded["headers"].items()}
    if recorded.get("version") == "2.0":
        recorded |= {"rawPath": "/capture", "rawQueryString": ""}
        recorded["requestContext"]["http"] |= {"method": "POST", "path": "/capture"}
    else:
        recorded |= {
            "path": "/capture",
            "httpMethod": "POST",
            "queryStringParameters": None,
            "multiValueQueryStringParameters": None,
        }
        recorded["requestContext"] |= {"httpMethod": "POST"}
    answer = load_handler("http_api")(recorded, Context())
    headers = {k.lower(): v for k, v in (answer.get("headers") or {}).items()}
    headers |= {k.lower(): v[0] for k, v in (answer.get("multiValueHeaders") or {}).items()}
    assert answer["statusCode"] == 303, answer
    assert_link(headers["location"])


def test_by_direct_invocation(checked: Cloud) -> None:
    answer = load_handler("direct_invoke")(dict(NOISE), Context())
    assert "file" not in answer
    assert answer["bytes"] > 10_000_000
    assert_link(answer["url"])


def test_by_the_item_of_a_bulk_run(checked: Cloud) -> None:
    item = event("bulk_item_csv")
    item["row"] |= {k: str(v) for k, v in NOISE.items()}
    assert_link(load_handler("direct_invoke")(item, Context())["url"])


def test_by_a_dropped_object(checked: Cloud) -> None:
    s3 = boto3.client("s3")
    etag = s3.put_object(Bucket=f"{BUCKET}-in", Key="input/n.json", Body=json.dumps(NOISE).encode())["ETag"]
    recorded = event("s3_eventbridge")
    recorded["detail"]["bucket"]["name"] = f"{BUCKET}-in"
    recorded["detail"]["object"] |= {"key": "input/n.json", "etag": etag.strip('"')}
    load_handler("s3_event")(recorded, Context())
    url, _ = run.output().url(f"{run.result_prefix_of(read_event(recorded)[0])}.png", 3600)
    assert_link(url)


def test_by_the_queue(checked: Cloud) -> None:
    job = submit(parse(NOISE))
    found = checked.sqs.receive_message(QueueUrl=checked.queue, AttributeNames=["All"])["Messages"]
    assert load_handler("sqs_worker")({"Records": [sqs_record(found[0])]}, Context()) == {
        "batchItemFailures": []
    }
    shown = view.show(view.find(job.id, ""), storage.configured(), "")
    assert_link(shown["result"]["url"])


def test_by_a_schedule(checked: Cloud) -> None:
    answer = load_handler("schedule")({"requests": [NOISE], "at": uuid.uuid4().hex}, Context())
    found = checked.sqs.receive_message(QueueUrl=checked.queue, AttributeNames=["All"])["Messages"]
    load_handler("sqs_worker")({"Records": [sqs_record(found[0])]}, Context())
    assert_link(view.show(view.find(answer["jobs"][0], ""), storage.configured(), "")["result"]["url"])


@pytest.mark.parametrize("kind", ["redirect", "url", "json"])
def test_by_a_local_server(checked: Cloud, kind: str) -> None:
    wanted: dict[str, Any] = NOISE | {"response_type": kind, "store": True}
    with serving(create_app(LOCAL)) as client:
        answer = client.post("/capture", json=wanted, headers=TOKEN)
    assert answer.status_code == (303 if kind == "redirect" else 200), answer.text[:300]
    assert_link(answer.headers["location"] if kind == "redirect" else answer.json()["url"])
