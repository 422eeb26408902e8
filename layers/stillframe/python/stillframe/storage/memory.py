"""Storage in the memory of the process."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime

from . import KeyTaken, StoredObject, links

# Bounds the memory of a server that runs for weeks.
MAX_BYTES = 512_000_000


class MemoryStorage:
    """A dictionary of objects; over `max_bytes` the oldest ones are deleted."""

    def __init__(self, uri: str = "memory:", max_bytes: int = MAX_BYTES) -> None:
        self._objects: dict[str, StoredObject] = {}
        self._secret = secrets.token_bytes(32)
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = threading.Lock()

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
        with self._lock:
            if key in self._objects and not overwrite:
                raise KeyTaken("The key is taken.")
            self._remove(key)
            self._objects[key] = StoredObject(data, content_type, filename, metadata)
            self._bytes += len(data)
            while self._bytes > self._max_bytes and len(self._objects) > 1:
                self._remove(next(iter(self._objects)))

    def get(self, key: str) -> StoredObject | None:
        return self._objects.get(key)

    def delete(self, key: str) -> None:
        with self._lock:
            self._remove(key)

    def location(self, key: str, version: str | None = None) -> dict[str, str]:
        return {"key": key}

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        return links.make(self._secret, key, ttl, base_url)

    def allows(self, key: str, expires: str, signature: str) -> bool:
        """Whether a link of `url` has a valid signature and has not expired."""
        return links.is_valid(self._secret, key, expires, signature)

    def _remove(self, key: str) -> None:
        if (old := self._objects.pop(key, None)) is not None:
            self._bytes -= len(old.data)
