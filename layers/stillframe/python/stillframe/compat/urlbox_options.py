"""The options of Urlbox that have a counterpart, in the groups of its reference."""

from __future__ import annotations

from .set_cookie import cookies
from .table import Table, applied, entry, item, lines, listed, noted, only, to, when
from .urlbox_refused import REFUSED, WITHOUT_EFFECT
from .urlbox_values import (
    COMPASS,
    FORMATS,
    NO_FORMAT,
    NO_POSITION,
    PLAIN,
    STILL,
    accept_language,
    add_headers,
    address,
    cache_key,
    cached,
    click_all,
    clip,
    color_profile,
    domains,
    page_height,
    response_type,
    scroll_to,
    steps,
    user_agent,
    wait_until,
)
from .values import (
    boolean,
    choice,
    comma_texts,
    integer,
    limit,
    milliseconds,
    number,
    one_of,
    pixels,
    text,
)

_TIMEOUT_NOTE = "milliseconds; one limit for navigation and waits, the larger of `timeout` and `wait_timeout`"
_OPTIONAL = "several are done in their order; a missing element is a warning"

_BASIC = (
    to("url", "url", address, "`http://` is added where it is missing"),
    to("html", "html_content", text),
    to("base_url", "base_url", text),
    to("format", "format", choice(FORMATS, **NO_FORMAT), "without svg, mp4 and webm", "in part"),
    to("width", "window_width", integer),
    to("height", "window_height", integer),
    noted("full_page", ("full_page", "pdf_single_page"), boolean, "for PDF one page as high as the content"),
    to("selector", "selector", text, "a missing element is an error (422 selector_not_found)", "in part"),
    applied("clip", ("clip",), clip, "`x,y,width,height` in CSS pixels"),
    to("response_type", "response_type", response_type, "json, binary and none", "in part"),
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
    listed("block_urls", "block_urls", domains, "`*.example.com` is the host with its subdomains"),
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
    lines("disable_animations", "custom_css", lambda value: STILL if boolean(value) else ""),
    lines("disable_ligatures", "custom_css", lambda value: PLAIN if boolean(value) else ""),
    to("retina", "pixel_density", lambda value: 2.0 if boolean(value) else 1.0, "true is 2"),
    to("dpr", "pixel_density", number),
    entry("thumb_width", "resize", "width", integer),
    entry("thumb_height", "resize", "height", integer),
    entry("img_fit", "resize", "fit", choice({f: f for f in ("cover", "contain", "fill", "inside")})),
    entry("img_position", "resize", "position", choice(COMPASS, **NO_POSITION), "without entropy, attention"),
    to("quality", "image_quality", integer, "80 by default on this path"),
    to("transparent", "omit_background", boolean),
    to("bg_color", "background_color", text),
    to("max_height", "full_page_max_height", integer),
    to("download", "filename", text),
    only("color_profile", color_profile, "only `srgb` and `default`; pictures are sRGB"),
)
_PDF = (
    to("pdf_page_size", "pdf_format", text, "takes precedence over width and height"),
    to("pdf_page_range", "pdf_page_ranges", text),
    to("pdf_page_width", "pdf_width", pixels, "pixels"),
    applied("pdf_page_height", ("pdf_height",), page_height, "pixels"),
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
        lambda t, value: cached(t, "cache_mode", "refresh") if boolean(value) else None,
        "true is `cache: true` with `cache_mode: refresh`",
    ),
    applied(
        "unique",
        ("cache", "cache_key"),
        lambda t, value: cached(t, "cache_key", cache_key(value)),
        "sets `cache: true`; a text that is no key is hashed",
    ),
    applied(
        "ttl",
        ("cache", "cache_ttl"),
        lambda t, value: cached(t, "cache_ttl", integer(value)),
        "seconds, as here; sets `cache: true`, which is off without it",
    ),
    to("proxy", "proxy", address, "`http://` is added where it is missing"),
    applied(
        "header",
        ("custom_headers",),
        add_headers,
        "`Name=value`, several times; sent to the target's origin only",
    ),
    applied("headers", ("custom_headers",), add_headers, "as header"),
    listed("cookie", "cookies", cookies, "`name=value;Domain=…`, several times"),
    listed("cookies", "cookies", cookies, "as cookie"),
    applied(
        "user_agent",
        ("user_agent", "use_random_user_agent", "user_agent_device"),
        user_agent,
        "`random`, `mobile` and `desktop` choose a common one",
    ),
    applied("accept_lang", ("locale", "custom_headers"), accept_language, "a list with `q` becomes a header"),
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
        wait_until,
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
    applied("scroll_to", ("interactions",), scroll_to, "a selector, or pixels from the top"),
    applied("click", ("interactions",), steps("click", 2), _OPTIONAL),
    applied("click_all", ("interactions",), click_all, "every match is clicked by a script"),
    applied("hover", ("interactions",), steps("hover", 1), _OPTIONAL),
    when("full_width", full_page_width="content"),
    when("skip_scroll", scroll_page=False),
)

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
