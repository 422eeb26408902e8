"""Bad input over a real socket: status, field and correction are reported, and the next request works."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from cases import SMALL
from entries import Direct, Lambda, command_line
from look import GREEN, at, details, picture
from origins import Origins

GOOD: dict[str, Any] = {"html_content": "<body style='margin:0;background:rgb(0,160,0)'>", **SMALL}
URL = {"url": "http://127.0.0.1:1/"}

# options → the fields that the answer names, and words of its message
OPTIONS: list[tuple[dict[str, Any], str, str]] = [
    (GOOD | {"window_widht": 5}, "window_widht", "did you mean 'window_width'"),
    (GOOD | {"fullpag": True}, "fullpag", "did you mean 'full_page'"),
    ({}, "url", "either url or html_content"),
    (GOOD | URL, "html_content", "either url or html_content"),
    ({"url": ""}, "url", "url"),
    ({"url": "notaurl"}, "url", "http"),
    ({"url": "file:///etc/passwd"}, "url", "http"),
    ({"url": "chrome://version"}, "url", "http"),
    (GOOD | {"format": "gif"}, "format", "png"),
    (GOOD | {"window_width": "wide"}, "window_width", "a whole number, not 'wide'"),
    (GOOD | {"window_width": 5}, "window_width", "16"),
    (GOOD | {"window_width": -5}, "window_width", "16"),
    (GOOD | {"pixel_density": 9}, "pixel_density", "4"),
    (GOOD | {"image_quality": 101}, "image_quality", "100"),
    (GOOD | {"full_page": "perhaps"}, "full_page", "true or false"),
    (GOOD | {"full_page": True, "clip": {"x": 0, "y": 0, "width": 5, "height": 5}}, "full_page", "clip"),
    (GOOD | {"selector": "#a", "full_page": True}, "full_page", "selector"),
    (GOOD | {"omit_background": True, "format": "jpeg"}, "omit_background", "jpeg"),
    (GOOD | {"cookies": ["a=1"]}, "cookies", "url"),
    (GOOD | {"wait_until": "soon"}, "wait_until", "settled"),
    (GOOD | {"interactions": [{"action": "fly"}]}, "interactions.0.action", "click"),
    (GOOD | {"interactions": {"action": "click"}}, "interactions", "list"),
    (GOOD | {"custom_headers": "X: y"}, "custom_headers", "an object"),
    (GOOD | {"timeout": 10**9}, "timeout", "limit"),
    (GOOD | {"template": "nope"}, "template", "mobile"),
    (GOOD | {"device": "nope"}, "device", "/devices"),
    (GOOD | {"pdf_page_ranges": "a"}, "pdf_page_ranges", "pattern"),
    (URL | {"custom_headers": {"Content-Length": "1"}}, "custom_headers", "Content-Length"),
    (GOOD | {"background_color": "blurple"}, "background_color", "colour"),
    (GOOD | {"hide_selectors": ["#["]}, "hide_selectors", "selector"),
]


def works(server: httpx.Client) -> None:
    at(picture(server.post("/capture", json=GOOD).content), 5, 5, GREEN)


@pytest.mark.parametrize(
    ("options", "field", "word"), OPTIONS, ids=[f"{i}-{f}" for i, (_, f, _) in enumerate(OPTIONS)]
)
def test_invalid_options_are_refused(
    options: dict[str, Any], field: str, word: str, server: httpx.Client
) -> None:
    response = server.post("/capture", json=options)
    body = response.json()
    assert (response.status_code, body["code"], body["retryable"]) == (400, "request_not_valid", False), body
    assert field in [d["field"] for d in body["error_details"]], body
    assert word in body["message"]
    assert response.headers["x-request-id"] == body["request_id"]


def test_the_server_works_after_every_bad_request(server: httpx.Client) -> None:
    works(server)


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a word": b"url",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "not a number": b'{"url": NaN}',
    "not UTF-8": b'{"url": "\xff"}',
    "a deep nest": b"[" * 100_000,
    "two documents": b"{}{}",
    "a form": b"url=http%3A%2F%2F127.0.0.1%2F",
}


@pytest.mark.parametrize("name", list(BODIES))
def test_a_body_that_is_no_object_is_refused(name: str, server: httpx.Client) -> None:
    response = server.post("/capture", content=BODIES[name], headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (400, "request_not_valid")
    works(server)


def test_a_body_that_is_too_large(server: httpx.Client) -> None:
    kind = {"Content-Type": "application/json"}
    large = b'{"html_content": "' + b"x" * 6_100_000 + b'"}'
    response = server.post("/capture", content=large, headers=kind)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")

    def pieces() -> Any:
        for _ in range(70):
            yield b"x" * 100_000

    response = server.post("/capture", content=pieces(), headers=kind)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    works(server)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "/capture", 405, "method_not_allowed"),
        ("DELETE", "/capture", 405, "method_not_allowed"),
        ("GET", "/sign", 405, "method_not_allowed"),
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/captures", 404, "not_found"),
        ("GET", "/files/../../etc/passwd", 404, "not_found"),
        ("GET", "/files/a?expires=9999999999&signature=x", 404, "not_found"),
        ("GET", "/jobs/absent", 404, "not_found"),
        ("POST", "/capture?format=png", 400, "request_not_valid"),
        ("GET", "/capture", 400, "request_not_valid"),
        ("GET", "/capture?url=a&url=b", 400, "request_not_valid"),
        ("GET", "/capture?html_content=x&clip=%7B", 400, "request_not_valid"),
    ],
)
def test_routes_and_methods(method: str, path: str, status: int, code: str, server: httpx.Client) -> None:
    response = server.request(method, path, json={} if method in ("POST", "PUT") else None)
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert response.json()["status"] == "error"
    works(server)


@pytest.mark.parametrize("kind", ["rest_api_v1", "http_api_v2", "function_url", "alb"])
def test_bad_input_by_lambda_event(kind: str, http_function: dict[str, Lambda]) -> None:
    entry = http_function[kind]
    a = entry.send("POST", "/capture", body=json.dumps(GOOD | {"window_widht": 5}))
    assert (a.status, details(a)[0]["suggestion"]) == (400, "window_width")
    assert entry.send("POST", "/capture", body="{").status == 400
    assert entry.send("GET", "/nowhere").status == 404
    assert entry.send("PUT", "/capture", body="{}").status == 405
    at(picture(entry.send("POST", "/capture", body=json.dumps(GOOD))), 5, 5, GREEN)


@pytest.mark.parametrize(
    "event", [{}, {"url": 7}, [], None, "text", GOOD | {"window_widht": 5}, {"Records": []}]
)
def test_bad_input_by_direct_invocation(event: Any, direct: Direct) -> None:
    a = direct(event)
    assert (a.status, a.code) == (400, "request_not_valid"), a.json
    at(picture(direct(GOOD)), 5, 5, GREEN)


def test_bad_input_on_the_command_line(deployed: object, site: Origins) -> None:
    a = command_line({"url": f"{site.urls['main']}/green.html", "window_width": 5})
    assert (a.json["exit"], a.data) == (2, b"")
    assert "--window-width" in a.message
    b = command_line({"url": "x", "fulpage": True})
    assert b.json["exit"] == 2
    assert "--full" in b.message
    c = command_line({})
    assert c.json["exit"] == 2
    assert "Traceback" not in a.message + b.message + c.message
