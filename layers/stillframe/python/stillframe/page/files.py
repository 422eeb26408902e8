"""Files as responses: their content types, the page among them, and folders of this machine."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from .supplied import Reply

PAGES = (".html", ".htm", ".xhtml", ".xht", ".svg", ".md", ".markdown")
MARKDOWN = (".md", ".markdown")
_INDEXES = ("index.html", "index.htm", "index.xhtml", "index.md", "README.md")
MAX_FILE_BYTES = 50_000_000
_MAX_SHOWN = 10
# Declared here because the tables of operating systems differ.
_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".otf": "font/otf",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
}
# Content types of what pages load.
_KINDS = (
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/xhtml+xml",
    "application/xml",
    "audio/",
    "font/",
    "image/",
    "text/",
    "video/",
)
# https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding
_PRESCANNED = 1024
# Patterns are compiled on first use: at import, they would be at every cold start.
_DECLARED = rb"""(?i)(?:<meta[^>]{0,400}|<\?xml[^>]{0,200}\s(?:en)?)(?:charset|coding)\s*="""
_CHARSET = rb"""(?i)(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})"""
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Local folders by the origin that the command line has given them; empty in a service.
MOUNTS: dict[str, Mapping[str, Reply]] = {}


def _type_of(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    return _TYPES.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"


def reply_of(name: str, data: bytes) -> Reply:
    """The response for a file: in the encoding that it declares, else in UTF-8 where its bytes are UTF-8."""
    kind = _type_of(name)
    is_text = kind.startswith("text/") or kind.endswith(("+xml", "/xml", "json"))
    if (
        is_text
        and not re.search(_DECLARED, data[:_PRESCANNED])
        and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    ):
        try:
            data.decode()
            kind += "; charset=utf-8"
        except UnicodeDecodeError:
            pass  # the browser guesses
    return Reply(data, kind)


def text_of(data: bytes) -> str:
    """The text of a file by its byte order mark or declaration, else in UTF-8 or Windows-1252."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    start = data[:_PRESCANNED]
    named = re.search(_CHARSET, start) if re.search(_DECLARED, start) else None
    for codec in ([named[1].decode("ascii")] if named else []) + ["utf-8"]:
        try:
            return data.decode(codec)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return data.decode("windows-1252", "replace")


def page_among(names: Iterable[str], wanted: str | None) -> str:
    """The name of the page to show. Raises ValueError, which lists the pages."""
    known = sorted(names, key=lambda name: (name.count("/"), name))
    if wanted is not None:
        if wanted in known:
            return wanted
        raise ValueError(f"there is no file {wanted!r}")
    pages = [name for name in known if name.lower().endswith(PAGES)]
    for index in _INDEXES:
        for name in pages:
            if name.rpartition("/")[2].lower() == index.lower() and name.count("/") == pages[0].count("/"):
                return name
    html = [name for name in pages if not name.lower().endswith(".svg")] or pages
    if len(html) == 1:
        return html[0]
    shown = ", ".join(html[:_MAX_SHOWN]) + (", …" if len(html) > _MAX_SHOWN else "")
    raise ValueError(
        f"there is no index.html, and several files are pages: {shown}" if html else "there is no HTML file"
    )


class Folder(Mapping[str, Reply]):
    """The files below a folder that pages are made of: none that is hidden, none that a link leads out to.

    The scripts of a page can read them and can reach the network, so that a page of a stranger must not find
    keys, databases or documents beside it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def __getitem__(self, name: str) -> Reply:
        path = self.path(name)
        if path is None:
            raise KeyError(name)
        return reply_of(name, path.read_bytes())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.path(name) is not None

    def path(self, name: str) -> Path | None:
        """The file of this name; None when there is none that may be served."""
        if not _may_be_served(name):
            return None
        file = (self._root / name).resolve()
        if not file.is_relative_to(self._root) or not file.is_file():
            return None
        # A link may have a harmless name and lead to a hidden file of the same folder, such as .git/config.
        if not _may_be_served(file.relative_to(self._root).as_posix()):
            return None
        return file if file.stat().st_size <= MAX_FILE_BYTES else None

    def __iter__(self) -> Iterator[str]:
        """The names of the files at the top."""
        return (entry.name for entry in self._root.iterdir() if entry.name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _may_be_served(name: str) -> bool:
    """Whether no part of the name is hidden, and its ending is of a kind that pages load."""
    if "\0" in name or any(part.startswith(".") or "\\" in part for part in name.split("/")):
        return False
    return _type_of(name).startswith(_KINDS)
