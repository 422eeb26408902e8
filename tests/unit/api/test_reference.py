"""`/docs`: a complete page that runs no script and loads nothing from elsewhere."""

from __future__ import annotations

import asyncio
import re
from html.parser import HTMLParser

import httpx

from stillframe.api import reference
from stillframe.api.app import create_app
from stillframe.errors import leaves
from stillframe.request import CaptureRequest


class Reader(HTMLParser):
    """Tags, links and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_runs_no_script_and_loads_nothing() -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(local=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/docs")

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = answer.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert not [p for p in policy if re.search(r"https?:|script-src|\*", p)]
    found = Reader(answer.text)
    assert not found.tags & {"script", "link", "img", "iframe", "form", "object", "base"}
    assert {v for n, v in found.attributes if n in ("href", "src", "action")} == {"openapi.json", "./"}
    assert not [n for n, _ in found.attributes if n.startswith("on")]
    assert "url(" not in answer.text
    assert "@import" not in answer.text


def test_the_page_names_every_operation_option_and_status() -> None:
    document = create_app(local=True).openapi()
    words = Reader(reference.page(document)).words
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in words
            assert all(status in " ".join(words) for status in operation["responses"])
    assert {"503", "304", "GET /capture"} <= set(" ".join(words).split()) | set(words)
    assert {error.code for error in leaves()} <= set(", ".join(words).split(", "))
    named = {word.split(",")[0] for word in words}
    assert {field.alias or name for name, field in CaptureRequest.model_fields.items()} <= named
    options = document["components"]["schemas"]["CaptureRequest"]["properties"].values()
    aliases = {alias for option in options for alias in option.get("x-aliases", [])}
    assert aliases
    assert aliases <= set(", ".join(words).split(", "))


def test_texts_of_the_document_are_escaped() -> None:
    document = create_app(local=True).openapi()
    odd = "<script>alert(1)</script>\"'&"
    options = {
        "a" + odd: {"description": odd, "default": odd, "enum": [odd], "x-group": odd, "x-aliases": [odd]}
    }
    document = document | {"components": {"schemas": {"CaptureRequest": {"properties": options}}}}
    found = Reader(reference.page(document))
    assert "script" not in found.tags
    assert odd in found.words
