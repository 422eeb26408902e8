"""The command line in this process, in a folder of its own."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from fakes import forget_settings

from stillframe.cli.main import main
from stillframe.page.files import MOUNTS


class Ran(NamedTuple):
    """What a command left: exit code, standard output and standard error."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("capture", "x", stdin=b"…", NAME="value")` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    # `--allow` adds to it, and a test must not inherit that.
    monkeypatch.setenv("EGRESS_ALLOW", "")
    for name in ("STILLFRAME_ENDPOINT", "STILLFRAME_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(logging, "basicConfig", lambda **settings: None)

    def call(*args: str, stdin: bytes = b"", **environment: str) -> Ran:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        forget_settings()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main(args)
        assert isinstance(ended.value.code, int)
        MOUNTS.clear()
        found = capsys.readouterr()
        return Ran(int(ended.value.code), found.out, found.err)

    return call
