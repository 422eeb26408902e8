"""The options of ScreenshotOne's `/take`, in the order of its validation schema."""

from __future__ import annotations

from typing import Any

from .set_cookie import cookies, headers
from .table import (
    Refused,
    Table,
    Translation,
    applied,
    entry,
    ignored,
    item,
    listed,
    noted,
    only,
    refused,
    to,
    when,
)
from .values import boolean, choice, integer, length, number, one_of, seconds, substring, text, texts
from .waits import STATES_NOTE, wait_until

_FORMATS = {
    "png": "png",
    "jpeg": "jpeg",
    "jpg": "jpeg",
    "webp": "webp",
    "avif": "avif",
    "html": "html",
    "pdf": "pdf",
    "markdown": "markdown",
}
_NO_FORMAT = dict.fromkeys(("gif", "jp2", "tiff", "heif"), "use png, jpeg, webp or avif")
_KIND_NAMES = (
    "document stylesheet image media font script texttrack xhr fetch eventsource websocket manifest other"
)
_KINDS = tuple(_KIND_NAMES.split())


def _yes(instead: str) -> Any:
    def convert(value: Any) -> bool:
        if not boolean(value):
            raise Refused(instead)
        return True

    return convert


def _is(expected: str, instead: str) -> Any:
    def convert(value: Any) -> str:
        if str(value).lower() != expected:
            raise Refused(instead)
        return expected

    return convert


def _headers(t: Translation, value: Any) -> None:
    for name, content in headers(value, ":").items():
        t.put("custom_headers", name, content)


def _adjust(value: Any) -> int:
    if integer(value) != 0:
        raise Refused("only 0; use `interactions` with `action: scroll` and `y` at /capture")
    return 0


def _wildcards(value: Any) -> list[str]:
    """Patterns with `*` match any part of the URL; ours match the whole."""
    return [substring(one) for one in texts(value) if one.strip()]


def _kinds(value: Any) -> list[str]:
    found = texts(value)
    for one in found:
        if one not in _KINDS:
            raise ValueError(f"{one[:40]!r} is not one of {', '.join(_KINDS)}")
    return found


