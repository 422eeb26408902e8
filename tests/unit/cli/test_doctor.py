"""The checks of `doctor`: each fault comes with what mends it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stillframe.cli import checks, doctor, service_checks

from .conftest import Run


def one(found: Any) -> checks.Found:
    (finding,) = found
    assert isinstance(finding, checks.Found)
    return finding


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"QUEUE_SIZE": "many"}, "QUEUE_SIZE"),
        ({"EGRESS_ALLOW": "a/b"}, "EGRESS_ALLOW"),
        ({"EGRESS_PORTS": "x"}, "EGRESS_PORTS"),
        ({"TARGET_ALLOW": "*."}, "TARGET_ALLOW"),
        ({"PROXY_SERVER": "ftp://p"}, "PROXY_SERVER"),
        ({"TEMPLATES_FILE": "/nowhere.json"}, "TEMPLATES_FILE"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_setting_that_cannot_be_used_is_a_fault(environ: dict[str, str], words: str) -> None:
    found = next(iter(service_checks.settings(environ)))
    assert (found.state, bool(found.fix)) == ("fault", True)
    assert words in found.message


def test_a_misspelt_setting_is_a_warning_and_others_are_not() -> None:
    environ = {"EGRESS_ALOW": "x", "AWS_CA_BUNDLE": "x", "PATH": "x", "HOME": "x", "SHELL": "x", "PORTS": "x"}
    found = [f for f in service_checks.settings(environ) if f.state != "ok"]
    assert [(f.message, f.fix) for f in found if "EGRESS" in f.message] == [
        ("EGRESS_ALOW is not a setting", "did you mean EGRESS_ALLOW?")
    ]
    assert not any("AWS" in f.message or "HOME" in f.message for f in found)


@pytest.mark.parametrize(
    ("available", "limit", "used", "state"),
    [
        (8_000_000, "max", "0", "ok"),
        (500_000, "max", "0", "warning"),
        (8_000_000, "1000000000", "400000000", "warning"),
    ],
    ids=["enough", "machine", "container"],
)
def test_too_little_memory_is_a_warning(
    available: int, limit: str, used: str, state: str, tmp_path: Path
) -> None:
    (tmp_path / "meminfo").write_text(f"MemTotal: 9 kB\nMemAvailable: {available} kB\n")
    (tmp_path / "memory.max").write_text(limit)
    (tmp_path / "memory.current").write_text(used)
    found = one(checks.memory(tmp_path / "meminfo", tmp_path))
    assert (found.state, bool(found.fix)) == (state, state != "ok")


def test_missing_fonts_name_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name)

    def fc_list(command: list[str], **more: Any) -> SimpleNamespace:
        return SimpleNamespace(stdout="" if ":lang=ja" in command or ":lang=und-zsye" in command else "a.ttf")

    monkeypatch.setattr(checks.subprocess, "run", fc_list)
    found = one(checks.fonts())
    assert (found.state, found.fix) == ("warning", "apt-get install fonts-noto-cjk fonts-noto-color-emoji")
    assert "Japanese, emoji" in found.message


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == "fastapi" else object())
    found = one(checks.packages())
    assert (found.state, found.fix) == ("fault", "pip install 'stillframe[api]'")


def test_temporary_files_that_cannot_be_made_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.tempfile, "gettempdir", lambda: "/proc")
    found = one(checks.temporary_files())
    assert (found.state, "TMPDIR" in found.fix) == ("fault", True)


@pytest.mark.parametrize(
    ("environ", "state", "words"),
    [
        ({"URL_SIGNING_SECRET": "short"}, "fault", "fewer than 32"),
        ({"STORAGE_URL": "s3://b"}, "warning", "STORAGE_URL needs AWS credentials"),
        ({"QUEUE_URL": "https://q", "AWS_PROFILE": "p"}, "ok", ""),
        ({"STORAGE_URL": "memory:"}, "ok", ""),
        ({"AUTH_TOKEN": "t"}, "ok", "AUTH_TOKEN set"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_credentials(
    environ: dict[str, str], state: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_checks.Path, "home", lambda: tmp_path)
    found = list(service_checks.credentials(environ))
    assert found[-1].state == state
    assert words in found[-1].message


def test_the_exit_code_tells_of_faults(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (service_checks.settings, checks.chromium))
    ran = run("doctor", "--no-capture", CHROMIUM_PATH="/nowhere")
    assert ran.code == 1
    assert "FAIL  chromium: CHROMIUM_PATH names '/nowhere'" in ran.out
    assert "correct CHROMIUM_PATH" in ran.out
    body = json.loads(run("doctor", "--no-capture", "--json", CHROMIUM_PATH="/nowhere").out)
    assert (body["ok"], [f["state"] for f in body["findings"]]) == (False, ["ok", "fault"])


def test_a_machine_without_faults_is_0(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (service_checks.settings,))
    assert run("doctor", "--no-capture").code == 0
