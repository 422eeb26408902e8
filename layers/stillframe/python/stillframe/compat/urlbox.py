"""Urlbox: the options of its API and of its render links; times are in milliseconds."""

from __future__ import annotations

from . import puppeteer_output
from .service import Route, Service
from .table import Refused, Translation
from .urlbox_options import TABLES


def _finish(t: Translation) -> None:
    """What several options mean together: consent, a PDF of one page, headers and the margin."""
    accept = t.noted.get("click_accept") or t.noted.get("accept_cookies")
    if accept or t.noted.get("hide_cookie_banners"):
        t.current = "click_accept" if accept else "hide_cookie_banners"
        t.set("block_cookie_banners", "accept" if accept else "hide")
    if t.noted.get("full_page"):
        t.current = "full_page"
        t.set("pdf_single_page" if t.options.get("format") == "pdf" else "full_page", True)
    if t.noted.get("pdf_margin"):
        t.current = "pdf_margin"
        t.set("pdf_margin", t.noted["pdf_margin"])
    for name, default in (("header", puppeteer_output.HEADER), ("footer", puppeteer_output.FOOTER)):
        t.current = f"pdf_{name}"
        if t.noted.get(f"pdf_show_{name}"):
            t.set(f"pdf_{name}", t.noted.get(f"pdf_{name}") or default)
        elif t.noted.get(f"pdf_{name}"):
            raise Refused(f"pdf_{name}: has no effect without pdf_show_{name}; set it to true")
    if "pdf_format" in t.options:
        t.options.pop("pdf_width", None)
        t.options.pop("pdf_height", None)


_DEFAULTS = {"window_width": 1280, "window_height": 1024, "image_quality": 80, "wait_for_timeout": 30_000}
SERVICE = Service(
    "urlbox",
    "Urlbox",
    "`urlbox/urlbox-mcp-server`: `llms.txt`; `urlbox/urlbox-dotnet`: `UrlboxOptions.cs`",
    TABLES,
    (
        Route(
            "v1/render/sync",
            TABLES,
            defaults=_DEFAULTS | {"response_type": "url"},
            finish=_finish,
            shape="urlbox",
        ),
        Route(
            "v1/render/async",
            TABLES,
            defaults=_DEFAULTS,
            fixed={"async": True},
            finish=_finish,
            shape="urlbox",
        ),
        Route("v1/{}/{}", TABLES, ("GET",), defaults=_DEFAULTS, finish=_finish, shape="render link"),
    ),
    {
        "v1/usage": "the service counts no renders; GET /health has its figures",
    },
    "Defaults on these paths are Urlbox's: a viewport of 1280 by 1024, quality 80, 30 seconds for the"
    " navigation. `render/sync` answers `{renderUrl, size}` and needs a storage, unless `response_type` is"
    " `binary`; `render/async` answers `{status, renderId, statusUrl}`. A render link without a token,"
    " `GET /compat/urlbox/v1/<key>/<format>?…`, is answered for callers with a header; the key in it is not"
    " read. Without `wait_until` the page is captured when it has settled.",
    (
        "v1/render/sync",
        {
            "url": "example.com",
            "full_page": True,
            "retina": True,
            "delay": 1500,
            "click_accept": True,
            "hide_selector": ".chat, .banner",
            "block_urls": ["*.doubleclick.net"],
            "wait_until": "mostrequestsfinished",
            "cookie": ["Opt-In=yes;Domain=.example.com"],
            "response_type": "binary",
        },
    ),
    plain=(("v1/render/sync",),),
)
