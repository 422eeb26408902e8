"""What the service tells about itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from stillframe.api.app import create_app
from stillframe.settings import Settings


@pytest.mark.parametrize(("given", "shown"), [({}, None), ({"RELEASE": "a1b2c3"}, "a1b2c3")])
def test_the_version_names_the_release(
    configure: Callable[..., Settings], given: dict[str, str], shown: str | None
) -> None:
    configure(**given)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(local=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/version")

    assert asyncio.run(ask()).json()["release"] == shown
