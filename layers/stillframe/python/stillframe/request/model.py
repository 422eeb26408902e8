"""`CaptureRequest`: every option, inherited from the step that obeys it, and the rules between them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from ..options import Options, option
from ..outputs.image import ImageOptions
from ..outputs.metadata import FIELDS
from ..outputs.pdf import PdfOptions
from ..steps.access import AccessOptions
from ..steps.act import ActOptions
from ..steps.block import BlockOptions
from ..steps.check import CheckOptions
from ..steps.emulate import EmulateOptions
from ..steps.inject import InjectOptions
from ..steps.settle import SettleOptions
from ..steps.wait import WaitOptions
from . import names, rules, templates

Format = Literal["png", "jpeg", "webp", "avif", "pdf", "html", "mhtml", "markdown", "text", "metadata"]


class DeliveryOptions(Options):
    format: Annotated[
        Format, option("Format of the result.", aliases=("type",), pixashot=True, group="output")
    ] = "png"
    response_type: Annotated[Literal["by_format", "json", "empty", "redirect", "url"], option("`by_format` answers the bytes, `json` base64 and facts, `empty` 204, `redirect` 303 to the stored result, `url` its link as JSON.", pixashot=True, group="output")] = "by_format"  # fmt: skip
    filename: Annotated[str | None, option("Name of the file a browser saves; the extension is added when it is missing.", aliases=("attachment_name",), group="output", pattern=r"^[^\x00-\x1f\x7f/\\\"]{1,200}$")] = None  # fmt: skip
    store: Annotated[bool, option("Put the result in the storage and answer with a link.", group="output")] = False  # fmt: skip
    presign_ttl: Annotated[int | None, option("Seconds that the link to a stored result works.", group="output", ge=1)] = None  # fmt: skip
    metadata: Annotated[list[str] | None, option("Facts about the page added to json answers: " + ", ".join(FIELDS) + ".", group="output")] = None  # fmt: skip
    outputs: Annotated[list[dict[str, Any]] | None, option("Several artefacts of one load: format names, or objects `{format, …options of that format}`.", group="output", min_length=1, max_length=10)] = None  # fmt: skip
    timeout: Annotated[
        int | None, option("Milliseconds that the whole request may take.", group="waits", ge=1)
    ] = None
    template: Annotated[str | None, option("Name of a set of options; explicit values win.", aliases=("preset",), pixashot=True, group="template")] = None  # fmt: skip

    @field_validator("metadata")
    @classmethod
    def _known_fields(cls, wanted: list[str] | None) -> list[str] | None:
        for name in wanted or ():
            if name not in FIELDS:
                raise ValueError(f"{name!r} is not one of {', '.join(FIELDS)}")
        return wanted

    @field_validator("outputs", mode="before")
    @classmethod
    def _names_are_outputs(cls, wanted: Any) -> Any:
        return (
            [{"format": o} if isinstance(o, str) else o for o in wanted]
            if isinstance(wanted, list)
            else wanted
        )


class JobOptions(Options):
    async_: Annotated[bool, Field(alias="async"), option("Answer 202 at once and capture as a job.", group="job")] = False  # fmt: skip
    webhook_url: Annotated[str | None, option("Where the finished job is posted, signed; http or https.", group="job", pattern=r"^https?://[^\s]+$", max_length=2048)] = None  # fmt: skip
    external_id: Annotated[str | None, option("Your own name of the capture, echoed in results and webhooks.", aliases=("external_identifier",), group="job", max_length=256)] = None  # fmt: skip


class CacheOptions(Options):
    cache: Annotated[bool, option("Serve an earlier result of the same request, and keep this one; an error page, an unfinished one and several `outputs` are never kept.", group="cache")] = False  # fmt: skip
    cache_ttl: Annotated[int | None, option("Seconds that a cached result is good.", aliases=("ttl",), group="cache", ge=1, le=31_536_000)] = None  # fmt: skip
    cache_key: Annotated[str | None, option("Tells apart cached results of otherwise equal requests.", group="cache", pattern=r"^[A-Za-z0-9._:-]{1,128}$")] = None  # fmt: skip
    cache_mode: Annotated[Literal["use", "refresh", "only"], option("`use` a cached result, `refresh` it, or accept `only` a cached one.", group="cache")] = "use"  # fmt: skip


class CaptureRequest(
    WaitOptions,
    SettleOptions,
    EmulateOptions,
    ImageOptions,
    PdfOptions,
    BlockOptions,
    AccessOptions,
    InjectOptions,
    ActOptions,
    CheckOptions,
    DeliveryOptions,
    JobOptions,
    CacheOptions,
):
    """One capture, as every door receives it: flat, in snake_case, times in milliseconds, sizes in CSS pixels."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=False, validate_by_name=True, validate_by_alias=True
    )

    @model_validator(mode="before")
    @classmethod
    def _canonical_names(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        found = templates.expand(names.canonical(value, cls))
        if isinstance(outputs := found.get("outputs"), list):
            own = [names.canonical(o, cls) if isinstance(o, dict) else o for o in outputs]
            found = {**found, "outputs": own}
        return found

    # Named and not "*": each field with a validator costs the import and every request.
    @field_validator(*rules.LIMITED)
    @classmethod
    def _limits(cls, value: Any, info: Any) -> Any:
        rules.check_limit(info.field_name, value)
        return value

    @model_validator(mode="after")
    def _rules(self) -> Self:
        rules.check_rules(self)
        return self

    def canonical(self) -> dict[str, Any]:
        """The options that differ from their defaults, by their wire names, ready for JSON; parsed again they are this request."""
        said = self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
        # Where the operator has another default, what equals ours must be said as well.
        return said | {name: getattr(self, name) for name in templates.operators()}

    def variants(self) -> list[CaptureRequest]:
        """This request once per entry of `outputs`, each with its own format and options; itself when there are none."""
        if self.outputs is None:
            return [self]
        shared = {k: v for k, v in self.canonical().items() if k not in ("outputs", "format")}
        return [CaptureRequest.model_validate(shared | extra) for extra in self.outputs]
