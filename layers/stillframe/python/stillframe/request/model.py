"""`CaptureRequest`: every option, inherited from the step that implements it, validated as one."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ConfigDict, model_validator

from ..outputs.document import DocumentOptions
from ..outputs.html import HtmlOptions
from ..outputs.image import ImageOptions
from ..outputs.pdf import PdfOptions
from ..steps.access import AccessOptions
from ..steps.act import ActOptions
from ..steps.block import BlockOptions
from ..steps.check import CheckOptions
from ..steps.debug import DebugOptions
from ..steps.emulate import EmulateOptions
from ..steps.inject import InjectOptions
from ..steps.settle import SettleOptions
from ..steps.wait import WaitOptions
from . import names, rules, templates
from .delivery_options import CacheOptions, DeliveryOptions, JobOptions


class CaptureRequest(
    WaitOptions,
    SettleOptions,
    EmulateOptions,
    ImageOptions,
    PdfOptions,
    HtmlOptions,
    DocumentOptions,
    BlockOptions,
    AccessOptions,
    InjectOptions,
    ActOptions,
    CheckOptions,
    DeliveryOptions,
    DebugOptions,
    JobOptions,
    CacheOptions,
):
    """One capture: flat options in snake_case, times in milliseconds, sizes in CSS pixels."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=False, validate_by_name=True, validate_by_alias=True
    )

    @model_validator(mode="before")
    @classmethod
    def _canonical_names(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        options = templates.expand(names.canonical(value, cls), cls)
        if isinstance(outputs := options.get("outputs"), list):
            entries = [names.canonical(o, cls) if isinstance(o, dict) else o for o in outputs]
            options = {**options, "outputs": entries}
        return options

    @model_validator(mode="after")
    def _rules(self) -> Self:
        rules.check_rules(self)
        return self

    def canonical(self) -> dict[str, Any]:
        """The options that differ from their defaults, by wire name and ready for JSON.

        Parsing the result gives an equal request.
        """
        options = self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
        # Where the operator changed a default, a value that equals the built-in default is written too.
        return options | {name: getattr(self, name) for name in templates.operator_defaults(type(self))}

    def variants(self) -> list[CaptureRequest]:
        """One request per entry of `outputs`, with its format and options; without `outputs`, this one."""
        if self.outputs is None:
            return [self]
        shared = {k: v for k, v in self.canonical().items() if k not in ("outputs", "format")}
        return [CaptureRequest.model_validate(shared | entry) for entry in self.outputs]
