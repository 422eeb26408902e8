"""The state of a browser session as Playwright exports it: cookies, and local storage by origin."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator

from ..options import Options
from ..urls import origin_of
from .cookies import Cookie


class _Entry(Options):
    name: Annotated[str, Field(max_length=10_000)]
    value: Annotated[str, Field(max_length=1_000_000)]


class OriginState(Options):
    """The local storage of one origin."""

    model_config = ConfigDict(populate_by_name=True)
    origin: Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=2048)]
    local_storage: Annotated[list[_Entry], Field(alias="localStorage", max_length=1000, default_factory=list)]
    indexed_db: Annotated[list[Any], Field(alias="indexedDB", default_factory=list)]

    @field_validator("indexed_db")
    @classmethod
    def _is_empty(cls, databases: list[Any]) -> list[Any]:
        if databases:
            raise ValueError("cannot be restored; export the state without IndexedDB")
        return databases

    @property
    def entries(self) -> dict[str, str]:
        return {entry.name: entry.value for entry in self.local_storage}

    @property
    def normalised(self) -> str:
        """The origin as the browser writes it."""
        return origin_of(self.origin)


class StorageState(Options):
    """`{cookies: […], origins: [{origin, localStorage: [{name, value}]}]}`."""

    cookies: Annotated[list[Cookie], Field(max_length=1000, default_factory=list)]
    origins: Annotated[list[OriginState], Field(max_length=100, default_factory=list)]
