"""The playground's files: their headers, their addresses, and the facts of the form."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from stillframe.api import form_hints, playground
from stillframe.api.app import create_app
from stillframe.request import CaptureRequest, parse
from stillframe.request.groups import GROUPS
from stillframe.settings import Settings


def ask(*paths: str, **app: Any) -> list[httpx.Response]:
    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(create_app(**{"local": True} | app))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(all_of_them())


def test_the_page_allows_no_inline_code_and_no_other_origin() -> None:
    (page,) = ask("/")
    policy = page.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"https?:|\*", policy)
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|https?://", page.text)


def test_files_are_kept_for_ever_below_their_digest_only() -> None:
    (page,) = ask("/")
    links = re.findall(r'(?:src|href)="(playground/[^"]+)"', page.text)
    assert len(links) > 3
    assert all(link.startswith(f"playground/{playground.digest()}/") for link in links)
    for response in ask(*(f"/{link}" for link in links)):
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
    (other,) = ask("/playground/0123456789abcdef/app.js")
    assert (other.status_code, other.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("path", ["-/none.js", "-/index.html", "-/__init__.py", "-/../auth.py", "app.js", ""])
def test_no_other_file_is_served(path: str) -> None:
    (response,) = ask(f"/playground/{path.replace('..', '%2e%2e')}")
    assert response.status_code == 404


def test_the_frame_of_captured_html_has_no_origin_and_no_network() -> None:
    (frame,) = ask(f"/playground/{playground.digest()}/frame.html")
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy
    assert "default-src 'none'" in policy
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"


def test_the_playground_opens_without_a_token_where_one_is_set(configure: Callable[..., Settings]) -> None:
    config = configure(AUTH_TOKEN="a-token-of-thirty-two-characters!")
    page, script, devices = ask(
        "/", f"/playground/{playground.digest()}/app.js", "/devices", config=config, local=False
    )
    assert (page.status_code, script.status_code, devices.status_code) == (200, 200, 401)


def test_modules_are_loaded_one_after_the_other() -> None:
    """On Lambda, each request that comes while another runs starts a function with a browser."""
    folder = Path(playground.__file__).parent
    imports = {
        p.stem: set(re.findall(r"from '\./(\w+)\.js'", p.read_text("utf-8"))) for p in folder.glob("*.js")
    }
    order = re.findall(r"'(\w+)',", (folder / "start.js").read_text("utf-8"))
    assert {*order, "start", "frame"} == set(imports)
    for number, name in enumerate(order):
        assert imports[name] <= set(order[:number]), f"{name} comes before what it imports"


def test_every_preset_is_a_valid_request() -> None:
    for preset in form_hints.PRESETS:
        canonical = parse({"url": "https://example.com", **preset["options"]}).canonical()
        given = set(preset["options"]) - {"device"}
        assert given <= set(canonical), f"{preset['name']} sets what is the default anyway"


def test_every_group_has_its_place_in_the_form() -> None:
    (response,) = ask("/openapi.json")
    schemas = response.json()["components"]["schemas"]
    options = schemas["CaptureRequest"]["properties"]
    assert {o["x-group"] for o in options.values()} == set(GROUPS)
    assert [g["name"] for g in schemas["CaptureRequest"]["x-groups"]] == list(GROUPS)
    assert options["cookies"]["x-secret"] is True
    assert options["store"]["x-cli"] is False


def test_an_entry_of_outputs_has_the_options_that_may_differ() -> None:
    (response,) = ask("/openapi.json")
    output = response.json()["components"]["schemas"]["Output"]["properties"]
    assert {"format", "full_page", "pdf_scale", "image_quality"} <= set(output)
    assert not {"url", "cookies", "window_width", "outputs"} & set(output)
    CaptureRequest.model_validate({"url": "https://example.com", "outputs": [{"format": "png"}]})
