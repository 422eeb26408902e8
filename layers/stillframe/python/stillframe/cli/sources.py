"""What SOURCE names: a URL, a file, a folder, an archive, or standard input."""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import click

from ..page.files import MAX_FILE_BYTES, MOUNTS, PAGES, Folder, page_among, text_of
from ..similar import nearest
from ..urls import origin_of
from .packing import packed

# Suffixes of local files; a SOURCE with another one is a file only when it has a folder in front.
_FILES = (*PAGES, ".xml", ".json", ".txt", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
_ARCHIVE = ".zip"
# Documents that people try and browsers do not show.
_NOT_SHOWN = (".doc", ".docx", ".odt", ".pdf", ".ppt", ".pptx", ".rtf", ".xls", ".xlsx")
STDIN = "-"


def read(source: str, *, remote: bool = False) -> dict[str, Any]:
    """The part of a request that SOURCE stands for; with `remote` for a service, which gets local files.

    Raises UsageError with what to write instead.
    """
    if source == STDIN:
        return {"html_content": _standard_input()}
    if not source.strip():
        raise click.UsageError("SOURCE is empty; give a URL, a file, a folder, or - for standard input")
    if (path := local_path(source)) is not None:
        if path.suffix.lower() == _ARCHIVE and path.is_file():
            return _archive(path)
        root, page = page_of(path)
        return packed(root, page, whole=path.is_dir()) if remote else _mounted(root, page)
    if re.match(r"^[A-Za-z][A-Za-z0-9+.-]*://", source):
        return {"url": source}
    return {"url": f"{'http' if _is_this_machine(source) else 'https'}://{source}"}


def local_path(source: str) -> Path | None:
    """The file or folder that SOURCE names; None for a URL. Raises UsageError for one that is missing."""
    is_file_url = source.lower().startswith("file:")
    path = Path(unquote(urlsplit(source).path) if is_file_url else source)
    suffix = path.suffix.lower()
    try:
        exists, is_folder = path.exists(), path.is_dir()
    except (OSError, ValueError):  # such as a name that is too long, or that holds a zero byte
        exists = is_folder = False
    if is_folder or (exists and (suffix in (*_FILES, _ARCHIVE, *_NOT_SHOWN) or path.name != source)):
        return path
    has_scheme = re.match(r"^[A-Za-z][A-Za-z0-9+.-]*://", source) is not None
    host = source.split("/", 1)[0].rsplit(":", 1)[0]
    is_name = suffix in (*_FILES, _ARCHIVE, *_NOT_SHOWN) and not _is_this_machine(source)
    is_path = source.startswith(("/", "./", "../", "~"))
    if is_file_url or is_path or (not has_scheme and is_name and (path.name == source or "." not in host)):
        raise click.UsageError(f"there is no file {path}; {_beside(path)}")
    return None


def _beside(path: Path) -> str:
    """What a person may have meant: a similar name in the same folder."""
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} either"
    near = nearest(path.name, (entry.name for entry in list(folder.iterdir())[:1000]))
    return f"did you mean {folder / near}?" if near else "check its name"


def _is_this_machine(source: str) -> bool:
    host = source.split("/", 1)[0].rsplit(":", 1)[0]
    return host in ("localhost", "[::1]") or host.startswith("127.") or host.endswith(".localhost")


def _standard_input() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        raise click.UsageError(
            "standard input is a terminal; pipe HTML into it: cat page.html | stillframe capture -"
        )
    if not (data := sys.stdin.buffer.read()).strip():
        raise click.UsageError(
            "standard input is empty; pipe HTML into it: cat page.html | stillframe capture -"
        )
    return text_of(data)


def readable(path: Path) -> Path:
    """The file behind every link. Raises UsageError for one that cannot be read or is empty."""
    if path.is_dir():
        raise click.UsageError(f"{path} is a folder; name a file in it")
    if not path.exists():
        raise click.UsageError(f"there is no file {path}; {_beside(path)}")
    if not os.access(path, os.R_OK):
        raise click.UsageError(f"{path} cannot be read; allow it with: chmod +r {path}")
    if path.stat().st_size == 0 and path.is_file():
        raise click.UsageError(f"{path} is empty; there is nothing to capture in it")
    return path.resolve()


def _archive(path: Path) -> dict[str, Any]:
    return {"archive": base64.b64encode(readable(path).read_bytes()).decode("ascii")}


def page_of(path: Path) -> tuple[Path, str]:
    """The folder whose files a local page may use, and the name of the page in it. Raises UsageError."""
    if path.suffix.lower() in _NOT_SHOWN:
        raise click.UsageError(f"{path}: browsers do not show {path.suffix}; save it as HTML first")
    if path.is_dir():
        if not os.access(path, os.R_OK | os.X_OK):
            raise click.UsageError(f"{path} cannot be read; allow it with: chmod +rx {path}")
        root, wanted = path.resolve(), None
    else:
        file = readable(path)
        if file.stat().st_size > MAX_FILE_BYTES:
            raise click.UsageError(
                f"{path} is larger than {MAX_FILE_BYTES // 1_000_000} MB; serve it over HTTP"
            )
        if file.name.startswith("."):
            raise click.UsageError(
                f"{path} is a hidden file, which pages may not load; rename it without the dot"
            )
        root, wanted = file.parent, file.name
    try:
        return root, page_among(Folder(root), wanted)
    except ValueError as error:
        raise click.UsageError(f"{path}: {error}; name the page itself") from None


def _mounted(root: Path, page: str) -> dict[str, Any]:
    """The address of a local page at an origin of its own, which serves its folder to this capture."""
    origin = f"http://{secrets.token_hex(8)}.localhost"
    MOUNTS[origin] = Folder(root)
    return {"url": f"{origin}/{quote(page)}"}


def allow(entries: tuple[str, ...]) -> None:
    """Add destinations to EGRESS_ALLOW for this process. Raises UsageError for one that is not valid."""
    from ..egress.policy import EgressPolicy

    for entry in entries:
        try:
            EgressPolicy.from_settings(entry, "", {})
        except ValueError:
            raise click.UsageError(
                f"--allow: '{entry}' is not host, host:port or a CIDR block; write --allow 127.0.0.1:8000"
            ) from None
    given = os.environ.get("EGRESS_ALLOW", "")
    os.environ["EGRESS_ALLOW"] = ",".join(filter(None, (given, *entries)))


def allow_target(url: str | None) -> None:
    """Allow the target that was named, so that a server on this machine can be captured."""
    try:
        parts = urlsplit(url or "")
        if not parts.hostname or origin_of(url or "") in MOUNTS:
            return
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:  # the request's own check names the fault
        return
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    given = os.environ.get("EGRESS_ALLOW", "")
    os.environ["EGRESS_ALLOW"] = ",".join(filter(None, (given, f"{host}:{port}")))
