"""The settings: one attribute for each environment variable, with type, default and one sentence.

The variable's name is the attribute's in capitals. `access`, `captures` and `operation` declare the groups.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, NamedTuple

from .access import AccessSettings, NetworkSettings
from .captures import BrowserSettings, LimitSettings, TimeSettings
from .operation import JobSettings, OperationSettings, OutputSettings

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


class SettingNotValid(ValueError):
    """An environment variable has a value that cannot be used; the message names the variable."""


GROUPS = (
    AccessSettings,
    NetworkSettings,
    BrowserSettings,
    TimeSettings,
    OutputSettings,
    JobSettings,
    LimitSettings,
    OperationSettings,
)


@dataclass(frozen=True, kw_only=True)
class Settings(
    OperationSettings,
    LimitSettings,
    JobSettings,
    OutputSettings,
    TimeSettings,
    BrowserSettings,
    NetworkSettings,
    AccessSettings,
):
    """The configuration of the service, read from the environment once per process."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the environment. Raises SettingNotValid, which names the variable."""
        source = os.environ if environ is None else environ
        if text := source.get("EXTRA_SETTINGS", "").strip():
            source = {**source, **_extra(text, source)}
        values = {row.name: _parse(row, source[row.env]) for row in rows() if row.env in source}
        return cls(**values)


class Row(NamedTuple):
    """One setting, as the documentation shows it."""

    env: str
    name: str
    type: type
    default: Any
    sentence: str
    group: str
    secret: bool
    pixashot: bool


def rows() -> Iterator[Row]:
    """All settings, group by group. The type is that of the default."""
    for group in GROUPS:
        for f in fields(group):
            facts = {key: f.metadata[key] for key in ("sentence", "secret", "pixashot")}
            yield Row(f.name.upper(), f.name, type(f.default), f.default, group=group.group, **facts)


def _extra(text: str, given: Mapping[str, str]) -> dict[str, str]:
    """The settings of EXTRA_SETTINGS. Raises SettingNotValid for a name that may not be set there."""
    import json

    try:
        found = json.loads(text)
    except ValueError as error:
        raise SettingNotValid(f"EXTRA_SETTINGS is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise SettingNotValid("EXTRA_SETTINGS is not a JSON object of names and values.")
    known = {row.env: row for row in rows() if row.env != "EXTRA_SETTINGS"}
    for name, value in found.items():
        if name not in known:
            raise SettingNotValid(f"EXTRA_SETTINGS: there is no setting {name!r}.")
        if known[name].secret:
            raise SettingNotValid(f"EXTRA_SETTINGS: {name} is a secret; give the ARN of one.")
        if name in given:
            raise SettingNotValid(f"EXTRA_SETTINGS: {name} is a variable of this function already.")
        if isinstance(value, dict | list | None):
            raise SettingNotValid(f"EXTRA_SETTINGS: {name} is not a text, number, true or false.")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}


def _parse(row: Row, text: str) -> Any:
    if row.type is bool:
        lowered = text.strip().lower()
        if lowered in _TRUE | _FALSE:
            return lowered in _TRUE
        raise SettingNotValid(f"{row.env}: {text!r} is not a boolean; use true or false.")
    if row.type is int:
        try:
            return int(text)
        except ValueError:
            if not text.strip():
                return row.default
            raise SettingNotValid(f"{row.env}: {text!r} is not a whole number.") from None
    return text


@cache
def settings() -> Settings:
    """The settings of the process, read on the first call."""
    return Settings.from_env()
