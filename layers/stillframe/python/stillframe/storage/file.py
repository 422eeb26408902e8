"""Storage in a directory: one file for each object and one JSON file with its type, name and metadata."""

from __future__ import annotations

import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import StorageUnavailable
from . import KeyTaken, StoredObject, links

_FACTS = ".facts.json"


class FileStorage:
    """One directory; keys are paths below it."""

    def __init__(self, uri: str) -> None:
        self.root = Path(unquote(urlsplit(uri).path)).resolve()

    def put(
        self,
        key: str,
        data: bytes,
        content_type: str,
        *,
        filename: str | None = None,
        metadata: dict[str, str] | None = None,
        overwrite: bool = False,
    ) -> None:
        path = self._path(key)
        facts = {"content_type": content_type, "filename": filename, "metadata": metadata}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Data first: if the process dies in between, the key must not be taken by a description alone.
            _write(path, data, overwrite)
            _write(_facts(path), json.dumps(facts).encode(), True)
        except FileExistsError:
            raise KeyTaken("The key is taken.") from None
        except OSError as error:
            raise StorageUnavailable("The storage directory cannot be written.") from error

    def get(self, key: str) -> StoredObject | None:
        path = self._path(key)
        try:
            data = path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise StorageUnavailable("The storage directory cannot be read.") from error
        try:
            facts = json.loads(_facts(path).read_text("utf-8"))
        except (OSError, ValueError):
            facts = {"content_type": "application/octet-stream", "filename": None, "metadata": None}
        return StoredObject(data, facts["content_type"], facts["filename"], facts["metadata"])

    def delete(self, key: str) -> None:
        path = self._path(key)
        try:
            for each in (path, _facts(path)):
                each.unlink(missing_ok=True)
        except OSError as error:
            raise StorageUnavailable("The storage directory cannot be written.") from error

    def location(self, key: str, version: str | None = None) -> dict[str, str]:
        return {"key": key}

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        return links.make(self._secret(), key, ttl, base_url)

    def allows(self, key: str, expires: str, signature: str) -> bool:
        """Whether a link of `url` has a valid signature and has not expired."""
        return links.is_valid(self._secret(), key, expires, signature)

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if (
            not path.is_relative_to(self.root)
            or path == self.root
            or key.endswith((_FACTS, ".secret", ".part"))
        ):
            raise StorageUnavailable("The key is not valid.")
        return path

    def _secret(self) -> bytes:
        """The key that signs links; stored with the files, so that links stay valid after a restart."""
        path = self.root / ".secret"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            self.root.mkdir(parents=True, exist_ok=True)
            secret = secrets.token_hex(32).encode()
            try:
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(secret)
            except FileExistsError:  # another process created it
                return path.read_bytes()
            return secret


def _facts(path: Path) -> Path:
    return path.with_name(path.name + _FACTS)


def _write(path: Path, data: bytes, overwrite: bool) -> None:
    """Write the file atomically. Raises FileExistsError unless `overwrite`."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(data)
        if overwrite:
            part.replace(path)
        else:
            os.link(part, path)  # unlike rename, link fails when the target exists
    finally:
        part.unlink(missing_ok=True)
