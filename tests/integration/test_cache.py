"""The result cache over HTTP: one capture for equivalent requests while the entry is valid."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cloud import OUTPUT, Cloud, serving
from fakes import forget_settings
from pages import TINY

from stillframe import storage
from stillframe.api.app import create_app
from stillframe.doors import LOCAL
from stillframe.keys import cache_key
from stillframe.request import parse

HEADERS = {"Authorization": "Bearer a-token-of-the-integration-tests"}


@pytest.fixture(params=["memory", "file", "s3"])
def client(
    request: pytest.FixtureRequest, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[httpx.Client]:
    uri = {"memory": "memory:", "file": tmp_path.as_uri(), "s3": f"s3://{OUTPUT}/{tmp_path.name}"}
    monkeypatch.setenv("STORAGE_URL", uri[request.param])
    forget_settings()
    with serving(create_app(LOCAL)) as found:
        found.headers.update(HEADERS)
        yield found


def request(**more: Any) -> dict[str, Any]:
    return TINY | {"cache": True} | more


def test_equivalent_requests_are_captured_once(client: httpx.Client) -> None:
    first = client.post("/capture", json=request())
    again = client.post(
        "/capture", json={"width": 40, "viewportHeight": 30, "html": TINY["html_content"], "cache": True}
    )
    assert (first.headers["x-cache"], again.headers["x-cache"]) == ("MISS", "HIT")
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert again.headers["content-type"] == "image/png"
    assert client.post("/capture", json=request(dark_mode=True)).headers["x-cache"] == "MISS"
    assert client.post("/capture", json=request(cache_key="mine")).headers["x-cache"] == "MISS"


def test_a_matching_etag_is_answered_with_304(client: httpx.Client) -> None:
    tag = client.post("/capture", json=request()).headers["etag"]
    answer = client.post("/capture", json=request(), headers={"If-None-Match": f'"other", W/{tag}'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert client.post("/capture", json=request(), headers={"If-None-Match": '"other"'}).status_code == 200


def test_modes_and_age(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    only = client.post("/capture", json=request(cache_mode="only"))
    assert (only.status_code, only.json()["code"]) == (422, "cache_miss")
    client.post("/capture", json=request())
    assert client.post("/capture", json=request(cache_mode="only")).headers["x-cache"] == "HIT"
    assert client.post("/capture", json=request(cache_mode="refresh")).headers["x-cache"] == "MISS"
    assert client.post("/capture", json=request(cache_ttl=60)).headers["x-cache"] == "HIT"
    now = time.time()
    monkeypatch.setattr("stillframe.delivery.cache.time.time", lambda: now + 61)
    assert client.post("/capture", json=request(cache_ttl=60)).headers["x-cache"] == "MISS"


def test_a_cache_hit_can_be_stored_and_reports_its_age(client: httpx.Client) -> None:
    client.post("/capture", json=request())
    body = client.post("/capture", json=request(response_type="json", store=True)).json()
    assert (body["cache"], body["width"]) == ("HIT", 40)
    assert body["report"]["age_seconds"] >= 0
    assert "url" in body


@pytest.mark.parametrize("damage", [b"", b"not json\n", b"{}\nbytes", b'{"at": 9e9, "bytes": 3}\nab'])
def test_a_damaged_cache_entry_is_captured_again(client: httpx.Client, damage: bytes) -> None:
    store = storage.configured()
    assert store is not None
    store.put(f"cache/{cache_key(parse(request()))}", damage, "application/octet-stream", overwrite=True)
    assert client.post("/capture", json=request()).headers["x-cache"] == "MISS"
    assert client.post("/capture", json=request()).headers["x-cache"] == "HIT"
