"""Browserless: the JSON bodies of its REST routes, of Puppeteer's shape."""

from __future__ import annotations

from . import puppeteer, puppeteer_output
from .service import Route, Service
from .table import (
    Refused,
    Table,
    Translation,
    applied,
    below,
    ignored,
    part,
    refuse_all,
    refused,
    to,
    when,
)
from .values import boolean, limit, text

_QUERY = (
    refused("token", "a token in an address ends in logs; send `Authorization: Bearer <token>`"),
    to("timeout", "timeout", limit, "milliseconds for the whole request; in the query string"),
    to("blockAds", "block_ads", boolean, "in the query string"),
    refused("blockAdsInclude", "the filter lists are chosen by `block_ads`, `block_trackers` and others"),
    refused("launch", "the operator starts the browser; set options of the page, such as `proxy`"),
    to("trackingId", "external_id", text, "in the query string"),
    refused("profile", "send `cookies`, or `storage_state` to /capture"),
)
_WAITS = (
    applied(
        "waitForFunction.fn", ("wait_for_function",), puppeteer.wait_for_function, "a function or expression"
    ),
    ignored("waitForFunction.polling", "the expression is asked every 50 ms"),
    applied(
        "waitForFunction.timeout",
        ("wait_for_timeout",),
        lambda t, value: t.at_least("wait_for_timeout", limit(value)),
        "milliseconds, as `gotoOptions.timeout`",
    ),
    refused("waitForEvent.event", "wait for what the event changes with waitForFunction"),
    ignored("waitForEvent.timeout", "belongs to waitForEvent.event"),
    refused("requestInterceptors", "requests can be blocked with rejectRequestPattern, not answered"),
    part("requestInterceptors[].pattern", (), "refused", "as `requestInterceptors`"),
    part("requestInterceptors[].response", (), "refused", "as `requestInterceptors`"),
)
_COMMON = Table("Every route", puppeteer.PAGE + _WAITS)
_SYSTEM = Table("Query string of every route", _QUERY)
_PICTURE = Table(
    "`/screenshot`",
    (
        to("selector", "selector", text),
        to("scrollPage", "scroll_page", boolean),
        *below("options", puppeteer_output.SCREENSHOT),
        refused("options.path", "a file of the server; the picture is in the response"),
    ),
)
_PRINT = Table(
    "`/pdf`",
    (
        *below("options", puppeteer_output.PDF),
        when("options.fullPage", "true prints everything on one page", pdf_single_page=True),
        refused("options.path", "a file of the server; the document is in the response"),
    ),
)
_OTHER = Table(
    "Routes without a counterpart",
    refuse_all("elements debugOpts", "use POST /capture with `format: metadata` or `format: html`")
    + refuse_all(
        "code context", "no code of the caller runs outside the page; use `interactions` of /capture"
    )
    + refuse_all("budgets config", "there is no audit; `report.timings` has the phases of a capture"),
)


def _finish(t: Translation) -> None:
    puppeteer.finish_waits(t)


def _finish_pdf(t: Translation) -> None:
    puppeteer.finish_waits(t)
    if "pdf_single_page" in t.options:
        if "pdf_height" in t.options or "pdf_format" in t.options:
            raise Refused("options.fullPage: cannot be used with options.height or options.format")
        return puppeteer_output.finish_pdf(t, "options.") if "pdf_width" in t.options else _headers(t)
    return puppeteer_output.finish_pdf(t, "options.")


def _headers(t: Translation) -> None:
    puppeteer_output.finish_pdf(t, "options.")
    t.options.pop("pdf_format", None)


# Puppeteer's viewport, and its limit of 30 seconds for navigation and waits.
_DEFAULTS = {"window_width": 800, "window_height": 600, "wait_for_timeout": 30_000}


def _routes(name: str, table: tuple[Table, ...], format: str) -> tuple[Route, ...]:
    finish = _finish_pdf if format == "pdf" else _finish
    defaults = _DEFAULTS | (puppeteer_output.PDF_DEFAULTS if format == "pdf" else {})
    fixed = {} if format == "png" else {"format": format}
    shape = {"png": "picture", "pdf": "bytes", "html": "bytes"}[format]
    tables = (_COMMON, _SYSTEM, *table)
    return tuple(
        Route(f"{browser}{name}", tables, defaults=defaults, fixed=fixed, finish=finish, shape=shape)
        for browser in ("", "chromium/", "chrome/")
    )


SERVICE = Service(
    "browserless",
    "Browserless",
    "`browserless/browserless` 2.56: `src/shared/{screenshot,pdf,content}.http.ts`, `src/http.ts`",
    (_COMMON, _SYSTEM, _PICTURE, _PRINT, _OTHER),
    (
        *_routes("screenshot", (_PICTURE,), "png"),
        *_routes("pdf", (_PRINT,), "pdf"),
        *_routes("content", (), "html"),
    ),
    {
        "scrape": "use POST /capture with `format: metadata` or `format: html`",
        "function": "no code of the caller runs outside the page; use `interactions` of POST /capture",
        "download": "no code of the caller runs outside the page; a file as target is a 422",
        "performance": "there is no audit; `report.timings` has the phases of a capture",
        "unblock": "challenges are not solved; `fail_on: [challenge]` reports them",
        "edge/": "the browser is Chromium; use the path without `edge/`",
    },
    "Defaults on these paths are Puppeteer's: a viewport of 800 by 600, letter paper, no printed background,"
    " tags, and 30 seconds for the navigation. Without `gotoOptions.waitUntil` the page is captured when it"
    " has settled.",
    (
        "screenshot",
        {
            "url": "https://example.com/",
            "options": {"fullPage": True, "type": "jpeg", "quality": 80},
            "gotoOptions": {"waitUntil": "networkidle2", "timeout": 20_000},
            "viewport": {"width": 1280, "height": 720, "deviceScaleFactor": 2},
            "waitForTimeout": 500,
            "rejectRequestPattern": ["\\.mp4$"],
        },
    ),
    plain=(("screenshot", "pdf"),),
)
