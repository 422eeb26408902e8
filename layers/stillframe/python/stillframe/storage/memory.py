"""Storage that lives as long as the process."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from ..errors import StorageUnavailable
from . import StoredObject, links


class MemoryStorage:
    """A dictionary behind the storage interface."""

    def __init__(self, uri: str = "memory:") -> None:
        self._objects: dict[str, StoredObject] = {}
        self._secret = secrets.token_bytes(32)

    def put(
        self, key: str, data: bytes, content_type: str, *, filename: str | None = None,
        metadata: dict[str, str] | None = None, overwrite: bool = False,
    ) -> None:  # fmt: skip
        if key in self._objects and not overwrite:
            raise StorageUnavailable("The key is taken.")
        self._objects[key] = StoredObject(data, content_type, filename, metadata, datetime.now(UTC))

    def get(self, key: str) -> StoredObject | None:
        return self._objects.get(key)

    def delete(self, key: str) -> None:
        self._objects.pop(key, None)

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        return links.make(self._secret, key, ttl, base_url)

    def allows(self, key: str, expires: str, signature: str) -> bool:
        return links.good(self._secret, key, expires, signature)
