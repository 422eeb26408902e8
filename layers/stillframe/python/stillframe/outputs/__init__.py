"""The formats a capture can have, as one table; a row is imported when it is first used."""

from __future__ import annotations

from collections.abc import Awaitable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..result import Artifact

if TYPE_CHECKING:
    from ..page.session import PageSession


class Output(Protocol):
    """One format: `shoot` may touch the page, `encode` may not, because the page is released in between."""

    def shoot(self, session: PageSession, options: Any, format: str) -> Awaitable[Any]: ...

    def encode(self, raw: Any, options: Any, format: str) -> Artifact: ...


OUTPUTS = {
    "png": "stillframe.outputs.image:Image",
    "jpeg": "stillframe.outputs.image:Image",
    "webp": "stillframe.outputs.image:Image",
    "avif": "stillframe.outputs.image:Image",
    "pdf": "stillframe.outputs.pdf:Pdf",
    "html": "stillframe.outputs.document:Document",
    "mhtml": "stillframe.outputs.document:Document",
    "text": "stillframe.outputs.document:Document",
    "markdown": "stillframe.outputs.document:Document",
    "metadata": "stillframe.outputs.metadata:Metadata",
}

EXTENSIONS = {"text": "txt", "markdown": "md", "metadata": "json"}

CONTENT_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "mhtml": "multipart/related",
    "text": "text/plain; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "metadata": "application/json",
    "zip": "application/zip",
}


def output(format: str) -> Output:
    """The row of the table, imported."""
    module, _, name = OUTPUTS[format].partition(":")
    return cast(Output, getattr(import_module(module), name)())


def artifact(format: str, data: bytes, width: int | None = None, height: int | None = None) -> Artifact:
    """Finished bytes with the type and extension of their format."""
    return Artifact(format, data, CONTENT_TYPES[format], EXTENSIONS.get(format, format), width, height)
