"""Input objects: every shape of event, every kind of object, always an answer and never a loop."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cloud import INPUT, OUTPUT, Cloud, Context, Handler, event, load_handler
from fakes import forget_settings
from pages import TINY, is_green

from stillframe.drops import event as drop_event
from stillframe.drops import run
from stillframe.drops.event import InputObject, read_event
from stillframe.errors import RequestNotValid

NOTIFICATIONS = [
    "s3_notification",
    "s3_notification_versioned",
    "s3_notification_v2_2",
    "s3_notification_v2_3",
]
BRIDGED = ["s3_eventbridge", "s3_eventbridge_versioned"]


@pytest.fixture
def s3_event(cloud: Cloud) -> Handler:
    return load_handler("s3_event")


def put(cloud: Cloud, name: str, body: Any, *, versions: bool = False, **more: Any) -> dict[str, Any]:
    """Drop an object; the EventBridge event that S3 would send."""
    data = (
        body
        if isinstance(body, bytes)
        else body.encode()
        if isinstance(body, str)
        else json.dumps(body).encode()
    )
    answer = cloud.s3.put_object(Bucket=INPUT, Key=f"input/{name}", Body=data, **more)
    found = event("s3_eventbridge")
    found["detail"]["object"] |= {
        "key": f"input/{name}",
        "etag": answer["ETag"].strip('"'),
        "size": len(data),
    }
    if versions:
        found["detail"]["object"]["version-id"] = answer["VersionId"]
    return found


def prefix_of(found: dict[str, Any]) -> str:
    return "output/" + run.result_prefix_of(read_event(found)[0])


@pytest.mark.parametrize("name", NOTIFICATIONS + BRIDGED)
def test_every_recorded_event_captures_its_object(cloud: Cloud, s3_event: Handler, name: str) -> None:
    recorded = event(name)
    cloud.s3.put_bucket_versioning(
        Bucket=INPUT, VersioningConfiguration={"Status": "Enabled" if "versioned" in name else "Suspended"}
    )
    written = put(cloud, "my page.json", TINY | {"external_id": name}, versions="versioned" in name)
    thing = recorded["detail"]["object"] if name in BRIDGED else recorded["Records"][0]["s3"]["object"]
    for field in ("etag", "eTag", "version-id", "versionId"):
        if field in thing:
            thing[field] = written["detail"]["object"]["etag" if field.lower() == "etag" else "version-id"]
    assert s3_event(recorded, Context()) == {"drops": 1}
    found = "output/" + run.result_prefix_of(read_event(recorded)[0])
    assert found.startswith("output/my page.json.")
    report = cloud.read_json(f"{found}.report.json")
    assert (report["external_id"], report["width"]) == (name, 40)
    assert is_green(cloud.read(f"output/{report['artifact']}"))


def test_a_key_is_decoded_once_and_only_where_it_is_encoded(cloud: Cloud) -> None:
    notification, bridged = event("s3_notification"), event("s3_eventbridge")
    notification["Records"][0]["s3"]["object"]["key"] = "input/a%2Bb%2520c+d.json"
    bridged["detail"]["object"]["key"] = "input/a+b%20c d.json"
    assert read_event(notification)[0].key == read_event(bridged)[0].key == "input/a+b%20c d.json"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("page.html", "<body style='margin:0;background:#0a0'>"),
        ("page.md", "# Title\n\nText with *emphasis*."),
        ("link.url", "[InternetShortcut]\r\nURL={page}\r\n"),
        ("plain.url", "{page}\n"),
    ],
)
def test_every_kind_of_object_becomes_a_picture(
    cloud: Cloud, s3_event: Handler, name: str, body: str
) -> None:
    page = cloud.s3.generate_presigned_url("get_object", Params={"Bucket": INPUT, "Key": "input/target"})
    cloud.s3.put_object(Bucket=INPUT, Key="input/target", Body=b"<h1>target", ContentType="text/html")
    written = put(cloud, name, body.replace("{page}", page))
    s3_event(written, Context())
    assert cloud.read(f"{prefix_of(written)}.png").startswith(b"\x89PNG")
    assert cloud.read_json(f"{prefix_of(written)}.report.json")["content_type"] == "image/png"


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("broken.json", "{", "request_not_valid"),
        ("number.json", "7", "request_not_valid"),
        ("empty-list.json", "[]", "request_not_valid"),
        ("long-list.json", [TINY] * 101, "request_not_valid"),
        ("typo.json", {"html_content": "x", "full_pgae": True}, "request_not_valid"),
        ("metadata.json", {"url": "http://169.254.169.254/latest/"}, "destination_blocked"),
        ("selector.json", TINY | {"selector": "#no", "wait_for_timeout": 200}, "selector_not_found"),
        ("nothing.url", "no address here", "request_not_valid"),
        ("file.url", "URL=file:///etc/passwd", "request_not_valid"),
        ("large.html", b"x" * 2_000_001, "body_too_large"),
    ],
)
def test_what_cannot_be_captured_has_its_error_beside_it(
    cloud: Cloud, s3_event: Handler, name: str, body: Any, code: str
) -> None:
    written = put(cloud, name, body)
    s3_event(written, Context())
    error = cloud.read_json(f"{prefix_of(written)}.error.json")
    assert (error["code"], error["status"]) == (code, "error")
    assert [k for k in cloud.names(f"output/{name}.") if not k.endswith(".error.json")] == []


def test_an_object_that_is_gone_has_an_error_too(cloud: Cloud, s3_event: Handler) -> None:
    written = put(cloud, "gone.json", TINY)
    cloud.s3.delete_object(Bucket=INPUT, Key="input/gone.json")
    s3_event(written, Context())
    assert cloud.read_json(f"{prefix_of(written)}.error.json")["code"] == "not_renderable"


def test_a_list_becomes_one_message_each(cloud: Cloud, s3_event: Handler, worker: Handler) -> None:
    written = put(cloud, "list.json", [TINY, {"html_content": "x", "nonsense": 1}, TINY | {"format": "text"}])
    s3_event(written, Context())
    assert cloud.drain(worker) == 3
    base = prefix_of(written)
    assert is_green(cloud.read(f"{base}.0000.png"))
    assert cloud.read_json(f"{base}.0001.error.json")["code"] == "request_not_valid"
    assert cloud.names(f"{base}.0002.txt") == [f"{base}.0002.txt"]
    assert len(cloud.read_json(f"{base}.report.json")["items"]) == 3


def test_an_event_that_comes_twice_is_answered_once(cloud: Cloud, s3_event: Handler) -> None:
    written = put(cloud, "twice.json", TINY)
    s3_event(written, Context())
    first = (
        cloud.s3.head_object(Bucket=OUTPUT, Key=f"{prefix_of(written)}.png")["LastModified"],
        cloud.names(),
    )
    s3_event(written, Context())
    load_handler("s3_event")(written, Context())
    assert (
        cloud.s3.head_object(Bucket=OUTPUT, Key=f"{prefix_of(written)}.png")["LastModified"],
        cloud.names(),
    ) == first


def test_a_worker_that_died_before_its_report_left_nothing_wrong(cloud: Cloud, s3_event: Handler) -> None:
    written = put(cloud, "died.json", TINY)
    cloud.s3.put_object(Bucket=OUTPUT, Key=f"{prefix_of(written)}.png", Body=b"earlier bytes")
    s3_event(written, Context())
    assert cloud.read_json(f"{prefix_of(written)}.report.json")["bytes"] == len(b"earlier bytes")


def test_another_write_is_another_result(cloud: Cloud, s3_event: Handler) -> None:
    first = put(cloud, "again.json", TINY)
    second = put(cloud, "again.json", TINY | {"window_width": 50})
    s3_event(first, Context())
    assert cloud.names(prefix_of(first)) == [], "the object was written over: its newer event has the answer"
    s3_event(second, Context())
    assert cloud.read_json(f"{prefix_of(second)}.report.json")["width"] == 50


def test_an_old_version_is_captured_as_it_was(cloud: Cloud, s3_event: Handler) -> None:
    cloud.s3.put_bucket_versioning(Bucket=INPUT, VersioningConfiguration={"Status": "Enabled"})
    first = put(cloud, "versions.json", TINY, versions=True)
    put(cloud, "versions.json", TINY | {"window_width": 50})
    s3_event(first, Context())
    assert cloud.read_json(f"{prefix_of(first)}.report.json")["width"] == 40


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bucket", "another-bucket"),
        ("key", "elsewhere/a.json"),
        ("key", "input/a.png"),
        ("key", "input/../a.json"),
    ],
)
def test_what_is_none_of_ours_is_left_alone(cloud: Cloud, s3_event: Handler, field: str, value: str) -> None:
    before = cloud.names()
    recorded = event("s3_eventbridge")
    recorded["detail"][field if field == "bucket" else "object"]["name" if field == "bucket" else "key"] = (
        value
    )
    assert s3_event(recorded, Context()) == {"drops": 0}
    assert cloud.names() == before


def test_a_result_of_ours_is_never_taken_for_a_drop(cloud: Cloud, s3_event: Handler) -> None:
    written = put(cloud, "loop.json", TINY, Metadata={"capture-output": "1"})
    s3_event(written, Context())
    assert cloud.names(prefix_of(written)) == []


def test_the_test_event_and_removals_do_nothing_and_other_events_are_refused(
    cloud: Cloud, s3_event: Handler
) -> None:
    assert s3_event(event("s3_test"), Context()) == {"drops": 0}
    removed = event("s3_notification")
    removed["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    assert s3_event(removed, Context()) == {"drops": 0}
    with pytest.raises(RequestNotValid):
        s3_event({"requestContext": {}, "body": json.dumps(event("s3_notification"))}, Context())


@pytest.mark.parametrize(
    ("input_prefix", "output_prefix", "refused"),
    [
        ("input/", "input/done/", True),
        ("", "output/", True),
        ("a/", "a/", True),
        ("output/in/", "output/", True),
        ("input/", "output/", False),
    ],
)
def test_a_deployment_that_could_loop_does_not_start(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, input_prefix: str, output_prefix: str, refused: bool
) -> None:
    for name, value in {
        "STORAGE_URL": f"s3://{INPUT}/output",
        "INPUT_PREFIX": input_prefix,
        "OUTPUT_PREFIX": output_prefix,
    }.items():
        monkeypatch.setenv(name, value)
    forget_settings()
    if refused:
        with pytest.raises(ValueError, match="captured again"):
            load_handler("s3_event")
    else:
        load_handler("s3_event")


def test_the_bucket_must_belong_to_the_account_of_the_function(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server of the tests does not check it, so the request is looked at."""
    from stillframe.storage.s3 import S3Storage

    asked: list[dict[str, Any]] = []
    real = S3Storage(f"s3://{INPUT}").client
    real.meta.events.register(
        "before-parameter-build.s3.GetObject", lambda params, **_: asked.append(dict(params))
    )
    monkeypatch.setattr(S3Storage, "client", real)
    put(cloud, "owner.json", TINY)
    drop_event.fetch(InputObject(INPUT, "input/owner.json", "", 10), "123456789012")
    assert asked[0]["ExpectedBucketOwner"] == "123456789012"
