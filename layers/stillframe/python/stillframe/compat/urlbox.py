"""Urlbox: the options of its API and of its render links; times are in milliseconds."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from . import puppeteer
from .service import Route, Service
from .set_cookie import cookies, headers
from .table import Refused, Table, Translation, applied, entry, item, lines, listed, noted, only, to, when
from .urlbox_refused import REFUSED, WITHOUT_EFFECT
from .values import (
    boolean,
    choice,
    comma_texts,
    from_json,
    integer,
    limit,
    milliseconds,
    number,
    one_of,
    pixels,
    text,
    texts,
)

_FORMATS = {name: name for name in ("png", "jpeg", "webp", "avif", "pdf", "html", "mhtml")}
_FORMATS |= {"jpg": "jpeg", "md": "markdown"}
_NO_FORMAT = {"svg": "use png", "mp4": "no video is recorded", "webm": "no video is recorded"}
_STATES = {
    "domloaded": ("domcontentloaded", None),
    "loaded": ("load", None),
    "mostrequestsfinished": ("load", "mostly_idle"),
    "requestsfinished": ("networkidle", None),
}
_COMPASS = {
    "center": "center",
    "centre": "center",
    "top": "top",
    "north": "top",
    "right": "right",
    "east": "right",
    "bottom": "bottom",
    "south": "bottom",
    "left": "left",
    "west": "left",
    "right top": "top right",
    "northeast": "top right",
    "right bottom": "bottom right",
    "southeast": "bottom right",
    "left bottom": "bottom left",
    "southwest": "bottom left",
    "left top": "top left",
    "northwest": "top left",
}
_NO_POSITION = dict.fromkeys(("entropy", "attention"), "name the side that is kept, such as `top`")
_CACHE_KEY = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def _url(value: Any) -> str:
    found = text(value).strip()
    return found if "://" in found else f"http://{found}"


def _proxy(value: Any) -> str:
    return _url(value)


def _clip(t: Translation, value: Any) -> None:
    found = from_json(value) if isinstance(value, str) and value.startswith("{") else value
    sides = ("x", "y", "width", "height")
    if isinstance(found, dict) and set(found) == set(sides):
        t.set("clip", {side: number(found[side]) for side in sides})
        return
    parts = text(found).split(",") if isinstance(found, str) else []
    if len(parts) != 4:
        raise ValueError("must be x,y,width,height")
    t.set("clip", {side: number(part) for side, part in zip(sides, parts, strict=True)})


def _domains(value: Any) -> list[str]:
    """`*.example.com` is a host with its subdomains; other patterns match any part of a URL."""
    found = []
    for one in texts(value):
        host = one.startswith("*.") and "/" not in one and "*" not in one[2:]
        if host:
            found.append(f"/^[a-z]+://([^/]*\\.)?{re.escape(one[2:])}([:/?#]|$)/")
        else:
            bare = one.strip("*")
            found.append(f"*{bare}*" if "*" in bare else bare)
    return found


def _headers(t: Translation, value: Any) -> None:
    for name, content in headers(value, "=").items():
        t.put("custom_headers", name, content)


def _accept_language(t: Translation, value: Any) -> None:
    found = text(value)
    if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", found):
        t.set("locale", found)
    else:
        t.put("custom_headers", "Accept-Language", found)


def _user_agent(t: Translation, value: Any) -> None:
    found = text(value)
    if found in ("mobile", "desktop"):
        t.set("use_random_user_agent", True)
        t.set("user_agent_device", found)
    elif found == "random":
        t.set("use_random_user_agent", True)
    else:
        t.set("user_agent", found)


def _wait_until(t: Translation, value: Any) -> None:
    state, network = choice(_STATES)(value)
    t.set("wait_until", state)
    if network is not None:
        t.set("wait_for_network", network)


def _page_height(t: Translation, value: Any) -> None:
    t.set("pdf_height", pixels(value))


def _unique(value: Any) -> str:
    found = text(value)
    return found if _CACHE_KEY.fullmatch(found) else hashlib.sha256(found.encode()).hexdigest()


def _scroll_to(t: Translation, value: Any) -> None:
    try:
        t.step(3, action="scroll", x=0, y=integer(value))
    except ValueError:
        t.step(3, action="scroll", selector=text(value), optional=True)


def _click_all(t: Translation, value: Any) -> None:
    for selector in texts(value):
        script = f"for (const it of document.querySelectorAll({json.dumps(selector)})) it.click()"
        t.step(2, action="evaluate", text=script)


def _steps(action: str, rank: int) -> Any:
    def apply(t: Translation, value: Any) -> None:
        for selector in texts(value):
            t.step(rank, action=action, selector=selector, optional=True)

    return apply


def _color_profile(value: Any) -> str:
    found: str = choice({"default": "default", "srgb": "srgb"})(value)
    return found


def _response(value: Any) -> str:
    found: str = choice(
        {"json": "url", "binary": "by_format", "none": "empty"},
        base64="use response_type json at /capture: `file` is base64",
        jsondebug="use json; /capture with `debug: true` records the capture",
    )(value)
    return found


def _cached(t: Translation, option: str, value: Any) -> None:
    t.set("cache", True)
    t.set(option, value)


_STILL = "*, *::before, *::after { animation: none !important; transition: none !important }"
_PLAIN = "* { font-variant-ligatures: none !important }"
_TIMEOUT_NOTE = "milliseconds; one limit for navigation and waits, the larger of `timeout` and `wait_timeout`"
_OPTIONAL = "several are done in their order; a missing element is a warning"

_BASIC = (
    to("url", "url", _url, "`http://` is added where it is missing"),
    to("html", "html_content", text),
    to("base_url", "base_url", text),
    to("format", "format", choice(_FORMATS, **_NO_FORMAT), "without svg, mp4 and webm", "in part"),
    to("width", "window_width", integer),
    to("height", "window_height", integer),
    noted("full_page", ("full_page", "pdf_single_page"), boolean, "for PDF one page as high as the content"),
    to("selector", "selector", text, "a missing element is an error (422 selector_not_found)", "in part"),
    applied("clip", ("clip",), _clip, "`x,y,width,height` in CSS pixels"),
    to("response_type", "response_type", _response, "json, binary and none", "in part"),
)
_BLOCKING = (
    to("block_ads", "block_ads", boolean),
    noted("hide_cookie_banners", ("block_cookie_banners",), boolean, "true is `hide`"),
    noted(
        "click_accept", ("block_cookie_banners",), boolean, "true is `accept`, also with hide_cookie_banners"
    ),
    noted("accept_cookies", ("block_cookie_banners",), boolean, "as click_accept"),
    when("kill_popups", block_popups=True),
    applied(
        "press_escape",
        ("interactions",),
        lambda t, value: t.step(0, action="press", text="Escape") if boolean(value) else None,
    ),
    listed("block_urls", "block_urls", _domains, "`*.example.com` is the host with its subdomains"),
    item("block_images", "block_resources", "image"),
    item("block_fonts", "block_resources", "font"),
    item("block_medias", "block_resources", "media"),
    item("block_styles", "block_resources", "stylesheet"),
    item("block_scripts", "block_resources", "script"),
    item("block_fetch", "block_resources", "fetch"),
    item("block_xhr", "block_resources", "xhr"),
    item("block_sockets", "block_resources", "websocket"),
    item("block_manifests", "block_resources", "manifest"),
    item("block_pings", "block_resources", "ping"),
    item("block_other", "block_resources", "other"),
    listed(
        "hide_selector", "remove_selectors", comma_texts, "`display: none`, which is `remove_selectors` here"
    ),
)
_LOOK = (
    lines("js", "custom_js", text, "may use `await`"),
    lines("css", "custom_css", text),
    to("dark_mode", "dark_mode", boolean),
    to("reduced_motion", "reduced_motion", boolean),
    lines("disable_animations", "custom_css", lambda value: _STILL if boolean(value) else ""),
    lines("disable_ligatures", "custom_css", lambda value: _PLAIN if boolean(value) else ""),
    to("retina", "pixel_density", lambda value: 2.0 if boolean(value) else 1.0, "true is 2"),
    to("dpr", "pixel_density", number),
    entry("thumb_width", "resize", "width", integer),
    entry("thumb_height", "resize", "height", integer),
    entry("img_fit", "resize", "fit", choice({f: f for f in ("cover", "contain", "fill", "inside")})),
    entry(
        "img_position", "resize", "position", choice(_COMPASS, **_NO_POSITION), "without entropy, attention"
    ),
    to("quality", "image_quality", integer, "80 by default on this path"),
    to("transparent", "omit_background", boolean),
    to("bg_color", "background_color", text),
    to("max_height", "full_page_max_height", integer),
    to("download", "filename", text),
    only("color_profile", _color_profile, "only `srgb` and `default`; pictures are sRGB"),
)
_PDF = (
    to("pdf_page_size", "pdf_format", text, "takes precedence over width and height"),
    to("pdf_page_range", "pdf_page_ranges", text),
    to("pdf_page_width", "pdf_width", pixels, "pixels"),
    applied("pdf_page_height", ("pdf_height",), _page_height, "pixels"),
    noted(
        "pdf_margin",
        ("pdf_margin",),
        choice({"none": "0px", "default": None}, minimum="set the four margins"),
        "`none` and `default`",
        "in part",
    ),
    to("pdf_margin_top", "pdf_margin_top", pixels, "pixels, as pdf_page_width"),
    to("pdf_margin_right", "pdf_margin_right", pixels, "pixels"),
    to("pdf_margin_bottom", "pdf_margin_bottom", pixels, "pixels"),
    to("pdf_margin_left", "pdf_margin_left", pixels, "pixels"),
    to("pdf_scale", "pdf_scale", number),
    to("pdf_orientation", "pdf_landscape", choice({"landscape": True, "portrait": False})),
    to("pdf_background", "pdf_print_background", boolean),
    to("media", "media_type", one_of("print", "screen")),
    noted("pdf_show_header", ("pdf_header",), boolean, "without pdf_header: date and title"),
    noted("pdf_header", ("pdf_header",), text, "needs pdf_show_header"),
    noted("pdf_show_footer", ("pdf_footer",), boolean, "without pdf_footer: address and page number"),
    noted("pdf_footer", ("pdf_footer",), text, "needs pdf_show_footer"),
)
_REQUEST = (
    applied(
        "force",
        ("cache", "cache_mode"),
        lambda t, value: _cached(t, "cache_mode", "refresh") if boolean(value) else None,
        "true is `cache: true` with `cache_mode: refresh`",
    ),
    applied(
        "unique",
        ("cache", "cache_key"),
        lambda t, value: _cached(t, "cache_key", _unique(value)),
        "sets `cache: true`; a text that is no key is hashed",
    ),
    applied(
        "ttl",
        ("cache", "cache_ttl"),
        lambda t, value: _cached(t, "cache_ttl", integer(value)),
        "seconds, as here; sets `cache: true`, which is off without it",
    ),
    to("proxy", "proxy", _proxy, "`http://` is added where it is missing"),
    applied(
        "header",
        ("custom_headers",),
        _headers,
        "`Name=value`, several times; sent to the target's origin only",
    ),
    applied("headers", ("custom_headers",), _headers, "as header"),
    listed("cookie", "cookies", cookies, "`name=value;Domain=…`, several times"),
    listed("cookies", "cookies", cookies, "as cookie"),
    applied(
        "user_agent",
        ("user_agent", "use_random_user_agent", "user_agent_device"),
        _user_agent,
        "`random`, `mobile` and `desktop` choose a common one",
    ),
    applied(
        "accept_lang", ("locale", "custom_headers"), _accept_language, "a list with `q` becomes a header"
    ),
    entry("authorization", "custom_headers", "Authorization", text),
    to("tz", "timezone", text),
    to("disable_js", "javascript", lambda value: not boolean(value)),
    entry("latitude", "geolocation", "latitude", number),
    entry("longitude", "geolocation", "longitude", number),
    entry("accuracy", "geolocation", "accuracy", number, "metres"),
    to("webhook_url", "webhook_url", text, "the body is that of a job here"),
    when("use_s3", store=True),
    applied(
        "s3_path",
        ("filename",),
        lambda t, value: t.set("filename", text(value).rstrip("/").rsplit("/", 1)[-1]),
        "the service chooses the key; the last part becomes the name of the file",
        "in part",
    ),
    when(
        "metadata", "in JSON results of /capture", "in part", metadata=["title", "description", "open_graph"]
    ),
)
_WAITS = (
    to("delay", "delay_capture", milliseconds, "milliseconds, as here"),
    applied(
        "timeout",
        ("wait_for_timeout",),
        lambda t, value: t.at_least("wait_for_timeout", limit(value)),
        _TIMEOUT_NOTE,
    ),
    applied(
        "wait_timeout",
        ("wait_for_timeout",),
        lambda t, value: t.at_least("wait_for_timeout", limit(value)),
        _TIMEOUT_NOTE,
    ),
    applied(
        "wait_until",
        ("wait_until", "wait_for_network"),
        _wait_until,
        "`mostrequestsfinished` is `load` with `wait_for_network: mostly_idle`",
    ),
    to("wait_for", "wait_for_selector", text, "visible here, in the document there", "in part"),
    to("wait_to_leave", "wait_for_hidden", text, "not visible here, not in the document there", "in part"),
    item("fail_if_selector_missing", "fail_on", "wait_timeout", "a missing `selector` fails without it"),
    item("fail_if_selector_present", "fail_on", "wait_timeout"),
    item("fail_if_captcha", "fail_on", "challenge"),
    item("fail_if_cf_turnstile", "fail_on", "challenge"),
    item("fail_on_4xx", "fail_on_status", "4xx"),
    item("fail_on_5xx", "fail_on_status", "5xx"),
    applied("scroll_to", ("interactions",), _scroll_to, "a selector, or pixels from the top"),
    applied("click", ("interactions",), _steps("click", 2), _OPTIONAL),
    applied("click_all", ("interactions",), _click_all, "every match is clicked by a script"),
    applied("hover", ("interactions",), _steps("hover", 1), _OPTIONAL),
    when("full_width", full_page_width="content"),
    when("skip_scroll", scroll_page=False),
)


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
    for name, default in (("header", puppeteer.HEADER), ("footer", puppeteer.FOOTER)):
        t.current = f"pdf_{name}"
        if t.noted.get(f"pdf_show_{name}"):
            t.set(f"pdf_{name}", t.noted.get(f"pdf_{name}") or default)
        elif t.noted.get(f"pdf_{name}"):
            raise Refused(f"pdf_{name}: has no effect without pdf_show_{name}; set it to true")
    if "pdf_format" in t.options:
        t.options.pop("pdf_width", None)
        t.options.pop("pdf_height", None)


TABLES = (
    Table("Basic options", _BASIC),
    Table("Blocking", _BLOCKING),
    Table("Look and picture", _LOOK),
    Table("PDF", _PDF),
    Table("Request, cache and storage", _REQUEST),
    Table("Waits, failures and interactions", _WAITS),
    WITHOUT_EFFECT,
    REFUSED,
)
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
        "v1/render/sync/": "POST /compat/urlbox/v1/render/sync",
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
