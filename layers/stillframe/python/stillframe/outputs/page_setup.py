"""The page setup of a PDF: paper, margins and scale, and what of the page is printed."""

from __future__ import annotations

from typing import Any

from ..options import Options, option
from ..page.session import PageSession
from .paper import SIDES, SIZES, Length, Margins, Paper, PaperName, PaperSide, margin_sides, to_px


class PageSetupOptions(Options, group="pdf"):
    pdf_format: PaperName | None = option(
        None,
        "Paper size, A4 when no size is given; also `A4 landscape`, or two lengths such as `210mm 297mm`.",
        aliases=("pdf_page_size", "pdf_paper_format"),
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_width: PaperSide | None = option(
        None,
        "Paper width as `pdf_margin_top` is written; overrides `pdf_format`.",
        aliases=("paper_width",),
        pixashot=True,
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_height: PaperSide | None = option(
        None,
        "Paper height as `pdf_margin_top` is written; overrides `pdf_format`.",
        aliases=("paper_height",),
        pixashot=True,
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
    pdf_margin: Margins | None = option(
        None,
        "Margins: a length, up to four in the order of CSS (`1cm 2cm`), or `{top, right, bottom, left}`.",
        aliases=("margin", "margins"),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_top: Length | None = option(
        None,
        "Top margin, a length in px, in, cm, mm, Q, pt or pc; a number is in px; overrides `pdf_margin`.",
        aliases=("margin_top",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_right: Length | None = option(
        None,
        "Right margin; overrides `pdf_margin`.",
        aliases=("margin_right",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_bottom: Length | None = option(
        None,
        "Bottom margin; overrides `pdf_margin`.",
        aliases=("margin_bottom",),
        shareable=True,
        linkable=True,
        per_output=True,
    )
    pdf_margin_left: Length | None = option(
        None,
        "Left margin; overrides `pdf_margin`.",
        aliases=("margin_left",),
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


def size_of_format(options: PageSetupOptions) -> tuple[float, float]:
    """Width and height of `pdf_format` in CSS pixels, not turned."""
    width, height = SIZES[options.pdf_format or "A4"]
    return to_px(width), to_px(height)


def paper_of(options: PageSetupOptions) -> Paper:
    """The paper and the margins that the request names."""
    width, height = size_of_format(options)
    if options.pdf_width:
        width = to_px(options.pdf_width)
    if options.pdf_height:
        height = to_px(options.pdf_height)
    if options.pdf_landscape:
        width, height = max(width, height), min(width, height)
    shared = margin_sides(options.pdf_margin) if options.pdf_margin else {}
    named = {side: getattr(options, f"pdf_margin_{side}") or shared.get(side) for side in SIDES}
    margins = {side: to_px(length or "0") for side, length in named.items()}
    return Paper(width, height, margins, {side for side in SIDES if named[side]})


def arguments(session: PageSession, options: PageSetupOptions) -> dict[str, Any]:
    """The arguments of Playwright's `page.pdf` apart from those of the paper."""
    return {
        "print_background": options.pdf_print_background,
        "scale": options.pdf_scale,
        "page_ranges": (options.pdf_page_ranges or "").replace(" ", "")
        or f"1-{session.limits.max_pdf_pages}",
    }
