"""An uploaded zip archive of HTML with its files, bounded in size and number and never written to disk."""

from __future__ import annotations

import base64
import binascii
import io
import stat
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import RequestNotValid
from ..option_checks import fail
from ..options import Options, option
from ..page.files import page_among, reply_of
from ..page.supplied import Reply
from ..settings import Settings

if TYPE_CHECKING:
    from zipfile import ZipInfo

MAX_FILES = 1_000
_MAX_NAME = 300
# What macOS and Windows add to archives.
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def _is_base64(field: str, text: str, settings: Settings) -> None:
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise fail(field, "is not base64") from None


class ArchiveOptions(Options, group="source"):
    archive: str | None = option(
        None,
        "Zip archive, as base64, of HTML or Markdown with its files, to render instead of a URL.",
        secret=True,
        min_length=1,
        linkable=True,
        check=_is_base64,
        cli=None,
    )
    archive_page: str | None = option(
        None,
        "File of `archive` that is the page; `index.html`, or the only page in it, by default.",
        max_length=_MAX_NAME,
        shareable=True,
        linkable=True,
        cli=None,
    )


def open_archive(text: str, page: str | None, limit: int) -> tuple[Mapping[str, Reply], str]:
    """The files of a base64 archive as responses, and the name of the page. Raises RequestNotValid."""
    try:
        files = unpack(base64.b64decode(text), limit)
        name = page_among(files, page)
    except ValueError as error:
        raise RequestNotValid(f"archive: {error}.", details=[{"field": "archive"}]) from None
    return {path: reply_of(path, data) for path, data in files.items()}, name


def unpack(data: bytes, limit: int) -> dict[str, bytes]:
    """The files of a zip archive by their paths, without a folder that holds them all.

    Raises ValueError for an archive that is damaged, encrypted, too large, or that names a path outside.
    """
    import zipfile  # a cold start without an archive does not pay for it

    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir() and not _is_junk(e.filename)]
            if len(entries) > MAX_FILES:
                raise ValueError(f"has {len(entries)} files; the limit is {MAX_FILES}")
            left = limit
            for entry in entries:
                name = _path(entry)
                if name in files:
                    raise ValueError(f"has the file {name!r} twice")
                # The size that an archive claims may be wrong: what is read counts.
                with archive.open(entry) as file:
                    files[name] = file.read(left + 1)
                left -= len(files[name])
                if left < 0:
                    raise ValueError(f"has more than {limit} bytes when it is unpacked")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise ValueError("is not a zip archive, or is damaged or encrypted") from None
    if not files:
        raise ValueError("has no files")
    return _without_common_folder(files)


def _is_junk(name: str) -> bool:
    return name.startswith(_JUNK[0]) or name.rpartition("/")[2] in _JUNK[1:]


def _path(entry: ZipInfo) -> str:
    """The path of an entry below the root. Raises ValueError."""
    from zipfile import ZIP_DEFLATED, ZIP_STORED

    name = entry.filename.replace("\\", "/").removeprefix("./")
    parts = name.split("/")
    if len(name) > _MAX_NAME or name.startswith("/") or ":" in parts[0] or not all(parts) or ".." in parts:
        raise ValueError(f"names the path {entry.filename[:_MAX_NAME]!r}")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ValueError(f"has the symbolic link {name!r}")
    if entry.flag_bits & 1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ValueError(f"has the file {name!r} encrypted or compressed by another method than deflate")
    return "/".join(part for part in parts if part != ".")


def _without_common_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    folders = {name.partition("/")[0] if "/" in name else "" for name in files}
    if len(folders) == 1 and (folder := folders.pop()):
        return {name.removeprefix(f"{folder}/"): data for name, data in files.items()}
    return files


def pack(files: Mapping[str, bytes]) -> str:
    """Files as the value of `archive`."""
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
