"""Options about the result, the job and the cache, which the layers above the request obey."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from ..option_checks import at_most
from ..options import Flag, Options, option
from ..outputs.metadata import FIELDS

Format = Literal[
    "png", "jpeg", "webp", "avif", "pdf", "html", "mhtml", "markdown", "text", "aria", "metadata"
]

# What `outputs` takes: names of formats are objects with nothing but a format.
_Outputs = Annotated[list[Format | dict[str, Any]], Field(min_length=1, max_length=10)]


class DeliveryOptions(Options, group="output"):
    format: Format = option(
        "png",
        "Format of the result.",
        aliases=("type",),
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
        cli=Flag(short="-f"),
        brief="Format; otherwise the ending of --out decides.",
        hints={"prominent": 2},
    )
    response_type: Literal["by_format", "json", "empty", "redirect", "url"] = option(
        "by_format",
        "`by_format` returns the bytes, `json` base64 and facts, `empty` 204, `redirect` 303 to the stored"
        " result, `url` its link as JSON.",
        pixashot=True,
        shareable=True,
        linkable=("by_format", "json", "empty"),
        identity=False,
        cli=None,
    )
    filename: str | None = option(
        None,
        "Name of the file that a browser saves; a missing extension is added.",
        aliases=("attachment_name",),
        pattern=r"^[^\x00-\x1f\x7f/\\\"]{1,200}$",
        shareable=True,
        linkable=True,
        identity=False,
        per_output=True,
    )
    store: bool = option(
        False,
        "Store the result and return a link to it.",
        shareable=True,
        identity=False,
        cli=None,
    )
    presign_ttl: int | None = option(
        None,
        "Seconds for which the link to a stored result is valid.",
        ge=1,
        shareable=True,
        linkable=True,
        identity=False,
        check=at_most("max_presign_ttl", "seconds"),
        cli=None,
    )
    metadata: list[str] | None = option(
        None,
        "Facts about the page that JSON results include: " + ", ".join(FIELDS) + ".",
        shareable=True,
        linkable=True,
        hints={"choices": list(FIELDS)},
    )
    outputs: list[dict[str, Any]] | None = option(
        None,
        "Several artifacts of one page load: format names, or objects `{format, …options of that format}`.",
        min_length=1,
        max_length=10,
        shareable=True,
        linkable=True,
    )
    timeout: int | None = option(
        None,
        "Milliseconds that the whole request may take.",
        group="waits",
        ge=1,
        shareable=True,
        linkable=True,
        identity=False,
        check=at_most("max_timeout_ms", "ms"),
        brief="Milliseconds for all of it.",
    )
    template: str | None = option(
        None,
        "Name of a set of options; the request's own values take precedence.",
        aliases=("preset",),
        pixashot=True,
        group="template",
        shareable=True,
        linkable=True,
        brief="A set of options; see `stillframe templates`.",
        hints={"choices-from": "templates"},
    )

    @field_validator("metadata")
    @classmethod
    def _known_fields(cls, value: list[str] | None) -> list[str] | None:
        for name in value or ():
            if name not in FIELDS:
                raise ValueError(f"{name!r} is not one of {', '.join(FIELDS)}")
        return value

    @field_validator("outputs", mode="before", json_schema_input_type=_Outputs | None)
    @classmethod
    def _formats_to_outputs(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [{"format": entry} if isinstance(entry, str) else entry for entry in value]


class JobOptions(Options, group="job"):
    async_: bool = option(
        False,
        "Return 202 at once and capture as a job.",
        alias="async",
        shareable=True,
        identity=False,
        cli=None,
    )
    webhook_url: str | None = option(
        None,
        "The http or https address that the finished job is posted to, signed.",
        pattern=r"^https?://[^\s]+$",
        max_length=2048,
        shareable=True,
        identity=False,
        cli=None,
    )
    external_id: str | None = option(
        None,
        "The caller's name for the capture, returned in results and webhooks.",
        aliases=("external_identifier",),
        max_length=256,
        shareable=True,
        linkable=True,
        identity=False,
    )


class CacheOptions(Options, group="cache"):
    cache: bool = option(
        False,
        "Return an earlier result of the same request if there is one, and cache this one; error pages,"
        " unfinished pages and several `outputs` are never cached.",
        shareable=True,
        linkable=True,
        identity=False,
        cli=None,
    )
    cache_ttl: int | None = option(
        None,
        "Seconds for which a cached result is valid.",
        aliases=("ttl",),
        ge=1,
        le=31_536_000,
        shareable=True,
        linkable=True,
        identity=False,
        cli=None,
    )
    cache_key: str | None = option(
        None,
        "Distinguishes cached results of otherwise equal requests.",
        pattern=r"^[A-Za-z0-9._:-]{1,128}$",
        shareable=True,
        linkable=True,
        cli=None,
    )
    cache_mode: Literal["use", "refresh", "only"] = option(
        "use",
        "`use` a cached result, `refresh` it, or accept `only` a cached one.",
        shareable=True,
        linkable=True,
        identity=False,
        cli=None,
    )
