"""PDF: Chromium's print, with the paper, margins, ranges and headers that the request names."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from ..errors import NotRenderable, RequestNotValid
from ..options import Options, option
from ..page.session import PageSession, first_line, is_playwright
from ..result import Artifact
from . import artifact

_LENGTH = r"^\d+(\.\d+)?(px|in|cm|mm)?$"
_TO_PX = {"px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "": 1.0}
Length = Annotated[str, Field(pattern=_LENGTH)]
# Chromium prints no page longer than this many CSS pixels (200 inches).
_LONGEST_PAGE = 19_200

_FORMATS = ("Letter", "Legal", "Tabloid", "Ledger", "A0", "A1", "A2", "A3", "A4", "A5", "A6")


class Metadata(Options):
    """Entries of the document information."""

    title: str | None = None
    author: str | None = None
    subject: str | None = None
    keywords: str | None = None


class PdfOptions(Options, group="pdf"):
    pdf_format: Literal["Letter", "Legal", "Tabloid", "Ledger", "A0", "A1", "A2", "A3", "A4", "A5", "A6"] = (
        option(
            "A4",
            "Paper size.",
            aliases=("pdf_page_size", "pdf_paper_format"),
            pixashot=True,
            shareable=True,
            linkable=True,
            per_output=True,
        )
    )
    pdf_width: str | None = option(
        None,
        "Paper width with unit (px, in, cm, mm); wins over `pdf_format`.",
        aliases=("paper_width",),
        pixashot=True,
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_height: str | None = option(
        None,
        "Paper height with unit (px, in, cm, mm); wins over `pdf_format`.",
        aliases=("paper_height",),
        pixashot=True,
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_print_background: bool = option(
        True,
        "Print background colours and images.",
        aliases=("pdf_background", "print_background"),
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_scale: float = option(
        1.0,
        "Scale of the content.",
        pixashot=True,
        ge=0.1,
        le=2,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_page_ranges: str | None = option(
        None,
        "Pages to print, such as `1-3,5`.",
        aliases=("pdf_page_range", "native_page_ranges"),
        pixashot=True,
        pattern=r"^\s*\d+\s*(-\s*\d*\s*)?(,\s*\d+\s*(-\s*\d*\s*)?)*$",
        max_length=200,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin: str | None = option(
        None,
        "All four margins, with unit.",
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_top: str | None = option(
        None,
        "Top margin, with unit.",
        aliases=("margin_top",),
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_right: str | None = option(
        None,
        "Right margin, with unit.",
        aliases=("margin_right",),
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_bottom: str | None = option(
        None,
        "Bottom margin, with unit.",
        aliases=("margin_bottom",),
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_left: str | None = option(
        None,
        "Left margin, with unit.",
        aliases=("margin_left",),
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_landscape: bool = option(
        False,
        "Print on paper turned on its side.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_header: str | None = option(
        None,
        "HTML of the page header; classes date, title, url, pageNumber and totalPages are filled in.",
        secret=True,
        max_length=20_000,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_footer: str | None = option(
        None,
        "HTML of the page footer; classes as in `pdf_header`.",
        secret=True,
        max_length=20_000,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_single_page: bool = option(
        False,
        "One page as long as the content.",
        aliases=("single_page", "pdf_fit_one_page"),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_prefer_css_page_size: bool = option(
        False,
        "Let the page's `@page` size win.",
        aliases=("prefer_css_page_size",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_outline: bool = option(
        False,
        "Bookmarks from the headings; the PDF is tagged as well.",
        aliases=("generate_document_outline",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_tagged: bool = option(
        False,
        "Structure tags for accessibility.",
        aliases=("generate_tagged_pdf",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_metadata: Metadata | None = option(
        None,
        "Document information `{title, author, subject, keywords}`.",
        shareable=True,
        linkable=True,
        per_output=True,
    )


class Pdf:
    """Print the page."""

    async def shoot(self, session: PageSession, options: PdfOptions, format: str) -> bytes:
        """The printed bytes. Raises RequestNotValid for ranges that name no page."""
        arguments = await _arguments(session, options)
        seconds = session.deadline.timeout(None, "shoot") / 1000
        try:
            data: bytes = await session.within(session.page.pdf(**arguments), seconds, "shoot")
        except Exception as error:
            if not is_playwright(error):
                raise
            if "age range" in str(error):
                raise RequestNotValid(
                    f"pdf_page_ranges: {first_line(error)}", details=[{"field": "pdf_page_ranges"}]
                ) from error
            if "margin" in str(error).lower() or "content area" in str(error):
                raise RequestNotValid(
                    f"pdf_margin: {first_line(error)}", details=[{"field": "pdf_margin"}]
                ) from error
            raise
        pages = page_count(data)
        session.report.note("pages", pages)
        if options.pdf_page_ranges is None and pages >= session.limits.max_pdf_pages:
            session.report.warn("truncated", f"The PDF ends after {session.limits.max_pdf_pages} pages.")
        return data

    def encode(self, raw: bytes, options: PdfOptions, format: str) -> Artifact:
        """The document, with its information entries. Raises NotRenderable when it is not whole."""
        if not raw.startswith(b"%PDF-") or b"%%EOF" not in raw[-1024:]:
            raise NotRenderable(f"The browser gave no PDF ({len(raw)} bytes).")
        return artifact("pdf", _described(raw, options.pdf_metadata) if options.pdf_metadata else raw)


async def _arguments(session: PageSession, options: PdfOptions) -> dict[str, Any]:
    """Playwright's arguments; explicit names only, because its dictionary also knows `path`."""
    sides = {
        side: getattr(options, f"pdf_margin_{side}") or options.pdf_margin or "0"
        for side in ("top", "right", "bottom", "left")
    }
    arguments: dict[str, Any] = {
        "print_background": options.pdf_print_background,
        "scale": options.pdf_scale,
        "landscape": options.pdf_landscape,
        "margin": sides,
        "prefer_css_page_size": options.pdf_prefer_css_page_size,
        "outline": options.pdf_outline,
        # Chromium writes no outline into an untagged document.
        "tagged": options.pdf_tagged or options.pdf_outline,
        "page_ranges": (options.pdf_page_ranges or "").replace(" ", "")
        or f"1-{session.limits.max_pdf_pages}",
    }
    if options.pdf_width or options.pdf_height:
        arguments |= {"width": options.pdf_width or "210mm", "height": options.pdf_height or "297mm"}
    else:
        arguments["format"] = options.pdf_format
    if options.pdf_header or options.pdf_footer:
        arguments |= {
            "display_header_footer": True,
            "header_template": _template(options.pdf_header),
            "footer_template": _template(options.pdf_footer),
        }
    if options.pdf_single_page:
        arguments |= await _one_page(session, options, sides)
    return arguments


