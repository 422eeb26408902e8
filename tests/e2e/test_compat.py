"""Requests of other services' clients, captured for real: only the base URL and the token are ours."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from entries import TOKEN, Lambda
from look import BLUE, GREEN, at, is_format, paper, picture
from origins import Origins
from pypdf import PdfReader
from serving import serve

BEARER = {"Authorization": f"Bearer {TOKEN}"}
# A4 in points, as Gotenberg's clients write it in inches.
A4 = (8.27 * 72, 11.7 * 72)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """`stillframe serve` with a token and a storage."""
    settings = {"AUTH_TOKEN": TOKEN, "STORAGE_URL": tmp_path_factory.mktemp("served").as_uri()}
    with serve(settings) as found:
        yield found


@pytest.fixture
def green(site: Origins) -> str:
    return f"{site.urls['main']}/green.html"


def ok(response: httpx.Response) -> bytes:
    assert response.status_code == 200, response.text
    return response.content


def document(response: httpx.Response) -> PdfReader:
    data = ok(response)
    assert data.startswith(b"%PDF-")
    return PdfReader(io.BytesIO(data))


def near(found: tuple[float, float], expected: tuple[float, float]) -> bool:
    return all(abs(a - b) < 1.5 for a, b in zip(found, expected, strict=True))


def test_screenshotone_by_query_and_by_body(client: httpx.Client, green: str) -> None:
    query = {"url": green, "viewport_width": "400", "viewport_height": "300", "delay": "0", "timeout": "20"}
    taken = client.get("/compat/screenshotone/take", params=query, headers={"X-Access-Key": TOKEN})
    is_format(picture(ok(taken)), "jpeg", 400, 300)
    at(picture(ok(taken)), 5, 5, GREEN, 3)
    body = {"url": green, "access_key": TOKEN, "format": "png", "full_page": True, "image_width": 200}
    posted = picture(ok(client.post("/compat/screenshotone/take", json=body)))
    assert (posted.format, posted.width) == ("PNG", 200)


def test_screenshotones_token_in_an_address_is_refused(client: httpx.Client, green: str) -> None:
    taken = client.get("/compat/screenshotone/take", params={"url": green, "access_key": TOKEN})
    assert taken.status_code == 401
    body = taken.json()
    assert (body["is_successful"], body["error_code"]) == (False, "auth_required")
    assert "X-Access-Key" in body["error_message"]


def test_screenshotones_errors_have_its_fields(client: httpx.Client, green: str) -> None:
    taken = client.post(
        "/compat/screenshotone/take", json={"url": green, "ip_country_code": "de"}, headers=BEARER
    )
    body = taken.json()
    assert (taken.status_code, body["error_type"], body["error_code"]) == (
        400,
        "ValidationError",
        "request_not_valid",
    )
    assert body["error_message"] == "ip_country_code: set `proxy` to a proxy in that country"


def test_a_missing_page_fails_as_at_screenshotone(client: httpx.Client, site: Origins) -> None:
    missing = {"url": f"{site.urls['main']}/missing-page.html"}
    taken = client.post("/compat/screenshotone/take", json=missing, headers=BEARER)
    assert (taken.status_code, taken.json()["error_code"]) == (422, "host_returned_error")


def test_urlbox_answers_bytes_links_and_jobs(client: httpx.Client, green: str) -> None:
    options = {"url": green, "width": 300, "height": 200, "retina": True}
    binary = client.post(
        "/compat/urlbox/v1/render/sync", json=options | {"response_type": "binary"}, headers=BEARER
    )
    is_format(picture(ok(binary)), "png", 600, 400)
    linked = json.loads(ok(client.post("/compat/urlbox/v1/render/sync", json=options, headers=BEARER)))
    assert set(linked) == {"renderUrl", "size"}
    stored = ok(client.get(linked["renderUrl"]))
    assert len(stored) == linked["size"]
    is_format(picture(stored), "png", 600, 400)
    job = client.post("/compat/urlbox/v1/render/async", json=options, headers=BEARER)
    assert (job.status_code, job.json()["status"]) == (201, "created")
    assert client.get(job.json()["statusUrl"], headers=BEARER).json()["id"] == job.json()["renderId"]


def test_an_unsigned_render_link_needs_a_header(client: httpx.Client, green: str) -> None:
    link = "/compat/urlbox/v1/their-key/jpg"
    query = {"url": green, "width": "300", "height": "200"}
    is_format(picture(ok(client.get(link, params=query, headers=BEARER))), "jpeg", 300, 200)
    assert client.get(link, params=query).status_code == 401
    signed = client.get("/compat/urlbox/v1/their-key/0123abcd/jpg", params=query, headers=BEARER)
    assert (signed.status_code, signed.json()["code"]) == (404, "not_found")
    assert "POST /sign" in signed.json()["error"]["message"]


def test_browserless(client: httpx.Client, green: str) -> None:
    body: dict[str, Any] = {
        "url": green,
        "gotoOptions": {"waitUntil": "load"},
        "waitForSelector": {"selector": "body"},
    }
    taken = client.post("/compat/browserless/chromium/screenshot?timeout=20000", json=body, headers=BEARER)
    is_format(picture(ok(taken)), "png", 800, 600)
    encoded = client.post(
        "/compat/browserless/screenshot", json=body | {"options": {"encoding": "base64"}}, headers=BEARER
    )
    assert encoded.headers["content-type"].startswith("text/plain")
    is_format(picture(base64.b64decode(ok(encoded), validate=True)), "png", 800, 600)
    printed = document(client.post("/compat/browserless/pdf", json=body, headers=BEARER))
    assert near(paper(printed), (8.5 * 72, 11 * 72))
    content = client.post("/compat/browserless/content", json=body, headers=BEARER)
    assert b"<html" in ok(content)
    blue = body | {
        "addStyleTag": [{"content": "#box { background: rgb(0, 0, 200) }"}],
        "addScriptTag": [{"url": f"{green.rpartition('/')[0]}/script.js"}, {"content": "window.done = 1"}],
        "waitForFunction": {"fn": "() => window.done === 1"},
    }
    at(picture(ok(client.post("/compat/browserless/screenshot", json=blue, headers=BEARER))), 50, 40, BLUE)
    never = body | {
        "waitForSelector": {"selector": "#never", "timeout": 400},
        "gotoOptions": {"timeout": 400},
    }
    late = client.post("/compat/browserless/screenshot", json=never, headers=BEARER)
    assert (late.status_code, "wait_timeout" in late.text) == (422, True)
    patient = client.post(
        "/compat/browserless/screenshot", json=never | {"bestAttempt": True}, headers=BEARER
    )
    is_format(picture(ok(patient)), "png", 800, 600)
    refused = client.post(
        "/compat/browserless/screenshot", json=body | {"requestInterceptors": [{}]}, headers=BEARER
    )
    assert refused.status_code == 400
    assert (
        refused.text == "requestInterceptors: requests can be blocked with rejectRequestPattern, not answered"
    )
    other = client.post("/compat/browserless/function", json={"code": "x"}, headers=BEARER)
    assert (other.status_code, "interactions" in other.text) == (404, True)


def test_cloudflare(client: httpx.Client, green: str) -> None:
    base = "/compat/cloudflare/client/v4/accounts/0123/browser-rendering"
    body = {"url": green, "viewport": {"width": 500, "height": 400}, "screenshotOptions": {"type": "webp"}}
    is_format(picture(ok(client.post(f"{base}/screenshot", json=body, headers=BEARER))), "webp", 500, 400)
    page = {"html": "<title>T</title><h1>Head</h1><p>Text</p>"}
    content = json.loads(ok(client.post(f"{base}/content", json=page, headers=BEARER)))
    assert (content["success"], "<h1>Head</h1>" in content["result"]) == (True, True)
    assert content["meta"]["title"] == "T"
    markdown = json.loads(ok(client.post(f"{base}/markdown", json=page, headers=BEARER)))
    assert "# Head" in markdown["result"]
    snapshot = json.loads(ok(client.post(f"{base}/snapshot", json=page, headers=BEARER)))
    assert "<h1>Head</h1>" in snapshot["result"]["content"]
    assert snapshot["meta"]["title"] == "T"
    is_format(picture(base64.b64decode(snapshot["result"]["screenshot"])), "png", 1920, 1080)
    refused = client.post(f"{base}/scrape", json=page, headers=BEARER).json()
    assert (refused["success"], refused["errors"][0]["code"]) == (False, 404)


def test_gotenberg_prints_a_url(client: httpx.Client, green: str) -> None:
    fields = {
        "url": green,
        "paperWidth": "8.27",
        "paperHeight": "11.7",
        "marginTop": "1",
        "waitDelay": "100ms",
    }
    printed = client.post(
        "/compat/gotenberg/forms/chromium/convert/url",
        files={name: (None, value) for name, value in fields.items()},
        auth=("gotenberg", TOKEN),
        headers={"Gotenberg-Output-Filename": "invoice"},
    )
    assert near(paper(document(printed)), A4)
    assert "invoice.pdf" in printed.headers["content-disposition"]


def test_gotenberg_prints_html_with_its_files(client: httpx.Client) -> None:
    page = '<link rel="stylesheet" href="s.css"><p>Body</p>'
    files = [
        ("files", ("index.html", page)),
        ("files", ("s.css", "p { page-break-after: always }")),
        ("files", ("header.html", "<span>Head line</span>")),
    ]
    found = document(
        client.post("/compat/gotenberg/forms/chromium/convert/html", files=files, headers=BEARER)
    )
    assert near(paper(found), (8.5 * 72, 11 * 72))
    assert "Head line" in found.pages[0].extract_text()
    assert "Body" in found.pages[0].extract_text()


def test_gotenberg_fills_markdown_into_a_template(client: httpx.Client) -> None:
    files = [
        ("files", ("index.html", '<html><body>{{ toHTML "a.md" }}</body></html>')),
        ("files", ("a.md", "# Title\n\n| a |\n|---|\n| cell |")),
    ]
    found = document(
        client.post("/compat/gotenberg/forms/chromium/convert/markdown", files=files, headers=BEARER)
    )
    text = found.pages[0].extract_text()
    assert "Title" in text
    assert "cell" in text
    assert "toHTML" not in text


def test_gotenberg_takes_a_picture_of_the_full_page(client: httpx.Client, site: Origins) -> None:
    path = "/compat/gotenberg/forms/chromium/screenshot/url"
    url = (None, f"{site.urls['main']}/long.html")
    whole = picture(ok(client.post(path, files={"url": url}, headers=BEARER)))
    assert (whole.width, whole.height > 600) == (800, True)
    part = picture(ok(client.post(path, files={"url": url, "clip": (None, "true")}, headers=BEARER)))
    assert part.size == (800, 600)
    refused = client.post(path, files={"url": url, "waitDelay": (None, "5")}, headers=BEARER)
    assert (refused.status_code, refused.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert refused.text == "waitDelay: must be a duration with its unit, such as 500ms or 2.5s"


def test_pixashot(client: httpx.Client, green: str) -> None:
    body = {"url": green, "window_width": 400, "window_height": 300, "format": "webp"}
    is_format(
        picture(ok(client.post("/compat/pixashot/capture", json=body, headers=BEARER))), "webp", 400, 300
    )


def test_a_body_of_theirs_at_capture(client: httpx.Client, green: str) -> None:
    body = {
        "url": green,
        "viewport": {"width": 400, "height": 300, "deviceScaleFactor": 2},
        "options": {"type": "jpeg"},
        "gotoOptions": {"waitUntil": "networkidle2", "timeout": 20_000},
    }
    is_format(picture(ok(client.post("/capture", json=body, headers=BEARER))), "jpeg", 800, 600)


@pytest.mark.parametrize("event", ["http_api_v2", "alb"])
def test_the_function_takes_them_too(http_function: dict[str, Lambda], event: str, green: str) -> None:
    send = http_function[event].send
    options = {"url": green, "pdfOptions": {"format": "a5"}}
    printed = send("POST", "/compat/cloudflare/pdf", body=json.dumps(options))
    assert printed.status == 200, printed.json
    assert near(paper(PdfReader(io.BytesIO(printed.data))), (148 / 25.4 * 72, 210 / 25.4 * 72))
    taken = send("GET", "/compat/urlbox/v1/key/png", query=f"url={green}&width=320&height=240")
    is_format(picture(taken), "png", 320, 240)
