"""The options of a capture that the arguments of a tool stand for."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from stillframe.agents.arguments import TOOLS, Compare, Look
from stillframe.request import parse

URL = "https://a.example/"


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ({}, {"window_width": 1280, "window_height": 800, "block_cookie_banners": "reject"}),
        ({"width": 500}, {"window_width": 500}),
        ({"device": "iPhone 15"}, {"window_width": 393, "is_mobile": True, "pixel_density": 1}),
        ({"device": "iPhone 15", "width": 500}, {"window_width": 500, "is_mobile": True}),
        ({"dark_mode": True}, {"dark_mode": True}),
        ({"wait": 900}, {"delay_capture": 900}),
        ({"wait": "#ready"}, {"wait_for_selector": "#ready"}),
        ({"wait": "900"}, {"delay_capture": 900, "wait_for_selector": None}),
        ({"consent": "accept"}, {"block_cookie_banners": "accept"}),
        ({"consent": "keep"}, {"block_cookie_banners": False}),
        ({"selector": "main"}, {"selector": "main", "full_page": False}),
        ({"full_page": False}, {"full_page": False}),
    ],
)
def test_an_argument_is_an_option(arguments: dict[str, Any], options: dict[str, Any]) -> None:
    look = Look.model_validate({"url": URL} | arguments)
    request = parse(look.options() | look.part(full_page=look.full_page))
    assert {name: getattr(request, name) for name in options} == options


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"max_tokens": 399}, "max_tokens"),
        ({"max_tokens": 20_001}, "max_tokens"),
        ({"wait": 60_001}, "wait"),
        ({"wait": "60001"}, "wait"),
        ({"wait": True}, "wait"),
        ({"consent": "ask"}, "consent"),
        ({"tile": 0}, "tile"),
        ({"custom_js": "1"}, "custom_js"),
    ],
)
def test_what_a_tool_does_not_take_is_refused(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Look.model_validate({"url": URL} | arguments)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_calls_no_number_is_no_number(number: float) -> None:
    with pytest.raises(ValidationError, match="ignore"):
        Compare.model_validate({"url": URL, "ignore": [[0, 0, 10, number]]})
    with pytest.raises(ValidationError, match="tolerance"):
        Compare.model_validate({"url": URL, "tolerance": number})


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_takes_an_address_alone(name: str) -> None:
    assert parse(TOOLS[name].model_validate({"url": URL}).options()).url == URL