def _template(source: str | None) -> str:
    """Chromium prints templates at 1 px without a margin; give them what a reader expects."""
    if not source:
        return "<span></span>"
    return f'<div style="font: 10px sans-serif; width: 100%; margin: 0 10mm;">{source}</div>'


async def _one_page(session: PageSession, options: PdfOptions, sides: dict[str, str]) -> dict[str, Any]:
    """Paper as wide as asked (or as the window) and as high as the content laid out at that width."""
    width = to_px(options.pdf_width) if options.pdf_width else None
    if width is None:
        width = float(await session.page.evaluate("() => innerWidth"))
    across = to_px(sides["left"]) + to_px(sides["right"])
    down = to_px(sides["top"]) + to_px(sides["bottom"])
    if not _screen(options):
        await session.cdp.send("Emulation.setEmulatedMedia", {"media": "print"})
    inner = max(1, round((width - across) / options.pdf_scale))
    viewport = await session.page.evaluate("() => [innerWidth, innerHeight]")
    await session.cdp.send(
        "Emulation.setDeviceMetricsOverride",
        {"width": inner, "height": int(viewport[1]), "deviceScaleFactor": 1, "mobile": False},
    )
    height = await session.page.evaluate(
        "() => Math.max(document.documentElement.scrollHeight, document.body ? document.body.scrollHeight :"
        " 0, document.documentElement.getBoundingClientRect().height)"
    )
    total = height * options.pdf_scale + down + 1
    if total > _LONGEST_PAGE:
        session.report.warn(
            "truncated",
            f"A PDF page ends at {_LONGEST_PAGE} px; the content of {total:.0f} px takes more than one.",
        )
        total = _LONGEST_PAGE
    return {"width": f"{width}px", "height": f"{total}px", "format": None, "landscape": False}


def _screen(options: PdfOptions) -> bool:
    return getattr(options, "media_type", None) == "screen"


def to_px(length: str) -> float:
    """CSS pixels of a length with unit; a bare number is pixels."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(px|in|cm|mm)?", length)
    if match is None:
        raise ValueError(f"{length!r} is not a length")
    return float(match[1]) * _TO_PX[match[2] or ""]


def page_count(data: bytes) -> int:
    """Pages of a PDF as Chromium writes it: one uncompressed page object each."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", data))


def _described(data: bytes, metadata: Metadata) -> bytes:
    import io

    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.add_metadata({f"/{k.capitalize()}": v for k, v in metadata.model_dump().items() if v is not None})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
