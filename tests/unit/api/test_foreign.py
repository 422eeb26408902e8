"""`/compat/…` without a browser: who may send what, which path answers, and the shape of the errors."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.responses import JSONResponse, Response

from stillframe.api import foreign, foreign_responses
from stillframe.api.app import create_app
from stillframe.api.auth import Caller
from stillframe.doors import LOCAL
from stillframe.errors import ResultTooLarge
from stillframe.request import CaptureRequest
from stillframe.settings import Settings

TOKEN = "a-token-that-nobody-else-has"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PAGE = "https://example.com/"
TAKE = "/compat/screenshotone/take"
Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Send a request; a capture is answered with its canonical request and its caller."""

    async def capture(request: Any, caller: Caller, wanted: CaptureRequest) -> Response:
        return JSONResponse(wanted.canonical() | {"caller": caller.identity})

    monkeypatch.setattr(foreign, "dispatch", capture)

    def send(method: str, path: str, *, token: str = f"team:{TOKEN}", **more: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            app = create_app(LOCAL, config=Settings(auth_token=token), local=not token)
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, **more)

        return asyncio.run(run())

    return send


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


FORM = "/compat/gotenberg/forms/chromium/convert/url"
CARRIERS = [
    ("POST", TAKE, {"headers": BEARER, "json": {"url": PAGE}}, 200),
    ("POST", TAKE, {"headers": {"X-Api-Key": TOKEN}, "json": {"url": PAGE}}, 200),
    ("GET", TAKE, {"headers": {"X-Access-Key": TOKEN}, "params": {"url": PAGE}}, 200),
    ("POST", TAKE, {"json": {"url": PAGE, "access_key": TOKEN}}, 200),
    ("POST", TAKE, {"json": {"url": PAGE, "access_key": "wrong"}}, 403),
    ("POST", TAKE, {"json": {"url": PAGE, "access_key": 7}}, 401),
    ("POST", TAKE, {"content": b'{"access_key":'}, 401),
    ("POST", TAKE, {"content": b'{"access_key":', "headers": BEARER}, 400),
    ("POST", TAKE, {"json": {"url": PAGE}}, 401),
    ("POST", TAKE, {"json": [PAGE]}, 401),
    ("GET", TAKE, {"params": {"url": PAGE, "access_key": TOKEN}}, 401),
    ("GET", TAKE, {"headers": BEARER, "params": {"url": PAGE, "access_key": "x"}}, 401),
    ("GET", TAKE, {"headers": BEARER, "params": {"url": PAGE, "signature": "x"}}, 401),
    # The body names a token, and the header's counts.
    ("POST", TAKE, {"headers": {"X-Api-Key": "wrong"}, "json": {"url": PAGE, "access_key": TOKEN}}, 403),
    ("POST", "/compat/browserless/screenshot?token=x", {"headers": BEARER, "json": {"url": PAGE}}, 401),
    ("POST", "/compat/urlbox/v1/render/sync", {"json": {"url": PAGE, "access_key": TOKEN}}, 401),
    ("POST", FORM, {"headers": basic(f"any:{TOKEN}"), "files": {"url": (None, PAGE)}}, 200),
    ("POST", FORM, {"headers": basic("any:wrong"), "files": {"url": (None, PAGE)}}, 403),
    ("POST", FORM, {"headers": {"Authorization": "Basic !"}, "files": {"url": (None, PAGE)}}, 401),
    ("POST", TAKE, {"headers": basic(f"any:{TOKEN}"), "json": {"url": PAGE}}, 401),
    ("GET", "/compat/nobody/take", {}, 401),
    ("GET", "/compat/nobody/take", {"headers": BEARER}, 404),
]


@pytest.mark.parametrize(("method", "path", "more", "status"), CARRIERS)
def test_a_token_counts_where_it_does_not_end_in_logs(
    ask: Ask, method: str, path: str, more: dict[str, Any], status: int
) -> None:
    answer = ask(method, path, **more)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["caller"].endswith("team")
    assert TOKEN not in answer.text


def test_a_large_body_is_not_read_for_its_token(ask: Ask) -> None:
    body = {"html": "x" * 1_000_001, "access_key": TOKEN}
    assert ask("POST", TAKE, json=body).status_code == 401
    assert ask("POST", TAKE, json={"html": "x" * 1000, "access_key": TOKEN}).status_code == 200


@pytest.mark.parametrize("length", ["9" * 5000, "²", "-1", "1.5"])
def test_an_odd_length_is_no_fault_of_the_service(ask: Ask, length: str) -> None:
    headers = [(b"Content-Length", length.encode()), (b"Content-Type", b"application/json")]
    assert ask("POST", TAKE, headers=headers, content=b"{}").status_code == 401


def test_an_open_local_server_takes_json_and_no_forms(ask: Ask) -> None:
    assert ask("POST", TAKE, token="", json={"url": PAGE}).status_code == 200
    form = ask("POST", FORM, token="", files={"url": (None, PAGE)})
    assert (form.status_code, "AUTH_TOKEN" in form.text) == (400, True)
    foreign_page = ask("POST", TAKE, token="", json={"url": PAGE}, headers={"Origin": "https://evil.example"})
    assert foreign_page.status_code == 403


