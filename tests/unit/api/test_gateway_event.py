"""The links of an answer lead back through every kind of event, and the gateway's clock counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import Request
from mangum import Mangum

from stillframe.api import dispatch, gateway_event
from stillframe.api import invocation as invocations
from stillframe.api.app import create_app
from stillframe.api.invocation import Invocation
from stillframe.api.routes import jobs as job_routes
from stillframe.doors import FUNCTION_URL, HTTP_API, Door
from stillframe.settings import Settings

EVENTS = Path(__file__).parents[2] / "events"
TOKEN = "a-token-that-nobody-else-has"
OWN = "execute-api.eu-west-1.amazonaws.com"
# The recorded event, and the public address of the service in it.
PUBLIC = [
    ("http_api_v2", f"https://a1b2c3d4e5.{OWN}"),
    ("http_api_v2_iam", f"https://a1b2c3d4e5.{OWN}"),
    ("http_api_v2_stage", f"https://a1b2c3d4e5.{OWN}/prod"),
    ("http_api_v2_mapping", "https://capture.example.com/shots/v1"),
    ("rest_api_v1", f"https://f6g7h8i9j0.{OWN}/prod"),
    ("rest_api_v1_mapping", "https://capture.example.com/shots"),
    ("rest_api_v1_mapping_without_stage", "https://capture.example.com/shots/prod"),
    ("function_url", "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"),
]


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return found


def gateway(name: str, method: str, url: str, body: Any = None) -> dict[str, Any]:
    """The event that the gateway of a recorded event would make of a request to this address."""
    event, address = load(name), dict(PUBLIC)[name]
    prefix, path = urlsplit(address).path, urlsplit(url).path
    assert url.startswith(f"{address}/"), "another service gets this request"
    own = path.removeprefix(prefix)
    event["headers"] = {"host": urlsplit(url).netloc, "x-api-key": TOKEN, "content-type": "application/json"}
    event["body"], event["isBase64Encoded"] = json.dumps(body) if body else "", False
    if "pathParameters" in event:
        event["pathParameters"] = {"proxy": own.lstrip("/")}
    if event.get("version") == "2.0":
        event["rawPath"] = path
        event["requestContext"]["http"] |= {"method": method, "path": path}
    else:
        event["path"] = own if name == "rest_api_v1" else path
        event["httpMethod"] = method
        event["requestContext"] |= {"path": path, "httpMethod": method}
    return event


@pytest.mark.parametrize(("name", "address"), PUBLIC)
@pytest.mark.usefixtures("main_loop")
def test_every_link_of_an_answer_leads_back(
    name: str, address: str, configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure(AUTH_TOKEN=TOKEN, URL_SIGNING_SECRET="k" * 32)
    for module in (dispatch, job_routes):
        monkeypatch.setattr(module.local, "ensure_worker", lambda base_url: None)
    adapter = Mangum(create_app(HTTP_API, config=config), lifespan="off")

    def send(method: str, url: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
        answer = adapter(gateway(name, method, url, body), None)  # type: ignore[arg-type]
        return answer["statusCode"], answer["headers"], json.loads(answer["body"] or "null")

    capture = {"url": "https://example.com/"}
    status, headers, job = send("POST", f"{address}/capture", capture | {"async": True})
    assert (status, headers["location"]) == (202, job["status_url"])
    assert send("GET", job["status_url"])[2]["id"] == job["id"]
    status, headers, batch = send("POST", f"{address}/capture/batch", {"requests": [capture, capture]})
    assert (status, headers["location"]) == (202, batch["status_url"])
    shown = send("GET", batch["status_url"])[2]
    for member in [*batch["jobs"], *shown["jobs"]]:
        assert send("GET", member["status_url"])[2]["id"] == member["id"]
    assert send("DELETE", job["status_url"])[0] == 204
    assert send("GET", job["status_url"])[0] == 404
    signed = send("POST", f"{address}/sign", capture)[2]["url"]
    assert urlsplit(signed)._replace(query="").geturl() == f"{address}/capture"


@pytest.mark.parametrize(("name", "address"), PUBLIC)
def test_the_root_of_the_service_is_found(name: str, address: str) -> None:
    event = gateway(name, "GET", f"{address}/")
    if "pathParameters" in event:
        event |= {"pathParameters": None, "resource": "/", "routeKey": "ANY /"}
    assert gateway_event.split_path(event) == (urlsplit(address).path, "/")


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        ({"rawPath": "/live/capture", "requestContext": {"stage": "live"}}, ("/live", "/capture")),
        ({"rawPath": "/live", "requestContext": {"stage": "live"}}, ("/live", "/")),
        ({"rawPath": "/lively/capture", "requestContext": {"stage": "live"}}, ("", "/lively/capture")),
        (
            {"rawPath": "/jobs/a%20b", "routeKey": "ANY /{proxy+}", "pathParameters": {"proxy": "jobs/a b"}},
            ("", "/jobs/a b"),
        ),
        ({}, ("", "/")),
    ],
)
def test_a_stage_is_taken_off_where_nothing_else_is_known(
    event: dict[str, Any], parts: tuple[str, str]
) -> None:
    assert gateway_event.split_path(event) == parts


@pytest.mark.parametrize(
    ("event", "age"),
    [
        ({"requestContext": {"timeEpoch": 99_000}}, 1.0),
        ({"requestContext": {"requestTimeEpoch": 95_500}}, 4.5),
        ({"requestContext": {"timeEpoch": 101_000}}, 0.0),
        ({"requestContext": {"timeEpoch": 39_000}}, 0.0),
        ({"requestContext": {"timeEpoch": "soon"}}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_age_of_a_request_counts_from_the_gateway(event: dict[str, Any], age: float) -> None:
    assert gateway_event.age_seconds(event, now=100.0) == age


class Context:
    """A function that has a minute left."""

    def get_remaining_time_in_millis(self) -> int:
        return 62_000


@pytest.mark.parametrize(
    ("name", "clock", "door", "left"),
    [
        ("http_api_v2", "timeEpoch", HTTP_API, 27 - 5),
        ("rest_api_v1", "requestTimeEpoch", HTTP_API, 27 - 5),
        # No gateway waits in front of a function URL: the function's own time is the shorter one.
        ("function_url", "timeEpoch", FUNCTION_URL, 60),
    ],
)
def test_a_cold_start_shortens_what_a_capture_behind_a_gateway_gets(
    name: str, clock: str, door: Door, left: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = load(name)
    monkeypatch.setattr(invocations.time, "time", lambda: event["requestContext"][clock] / 1000 + 5)
    app = create_app(HTTP_API, config=Settings(auth_token=TOKEN))
    scope = {"type": "http", "app": app, "path": "/", "headers": [], "aws.event": event}
    invocation = Invocation.start(Request(scope | {"aws.context": Context()}))
    assert invocation.door is door
    assert invocation.seconds_left == pytest.approx(left)
