"""A value of the wrong type is refused in our words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from stillframe.agents.arguments import TOOLS
from stillframe.errors import RequestNotValid
from stillframe.request import CaptureRequest, parse
from stillframe.request.facets import secret_names

URL = {"url": "https://a.example/"}
ODD: list[Any] = [
    "abc",
    "",
    -5,
    1.5,
    10**30,
    float("nan"),
    True,
    {},
    {"no-such-name": "abc"},
    {"x": None, "width": "x", "height": -1},
    [1],
    ["x", {}],
    [[]],
    [{"action": "no"}, {"action": "click", "timeout": "x"}],
]
# How pydantic begins its own messages.
RAW = ("Input ", "Unable ", "String ", "List ", "Field ", "Extra ", "Value ", "Tuple ", "Dictionary ")


def refused(options: dict[str, Any]) -> RequestNotValid:
    with pytest.raises(RequestNotValid) as caught:
        parse(URL | options)
    return caught.value


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window_width": "abc"}, "window_width: must be a whole number, not 'abc'"),
        ({"pdf_scale": "wide"}, "pdf_scale: must be a number, not 'wide'"),
        ({"pdf_scale": 9}, "pdf_scale: must be at most 2, not 9"),
        ({"full_page": "perhaps"}, "full_page: must be true or false, not 'perhaps'"),
        ({"selector": 5}, "selector: must be a text, not 5"),
        ({"block_urls": [None]}, "block_urls.0: must be a text, not null"),
        ({"resize": {"width": []}}, "resize.width: must be a whole number, not a list"),
        ({"resize": {"wide": 5}}, "resize.wide: there is no such name here"),
        ({"interactions": [{}]}, "interactions.0.action: is missing"),
        (
            {"block_cookie_banners": "maybe"},
            "block_cookie_banners: must be 'reject', 'accept', 'hide' or false, not 'maybe'",
        ),
        (
            {"interactions": [{"action": "type", "selector": "#pin", "text": 123456}]},
            "interactions.0.text: must be a text",
        ),
        ({"window_width": "x" * 99}, f"window_width: must be a whole number, not '{'x' * 40}…'"),
    ],
    ids=str,
)
def test_a_type_error_says_what_the_value_must_be(options: dict[str, Any], message: str) -> None:
    assert refused(options).message == message


def messages_of(name: str) -> list[tuple[str, str]]:
    """The field and the message of each fault that odd values of an option have."""
    found = []
    for value in ODD:
        try:
            parse(URL | {name: value})
        except RequestNotValid as error:
            found += [(str(d.get("field")), str(d["message"])) for d in error.details]
    return found


@pytest.mark.parametrize("name", [f.alias or n for n, f in CaptureRequest.model_fields.items()])
def test_no_option_is_refused_in_the_words_of_a_library(name: str) -> None:
    for field, message in messages_of(name):
        assert not message.removeprefix(f"{field}: ").startswith(RAW), message
        assert "literal[" not in field
        if name in secret_names():
            assert not message.endswith(("not 'abc'", "not -5")), message


def test_a_value_is_shown_without_the_credentials_of_a_url() -> None:
    error = refused({"window_width": "https://user:hidden@a.example/?token=hidden"})
    assert error.message.startswith("window_width: must be a whole number, not 'https://a.example/")
    assert "hidden" not in error.message


@pytest.mark.parametrize("name", TOOLS)
def test_an_argument_of_a_tool_is_refused_in_the_same_words(name: str) -> None:
    from stillframe.agents.server import answer

    result = asyncio.run(answer(None, name, {"url": 5, "width": "abc"}))  # type: ignore[arg-type]
    text = result.content[0].text  # type: ignore[union-attr]
    assert text == "request_not_valid: url: must be a text, not 5; width: must be a whole number, not 'abc'."
