"""Gotenberg: the forms of its Chromium routes; a bare length is in inches, a duration has its unit."""

from __future__ import annotations

from .gotenberg_options import (
    FILES_TABLE,
    HEADER_TABLE,
    MARKDOWN_TABLE,
    PAGE_TABLE,
    PICTURE_TABLE,
    PRINT_TABLE,
    URL_TABLE,
)
from .gotenberg_refused import PDF_ENGINES
from .service import Route, Service
from .table import Table, Translation
from .waits import finish_predicates

# Chromium's limits of a page that loads, and Gotenberg's statuses that are errors.
_LOAD = {"fail_on_status": ["4xx", "5xx"], "wait_for_timeout": 30_000}
_PAPER = {"pdf_width": "8.5in", "pdf_height": "11in"}
_MARGINS = {f"pdf_margin_{side}": "0.39in" for side in ("top", "bottom", "left", "right")}


def _finish_print(t: Translation) -> None:
    finish_predicates(t)
    for name, length in _PAPER.items():
        # A document on one page is as high as its content.
        if not (name == "pdf_height" and t.options.get("pdf_single_page")):
            t.options.setdefault(name, length)
    if t.options.get("pdf_single_page"):
        t.options.pop("pdf_height", None)


def _finish_picture(t: Translation) -> None:
    finish_predicates(t)
    if not t.noted.get("clip") and "selector" not in t.options:
        t.current = "clip"
        t.set("full_page", True)


def _routes(kind: str, source: str, *tables: Table) -> tuple[Route, ...]:
    prints = kind == "convert"
    own = (PRINT_TABLE, PDF_ENGINES) if prints else (PICTURE_TABLE,)
    defaults = _LOAD | (
        _MARGINS | {"pdf_print_background": False}
        if prints
        else {"window_width": 800, "window_height": 600, "image_quality": 100}
    )
    return (
        Route(
            f"forms/chromium/{kind}/{source}",
            (PAGE_TABLE, HEADER_TABLE, *own, *tables),
            defaults=defaults,
            fixed={"format": "pdf"} if prints else {},
            finish=_finish_print if prints else _finish_picture,
            shape="gotenberg",
        ),
    )


SERVICE = Service(
    "gotenberg",
    "Gotenberg",
    "`gotenberg/gotenberg` 8: `pkg/modules/chromium/routes.go`, `pkg/modules/pdfengines/routes.go`,"
    " `pkg/modules/api`, `pkg/modules/webhook`",
    (
        PAGE_TABLE,
        URL_TABLE,
        FILES_TABLE,
        MARKDOWN_TABLE,
        PRINT_TABLE,
        PICTURE_TABLE,
        PDF_ENGINES,
        HEADER_TABLE,
    ),
    (
        *(
            route
            for kind in ("convert", "screenshot")
            for route in (
                *_routes(kind, "url", URL_TABLE),
                *_routes(kind, "html", FILES_TABLE),
                *_routes(kind, "markdown", FILES_TABLE, MARKDOWN_TABLE),
            )
        ),
    ),
    {
        "forms/libreoffice/": "office documents are not converted; send HTML",
        "forms/pdfengines/": "PDF files are not changed after they are printed",
    },
    "Requests are multipart forms, as there. Defaults on these paths are Gotenberg's: paper of 8.5 by 11"
    " inches, margins of 0.39 inches, no printed background, a picture of 800 by 600 and the full page,"
    " and an error for a target that answers 4xx or 5xx. The page is captured when it has settled. Basic"
    " authentication is accepted with any user name and a token of this service as the password.",
    (
        "forms/chromium/convert/url",
        {
            "url": "https://example.com/",
            "paperWidth": "8.27",
            "paperHeight": "11.7",
            "marginTop": "1",
            "marginBottom": "2cm",
            "printBackground": "true",
            "waitDelay": "1.5s",
            "failOnHttpStatusCodes": "[404, 599]",
            "extraHttpHeaders": '{"X-Team": "web"}',
        },
    ),
    plain=(("forms/chromium/convert/url",), ("forms/chromium/screenshot/url",)),
)
