"""How a step declares the options that it obeys."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """The base of every option mixin, and of the objects among the options: closed, immutable."""

    # None of them is validated by itself; building only the whole request halves the import.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, allow_inf_nan=False)


def option(
    description: str,
    *,
    aliases: tuple[str, ...] = (),
    pixashot: bool = False,
    group: str = "",
    secret: bool = False,
    **constraints: Any,
) -> Any:
    """A field: one sentence, the field's other names that are accepted, and pydantic's constraints.

    `pixashot` marks an option that Pixashot documents; `secret` one whose value must never be logged.
    """
    extra: dict[str, Any] = {"x-group": group}
    if aliases:
        extra["x-aliases"] = list(aliases)
    if pixashot:
        extra["x-pixashot"] = True
    if secret:
        extra["x-secret"] = True
    return Field(description=description, json_schema_extra=extra, **constraints)
