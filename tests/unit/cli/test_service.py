"""Answers of a service as results of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.cli.capture import _deliver
from stillframe.cli.outfiles import Outfiles
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


def test_the_bundle_that_a_service_has_stored_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = "https://a.example/files/x.debug.html"
    result = served(Result("png", "image/png", "a.png", report={"debug": {"url": link}}, _data=b"PNG"))
    _deliver(result, Outfiles((tmp_path / "a.png",), tmp_path, None))
    assert f"debug: {link}" in capsys.readouterr().err