_IMAGE = (
    to(
        "format", "format", choice(_FORMATS, **_NO_FORMAT), "jpg by default there and on this path", "in part"
    ),
    to("image_quality", "image_quality", integer),
    entry("image_width", "resize", "width", integer),
    entry("image_height", "resize", "height", integer),
    to("omit_background", "omit_background", boolean),
    to("full_page", "full_page", boolean),
    to("full_page_scroll", "scroll_page", boolean),
    ignored("full_page_scroll_delay", "scrolling waits for what it has started to load"),
    ignored("full_page_scroll_by", "scrolling goes window by window and misses no element"),
    to("full_page_max_height", "full_page_max_height", integer),
    ignored("full_page_algorithm", "parts are captured apart where a page needs it"),
    refused("full_page_slices", "one picture is made; request each part with `clip_y` and `clip_height`"),
    ignored("full_page_slice_height", "belongs to full_page_slices"),
    ignored("full_page_slice_overlap_height", "belongs to full_page_slices"),
    only(
        "capture_beyond_viewport",
        _yes("a picture always shows what is outside the viewport; leave it out"),
        "only true, which is so here",
    ),
    to("selector", "selector", text),
    ignored("selector_algorithm", "an element is captured whole, clipped from the page"),
    only(
        "selector_scroll_into_view",
        _yes("elements are scrolled into view when they need it; leave it out"),
        "only true, which is so here",
    ),
    only(
        "error_on_selector_not_found",
        _yes("a missing element is an error (422 selector_not_found); leave it out"),
        "only true, which is so here: a missing element is an error",
    ),
    applied(
        "scroll_into_view",
        ("interactions",),
        lambda t, value: t.step(3, action="scroll", selector=text(value)),
    ),
    only("scroll_into_view_adjust_top", _adjust, "only 0"),
    only(
        "metadata_image_size",
        boolean,
        "JSON results always have `width` and `height`; a binary response has no header for them",
    ),
    entry("clip_x", "clip", "x", integer),
    entry("clip_y", "clip", "y", integer),
    entry("clip_width", "clip", "width", integer),
    entry("clip_height", "clip", "height", integer),
    refused("vision_prompt", "no language model is called; `format: markdown` gives the text of the page"),
    refused("vision_max_tokens", "no language model is called; leave it out"),
    refused("openai_api_key", "no language model is called; leave it out"),
    *(to(f"pdf_{side}", f"pdf_{side}", length) for side in ("margin", "margin_top", "margin_right")),
    *(to(f"pdf_{side}", f"pdf_{side}", length) for side in ("margin_bottom", "margin_left")),
    to("pdf_print_background", "pdf_print_background", boolean, "false by default on this path"),
    to("pdf_fit_one_page", "pdf_single_page", boolean),
    to("pdf_landscape", "pdf_landscape", boolean),
    to("pdf_paper_format", "pdf_format", text),
)
_SOURCE = (
    to("url", "url", text),
    to("html", "html_content", text),
    to("markdown", "markdown", text),
    to(
        "response_type",
        "response_type",
        one_of("by_format", "empty", "json"),
        "JSON is ours: `file` in base64",
    ),
    refused("request_gpu_rendering", "pages are drawn by the CPU; WebGL works without it"),
    ignored("fail_if_gpu_rendering_fails", "belongs to request_gpu_rendering"),
    ignored("include_shadow_dom", "HTML always has open shadow trees"),
    to("dark_mode", "dark_mode", boolean),
    to("reduced_motion", "reduced_motion", boolean),
    to("media_type", "media_type", one_of("screen", "print")),
    to("scripts", "custom_js", text, "may use `await`"),
    refused("scripts_wait_until", "let the script wait: it may use `await`"),
    to("styles", "custom_css", text),
    listed("hide_selectors", "remove_selectors", texts, "`display: none`, which is `remove_selectors` here"),
    applied("hover", ("interactions",), lambda t, value: t.noted.update(hover=text(value))),
    noted("error_on_hover_selector_not_found", ("interactions",), boolean, "false makes the step `optional`"),
    applied("click", ("interactions",), lambda t, value: t.noted.update(click=text(value))),
    noted("error_on_click_selector_not_found", ("interactions",), boolean, "false makes the step `optional`"),
    to("viewport_device", "device", text, "names of Playwright's registry, such as `iPhone 13`", "in part"),
    to("viewport_width", "window_width", integer),
    to("viewport_height", "window_height", integer),
    to("device_scale_factor", "pixel_density", number, "up to 4", "in part"),
    to("viewport_mobile", "is_mobile", boolean),
    to("viewport_has_touch", "has_touch", boolean),
    to("viewport_landscape", "landscape", boolean),
    entry("geolocation_latitude", "geolocation", "latitude", number),
    entry("geolocation_longitude", "geolocation", "longitude", number),
    entry("geolocation_accuracy", "geolocation", "accuracy", number, "metres"),
    refused("ip_country_code", "set `proxy` to a proxy in that country"),
    ignored("servers_region", "the region is that of the deployment"),
    to("block_annoyances", "block_annoyances", boolean),
    when("block_cookie_banners", block_cookie_banners=True),
    when("block_banners_by_heuristics", block_cookie_banners=True),
    to("block_chats", "block_chats", boolean),
    to("block_ads", "block_ads", boolean),
    to("block_socials", "block_socials", boolean),
    to("block_trackers", "block_trackers", boolean),
    listed("block_requests", "block_urls", _wildcards, "a URL, a domain or a part with `*`"),
    listed("block_resources", "block_resources", _kinds),
)
_REQUEST = (
    to("cache", "cache", boolean),
    to("cache_ttl", "cache_ttl", integer, "seconds, as here"),
    to("cache_key", "cache_key", text, "up to 128 characters", "in part"),
    to("user_agent", "user_agent", text),
    entry("authorization", "custom_headers", "Authorization", text),
    applied(
        "headers", ("custom_headers",), _headers, "a list of `Name:value`; sent to the target's origin only"
    ),
    listed("cookies", "cookies", cookies, "a list of `name=value; Domain=…`, as in `Set-Cookie`"),
    to("proxy", "proxy", text),
    to("attachment_name", "filename", text),
    to("bypass_csp", "bypass_csp", boolean),
    to("time_zone", "timezone", text),
    to("delay", "delay_capture", seconds, "seconds there, milliseconds here"),
    to("timeout", "timeout", seconds, "seconds there, milliseconds here"),
    to("navigation_timeout", "wait_for_timeout", seconds, "seconds there, milliseconds here"),
    applied("wait_until", ("wait_until", "wait_for_network"), wait_until, STATES_NOTE),
    to("wait_for_selector", "wait_for_selector", text, "visible here, in the document there", "in part"),
    only(
        "wait_for_selector_algorithm",
        _is(
            "at_least_one",
            "name one element of each kind in wait_for_selector, such as `main:has(.a):has(.b)`",
        ),
        "only `at_least_one`",
    ),
    listed("fail_if_content_contains", "fail_if_contains", texts),
    listed("fail_if_content_missing", "fail_if_missing", texts),
    refused("fail_if_request_failed", "use `fail_on: [failed_request]` at /capture; it takes no patterns"),
    to("async", "async", boolean),
    to("webhook_url", "webhook_url", text, "the body is that of a job here"),
    ignored("webhook_sign", "webhooks are always signed; a receiver may ignore the header"),
    only(
        "webhook_errors",
        _yes("failed jobs are posted too; leave it out, and read `status`"),
        "only true, which is so here",
    ),
    to("external_identifier", "external_id", text),
    to("store", "store", boolean, "in the bucket of the deployment"),
    applied(
        "storage_path",
        ("filename",),
        lambda t, value: t.set("filename", text(value).rstrip("/").rsplit("/", 1)[-1]),
        "the service chooses the key; the last part becomes the name of the file",
        "in part",
    ),
    refused("storage_bucket", "the operator chooses the bucket (STORAGE_URL); leave it out"),
    refused("storage_endpoint", "the operator chooses the storage (STORAGE_URL); leave it out"),
    refused("storage_access_key_id", "the deployment has its own role; leave it out"),
    refused("storage_secret_access_key", "the deployment has its own role; leave it out"),
    refused("storage_acl", "results are private; use the link of the response"),
    only(
        "storage_class",
        _is("standard", "set a lifecycle rule on the bucket; leave it out"),
        "only `standard`",
    ),
    ignored("storage_return_location", "JSON results of stored captures always have bucket and key"),
    noted("ignore_host_errors", ("fail_on_status",), boolean, "without it, 4xx and 5xx of the target fail"),
    item("metadata_fonts", "metadata", "fonts", "in JSON results", "in part"),
    refused("metadata_content", "use `outputs: [png, html]` at /capture"),
    ignored("metadata_content_format", "belongs to metadata_content"),
    item("metadata_page_title", "metadata", "title", "in JSON results", "in part"),
    item("metadata_open_graph", "metadata", "open_graph", "in JSON results", "in part"),
    item("metadata_http_response_status_code", "metadata", "status", "in JSON results", "in part"),
    refused(
        "metadata_http_response_headers", "headers of the target are not reported; `metadata` has its status"
    ),
    item("metadata_icon", "metadata", "icon", "in JSON results", "in part"),
)
_ACCESS = (
    refused(
        "access_key",
        "a token in an address ends in logs; send it in the header X-Access-Key, in `Authorization: Bearer`,"
        " or in the JSON body of /compat/screenshotone/take",
    ),
    refused("signature", "links are signed by POST /sign, with another secret; see docs/signed-links.md"),
)

TAKE = (
    Table("The picture or document", _IMAGE),
    Table("The page", _SOURCE),
    Table("The request", _REQUEST),
    Table("Access", _ACCESS),
)
