"""The formats of a capture, as one table."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..result import Artifact

if TYPE_CHECKING:
    from ..page.session import PageSession


class Output(Protocol):
    """How a format is captured: `shoot` may use the page; before `encode` the page is released."""

    def shoot(self, session: PageSession, options: Any, format: str) -> Awaitable[Any]: ...

    def encode(self, raw: Any, options: Any, format: str) -> Artifact: ...


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the table of formats.

    `output` is "module:class", imported when it is first used. `suffixes` are the file name suffixes from
    which the command line chooses the format. `quality` tells whether `image_quality` applies.
    """

    output: str
    content_type: str
    extension: str
    suffixes: tuple[str, ...]
    quality: bool = False


_IMAGE = "stillframe.outputs.image:Image"
_DOCUMENT = "stillframe.outputs.document:Document"
_UTF8 = "; charset=utf-8"

OUTPUTS = {
    "png": Format(_IMAGE, "image/png", "png", ("png",)),
    "jpeg": Format(_IMAGE, "image/jpeg", "jpeg", ("jpeg", "jpg"), quality=True),
    "webp": Format(_IMAGE, "image/webp", "webp", ("webp",), quality=True),
    "avif": Format(_IMAGE, "image/avif", "avif", ("avif",), quality=True),
    "pdf": Format("stillframe.outputs.pdf:Pdf", "application/pdf", "pdf", ("pdf",)),
    "html": Format("stillframe.outputs.html:Html", "text/html" + _UTF8, "html", ("html", "htm")),
    "mhtml": Format(_DOCUMENT, "multipart/related", "mhtml", ("mhtml",)),
    "text": Format(_DOCUMENT, "text/plain" + _UTF8, "txt", ("text", "txt")),
    "markdown": Format(_DOCUMENT, "text/markdown" + _UTF8, "md", ("markdown", "md")),
    "aria": Format("stillframe.outputs.aria:Aria", "text/yaml" + _UTF8, "yaml", ("yaml", "yml")),
    "metadata": Format("stillframe.outputs.metadata:Metadata", "application/json", "json", ()),
}

# The format of several artifacts in one file, which no single output produces.
ZIP = "zip"
CONTENT_TYPES = {name: format.content_type for name, format in OUTPUTS.items()} | {ZIP: "application/zip"}


def output(format: str) -> Output:
    """The output of a format, imported."""
    module, _, name = OUTPUTS[format].output.partition(":")
    return cast(Output, getattr(import_module(module), name)())


def artifact(format: str, data: bytes, width: int | None = None, height: int | None = None) -> Artifact:
    """Encoded bytes with the content type and extension of their format."""
    extension = OUTPUTS[format].extension if format in OUTPUTS else format
    return Artifact(format, data, CONTENT_TYPES[format], extension, width, height)


def media_types() -> list[str]:
    """The content types that a capture can have, without parameters."""
    return [content_type.partition(";")[0] for content_type in CONTENT_TYPES.values()]


def format_of_suffix(suffix: str) -> str | None:
    """The format of a file name suffix without its dot, in any case; None for an unknown one."""
    return next((name for name, f in OUTPUTS.items() if suffix.lower() in f.suffixes), None)


def uses_quality(format: str) -> bool:
    """Whether `image_quality` has an effect on the format."""
    return OUTPUTS[format].quality
