"""The table of storages for results; a back end is imported when it is first used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Protocol
from urllib.parse import urlsplit

from ..errors import StorageUnavailable
from ..settings import settings


class KeyTaken(StorageUnavailable):
    """An object with this key exists already, and `overwrite` was not requested."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it is read back."""

    data: bytes
    content_type: str
    filename: str | None = None
    metadata: dict[str, str] | None = None
    version: str | None = None


class Storage(Protocol):
    """Objects by key, and links to them that expire.

    Every method raises StorageUnavailable; `put` also raises KeyTaken unless `overwrite` is set.
    """

    def put(
        self,
        key: str,
        data: bytes,
        content_type: str,
        *,
        filename: str | None = None,
        metadata: dict[str, str] | None = None,
        overwrite: bool = False,
    ) -> str | None:
        """Store an object; its version where the storage keeps versions."""
        ...

    def get(self, key: str) -> StoredObject | None: ...

    def delete(self, key: str) -> None: ...

    def location(self, key: str, version: str | None = None) -> dict[str, str]:
        """Where an object lies: `key`, and in a bucket `bucket`, `s3_uri` and `version` if there is one."""
        ...

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        """A link and its expiry; `ttl` is in seconds, `base_url` the address of the local server."""
        ...


STORAGES = {
    "s3": "stillframe.storage.s3:S3Storage",
    "file": "stillframe.storage.file:FileStorage",
    "memory": "stillframe.storage.memory:MemoryStorage",
}


def open_storage(uri: str) -> Storage:
    """Open `s3://bucket/prefix`, `file:///directory` or `memory:`. Raises ValueError for other URIs."""
    scheme = urlsplit(uri).scheme
    if scheme not in STORAGES:
        raise ValueError(f"STORAGE_URL: {uri!r} is not s3://bucket/prefix, file:///directory or memory:")
    module, _, name = STORAGES[scheme].partition(":")
    storage: Storage = getattr(import_module(module), name)(uri)
    return storage


@cache
def configured() -> Storage | None:
    """The storage of STORAGE_URL, opened once. None if the setting is empty."""
    uri = settings().storage_url
    return open_storage(uri) if uri else None
