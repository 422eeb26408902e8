"""Help pages: short first, complete on request, and cheap; completion of the shells."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from stillframe.cli.main import COMMANDS, cli
from stillframe.cli.options import GROUPS, CaptureOption
from stillframe.options import facets_of
from stillframe.request import CaptureRequest

from .conftest import Run

_MODULES = """
import sys
from stillframe.cli.main import main
try:
    main(ARGS)
except SystemExit as end:
    assert not end.code, end.code
print(" ".join(sys.modules), file=sys.stderr)
"""
# What a command may load: its own module, and of ours what that needs.
HEAVY = {"playwright", "PIL", "fastapi", "uvicorn", "httpx", "tqdm", "lxml", "boto3", "yaml", "tenacity"}


def modules_of(*args: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _MODULES.replace("ARGS", repr(args))],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("_STILLFRAME")},
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"], ["capture", "--help"]], ids=repr)
def test_a_first_help_page_has_at_most_40_lines(args: list[str], run: Run) -> None:
    ran = run(*args)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.rstrip("\n").split("\n")
    assert 15 < len(lines) <= 40
    assert max(map(len, lines)) <= 85


def test_the_first_page_names_every_command(run: Run) -> None:
    out = run("--help").out
    assert [name for name in COMMANDS if f"  {name} " not in out] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_page(name: str, run: Run) -> None:
    ran = run(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: stillframe {name} ")


def test_the_first_page_loads_no_command_and_no_model() -> None:
    loaded = modules_of("--help")
    assert "click" in loaded
    ours = {name for name in loaded if name.startswith("stillframe.")}
    assert ours == {"stillframe.cli", "stillframe.cli.main", "stillframe.cli.exits", "stillframe.similar"}
    assert "difflib" not in loaded
    assert "pydantic" not in loaded


@pytest.mark.parametrize(
    "args",
    [["capture", "--help"], ["devices", "iPhone", "13"], ["completion", "zsh"], ["batch", "--help"]],
    ids=repr,
)
def test_a_command_loads_nothing_that_it_does_not_need(args: list[str]) -> None:
    tops = {name.split(".")[0] for name in modules_of(*args)}
    assert tops & HEAVY == set()


def test_help_all_shows_every_option_in_its_group(run: Run) -> None:
    out = run("capture", "--help-all").out
    command = cli.get_command(None, "capture")  # type: ignore[arg-type]
    assert command is not None
    flags = [p for p in command.params if isinstance(p, CaptureOption)]
    offered = {name for name, facets in facets_of(CaptureRequest).items() if facets.cli is not None}
    assert {p.name for p in flags} == offered
    assert [p.opts[0] for p in flags if f"{p.opts[0]}" not in out] == []
    assert {p.group for p in flags} <= set(GROUPS)
    assert out.index("\nViewport:") < out.index("--window-width") < out.index("\nImage:")


def test_a_value_with_choices_shows_them(run: Run) -> None:
    words = " ".join(run("capture", "--help").out.split())
    assert "When the page is ready: settled, commit, domcontentloaded, load, networkidle" in words
    assert f"decides: {', '.join(get_args(CaptureRequest.model_fields['format'].annotation))}" in words


def completed(*words: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "stillframe.cli.main"],
        env=os.environ
        | {
            "_STILLFRAME_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(["stillframe", *words]),
            "COMP_CWORD": str(len(words)),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [line.partition(",")[2] for line in done.stdout.split("\n") if line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ca"], ["capture"]),
        (["capture", "--full-page-m"], ["--full-page-max-height"]),
        (["capture", "--format", "j"], ["jpeg"]),
        (["capture", "--wait-until", "net"], ["networkidle"]),
        (["capture", "--template", "mob"], ["mobile"]),
        (["batch", "--manifest-format", "y"], ["yaml", "yml"]),
    ],
    ids=lambda words: " ".join(words),
)
def test_a_shell_completes_commands_options_and_values(words: list[str], expected: list[str]) -> None:
    assert completed(*words) == expected


def test_bash_loads_the_script_and_completes_with_it(run: Run, tmp_path: Path) -> None:
    script = run("completion", "bash").out
    program = tmp_path / "stillframe"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stillframe.cli.main "$@"\n')
    program.chmod(0o755)
    asked = (
        f"{script}\nCOMP_WORDS=(stillframe val); COMP_CWORD=1\n"
        f"_stillframe_completion {program} val stillframe\n"
        'echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", asked], capture_output=True, text=True, timeout=60, check=True, env=os.environ
    )
    assert done.stdout.split() == ["validate"]


@pytest.mark.parametrize(("shell", "words"), [("zsh", "compdef"), ("fish", "complete --no-files")])
def test_the_scripts_of_the_other_shells_name_the_command(shell: str, words: str, run: Run) -> None:
    ran = run("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert words in ran.out
    assert f"_STILLFRAME_COMPLETE={shell}_complete" in ran.out
