"""Storage that lives as long as the process."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime

from . import KeyTaken, StoredObject, links

# A server that runs for weeks must not keep every picture it ever made.
MAX_BYTES = 512_000_000


class MemoryStorage:
    """A dictionary behind the storage interface; past its limit the oldest objects go."""

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
            self._forget(key)
            self._objects[key] = StoredObject(data, content_type, filename, metadata, datetime.now(UTC))
            self._bytes += len(data)
            while self._bytes > self._max_bytes and len(self._objects) > 1:
                self._forget(next(iter(self._objects)))

    def get(self, key: str) -> StoredObject | None:
        return self._objects.get(key)

    def delete(self, key: str) -> None:
        with self._lock:
            self._forget(key)

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        return links.make(self._secret, key, ttl, base_url)

    def allows(self, key: str, expires: str, signature: str) -> bool:
        return links.good(self._secret, key, expires, signature)

    def _forget(self, key: str) -> None:
        if (old := self._objects.pop(key, None)) is not None:
            self._bytes -= len(old.data)
