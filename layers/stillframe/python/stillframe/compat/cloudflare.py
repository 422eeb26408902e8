"""Cloudflare Browser Rendering (Browser Run): the JSON bodies of its quick actions."""

from __future__ import annotations

from typing import Any, get_args

from ..steps.block import Kind
from . import puppeteer, puppeteer_output
from .service import Route, Service
from .table import Refused, Table, Translation, applied, below, ignored, noted, refuse_all, refused, to
from .values import boolean, integer, text, texts

_FORMATS = {"content": "html", "screenshot": "png", "markdown": "markdown"}


def _cache(t: Translation, value: Any) -> None:
    seconds = integer(value)
    if seconds:
        t.set("cache", True)
        t.set("cache_ttl", seconds)


def _allowed(t: Translation, value: Any) -> None:
    """Block every type that is not allowed; without `document` there would be no page."""
    allowed = {*puppeteer.kinds(value), "document"}
    t.extend("block_resources", [kind for kind in get_args(Kind) if kind not in allowed])


def _patterns(value: Any) -> list[str]:
    """Regular expressions; the documentation shows them with a slash in front of `^`, or between slashes."""
    found = []
    for one in texts(value):
        bare = one[1:-1] if len(one) > 2 and one.startswith("/") and one.endswith("/") else one
        found.append(f"/{bare[1:] if bare.startswith('/^') else bare}/")
    return found


def _snapshot_formats(value: Any) -> list[str]:
    found = texts(value)
    if "accessibilityTree" in found:
        raise Refused("'accessibilityTree' is not supported; use `content`, `screenshot` and `markdown`")
    if len(found) < 2 or not set(found) <= set(_FORMATS):
        raise ValueError(f"must be at least two of {', '.join(_FORMATS)}")
    return found


_PAGE = Table(
    "Every route",
    (
        *(row for row in puppeteer.PAGE if row.name != "rejectRequestPattern"),
        applied(
            "rejectRequestPattern",
            ("block_urls",),
            lambda t, value: t.extend("block_urls", _patterns(value)),
            "regular expressions, with or without slashes around them; RE2 has no look-around",
        ),
        refused("allowRequestPattern", "list what to block with rejectRequestPattern"),
        applied(
            "allowResourceTypes", ("block_resources",), _allowed, "all other types but document are blocked"
        ),
        ignored("actionTimeout", "the capture ends with the request's own deadline"),
        applied("cacheTTL", ("cache", "cache_ttl"), _cache, "seconds, in the query string; 0 is no cache"),
    ),
)
_PICTURE = Table(
    "`/screenshot`",
    (
        to("selector", "selector", text),
        to("scrollPage", "scroll_page", boolean),
        *below("screenshotOptions", puppeteer_output.SCREENSHOT),
    ),
)
_PRINT = Table("`/pdf`", below("pdfOptions", puppeteer_output.PDF[:-1]))
_SNAPSHOT = Table(
    "`/snapshot`",
    (
        noted("formats", ("outputs",), _snapshot_formats, "`accessibilityTree` is refused", "in part"),
        *below("screenshotOptions", tuple(r for r in puppeteer_output.SCREENSHOT if r.name != "encoding")),
    ),
)
_OTHER = Table(
    "Routes without a counterpart",
    refuse_all("elements", "use POST /capture with `format: metadata` or `format: html`")
    + refuse_all("visibleLinksOnly excludeExternalLinks", "POST /capture with `format: metadata` lists links")
    + refuse_all(
        "prompt response_format custom_ai jsonOptions", "no language model is called; use `format: markdown`"
    )
    + refuse_all(
        "limit depth source render maxAge modifiedSince crawlPurposes options.includeExternalLinks"
        " options.includeSubdomains options.includePatterns options.excludePatterns",
        "no site is crawled; send its pages to POST /capture/batch",
    ),
)
_PER_OUTPUT = ("image_quality", "full_page", "omit_background", "clip", "png_effort")


def _finish_pdf(t: Translation) -> None:
    puppeteer.finish_waits(t)
    puppeteer_output.finish_pdf(t, "pdfOptions.")


def _finish_snapshot(t: Translation) -> None:
    """One load with several outputs; the options of the picture belong to its output."""
    puppeteer.finish_waits(t)
    picture = {"format": t.options.pop("format", "png")}
    picture |= {name: t.options.pop(name) for name in _PER_OUTPUT if name in t.options}
    names = t.noted.get("formats") or ["content", "screenshot"]
    t.current = "formats"
    t.set("outputs", [picture if name == "screenshot" else {"format": _FORMATS[name]} for name in names])
    t.set("metadata", ["title", "status"])


_DEFAULTS = {"window_width": 1920, "window_height": 1080, "wait_for_timeout": 30_000}


def _routes(name: str, tables: tuple[Table, ...], shape: str, **fixed: Any) -> tuple[Route, ...]:
    finish = {"pdf": _finish_pdf, "snapshot": _finish_snapshot}.get(name, puppeteer.finish_waits)
    defaults = _DEFAULTS | (puppeteer_output.PDF_DEFAULTS if name == "pdf" else {})
    return tuple(
        Route(prefix + name, (_PAGE, *tables), defaults=defaults, fixed=fixed, finish=finish, shape=shape)
        for prefix in ("", "client/v4/accounts/{}/browser-rendering/", "accounts/{}/browser-rendering/")
    )


SERVICE = Service(
    "cloudflare",
    "Cloudflare Browser Rendering",
    "`cloudflare/cloudflare-docs`: `browser-run/quick-actions`;"
    " `cloudflare/cloudflare-typescript`: `src/resources/browser-rendering`",
    (_PAGE, _PICTURE, _PRINT, _SNAPSHOT, _OTHER),
    (
        *_routes("screenshot", (_PICTURE,), "picture"),
        *_routes("pdf", (_PRINT,), "bytes", format="pdf"),
        *_routes("content", (), "cloudflare", format="html", response_type="json", metadata=["title"]),
        *_routes("markdown", (), "cloudflare", format="markdown", response_type="json", metadata=["title"]),
        *_routes("snapshot", (_SNAPSHOT,), "cloudflare", response_type="json"),
    ),
    {
        "scrape": "use POST /capture with `format: metadata` or `format: html`",
        "links": "POST /capture with `format: metadata` lists the links of a page",
        "json": "no language model is called; POST /capture with `format: markdown` gives the text",
        "crawl": "no site is crawled; send its pages to POST /capture/batch",
        "accessibilityTree": "POST /capture with `format: metadata` gives headings and links",
    },
    "Both the short path (`/compat/cloudflare/screenshot`) and the whole one"
    " (`/compat/cloudflare/client/v4/accounts/<id>/browser-rendering/screenshot`) are there. Defaults are a"
    " viewport of 1920 by 1080, and for PDF those of Puppeteer. Without `gotoOptions.waitUntil` the page is"
    " captured when it has settled.",
    (
        "pdf",
        {
            "url": "https://example.com/",
            "pdfOptions": {
                "format": "a5",
                "margin": {"top": "70px", "bottom": "70px"},
                "printBackground": True,
            },
            "gotoOptions": {"waitUntil": "networkidle0", "timeout": 45_000},
            "setExtraHTTPHeaders": {"X-Custom-Header": "value"},
            "rejectResourceTypes": ["image"],
        },
    ),
    plain=(("screenshot", "pdf", "snapshot"),),
)
