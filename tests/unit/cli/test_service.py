"""Answers of a service as results of a command."""

from __future__ import annotations

import pytest

from stillframe.cli.service import served, with_bytes
from stillframe.client import Result, UnexpectedAnswer
from stillframe.errors import RequestNotValid


def test_a_command_asks_for_bytes() -> None:
    assert with_bytes({"url": "https://a.example/", "response_type": "empty"}) == {
        "url": "https://a.example/"
    }


def test_an_answer_without_bytes_is_an_error() -> None:
    with pytest.raises(RequestNotValid, match="response_type"):
        served(Result("png", "image/png", "a.png", url="https://a.example/x"))


def test_a_format_of_a_later_version_is_an_error() -> None:
    with pytest.raises(UnexpectedAnswer, match="upgrade"):
        served(Result("jxl", "image/jxl", "a.jxl", _data=b"JXL"))
