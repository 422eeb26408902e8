"""Declarations of options, each with the facts that the rest of the service needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from .settings import Settings, settings

# Takes field name, value and settings; raises ValueError or a pydantic error for a value that is not allowed.
Check = Callable[[str, Any, Settings], None]


class Options(BaseModel):
    """The base of every option mixin and of the objects within options: immutable, no unknown names."""

    # Only the whole request is validated, so only its validator is built: that halves the import time.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, allow_inf_nan=False)

    def __init_subclass__(cls, group: str = "", **config: Any) -> None:
        super().__init_subclass__(**config)

    @classmethod
    def __pydantic_init_subclass__(cls, group: str = "", **config: Any) -> None:
        """Give the options that name no group the group of their class."""
        super().__pydantic_init_subclass__(**config)
        for name in cls.__annotations__:
            field = cls.model_fields.get(name)
            if field is not None and isinstance(field.json_schema_extra, dict):
                field.json_schema_extra.setdefault("x-group", group)


@dataclass(frozen=True, slots=True)
class Flag:
    """The command-line form of an option: its short name, and the value of a flag given without one."""

    short: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """The facts about one option that the rest of the service needs; every default is the safe choice.

    - `shareable`: the option leaves nothing behind when the page closes, so the shared context may be used.
    - `linkable`: a signed link may set it; a tuple names the values that a link may set.
    - `identity`: it changes the result, so it is part of the cache key.
    - `per_output`: it may differ between the entries of `outputs`, which otherwise share one page load.
    - `operator_default`: the boolean setting that enables the option for requests that do not set it.
    - `cli`: its form on the command line; None when the command line does not offer it.
    - `brief`: the words of an everyday option on the first help page of the command line.
    """

    shareable: bool = False
    linkable: bool | tuple[str, ...] = False
    identity: bool = True
    per_output: bool = False
    operator_default: str = ""
    cli: Flag | None = Flag()
    brief: str = ""


def option(
    default: Any,
    description: str,
    *,
    aliases: tuple[str, ...] = (),
    pixashot: bool = False,
    group: str = "",
    secret: bool = False,
    prose: bool = False,
    shareable: bool = False,
    linkable: bool | tuple[str, ...] = False,
    identity: bool = True,
    per_output: bool = False,
    operator_default: str = "",
    cli: Flag | None = Flag(),
    brief: str = "",
    check: Check | None = None,
    hints: Mapping[str, Any] = MappingProxyType({}),
    **constraints: Any,
) -> Any:
    """A pydantic field with its default, description, aliases, facets and pydantic's constraints.

    `pixashot` marks an option of Pixashot; `secret` marks a value that must never be logged; `prose` marks
    a list whose items may contain commas; `group` overrides the group of the class; `check` validates the
    value against the operator's limits.

    `hints` tell a form what the schema does not: `prominent` as the place of an option before all groups,
    `widget: "code"` (several lines) or `"color"`, `choices` as a list of the values, `choices-from` as the
    endpoint that lists them (`devices`, `templates`), and `placeholder` as an example.
    """
    extra: dict[str, Any] = {"x-group": group} if group else {}
    if aliases:
        extra["x-aliases"] = list(aliases)
    if pixashot:
        extra["x-pixashot"] = True
    if secret:
        extra["x-secret"] = True
    if prose:
        extra["x-prose"] = True
    if per_output:
        extra["x-per-output"] = True
    if cli is None:
        extra["x-cli"] = False
    extra |= {f"x-{hint}": value for hint, value in hints.items()}
    field = Field(default, description=description, json_schema_extra=extra, **constraints)
    field.metadata.append(Facets(shareable, linkable, identity, per_output, operator_default, cli, brief))
    if check is not None:
        field.metadata.append(AfterValidator(_checked(check)))
    return field


def _checked(check: Check) -> Callable[[Any, ValidationInfo], Any]:
    def validate(value: Any, info: ValidationInfo) -> Any:
        if value is not None:
            check(str(info.field_name), value, settings())
        return value

    return validate


@cache
def facets_of(model: type[BaseModel]) -> dict[str, Facets]:
    """The facets of a model's options by field name; a field declared without `option` has the defaults."""
    return {
        name: next((m for m in field.metadata if isinstance(m, Facets)), Facets())
        for name, field in model.model_fields.items()
    }
