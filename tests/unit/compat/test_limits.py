"""A request of another service may be large and wrong; it is refused in a bounded number of steps."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe import compat
from stillframe.compat.service import translate
from stillframe.compat.values import MAX_ITEMS, duration
from stillframe.errors import RequestNotValid

MANY = MAX_ITEMS + 1


@pytest.mark.parametrize(
    ("name", "path", "body"),
    [
        ("screenshotone", "take", {"block_requests": ["a"] * MANY}),
        ("screenshotone", "take", {"cookies": ["a=b"] * MANY}),
        ("urlbox", "v1/render/sync", {"hide_selector": ".a," * MANY}),
        ("urlbox", "v1/render/sync", {"click": ["#a"] * MANY}),
        ("browserless", "screenshot", {"cookies": [{"name": "a", "value": "b"}] * MANY}),
        ("browserless", "screenshot", {"addScriptTag": [{"content": "a()"}] * MANY}),
        ("gotenberg", "forms/chromium/convert/url", {"cookies": "[" + ",".join(["{}"] * MANY) + "]"}),
    ],
)
def test_a_list_that_is_too_long_is_refused_before_it_is_read(
    name: str, path: str, body: dict[str, Any]
) -> None:
    service = compat.service(name)
    route = service.route(path)
    assert route is not None
    with pytest.raises(RequestNotValid, match=f"has {MANY} entries; the limit is {MAX_ITEMS}"):
        translate(service, route, body)


def test_only_the_first_faults_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    service = compat.service("urlbox")

    class Watched(dict[str, Any]):
        def items(self) -> Any:
            for key, value in super().items():
                looked.append(key)
                yield key, value

    with pytest.raises(RequestNotValid) as refusal:
        translate(service, service.routes[0], Watched({f"name{n}": 1 for n in range(5000)}))
    assert len(refusal.value.details) == 20
    assert len(looked) <= 21


def test_a_long_name_is_shortened_and_not_compared() -> None:
    service = compat.service("urlbox")
    with pytest.raises(RequestNotValid) as refusal:
        translate(service, service.routes[0], {"x" * 5000: 1})
    assert len(refusal.value.message) < 300
    assert len(refusal.value.details[0]["field"]) == 100


def test_a_long_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="its unit"):
        duration("1" * 100_000)
