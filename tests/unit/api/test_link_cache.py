"""What a shared cache may keep: files of signed links, while the operator allows it and the link lives."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from stillframe import service, signing
from stillframe.api.app import create_app
from stillframe.doors import HTTP_API
from stillframe.errors import NameNotResolved
from stillframe.result import Artifact, CaptureReport, CaptureResult, Stored
from stillframe.settings import Settings

SECRET = "s" * 40
TOKEN = "t" * 40
OPTIONS = [("url", "https://example.com/")]


@pytest.fixture
def answer(configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The `Cache-Control` of one answer; `outcome` is the result of the capture, or an error."""

    def ask(
        outcome: CaptureResult | Exception, *, kept: int = 3_600, lives: int = 600, token: bool = False
    ) -> str:
        configure(AUTH_TOKEN=TOKEN, URL_SIGNING_SECRET=SECRET, LINK_CACHE_SECONDS=str(kept))

        async def capture(*_: Any, **__: Any) -> CaptureResult:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(service, "capture", capture)
        query = signing.sign_query(signing.Keys.read(SECRET), "/capture", OPTIONS, int(time.time()) + lives)
        headers = {"Authorization": f"Bearer {TOKEN}"} if token else {}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(create_app(HTTP_API))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                path = "/capture?url=https%3A%2F%2Fexample.com%2F" if token else f"/capture?{query}"
                return await client.get(path, headers=headers)

        return asyncio.run(send()).headers["cache-control"]

    return ask


def file(stored: Stored | None = None) -> CaptureResult:
    artifact = Artifact("png", b"data", "image/png", "png", 4, 3)
    return CaptureResult("id", artifact, CaptureReport(), "page.png", stored=stored)


def test_a_file_of_a_link_is_kept_no_longer_than_the_link_lives(answer: Callable[..., str]) -> None:
    assert answer(file(), kept=60, lives=600) == "public, max-age=60"
    found = re.fullmatch(r"public, max-age=(\d+)", answer(file(), kept=3_600, lives=600))
    assert found is not None
    assert int(found[1]) <= 600


def test_nothing_is_kept_unless_the_operator_allows_it(answer: Callable[..., str]) -> None:
    assert answer(file(), kept=0) == "no-store"


def test_what_a_token_asks_for_is_never_kept(answer: Callable[..., str]) -> None:
    assert answer(file(), token=True) == "no-store"


def test_errors_and_links_to_the_storage_are_not_kept(answer: Callable[..., str]) -> None:
    assert answer(NameNotResolved("No such name.")) == "no-store"
    assert (
        answer(file(Stored("k", "https://bucket.example/k", datetime(2026, 1, 1, tzinfo=UTC)))) == "no-store"
    )
