"""Puppeteer's options of a picture and of a PDF, with its names and units."""

from __future__ import annotations

from typing import Any

from .table import (
    Refused,
    Row,
    Translation,
    applied,
    entry,
    ignored,
    noted,
    only,
    refused,
    to,
)
from .values import boolean, integer, length, number, one_of, text

# Chromium's own header and footer, which it prints when a template is empty.
HEADER = '<span class="date"></span> <span class="title"></span>'
FOOTER = '<span class="url"></span> <span class="pageNumber"></span>/<span class="totalPages"></span>'


def _speed(value: Any) -> str:
    return "fast" if boolean(value) else "small"


SCREENSHOT: tuple[Row, ...] = (
    to("type", "format", one_of("png", "jpeg", "webp")),
    to("quality", "image_quality", integer),
    to("fullPage", "full_page", boolean),
    to("omitBackground", "omit_background", boolean),
    *(entry(f"clip.{side}", "clip", side, number) for side in ("x", "y", "width", "height")),
    only(
        "clip.scale",
        lambda value: _must(number(value) == 1, "scale the picture with viewport.deviceScaleFactor"),
        "only 1; `viewport.deviceScaleFactor` scales a picture",
    ),
    noted("encoding", ("response_type",), one_of("binary", "base64"), "`base64` is answered as text"),
    only(
        "captureBeyondViewport",
        lambda value: _must(
            boolean(value), "a picture always shows what is outside the viewport; leave it out"
        ),
        "only true, which is so here",
    ),
    ignored("fromSurface", "Chromium has captured from the surface only since its new headless mode"),
    to("optimizeForSpeed", "png_effort", _speed, "true is `fast`, false `small`"),
)


def _must(holds: bool, instead: str) -> None:
    if not holds:
        raise Refused(instead)


PDF: tuple[Row, ...] = (
    to("scale", "pdf_scale", number),
    noted("displayHeaderFooter", ("pdf_header", "pdf_footer"), boolean, "the templates count only with it"),
    noted("headerTemplate", ("pdf_header",), text, "an empty one is Chromium's: date and title"),
    noted("footerTemplate", ("pdf_footer",), text, "an empty one is Chromium's: address and page number"),
    to("printBackground", "pdf_print_background", boolean, "false by default there, as it is on this route"),
    to("landscape", "pdf_landscape", boolean),
    applied(
        "pageRanges",
        ("pdf_page_ranges",),
        lambda t, value: t.set("pdf_page_ranges", text(value)) if value != "" else None,
    ),
    to("format", "pdf_format", text, "letter by default there; takes precedence over width and height"),
    to("width", "pdf_width", length, "a number is in pixels, as there"),
    to("height", "pdf_height", length, "a number is in pixels, as there"),
    to("preferCSSPageSize", "pdf_prefer_css_page_size", boolean),
    *(
        to(f"margin.{side}", f"pdf_margin_{side}", length, "a number is in pixels, as there")
        for side in ("top", "right", "bottom", "left")
    ),
    refused("omitBackground", "Chromium prints on white; capture a PNG for transparency"),
    to("tagged", "pdf_tagged", boolean, "true by default there, as it is on this route"),
    to("outline", "pdf_outline", boolean),
    ignored("timeout", "printing ends with the request's own deadline"),
    ignored("waitForFonts", "printing always waits for fonts"),
)


def finish_pdf(t: Translation, prefix: str) -> None:
    """Headers count when they are displayed, and a named paper takes precedence over its sides."""
    if t.noted.get(f"{prefix}displayHeaderFooter"):
        t.current = f"{prefix}displayHeaderFooter"
        t.set("pdf_header", t.noted.get(f"{prefix}headerTemplate") or HEADER)
        t.set("pdf_footer", t.noted.get(f"{prefix}footerTemplate") or FOOTER)
    if "pdf_format" in t.options:
        t.options.pop("pdf_width", None)
        t.options.pop("pdf_height", None)
    elif "pdf_width" not in t.options and "pdf_height" not in t.options:
        t.options["pdf_format"] = "letter"


# Puppeteer prints no background and adds tags unless it is told otherwise.
PDF_DEFAULTS = {"pdf_print_background": False, "pdf_tagged": True}
