"""A local page as an archive for a service: the page, and the files that it names."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote

import click

from ..page.files import Folder, text_of
from ..steps.archive import MAX_FILES, pack

# What may be the path of a file in HTML, CSS or a script: no white space, no quotes, no brackets.
_NAME = re.compile(r"""[^\s"'`()<>=,;{}]+\.[A-Za-z0-9]{1,12}""")
_TEXTS = (".html", ".htm", ".xhtml", ".xht", ".svg", ".md", ".markdown", ".css", ".js", ".mjs", ".json")


def packed(root: Path, page: str, *, whole: bool) -> dict[str, Any]:
    """The request for a page in a folder: with `whole` all files below it, else those that it names.

    A file that a script names by joining texts is not found. Raises UsageError for too many files.
    """
    folder = Folder(root)
    names = _below(root) if whole else _named(folder, page)
    files = {name: path.read_bytes() for name in names if (path := folder.path(name)) is not None}
    if len(files) > MAX_FILES:
        raise click.UsageError(f"{root} has more than {MAX_FILES} files; name the page in it instead")
    return {"archive": pack(files)} | ({} if whole else {"archive_page": page})


def _named(folder: Folder, page: str) -> list[str]:
    found, waiting = [page], [page]
    while waiting and len(found) <= MAX_FILES:
        name = waiting.pop()
        path = folder.path(name)
        if path is None or path.suffix.lower() not in _TEXTS:
            continue
        for written in _NAME.findall(text_of(path.read_bytes())):
            # An address of a script or module is relative to the page or to itself.
            for base in {dirname(name), dirname(page), ""}:
                other = normpath(join(base, unquote(written.split("?")[0].split("#")[0]))).lstrip("/")
                if other not in found and not other.startswith("..") and other in folder:
                    found.append(other)
                    waiting.append(other)
    return found


def _below(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())[: 10 * MAX_FILES]
