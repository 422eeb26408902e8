"""Decides which addresses may be the target of a capture, apart from where its page may connect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from ..errors import DestinationBlocked
from ..settings import SettingNotValid, Settings
from .hosts import HostList


@dataclass(frozen=True, slots=True)
class TargetPolicy:
    """The rules of TARGET_ALLOW and HTTPS_ONLY for main documents; subresources are the egress policy's."""

    allow: HostList
    https_only: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Raises SettingNotValid naming the variable and the entry that cannot be read."""
        try:
            return cls(HostList.read("TARGET_ALLOW", settings.target_allow), settings.https_only)
        except ValueError as error:
            raise SettingNotValid(f"{error}.") from None

    def check(self, url: str | None) -> None:
        """Raise DestinationBlocked for an address that may not be captured; HTML of the request has none."""
        parts = urlsplit(url or "")
        if parts.scheme not in ("http", "https"):
            return
        if self.https_only and parts.scheme != "https":
            raise DestinationBlocked(
                "HTTPS_ONLY: only https:// addresses may be captured.", details=[{"reason": "https_only"}]
            )
        host = parts.hostname or ""
        if self.allow and not self.allow.matches(host):
            raise DestinationBlocked(
                f"TARGET_ALLOW does not name {host}.",
                details=[{"host": host, "reason": "target_not_allowed"}],
            )
