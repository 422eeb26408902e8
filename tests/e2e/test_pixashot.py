"""Requests as Pixashot's documentation shows them work unchanged; only the host differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from entries import Answer, read_http
from look import MAGIC, is_format, pdf, picture, warned
from origins import Origins

# One line for each documented body that differs from the others by more than its values.
DOCUMENTED = Path(__file__).with_name("pixashot_requests.jsonl").read_text("utf-8").splitlines()


def send(server: httpx.Client, options: dict[str, Any]) -> Answer:
    """As the documented client does: a session with a bearer token and a JSON body."""
    headers = {"Authorization": "Bearer your_token", "Content-Type": "application/json"}
    response = server.post("/capture", content=json.dumps(options), headers=headers)
    return read_http(response.status_code, dict(response.headers), response.content)


@pytest.mark.parametrize("body", DOCUMENTED, ids=range(len(DOCUMENTED)))
def test_a_documented_request_works(body: str, site: Origins, server: httpx.Client) -> None:
    options = json.loads(body)
    a = send(server, {"url": f"{site.urls['main']}/pixashot.html"} | options)
    assert a.status == 200, a.json
    format = options.get("format", "png")
    assert a.headers["content-disposition"] == f"attachment; filename=screenshot.{format}"
    assert a.warnings == [], a.warnings
    if format in ("png", "jpeg", "webp"):
        assert a.headers["content-type"] == f"image/{format}"
        assert a.data.startswith(MAGIC[format])
        width, _ = picture(a).size
        if "template" not in options and "selector" not in options:
            assert width == options.get("window_width", 1920) * options.get("pixel_density", 1)
    elif format == "pdf":
        assert len(pdf(a).pages) >= 1
    else:
        assert b"<html" in a.data


def test_html_content_and_the_three_response_types(site: Origins, server: httpx.Client) -> None:
    body = {"html_content": "<html><body><h1>Hello World</h1></body></html>", "format": "png"}
    is_format(picture(send(server, body)), "png", 1920, 1080)
    answer = send(server, body | {"response_type": "json"})
    assert (answer.json["format"], answer.data[:8]) == ("png", MAGIC["png"])
    assert (send(server, body | {"response_type": "empty"}).status) == 204


def test_a_wait_that_runs_out_is_a_warning(site: Origins, server: httpx.Client) -> None:
    a = send(
        server,
        {"url": f"{site.urls['main']}/pixashot.html", "wait_for_selector": "#never", "wait_for_timeout": 500},
    )
    picture(a)
    warned(a, "wait_for_selector_timeout")


def test_an_error_has_the_documented_fields(server: httpx.Client) -> None:
    a = send(server, {"format": "png"})
    assert a.status == 400
    assert {"status", "message", "error_type", "error_details", "timestamp"} <= set(a.json)
    assert a.json["status"] == "error"