PATHS = [
    ("POST", "screenshotone/animate", 404, "no video is recorded"),
    ("POST", "screenshotone/bulk", 404, "POST /capture/batch"),
    ("POST", "screenshotone/nothing", 404, "there are take"),
    ("GET", "urlbox/v1/usage", 404, "counts no renders"),
    ("GET", "urlbox/v1/key/0123/png", 404, "POST /sign"),
    ("PUT", "screenshotone/take", 405, "PUT"),
    ("GET", "browserless/pdf", 405, "GET"),
    ("POST", "browserless/function", 404, "interactions"),
    ("POST", "browserless/edge/pdf", 404, "without `edge/`"),
    ("POST", "cloudflare/accounts/x/browser-rendering/links", 404, "format: metadata"),
    ("POST", "cloudflare/accounts/x/y/browser-rendering/pdf", 404, "has no path"),
    ("POST", "gotenberg/forms/libreoffice/convert", 404, "send HTML"),
]


@pytest.mark.parametrize(("method", "path", "status", "words"), PATHS, ids=[p for _, p, _, _ in PATHS])
def test_a_path_without_a_counterpart_says_what_to_use(
    ask: Ask, method: str, path: str, status: int, words: str
) -> None:
    answer = ask(
        method, f"/compat/{path}", headers=BEARER, **({} if method == "GET" else {"json": {"url": PAGE}})
    )
    assert answer.status_code == status
    assert words in answer.text


def test_a_query_string_repeats_what_is_a_list(ask: Ask) -> None:
    pairs = [("url", PAGE), ("headers", "X-A:1"), ("headers", "X-B:2"), ("delay", "2"), ("full_page", "true")]
    found = ask("GET", TAKE, headers=BEARER, params=pairs).json()
    assert found["custom_headers"] == {"X-A": "1", "X-B": "2"}
    assert (found["delay_capture"], found["full_page"], found["format"]) == (2000, True, "jpeg")
    twice = ask("GET", TAKE, headers=BEARER, params=[("url", PAGE), ("url", PAGE)])
    assert twice.json()["error_message"] == "url: must be a text"


def test_options_of_body_and_query_must_not_meet(ask: Ask) -> None:
    path = "/compat/cloudflare/screenshot?cacheTTL=60"
    found = ask("POST", path, headers=BEARER, json={"url": PAGE}).json()
    assert (found["cache"], found["cache_ttl"]) == (True, 60)
    both = ask("POST", path, headers=BEARER, json={"url": PAGE, "cacheTTL": 5})
    assert "in the body and in the query string" in both.json()["errors"][0]["message"]


def test_an_error_names_the_foreign_option(ask: Ask) -> None:
    body = {"url": PAGE, "options": {"quality": 300, "type": "jpeg"}}
    assert ask("POST", "/compat/browserless/screenshot", headers=BEARER, json=body).text.endswith(
        "must be at most 100, not 300 (from options.quality)"
    )
    long = ask("POST", TAKE, headers=BEARER, json={"url": PAGE, "timeout": 900}).json()
    assert "(from" not in long["error_message"]
    assert long["error_details"][0]["field"] == "timeout"


def test_a_device_names_its_nearest(ask: Ask) -> None:
    body = {"url": PAGE, "viewport_device": "iPhone 14 Prro"}
    error = ask("POST", TAKE, headers=BEARER, json=body).json()
    assert "did you mean 'iPhone 14 Pro'?" in error["error_message"]
    assert error["error_details"][0]["suggestion"] == "iPhone 14 Pro"


def test_only_a_form_is_gotenbergs(ask: Ask) -> None:
    answer = ask("POST", FORM, headers=BEARER, json={"url": PAGE})
    assert (answer.status_code, answer.text) == (
        400,
        "Content-Type: Gotenberg's routes take multipart/form-data.",
    )


def test_pixashots_address_is_ours(ask: Ask) -> None:
    body = {"url": PAGE, "window_width": 800}
    assert ask("POST", "/compat/pixashot/capture", headers=BEARER, json=body).json()["window_width"] == 800
    found = ask("GET", "/compat/pixashot/capture", headers=BEARER, params=body)
    assert found.json()["window_width"] == 800
    error = ask("POST", "/compat/pixashot/capture", headers=BEARER, json=body | {"format": "pngg"}).json()
    assert (error["status"], error["error_type"]) == ("error", "ValidationError")
    assert "did you mean 'png'?" in error["message"]


def test_a_text_that_did_not_fit_is_an_error_and_not_a_link() -> None:
    stored = JSONResponse({"url": "http://127.0.0.1/x", "format": "html"})
    with pytest.raises(ResultTooLarge):
        foreign_responses.shaped("cloudflare", stored, {})


def test_what_is_no_capture_keeps_its_shape() -> None:
    redirect = Response(status_code=303, headers={"Location": "/files/x"})
    for shape in foreign_responses.SHAPES:
        assert foreign_responses.shaped(shape, redirect, {"options": {"encoding": "base64"}}) is redirect
    job = JSONResponse({"id": "j", "status_url": "/jobs/j"}, 202)
    shaped = foreign_responses.shaped("urlbox", job, {})
    assert json.loads(bytes(shaped.body)) == {"status": "created", "renderId": "j", "statusUrl": "/jobs/j"}


@pytest.mark.parametrize("word", ["base64", "BASE64", " Base64 "])
def test_an_encoding_that_is_accepted_is_the_one_of_the_response(word: str) -> None:
    picture = Response(b"PNG", media_type="image/png")
    for name in ("options", "screenshotOptions"):
        shaped = foreign_responses.shaped("picture", picture, {name: {"encoding": word}})
        assert base64.b64decode(bytes(shaped.body)) == b"PNG"
