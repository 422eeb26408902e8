"""How a result is answered: types, headers, files, cache, and what is too large for a door."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cases import SMALL
from entries import Answer, Direct, Http, Lambda, command_line, in_process
from look import GREEN, archive, at, failed, is_format, picture
from origins import Origins

from stillframe import service
from stillframe.browser.runtime import Runtime
from stillframe.doors import LOCAL
from stillframe.errors import ResultTooLarge
from stillframe.request import parse
from stillframe.settings import settings


def green(site: Origins, **options: Any) -> dict[str, Any]:
    return {"url": f"{site.urls['main']}/green.html", **SMALL, **options}


def test_the_bytes_with_the_headers_of_a_file(site: Origins, http: Http) -> None:
    a = http(green(site))
    assert (a.status, a.headers["content-type"]) == (200, "image/png")
    assert a.headers["content-disposition"] == "attachment; filename=screenshot.png"
    assert a.headers["x-response-code"] == "200"
    assert a.headers["x-response-url"] == f"{site.urls['main']}/green.html"
    phases = {p.split(";")[0].strip() for p in a.headers["server-timing"].split(",")}
    assert phases >= {"queue", "launch", "lease", "load", "settle", "shoot", "encode", "total"}
    assert a.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("wanted", "header"),
    [
        ("picture", "attachment; filename=picture.png"),
        ("Bild ü", "attachment; filename=\"Bild ?.png\"; filename*=UTF-8''Bild%20%C3%BC.png"),
    ],
)
def test_filename(site: Origins, http: Http, wanted: str, header: str) -> None:
    assert http(green(site, filename=wanted)).headers["content-disposition"] == header


def test_response_type_json(site: Origins, http: Http) -> None:
    body = http(green(site, response_type="json", external_id="mine", metadata=["title", "status"])).json
    at(picture(base64.b64decode(body["file"], validate=True)), 5, 5, GREEN)
    assert {
        k: body[k]
        for k in ("format", "content_type", "width", "height", "filename", "external_id", "metadata")
    } == {
        "format": "png",
        "content_type": "image/png",
        "width": 320,
        "height": 240,
        "filename": "screenshot.png",
        "external_id": "mine",
        "metadata": {"title": "Green", "status": 200},
    }
    assert body["bytes"] == len(base64.b64decode(body["file"]))
    assert body["report"]["target"] == {
        "url": f"{site.urls['main']}/green.html",
        "final_url": f"{site.urls['main']}/green.html",
        "status": 200,
    }
    assert body["request_id"]


def test_response_type_empty(
    site: Origins, http: Http, http_function: dict[str, Lambda], direct: Direct
) -> None:
    for entry in (http, http_function["rest_api_v1"], http_function["http_api_v2"]):
        a = entry(green(site, response_type="empty"))
        assert (a.status, a.data) == (204, b"")
    assert "file" not in direct(green(site, response_type="empty")).json


def test_response_type_redirect_and_url(site: Origins, http: Http, server: httpx.Client) -> None:
    a = http(green(site, response_type="redirect"))
    assert a.status == 303
    response = server.get(a.headers["location"])
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"] == "attachment; filename=screenshot.png"
    is_format(picture(response.content), "png", 320, 240)
    b = http(green(site, response_type="url", presign_ttl=60))
    assert "file" not in b.json
    assert b.json["expires_at"]
    is_format(picture(server.get(b.json["url"]).content), "png", 320, 240)


def test_store_responds_with_a_tamper_proof_link(site: Origins, http: Http, server: httpx.Client) -> None:
    url = http(green(site, store=True)).headers["location"]
    assert server.get(url).status_code == 200
    for broken in (
        url[:-1],
        url.replace("expires=", "expires=9"),
        url.split("?")[0],
        url.replace("/files/", "/files/../"),
    ):
        assert server.get(broken).status_code == 404, broken


def test_html_is_sandboxed(site: Origins, http: Http) -> None:
    assert http(green(site, format="html")).headers["content-security-policy"].startswith("sandbox")


def test_outputs_as_an_archive_and_as_json(site: Origins, http: Http, direct: Direct) -> None:
    wanted = ["png", {"format": "pdf", "filename": "paper"}, "markdown"]
    a = http(green(site, outputs=wanted))
    assert a.headers["content-type"] == "application/zip"
    assert sorted(archive(a)) == ["paper.pdf", "screenshot.md", "screenshot.png"]
    for body in (
        http(green(site, outputs=wanted, response_type="json")).json,
        direct(green(site, outputs=wanted)).json,
    ):
        assert [o["format"] for o in body["outputs"]] == ["png", "pdf", "markdown"]
        is_format(picture(base64.b64decode(body["outputs"][0]["file"])), "png", 320, 240)
    assert len(site.requests("/green.html")) == 3, "one load for every request, however many artifacts"


def test_cache(site: Origins, http: Http, server: httpx.Client) -> None:
    wanted = green(site, cache=True, cache_key=site.urls["main"].rpartition(":")[2])
    failed(http(wanted | {"cache_mode": "only"}), 422, "cache_miss")
    failed(http(wanted | {"cache_mode": "only", "outputs": ["png"]}), 422, "cache_miss")
    missing = wanted | {"url": f"{site.urls['main']}/status/503", "format": "text"}
    assert [http(missing).headers["x-cache"] for _ in range(2)] == ["MISS", "MISS"]
    first, second = http(wanted), http(wanted)
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert first.data == second.data
    assert first.headers["etag"] == second.headers["etag"]
    assert len(site.requests("/green.html")) == 1
    unchanged = server.post("/capture", json=wanted, headers={"If-None-Match": first.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert http(wanted | {"cache_mode": "only"}).headers["x-cache"] == "HIT"
    assert http(wanted | {"cache_mode": "refresh"}).headers["x-cache"] == "MISS"
    assert len(site.requests("/green.html")) == 2
    assert http(wanted | {"format": "jpeg"}).headers["x-cache"] == "MISS"


ERROR_FIELDS = {
    "status",
    "message",
    "error_type",
    "error_details",
    "timestamp",
    "code",
    "retryable",
    "request_id",
    "documentation_url",
    "target",
}


def test_an_error_is_the_same_at_every_door(
    site: Origins, http: Http, http_function: dict[str, Lambda], direct: Direct, deployed: Path
) -> None:
    wanted = green(site, selector="#absent")
    told = [entry(wanted).json for entry in (in_process, http, *http_function.values(), direct)]
    for body in told:
        assert set(body) == ERROR_FIELDS
        assert body["target"] == {"url": wanted["url"], "final_url": wanted["url"], "status": 200}
    same = {
        (b["code"], b["message"], b["error_type"], b["retryable"], json.dumps(b["error_details"]))
        for b in told
    }
    assert len(same) == 1


def fetch(entry: Lambda, url: str) -> Answer:
    parts = urlsplit(url)
    return entry.send("GET", parts.path, query=parts.query)


@pytest.mark.parametrize("kind", ["rest_api_v1", "http_api_v2", "function_url", "alb"])
def test_a_result_too_large_for_a_function_is_stored(
    kind: str, site: Origins, http_function: dict[str, Lambda]
) -> None:
    entry = http_function[kind]
    entry.method = "POST"
    wanted = {"url": f"{site.urls['main']}/big", "window_width": 1500, "window_height": 1400}
    if kind == "alb":
        wanted |= {"window_width": 600, "window_height": 600}
    a = entry(wanted)
    assert a.status == 303, (a.status, a.json)
    assert a.data == b""
    stored = _directory() / urlsplit(a.headers["location"]).path.rpartition("/files/")[2]
    is_format(picture(stored.read_bytes()), "png", wanted["window_width"], wanted["window_height"])
    b = entry(wanted | {"response_type": "json"})
    assert b.status == 200
    assert "file" not in b.json
    assert {"url", "expires_at", "format"} <= set(b.json)


def _directory() -> Path:
    return Path(urlsplit(settings().storage_url).path)


def test_a_result_too_large_for_a_direct_response_is_stored(site: Origins, direct: Direct) -> None:
    body = direct({"url": f"{site.urls['main']}/big", "window_width": 1500, "window_height": 1400}).json
    assert "file" not in body
    assert body["format"] == "png"
    assert (body["width"], body["height"]) == (1500, 1400)
    assert len(json.dumps(body)) < 10_000


def test_a_link_of_the_function_gives_the_bytes(site: Origins, http_function: dict[str, Lambda]) -> None:
    entry = http_function["function_url"]
    entry.method = "POST"
    a = entry(green(site, store=True))
    assert a.headers["location"].startswith(
        "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws/files/"
    )
    is_format(picture(fetch(entry, a.headers["location"])), "png", 320, 240)


def test_a_document_is_measured_in_bytes(site: Origins, deployed: Path) -> None:
    page = {"html_content": "<meta charset=utf-8><p>" + "漢" * 600, **SMALL}
    small = Runtime(replace(settings(), max_html_output_bytes=1_000))
    try:
        for format in ("html", "text", "mhtml"):
            with pytest.raises(ResultTooLarge, match="1000"):
                small.run(service.capture(parse(page | {"format": format}), LOCAL, browser=small))
    finally:
        small.run(small.close())


def test_a_local_server_has_no_limit(site: Origins, http: Http) -> None:
    a = http({"url": f"{site.urls['main']}/big", "window_width": 1500, "window_height": 1400})
    assert len(a.data) > 4_800_000
    is_format(picture(a), "png", 1500, 1400)


def test_the_command_line_writes_a_file_named_after_the_page(
    site: Origins, deployed: Path, tmp_path: Path
) -> None:
    place = site.urls["place"]
    a = command_line({"url": f"{place}/green.html", **SMALL}, "--json", directory=tmp_path)
    assert a.status == 200, a.message
    name = f"{place.replace('.', '-').replace(':', '-')}-green-html.png"
    is_format(picture((tmp_path / name).read_bytes()), "png", 320, 240)
    assert json.loads(a.data)["path"] == name


def test_the_command_line_says_each_finding_in_a_line(site: Origins, deployed: object) -> None:
    a = command_line({"url": f"{site.urls['main']}/errors.html", **SMALL})
    lines = [line for line in a.message.splitlines() if line.startswith("problem: ")]
    assert len(lines) == 1
    assert lines[0].startswith("problem: console_error: 2 errors in the console: broken thing")


def test_the_verdict_is_a_header(site: Origins, http: Http) -> None:
    a = http({"url": f"{site.urls['main']}/errors.html", **SMALL})
    assert a.headers["x-capture-verdict"] == "console_error=2"
    assert http(green(site, clip={"x": 0, "y": 0, "width": 9, "height": 9})).headers["x-capture-verdict"] == (
        "blank=1"
    )


def test_the_command_line_guesses_the_format_and_says_what_failed(
    site: Origins, deployed: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<body style='margin:0;background:rgb(0,160,0)'>")
    a = command_line({"url": str(page), **SMALL}, "-o", str(tmp_path / "out.webp"))
    assert a.status == 200, a.message
    is_format(picture((tmp_path / "out.webp").read_bytes()), "webp", 320, 240)
    b = command_line({"url": f"{site.urls['main']}/download", **SMALL})
    assert (b.json["exit"], b.code, b.data) == (3, "not_renderable", b"")


def test_debug_stores_a_page_that_explains_the_capture(site: Origins, http: Http) -> None:
    a = http({"url": f"{site.urls['main']}/errors.html", **SMALL, "debug": True, "response_type": "json"})
    link = a.json["report"]["debug"]["url"]
    assert a.headers["x-capture-debug"] == link
    stored = httpx.get(link)
    assert (stored.status_code, stored.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for words in ("broken thing", "settle", "/errors.html", "console_error=2", "data:image/png;base64,"):
        assert words in stored.text, words


def test_debug_explains_a_capture_that_failed(site: Origins, http: Http) -> None:
    a = http({"url": f"{site.urls['main']}/words.html", **SMALL, "debug": True, "selector": "#nowhere"})
    failed(a, 422, "selector_not_found")
    (link,) = [detail["debug"] for detail in a.json["error_details"] if "debug" in detail]
    text = httpx.get(link).text
    assert "selector_not_found" in text
    assert "&lt;b&gt;bold&lt;/b&gt; words" in text
    assert "data:image/jpeg;base64," in text


def test_debug_on_the_command_line_is_a_file(site: Origins, deployed: object, tmp_path: Path) -> None:
    a = command_line(
        {"url": f"{site.urls['main']}/green.html", **SMALL}, "--debug", "-o", "a.png", directory=tmp_path
    )
    assert a.status == 200, a.message
    assert b"data:image/png;base64," in (tmp_path / "a.debug.html").read_bytes()


def test_validate_says_what_a_request_would_do(http: Http) -> None:
    asked = {"url": "https://a.example/", "format": "webp", "png_effort": "small", "timeout": 5000}
    body = http.client.post("/validate", json=asked).json()
    assert body["plan"]["formats"] == ["webp"]
    assert body["plan"]["seconds"] == 5.0
    assert body["warnings"] == ["png_effort has no effect unless format is png"]
    assert body["request"]["png_effort"] == "small"
