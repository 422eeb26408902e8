"""The document information of a PDF."""

from __future__ import annotations

import io


def describe_pdf(data: bytes, *, entries: dict[str, str]) -> bytes:
    """A PDF with these entries in its document information."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.add_metadata({f"/{name.capitalize()}": value for name, value in entries.items()})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
