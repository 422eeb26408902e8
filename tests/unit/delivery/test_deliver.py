"""A result in the response or in the storage."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from stillframe.delivery import deliver as send
from stillframe.delivery.deliver import DeliveryTarget, fits
from stillframe.doors import LAMBDA_INLINE_BYTES, LAMBDA_RESPONSE_BYTES
from stillframe.errors import NotConfigured, ResultTooLarge
from stillframe.request import parse
from stillframe.result import Artifact, CaptureReport, CaptureResult
from stillframe.settings import Settings
from stillframe.storage.memory import MemoryStorage

URL = {"url": "https://example.com/"}


def result(size: int, format: str = "png") -> CaptureResult:
    return CaptureResult(
        "id", Artifact(format, b"x" * size, "image/png", format), CaptureReport(), f"screenshot.{format}"
    )


def deliver(found: CaptureResult, options: dict[str, Any], target: DeliveryTarget) -> CaptureResult:
    return asyncio.run(send(found, parse(URL | options), target, Settings()))


def test_the_inline_limit_leaves_room_for_base64_and_envelope() -> None:
    assert LAMBDA_INLINE_BYTES * 4 / 3 < LAMBDA_RESPONSE_BYTES


def test_small_results_are_returned_inline() -> None:
    store = MemoryStorage()
    assert deliver(result(100), {}, DeliveryTarget(100, store, "http://h")).stored is None
    assert deliver(result(101), {}, DeliveryTarget(None, store, "http://h")).stored is None


def test_large_results_are_stored() -> None:
    store = MemoryStorage()
    found = deliver(result(101), {}, DeliveryTarget(100, store, "http://h"))
    assert found.stored is not None
    kept = store.get(found.stored.key)
    assert kept is not None
    assert kept.data == b"x" * 101
    assert found.stored.url.startswith(f"http://h/files/{found.stored.key}?expires=")
    body = found.to_json()
    assert "file" not in body
    assert body["url"] == found.stored.url


def test_a_stored_result_says_where_it_lies() -> None:
    found = deliver(result(101), {}, DeliveryTarget(100, MemoryStorage(), "http://h"))
    assert found.stored is not None
    assert found.to_json()["key"] == found.stored.key


def test_a_named_result_has_its_name_as_key_and_replaces_an_earlier_one() -> None:
    store = MemoryStorage()
    target = DeliveryTarget(None, store, "http://h", as_json=True, object_name="bulk/run/00000007")
    for data in (b"first", b"second"):
        found = result(1)
        found.artifact = replace(found.artifact, data=data)
        found.parts = [result(2, "png"), result(3, "jpeg")]
        assert deliver(found, {"store": True}, target).to_json()["key"] == "bulk/run/00000007.png"
    assert [p["key"] for p in found.to_json()["outputs"]] == [
        "bulk/run/00000007-1.png",
        "bulk/run/00000007-2.jpeg",
    ]
    kept = store.get("bulk/run/00000007.png")
    assert kept is not None
    assert kept.data == b"second"


@pytest.mark.parametrize(
    "options", [{"store": True}, {"response_type": "redirect"}, {"response_type": "url"}]
)
def test_a_result_is_stored_on_request(options: dict[str, Any]) -> None:
    assert deliver(result(1), options, DeliveryTarget(None, MemoryStorage(), "http://h")).stored is not None
    with pytest.raises(NotConfigured):
        deliver(result(1), options, DeliveryTarget(None, None, ""))


def test_without_storage_a_large_result_is_an_error() -> None:
    with pytest.raises(ResultTooLarge):
        deliver(result(101), {}, DeliveryTarget(100, None, ""))


def test_the_size_of_a_response_is_measured_in_its_encoding() -> None:
    http, direct = DeliveryTarget(100_000, None, ""), DeliveryTarget(100_000, None, "", as_json=True)
    by_format, as_json = parse(URL), parse(URL | {"response_type": "json"})
    described = result(90_000)
    described.metadata = {"text": "漢" * 20_000}
    assert fits(described, by_format, http)
    assert not fits(described, by_format, direct)
    assert not fits(described, as_json, http)
    assert fits(result(90_000), as_json, http)
    quotes = replace_format(result(90_000), "html")
    assert fits(quotes, by_format, http)
    quotes.artifact = replace(quotes.artifact, data=b'"a"\n' * 22_500)
    assert not fits(quotes, by_format, http)
    # Quotes in the facts are escaped twice where the JSON is a text of the function's answer.
    described.metadata = {"text": '"' * 5_000}
    assert fits(described, by_format, direct)
    assert not fits(described, as_json, http)


def several() -> CaptureResult:
    found = CaptureResult(
        "id", Artifact("zip", b"z" * 50, "application/zip", "zip"), CaptureReport(), "screenshot.zip"
    )
    found.parts = [result(10), result(20, "jpeg")]
    return found


@pytest.mark.parametrize(
    ("options", "direct"), [({"response_type": "json"}, False), ({"response_type": "url"}, False), ({}, True)]
)
def test_each_of_several_stored_outputs_has_its_link(options: dict[str, Any], direct: bool) -> None:
    store = MemoryStorage()
    found = deliver(several(), {"store": True} | options, DeliveryTarget(None, store, "http://h", direct))
    body = found.to_json()
    keys = [part.stored.key for part in found.parts if part.stored]
    assert [o["url"].split("?")[0] for o in body["outputs"]] == [f"http://h/files/{key}" for key in keys]
    assert [len(store.get(key).data) for key in keys] == [10, 20]  # type: ignore[union-attr]
    assert body["url"]


def test_nothing_is_stored_for_an_empty_response() -> None:
    assert deliver(result(101), {"response_type": "empty"}, DeliveryTarget(100, None, "")).stored is None


def test_captured_html_is_stored_as_plain_text() -> None:
    store = MemoryStorage()
    found = deliver(
        replace_format(result(5), "html"),
        {"store": True, "format": "html"},
        DeliveryTarget(None, store, "http://h"),
    )
    assert found.stored is not None
    kept = store.get(found.stored.key)
    assert kept is not None
    assert kept.content_type.startswith("text/plain")


def replace_format(found: CaptureResult, format: str) -> CaptureResult:
    return CaptureResult(
        "id",
        replace(found.artifact, format=format, content_type="text/html"),
        found.report,
        f"screenshot.{format}",
    )
