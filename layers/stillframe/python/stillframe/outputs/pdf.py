"""PDF: print the page with Chromium, with the paper, margins, ranges and headers of the request."""

from __future__ import annotations

import re
from typing import Any, Literal

from ..errors import NotRenderable, RequestNotValid
from ..options import Options, option
from ..page import world
from ..page.assets import call_page_script
from ..page.session import PageSession, first_line, is_playwright
from ..result import Artifact
from . import artifact, conversions, worker_process

_LENGTH = r"^\d+(\.\d+)?(px|in|cm|mm)?$"
_TO_PX = {"px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "": 1.0}
# The largest side of a PDF page in CSS pixels: 200 inches (ISO 32000-1, annex C).
# pypdf writes a larger PDF in a process of its own; reading 2,000 objects takes about 0.3 s.
_OBJECTS_IN_THREAD = 2_000
_MAX_PAGE_SIDE = 19_200


class Metadata(Options):
    """Entries of the PDF's document information."""

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
        "Paper width with unit (px, in, cm, mm); overrides `pdf_format`.",
        aliases=("paper_width",),
        pixashot=True,
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_height: str | None = option(
        None,
        "Paper height with unit (px, in, cm, mm); overrides `pdf_format`.",
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
        "Scale factor of the content.",
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
        "All four margins, with unit (px, in, cm, mm).",
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_top: str | None = option(
        None,
        "Top margin, with unit; overrides `pdf_margin`.",
        aliases=("margin_top",),
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_right: str | None = option(
        None,
        "Right margin, with unit; overrides `pdf_margin`.",
        aliases=("margin_right",),
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_bottom: str | None = option(
        None,
        "Bottom margin, with unit; overrides `pdf_margin`.",
        aliases=("margin_bottom",),
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_left: str | None = option(
        None,
        "Left margin, with unit; overrides `pdf_margin`.",
        aliases=("margin_left",),
        pattern=_LENGTH,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_landscape: bool = option(
        False,
        "Print in landscape orientation.",
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_header: str | None = option(
        None,
        "HTML of the page header; the classes date, title, url, pageNumber and totalPages are filled in.",
        secret=True,
        max_length=20_000,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_footer: str | None = option(
        None,
        "HTML of the page footer, with the classes of `pdf_header`.",
        secret=True,
        max_length=20_000,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_single_page: bool = option(
        False,
        "Print everything on one page that is as high as the content.",
        aliases=("single_page", "pdf_fit_one_page"),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_prefer_css_page_size: bool = option(
        False,
        "Prefer the page's `@page` size over the paper size.",
        aliases=("prefer_css_page_size",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_outline: bool = option(
        False,
        "Add bookmarks for the headings; implies `pdf_tagged`.",
        aliases=("generate_document_outline",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_tagged: bool = option(
        False,
        "Add structure tags for accessibility.",
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
    """The format pdf."""

    async def shoot(self, session: PageSession, options: PdfOptions, format: str) -> bytes:
        """The printed PDF. Raises RequestNotValid for page ranges or margins that Chromium refuses."""
        arguments = await _arguments(session, options)
        try:
            data: bytes = await session.deadline.run(session.page.pdf(**arguments), "shoot")
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
            session.report.warn("truncated", f"The PDF is limited to {session.limits.max_pdf_pages} pages.")
        return data

    def encode(self, raw: bytes, options: PdfOptions, format: str) -> Artifact:
        """The document with its information entries. Raises NotRenderable when it is incomplete."""
        if not raw.startswith(b"%PDF-") or b"%%EOF" not in raw[-1024:]:
            raise NotRenderable(f"The browser returned no PDF ({len(raw)} bytes).")
        return artifact("pdf", _with_metadata(raw, options.pdf_metadata) if options.pdf_metadata else raw)


async def _arguments(session: PageSession, options: PdfOptions) -> dict[str, Any]:
    """The arguments of `page.pdf`, each set by name: a caller's option must never become its `path`."""
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
        # Chromium writes no outline without tags: https://github.com/gotenberg/gotenberg/issues/1579
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
        arguments |= await _single_page(session, options, sides)
    return arguments


def _template(source: str | None) -> str:
    """A header or footer in a readable font, because templates do not inherit the styles of the page.

    https://github.com/puppeteer/puppeteer/issues/1853
    """
    if not source:
        return "<span></span>"
    return f'<div style="font: 10px sans-serif; width: 100%; margin: 0 10mm;">{source}</div>'


async def _single_page(session: PageSession, options: PdfOptions, sides: dict[str, str]) -> dict[str, Any]:
    """Paper as wide as `pdf_width` or the viewport, and as high as the content laid out at that width."""
    width = to_px(options.pdf_width) if options.pdf_width else None
    if width is None:
        width = float(await world.call(session, "() => innerWidth"))
    across = to_px(sides["left"]) + to_px(sides["right"])
    down = to_px(sides["top"]) + to_px(sides["bottom"])
    if getattr(options, "media_type", None) != "screen":
        await session.cdp.send("Emulation.setEmulatedMedia", {"media": "print"})
    inner = max(1, round((width - across) / options.pdf_scale))
    viewport = await world.call(session, "() => [innerWidth, innerHeight]")
    await session.cdp.send(
        "Emulation.setDeviceMetricsOverride",
        {"width": inner, "height": int(viewport[1]), "deviceScaleFactor": 1, "mobile": False},
    )
    height = await call_page_script(session, "outputs/assets/content_height.js")
    total = height * options.pdf_scale + down + 1
    if total > _MAX_PAGE_SIDE:
        session.report.warn(
            "truncated",
            f"A PDF page has at most {_MAX_PAGE_SIDE} px; the content of {total:.0f} px takes several.",
        )
        total = _MAX_PAGE_SIDE
    return {"width": f"{width}px", "height": f"{total}px", "format": None, "landscape": False}


def to_px(length: str) -> float:
    """A length with unit in CSS pixels; a number without unit is in pixels."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(px|in|cm|mm)?", length)
    if match is None:
        raise ValueError(f"{length!r} is not a length")
    return float(match[1]) * _TO_PX[match[2] or ""]


def page_count(data: bytes) -> int:
    """The number of pages of a PDF from Chromium, which writes one uncompressed object for each."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", data))


def _with_metadata(data: bytes, metadata: Metadata) -> bytes:
    entries = metadata.model_dump(exclude_none=True)
    if data.count(b" obj") <= _OBJECTS_IN_THREAD:
        return conversions.describe_pdf(data, entries=entries)
    try:
        return worker_process.run("describe_pdf", data, entries=entries)
    except worker_process.WorkerFailed as error:
        raise NotRenderable("The document information could not be written.") from error
