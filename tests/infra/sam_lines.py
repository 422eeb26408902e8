"""The `sam` commands of the documentation and the examples, as a shell would pass them."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# What stands for a placeholder; SAM checks the shape of these.
VALUES = {
    "--image-repository": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/stillframe",
    "--s3-bucket": "artifact-bucket",
    "--role-arn": "arn:aws:iam::123456789012:role/stillframe-ci-ExecutionRole",
}
_BLOCK = re.compile(r"^ *```(?:sh|bash)\n(.*?)^ *```", re.M | re.S)
# A span without a flag names a command and does not say how to run it.
_SPAN = re.compile(r"`(sam [a-z- ]*--[^`]*)`")
_RUN = re.compile(r"^ *(?:- )?(?:run: (?!\|))?(sam [a-z].*)$", re.M)
_COMMAND = re.compile(r"(?:^|&& *|; *|\n\s*)((?:\.tools/sam/bin/)?sam [a-z-].*?)(?= && |\n|$)", re.S)


def files() -> list[Path]:
    """The files whose `sam` commands are checked."""
    names = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.y*ml")]
    return sorted({*names, ROOT / "Makefile"})


def sam_lines() -> list[tuple[str, list[str]]]:
    """Each command with the file it stands in, as the arguments that follow `sam`."""
    found = []
    for path in files():
        text = path.read_text(encoding="utf-8")
        for line in _lines(path, text):
            arguments = _arguments(line)
            if arguments and (path.name, arguments) not in found:
                found.append((path.name, arguments))
    return found


def environment(arguments: list[str]) -> dict[str, Any]:
    """What samconfig.toml adds to a command. Raises KeyError for an environment that it lacks."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    name = arguments[arguments.index("--config-env") + 1] if "--config-env" in arguments else "default"
    command = "_".join(_command(arguments)).replace("-", "_")
    found = config[name]
    merged: dict[str, Any] = {}
    for section in ("global", command):
        merged |= found.get(section, {}).get("parameters", {})
    return merged


def _command(arguments: list[str]) -> list[str]:
    words = []
    for argument in arguments:
        if argument.startswith("-"):
            break
        words.append(argument)
    return words[:2] if words[:1] == ["local"] else words[:1]


def _lines(path: Path, text: str) -> Iterator[str]:
    if path.suffix == ".md":
        # Spans are looked for outside the blocks.
        for block in _BLOCK.findall(text):
            yield from _COMMAND.findall(_joined(block))
        for span in _SPAN.findall(_BLOCK.sub("", text)):
            yield from _COMMAND.findall(" ".join(span.split()))
    elif path.name == "Makefile":
        for line in text.splitlines():
            if line.startswith("\t"):
                yield from _COMMAND.findall(line.strip())
    else:
        # A folded script (`run: >-`) is one line to the shell.
        folded = re.sub(r"run: >-\n((?: {10}.*\n?)+)", lambda m: f"run: {' '.join(m[1].split())}\n", text)
        yield from _RUN.findall(_joined(folded))


def _joined(text: str) -> str:
    """Continued lines in one, and `$(…)` and `${{ … }}` as one word each."""
    joined = re.sub(r"\\\n\s*", "", text)
    return re.sub(r'"?\$\{\{.*?\}\}"?|"\$\([^"]*\)"|\$\([^)]*\)', "PLACEHOLDER", joined)


def _arguments(line: str) -> list[str]:
    words = shlex.split(line, comments=True)[1:]
    kept: list[str] = []
    for word in words:
        if word == "…" and (not kept or kept[-1] not in VALUES):
            continue  # "the rest as above"
        if kept and kept[-1] in VALUES:
            word = VALUES[kept[-1]]
        kept.append(word)
    return kept
