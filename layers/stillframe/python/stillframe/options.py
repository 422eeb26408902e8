"""How a step declares the options that it obeys, with everything that the rest of the service must know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from .settings import Settings, settings

# Raises ValueError (or a pydantic error) for a value that the operator's limits or the option's form refuse.
Check = Callable[[str, Any, Settings], None]


class Options(BaseModel):
    """The base of every option mixin, and of the objects among the options: closed, immutable."""

    # None of them is validated by itself; building only the whole request halves the import.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, allow_inf_nan=False)

    def __init_subclass__(cls, group: str = "", **config: Any) -> None:
        super().__init_subclass__(**config)

    @classmethod
    def __pydantic_init_subclass__(cls, group: str = "", **config: Any) -> None:
        """Put the options that name no group of their own into the group of their class."""
        super().__pydantic_init_subclass__(**config)
        for name in cls.__annotations__:
            field = cls.model_fields.get(name)
            if field is not None and isinstance(field.json_schema_extra, dict):
                field.json_schema_extra.setdefault("x-group", group)


@dataclass(frozen=True, slots=True)
class Flag:
    """How an option appears on the command line: a short form, and what the flag means without a value."""

    short: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """What the rest of the service must know of one option; an option that says nothing gets the safe answers.

    - `shareable`: nothing that the option does outlives the page, so the capture may run in the shared context.
    - `linkable`: a signed link may set it; a tuple names the values that a link may set.
    - `identity`: it belongs to the identity of the result, and so to the cache key.
    - `per_output`: it may differ between the entries of `outputs`; other options belong to the load they share.
    - `operator_default`: the boolean setting that switches the option on for requests that do not name it.
    - `cli`: its form on the command line; None where the command line does not offer it.
    """

    shareable: bool = False
    linkable: bool | tuple[str, ...] = False
    identity: bool = True
    per_output: bool = False
    operator_default: str = ""
    cli: Flag | None = Flag()


def option(
    default: Any,
    description: str,
    *,
    aliases: tuple[str, ...] = (),
    pixashot: bool = False,
    group: str = "",
    secret: bool = False,
    shareable: bool = False,
    linkable: bool | tuple[str, ...] = False,
    identity: bool = True,
    per_output: bool = False,
    operator_default: str = "",
    cli: Flag | None = Flag(),
    check: Check | None = None,
    **constraints: Any,
) -> Any:
    """A pydantic field: its default, one sentence, other accepted names, its facets and pydantic's constraints.

    `pixashot` marks an option that Pixashot documents; `secret` one whose value must never be logged; `group` is for
    an option that does not belong to the group of its class; `check` refuses values by the operator's limits.
    """
    extra: dict[str, Any] = {"x-group": group} if group else {}
    if aliases:
        extra["x-aliases"] = list(aliases)
    if pixashot:
        extra["x-pixashot"] = True
    if secret:
        extra["x-secret"] = True
    field = Field(default, description=description, json_schema_extra=extra, **constraints)
    field.metadata.append(Facets(shareable, linkable, identity, per_output, operator_default, cli))
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
    """The facets of every option of a model, by field name; a field declared without `option` has the safe ones."""
    return {
        name: next((m for m in field.metadata if isinstance(m, Facets)), Facets())
        for name, field in model.model_fields.items()
    }
