"""Requests as Pixashot's documentation shows them work unchanged; only the host is ours."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from entries import Answer, read_http
from look import MAGIC, is_format, pdf, picture, warned
from origins import Origins

# One line for each documented body that differs from the others by more than its values.
DOCUMENTED = """
{"format": "png", "full_page": true, "wait_for_network": "idle"}
{"selector": "#main-content", "format": "png", "wait_for_selector": "#main-content"}
{"format": "pdf", "pdf_format": "A4", "pdf_print_background": true, "full_page": true}
{"window_width": 375, "window_height": 812, "pixel_density": 2.0, "format": "png"}
{"format": "png", "wait_for_timeout": 60000, "wait_for_network": "idle"}
{"format": "png", "dark_mode": true, "wait_for_animation": true}
{"format": "png", "geolocation": {"latitude": 37.7749, "longitude": -122.4194, "accuracy": 100}}
{"format": "png", "interactions": [{"action": "click", "selector": "#accept-cookies"}, {"action": "wait_for", "wait_for": {"type": "network_idle", "value": 2000}}, {"action": "type", "selector": "#search", "text": "example query"}, {"action": "wait_for", "wait_for": {"type": "selector", "value": "#results"}}]}
{"format": "png", "block_media": true, "ignore_https_errors": true, "custom_headers": {"User-Agent": "Custom User Agent", "Accept-Language": "en-US"}, "wait_for_network": "mostly_idle"}
{"format": "png", "wait_for_network": "mostly_idle", "interactions": [{"action": "scroll", "x": 0, "y": 1000}, {"action": "wait_for", "wait_for": {"type": "network_idle", "value": 2000}}, {"action": "scroll", "x": 0, "y": 0}], "wait_for_animation": true}
{"format": "png", "ignore_https_errors": true, "wait_for_timeout": 10000, "interactions": [{"action": "wait_for", "wait_for": {"type": "selector", "value": "#content", "timeout": 5000}}]}
{"template": "mobile", "format": "png"}
{"template": "desktop_full", "format": "png"}
{"format": "png", "window_width": 375, "window_height": 812, "pixel_density": 2, "user_agent_device": "mobile", "user_agent_platform": "ios"}
{"format": "png", "omit_background": true, "pixel_density": 2.0}
{"format": "jpeg", "image_quality": 80, "background_color": "#FFFFFF"}
{"format": "webp", "image_quality": 85, "omit_background": true}
{"format": "pdf", "pdf_format": "A4", "pdf_print_background": true, "pdf_scale": 1.0, "pdf_page_ranges": "1-5", "pdf_width": "210mm", "pdf_height": "297mm"}
{"format": "pdf", "pdf_format": "A4", "wait_for_network": "idle", "custom_js": "document.body.classList.add('print-mode');"}
{"format": "html", "wait_for_network": "idle", "wait_for_animation": true}
{"custom_js": "document.documentElement.style.setProperty('--vh', '${window_height}px');", "window_width": 375, "window_height": 812}
{"format": "png", "custom_js": "document.querySelectorAll('.advertisement').forEach(el => el.remove());", "wait_for_network": "idle"}
{"wait_for_animation": true, "delay_capture": 500}
{"interactions": [{"action": "click", "selector": "#route-link"}, {"action": "wait_for", "wait_for": {"type": "network_idle", "value": 2000}}, {"action": "wait_for", "wait_for": {"type": "selector", "value": "#new-content"}}]}
{"interactions": [{"action": "hover", "selector": "#dropdown-menu"}]}
{"use_random_user_agent": true, "user_agent_platform": "windows", "user_agent_browser": "chrome"}
""".strip().splitlines()


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
