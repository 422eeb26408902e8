"""Where results go: names, formats by their endings, and what cannot be written is found beforehand."""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from ..outputs import OUTPUTS, ZIP, format_of_suffix
from ..result import CaptureResult
from ..similar import nearest

STDOUT = "-"
_ENDINGS = {suffix: name for name, f in OUTPUTS.items() for suffix in f.suffixes}


@dataclass(frozen=True, slots=True)
class Outfiles:
    """The files of `--out`, none for standard output; a folder gets names made from SOURCE."""

    files: tuple[Path, ...]
    folder: Path
    source: str | None
    to_stdout: bool = False

    def paths(self, result: CaptureResult) -> list[tuple[Path, bytes]]:
        """A file for each artifact of the result."""
        parts = result.parts or [result]
        if len(self.files) == 1 and (not result.parts or self.files[0].suffix.lower() == f".{ZIP}"):
            return [(self.files[0], result.artifact.data)]
        if len(self.files) == len(parts):
            return [(path, part.artifact.data) for path, part in zip(self.files, parts, strict=True)]
        found: list[tuple[Path, bytes]] = []
        for part in parts:
            stem = self.files[0] if self.files else self.folder / _slug(self.source)
            taken = [path for path, _ in found]
            found.append(
                (_free(stem, part.artifact.extension, taken, new=not self.files), part.artifact.data)
            )
        return found


def plan(out: tuple[str, ...], source: str | None, request: dict[str, Any]) -> Outfiles:
    """Check `--out` against the request, and put the formats that its endings ask for into the request.

    Raises UsageError, which says what to write instead.
    """
    outputs = request.get("outputs")
    if STDOUT in out:
        if len(out) > 1:
            raise click.UsageError("--out - cannot be combined with other files; give it alone")
        if sys.stdout.isatty():
            raise click.UsageError(
                "standard output is a terminal; name a file with -o, or redirect it with >"
            )
        return Outfiles((), Path(), source, to_stdout=True)
    files = [Path(name) for name in out]
    for path in files:
        if files.count(path) > 1:
            raise click.UsageError(f"--out {path} is given twice; each result needs a file of its own")
    if len(files) == 1 and (files[0].is_dir() or out[0].endswith("/")):
        return Outfiles((), checked_folder(files[0]), source)
    formats = [_format_of(path, request) for path in files]
    if len(files) > 1 and outputs is None:
        request["outputs"] = outputs = [name or "png" for name in formats]
        if "format" in request:
            raise click.UsageError(
                "--format cannot be combined with several --out; their endings name the formats"
            )
    elif len(files) == 1 and outputs is None and formats[0] and "format" not in request:
        request["format"] = formats[0]
    if outputs is not None and files:
        _check_outputs(files, formats, outputs)
    for path in files:
        checked_file(path, source)
    return Outfiles(tuple(files), Path() if files else checked_folder(Path()), source)


def _format_of(path: Path, request: dict[str, Any]) -> str | None:
    """The format that the ending asks for; None without one. Raises UsageError for an unknown ending."""
    ending = path.suffix.lower().lstrip(".")
    if request.get("tiles") is not None and request.get("outputs") is None and ending and ending != ZIP:
        raise click.UsageError(f"{path}: --tiles makes several pictures; write -o {path.with_suffix('.zip')}")
    several = request.get("outputs") is not None or request.get("tiles") is not None
    if not ending or (ending == ZIP and several):
        return None
    asked = request.get("format")
    named = OUTPUTS.get(str(asked).lower()) or OUTPUTS.get(_ENDINGS.get(str(asked).lower(), ""))
    if named is not None:
        if ending in (*named.suffixes, named.extension):
            return None
        raise click.UsageError(
            f"{path}: the ending .{ending} and --format {asked} contradict each other; write -o"
            f" {path.with_suffix(f'.{named.extension}')}, or leave --format out"
        )
    if (found := format_of_suffix(ending)) is not None:
        return found
    if ending == ZIP:
        raise click.UsageError(
            f"{path}: .zip holds several results; name them with --outputs png,pdf or --tiles"
        )
    if ending == OUTPUTS["metadata"].extension:
        raise click.UsageError(
            f"{path}: .json needs --format metadata; --json prints the report of any capture"
        )
    near = nearest(ending, _ENDINGS)
    fix = f"did you mean .{near}?" if near else "use " + ", ".join(f".{e}" for e in _ENDINGS)
    raise click.UsageError(f"{path}: .{ending} is not a format of Stillframe; {fix}")


def _check_outputs(files: list[Path], formats: list[str | None], outputs: list[Any]) -> None:
    names = [str(entry.get("format") if isinstance(entry, dict) else entry) for entry in outputs]
    if len(files) == 1 and len(names) > 1:
        if files[0].suffix and files[0].suffix.lower() != f".{ZIP}":
            raise click.UsageError(
                f"{files[0]} cannot hold {len(names)} results; give one name without an ending"
                f" (-o {files[0].with_suffix('')}), a .zip, or {len(names)} times -o"
            )
        return
    if len(files) != len(names):
        raise click.UsageError(
            f"there are {len(names)} results and {len(files)} files; give {len(names)} times -o"
        )
    for path, format, name in zip(files, formats, names, strict=True):
        if format is not None and format != (_ENDINGS.get(name.lower(), name)):
            raise click.UsageError(f"{path}: its result is {name}; give -o in the order of --outputs")


def checked_file(path: Path, source: str | None) -> None:
    """Raise UsageError for a file that cannot be written."""
    if (
        source not in (None, STDOUT)
        and path.exists()
        and Path(str(source)).exists()
        and path.samefile(str(source))
    ):
        raise click.UsageError(f"{path} is the source itself and would be overwritten; name another file")
    if path.is_dir():
        raise click.UsageError(f"{path} is a folder; name a file in it")
    if path.exists():
        try:
            path.open("ab").close()
        except OSError as error:
            raise click.UsageError(
                f"{path} cannot be written ({_reason(error)}); name another file"
            ) from None
        return
    checked_folder(path.parent)


def checked_folder(folder: Path, option: str = "-o") -> Path:
    """The folder. Raises UsageError when it does not exist or no file can be made in it."""
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(f"{folder} is a file, not a folder; name another folder")
    if not folder.exists():
        raise click.UsageError(f"there is no folder {folder}; make it with: mkdir -p {folder}")
    try:
        # A file system may refuse what the permissions allow.
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise click.UsageError(
            f"no file can be made in the folder {folder} ({_reason(error)}); name another one with {option}"
        ) from None
    return folder


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _slug(source: str | None) -> str:
    """`example-com-docs` for https://example.com/docs, and the name of a local file without its ending."""
    bare = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", source or "capture").split("?", 1)[0].split("#", 1)[0]
    if source and source != STDOUT:
        path = Path(urlsplit(source).path if source.lower().startswith("file:") else source)
        if path.exists():
            bare = path.resolve().stem
    return re.sub(r"[^A-Za-z0-9]+", "-", bare).strip("-").lower()[:100] or "capture"


def _free(stem: Path, extension: str, taken: list[Path], *, new: bool) -> Path:
    """`example-com.png`, then `example-com-2.png`; with `new` a name that no file has yet."""
    path, count = stem.with_name(f"{stem.name}.{extension}"), 1
    while path in taken or (new and path.exists()):
        count += 1
        path = stem.with_name(f"{stem.name}-{count}.{extension}")
    return path
