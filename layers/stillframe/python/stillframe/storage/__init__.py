"""Where results lie, as one table; a row is imported when it is first used."""

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
    """Something lies under this key already, and nothing is ever overwritten by accident."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What was put, as it comes back."""

    data: bytes
    content_type: str
    filename: str | None = None
    metadata: dict[str, str] | None = None
    stored_at: datetime | None = None


class Storage(Protocol):
    """Bytes by key, and links to them that end. Every method raises StorageUnavailable; `put` also KeyTaken."""

    def put(
        self,
        key: str,
        data: bytes,
        content_type: str,
        *,
        filename: str | None = None,
        metadata: dict[str, str] | None = None,
        overwrite: bool = False,
    ) -> None: ...

    def get(self, key: str) -> StoredObject | None: ...

    def delete(self, key: str) -> None: ...

    def url(self, key: str, ttl: int, *, base_url: str = "") -> tuple[str, datetime]:
        """A link and until when it works; `base_url` is the local server's own address."""
        ...


STORAGES = {
    "s3": "stillframe.storage.s3:S3Storage",
    "file": "stillframe.storage.file:FileStorage",
    "memory": "stillframe.storage.memory:MemoryStorage",
}


def open_storage(uri: str) -> Storage:
    """The storage of `s3://bucket/prefix`, `file:///directory` or `memory:`. Raises ValueError for anything else."""
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
