"""Storage in a directory: the bytes, and beside each a small file with what they are."""

from __future__ import annotations

import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import StorageUnavailable
from . import StoredObject, links

_FACTS = ".facts.json"


class FileStorage:
    """One directory; keys are paths below it and never leave it."""

    def __init__(self, uri: str) -> None:
        self.root = Path(unquote(urlsplit(uri).path)).resolve()

    def put(
        self, key: str, data: bytes, content_type: str, *, filename: str | None = None,
        metadata: dict[str, str] | None = None, overwrite: bool = False,
    ) -> None:  # fmt: skip
        path = self._path(key)
        facts = {"content_type": content_type, "filename": filename, "metadata": metadata}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and not overwrite:
                raise StorageUnavailable("The key is taken.")
            _write(Path(f"{path}{_FACTS}"), json.dumps(facts).encode())
            _write(path, data)
        except OSError as error:
            raise StorageUnavailable("The storage directory cannot be written.") from error

    def get(self, key: str) -> StoredObject | None:
        path = self._path(key)
        try:
            data = path.read_bytes()
            facts = json.loads(Path(f"{path}{_FACTS}").read_text("utf-8"))
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise StorageUnavailable("The storage directory cannot be read.") from error
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return StoredObject(data, facts["content_type"], facts["filename"], facts["metadata"], at)

    def delete(self, key: str) -> None:
        path = self._path(key)
        for each in (path, Path(f"{path}{_FACTS}")):
            each.unlink(missing_ok=True)

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        return links.make(self._secret(), key, ttl, base_url)

    def allows(self, key: str, expires: str, signature: str) -> bool:
        return links.good(self._secret(), key, expires, signature)

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root) or path == self.root or key.endswith((_FACTS, ".secret")):
            raise StorageUnavailable("The key is not one of ours.")
        return path

    def _secret(self) -> bytes:
        """The key of the links, kept with the files so that links outlive a restart."""
        path = self.root / ".secret"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            self.root.mkdir(parents=True, exist_ok=True)
            secret = secrets.token_hex(32).encode()
            try:
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(secret)
            except FileExistsError:
                return path.read_bytes()
            return secret


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    part.write_bytes(data)
    part.replace(path)
