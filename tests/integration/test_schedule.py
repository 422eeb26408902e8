"""Schedules: a manifest or requests in the event become jobs, once for each run, without a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from cloud import INPUT, ROOT, Cloud, Context, Handler, event, load_handler
from pages import TINY

from stillframe import jobs
from stillframe.errors import RequestNotValid


@pytest.fixture
def schedule(cloud: Cloud) -> Handler:
    return load_handler("schedule")


def manifest(cloud: Cloud, body: Any, name: str = "schedule.json") -> dict[str, Any]:
    data = body if isinstance(body, str) else json.dumps(body)
    cloud.s3.put_object(Bucket=INPUT, Key=f"manifests/{name}", Body=data.encode())
    return event("scheduler") | {"manifest": f"manifests/{name}", "at": f"2026-11-21T05:00:00Z {hash(data)}"}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.json", {"requests": [TINY, TINY | {"dark_mode": True}], "options": {"full_page": False}}),
        ("b.json", [TINY, TINY | {"dark_mode": True}]),
        ("c.jsonl", json.dumps(TINY) + "\n\n" + json.dumps(TINY | {"dark_mode": True}) + "\n"),
        ("d.csv", "\ufeffhtml_content,window_width,dark_mode\n<b>x</b>,40,\n<b>x</b>,40,true\n"),
    ],
)
def test_a_manifest_becomes_jobs_that_are_captured(
    cloud: Cloud, schedule: Handler, worker: Handler, name: str, body: Any
) -> None:
    answer = schedule(manifest(cloud, body, name), Context())
    assert (answer["count"], len(answer["jobs"]), answer["refused"]) == (2, 2, [])
    assert cloud.drain(worker) == 2
    assert [jobs.configured().get(id).status for id in answer["jobs"]] == ["done", "done"]  # type: ignore[union-attr]


def test_one_request_and_several_travel_in_the_event_itself(cloud: Cloud, schedule: Handler) -> None:
    assert len(schedule(event("scheduler_requests"), Context())["jobs"]) == 1
    assert len(schedule(TINY | {"at": "2026-11-21T06:00:00Z"}, Context())["jobs"]) == 1


def test_a_run_that_is_delivered_twice_is_one_run(cloud: Cloud, schedule: Handler, worker: Handler) -> None:
    run = manifest(cloud, [TINY])
    first, second = schedule(run, Context()), schedule(run, Context())
    assert first == second
    cloud.drain(worker)
    job = jobs.configured().get(first["jobs"][0])
    assert job is not None
    assert job.attempts == 1
    later = schedule(run | {"at": "2026-11-22T05:00:00Z"}, Context())
    assert later["jobs"] != first["jobs"]


def test_a_bad_row_is_named_and_does_not_hold_up_the_others(cloud: Cloud, schedule: Handler) -> None:
    answer = schedule(manifest(cloud, [TINY, {"nonsense": 1}, 7, TINY]), Context())
    assert (len(answer["jobs"]), [r["row"] for r in answer["refused"]]) == (2, [2, 3])


@pytest.mark.parametrize(
    "key", ["manifests/none.json", "input/a.json", "manifests/x.txt", "../manifests/a.json"]
)
def test_what_is_no_manifest_fails_the_run(cloud: Cloud, schedule: Handler, key: str) -> None:
    cloud.s3.put_object(Bucket=INPUT, Key="manifests/x.txt", Body=b"[]")
    with pytest.raises(RequestNotValid):
        schedule({"manifest": key}, Context())


def test_a_rule_that_sends_its_event_is_told_what_to_send(cloud: Cloud, schedule: Handler) -> None:
    with pytest.raises(RequestNotValid, match="constant JSON"):
        schedule(event("scheduled_rule"), Context())


def test_the_function_never_imports_a_browser() -> None:
    """The layer has neither Playwright nor an image library."""
    code = (
        "import sys; sys.path.insert(0, 'functions/schedule'); import handler; print([m for m in sys.modules"
        " if m.split('.')[0] in ('playwright', 'PIL', 'fastapi', 'h11', 'pypdf', 'httpx') or"
        " m.startswith('stillframe.browser')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
