"""Jobs over HTTP: the same routes on the table and queue of AWS, and in the process of a local server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cloud import Cloud, Handler, serving
from fakes import forget_settings
from pages import TINY, is_green

from stillframe.api.app import create_app
from stillframe.browser.runtime import runtime
from stillframe.doors import Door
from stillframe.worker import local

SLOW = TINY | {
    "html_content": "<script>setInterval(()=>document.title+='.',50)</script>",
    "wait_for_selector": "#never",
    "wait_for_timeout": 5_000,
}
HEADERS = {"Authorization": "Bearer a-token-of-the-integration-tests"}


@pytest.fixture
def aws(cloud: Cloud, worker: Handler) -> Iterator[tuple[httpx.Client, Callable[[], Any]]]:
    with serving(create_app(Door("test"))) as client:
        client.headers.update(HEADERS)
        yield client, lambda: cloud.drain(worker)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[httpx.Client, Callable[[], Any]]]:
    for name in ("QUEUE_URL", "JOBS_TABLE", "AWS_LAMBDA_FUNCTION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STORAGE_URL", tmp_path.as_uri())
    monkeypatch.setenv("AUTH_TOKEN", "a-token-of-the-integration-tests")
    monkeypatch.setenv("URL_SIGNING_SECRET", "k" * 40)
    monkeypatch.setenv("EGRESS_ALLOW", "127.0.0.0/8")
    forget_settings()
    with serving(create_app(Door("test"))) as client:
        client.headers.update(HEADERS)
        yield client, lambda: None
        asyncio.run(local.stop_worker())
        runtime.run(runtime.close())
    monkeypatch.undo()
    forget_settings()


@pytest.fixture(params=["aws", "here"])
def api(request: pytest.FixtureRequest) -> tuple[httpx.Client, Callable[[], Any]]:
    found: tuple[httpx.Client, Callable[[], Any]] = request.getfixturevalue(request.param)
    return found


def finished(client: httpx.Client, id: str, work: Callable[[], Any]) -> dict[str, Any]:
    """The job, when it has its answer."""
    work()
    end = time.monotonic() + 40
    while True:
        body: dict[str, Any] = client.get(f"/jobs/{id}").json()
        if body.get("finished_at"):
            return body
        assert time.monotonic() < end, body
        time.sleep(0.1)


def picture(url: str) -> bytes:
    return httpx.get(url).content


def test_async_answers_at_once_and_the_job_holds_the_picture(api: Any) -> None:
    client, work = api
    answer = client.post("/capture", json=TINY | {"async": True, "external_id": "a-1"})
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["status_url"]
    body = finished(client, answer.json()["id"], work)
    assert (body["status"], body["external_id"]) == ("done", "a-1")
    assert (body["result"]["width"], body["result"]["format"]) == (40, "png")
    assert is_green(picture(body["result"]["url"]))


def test_a_local_server_says_that_its_jobs_do_not_outlive_it(here: Any) -> None:
    assert here[0].post("/capture", json=TINY | {"async": True}).json()["durable"] is False


def test_jobs_on_aws_outlive_the_process(aws: Any) -> None:
    assert "durable" not in aws[0].post("/capture", json=TINY | {"async": True}).json()


def test_a_failed_job_holds_the_error_of_every_door(api: Any) -> None:
    client, work = api
    id = client.post(
        "/capture", json=TINY | {"async": True, "selector": "#no", "wait_for_timeout": 200}
    ).json()["id"]
    body = finished(client, id, work)
    assert (body["status"], body["error"]["code"], body["error"]["request_id"]) == (
        "failed",
        "selector_not_found",
        id,
    )


def test_a_batch_is_as_many_jobs_under_shared_options(api: Any) -> None:
    client, work = api
    pages = [{"html_content": TINY["html_content"]}, TINY | {"window_width": 60}, TINY | {"format": "text"}]
    answer = client.post("/capture/batch", json={"requests": pages, "options": {"width": 40, "height": 30}})
    assert (answer.status_code, len(answer.json()["jobs"])) == (202, 3)
    body = finished(client, answer.json()["id"], work)
    assert body["counts"] == {"queued": 0, "running": 0, "done": 3, "failed": 0}
    widths = [client.get(f"/jobs/{job['id']}").json()["result"]["width"] for job in body["jobs"]]
    assert widths == [40, 60, None]


def test_a_batch_with_a_bad_request_is_refused_by_its_index(api: Any) -> None:
    client, _ = api
    answer = client.post("/capture/batch", json={"requests": [TINY, TINY | {"colour": 1}, "text"]})
    assert answer.status_code == 400
    assert [d["field"] for d in answer.json()["error_details"]] == [
        "requests[1].colour",
        "requests[2].request",
    ]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"requests": []},
        {"requests": {}},
        {"requests": [TINY] * 101},
        {"requests": [TINY], "more": 1},
        {"requests": [TINY], "options": []},
    ],
    ids=["list", "nothing", "empty", "object", "too many", "unknown field", "bad options"],
)
def test_what_is_no_batch_is_refused(aws: Any, body: Any) -> None:
    answer = aws[0].post("/capture/batch", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "request_not_valid")


def test_one_idempotency_key_is_one_job(api: Any) -> None:
    client, work = api
    key = {"Idempotency-Key": f"order-{time.time_ns()}"}
    first = client.post("/capture", json=TINY | {"async": True}, headers=key).json()
    again = client.post("/capture", json=TINY | {"async": True}, headers=key).json()
    assert first["id"] == again["id"]
    other = client.post("/capture", json=TINY | {"async": True, "full_page": True}, headers=key)
    assert (other.status_code, other.json()["error_details"][0]["field"]) == (400, "Idempotency-Key")
    assert finished(client, first["id"], work)["status"] == "done"
    third = client.post("/capture", json=TINY | {"async": True}, headers=key).json()
    assert (third["id"], third["status"]) == (first["id"], "done")


def test_a_batch_under_one_key_is_one_batch(api: Any) -> None:
    client, work = api
    key = {"Idempotency-Key": f"batch-{time.time_ns()}"}
    answers = [
        client.post("/capture/batch", json={"requests": [TINY, TINY]}, headers=key).json() for _ in range(2)
    ]
    assert answers[0]["jobs"] == answers[1]["jobs"]
    assert finished(client, answers[0]["id"], work)["counts"]["done"] == 2


def test_a_deleted_job_and_its_picture_are_gone(api: Any) -> None:
    client, work = api
    id = client.post("/capture", json=TINY | {"async": True}).json()["id"]
    url = finished(client, id, work)["result"]["url"]
    assert client.delete(f"/jobs/{id}").status_code == 204
    assert client.get(f"/jobs/{id}").status_code == 404
    assert client.delete(f"/jobs/{id}").status_code == 404
    assert not picture(url).startswith(b"\x89PNG")


def test_jobs_are_not_for_strangers(aws: Any) -> None:
    client, _ = aws
    id = client.post("/capture", json=TINY | {"async": True}).json()["id"]
    for call in (client.get, client.delete):
        assert call(f"/jobs/{id}", headers={"Authorization": ""}).status_code in (401, 403)
    assert client.post("/capture/batch", json={}, headers={"Authorization": "Bearer no"}).status_code == 403


def test_a_capture_beyond_the_door_becomes_a_job_when_it_may(api: Any) -> None:
    client, work = api
    client.get("/health/ready")
    answer = client.post("/capture", json=SLOW, headers={"Prefer": "respond-async, wait=1"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "respond-async")
    body = finished(client, answer.json()["id"], work)
    assert body["status"] == "done"


def test_a_quick_capture_stays_on_the_line_when_it_could_have_waited(api: Any) -> None:
    client, _ = api
    client.get("/health/ready")
    answer = client.post("/capture", json=TINY, headers={"Prefer": "respond-async"})
    assert answer.status_code == 200
    assert is_green(answer.content)


def test_a_request_with_its_own_short_deadline_fails_by_it_and_is_not_promoted(aws: Any) -> None:
    answer = aws[0].post(
        "/capture", json=SLOW | {"timeout": 700}, headers={"Prefer": "respond-async, wait=20"}
    )
    assert (answer.status_code, answer.json().get("code")) in ((504, "deadline_exceeded"), (200, None))


def test_an_unsigned_webhook_is_refused(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URL_SIGNING_SECRET", "")
    forget_settings()
    answer = here[0].post("/capture", json=TINY | {"webhook_url": "http://127.0.0.1:1/"})
    assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")
