"""Limits of single options, from the settings, and the rules between options."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic_core import PydanticCustomError

from ..settings import Settings, settings
from ..steps import useragent

if TYPE_CHECKING:
    from .model import CaptureRequest

_PRIVATE_ENGINES = ("internal:", "_react=", "_vue=")


def fail(field: str, reason: str) -> PydanticCustomError:
    """An error that names its field first."""
    return PydanticCustomError("rule", "{field}: {reason}", {"field": field, "reason": reason})


def check_limit(name: str, value: Any) -> None:
    """Raise when one option is over its limit."""
    if value is not None:
        _LIMITS[name](name, value, settings())


def _check_address(name: str, url: str, s: Settings) -> None:
    _check_url(name, url, s.max_url_length)


def _check_page(name: str, text: str, s: Settings) -> None:
    _at_most(name, len(text.encode("utf-8", "replace")), s.max_html_bytes, "bytes")


def _check_code(name: str, text: str, s: Settings) -> None:
    _at_most(name, len(text.encode("utf-8", "replace")), s.max_js_bytes, "bytes")


def _check_one_selector(name: str, selector: str, s: Settings) -> None:
    _check_selector(name, selector, s.max_selector_length)


def _check_selectors(name: str, selectors: list[str], s: Settings) -> None:
    for selector in selectors:
        _check_selector(name, selector, s.max_selector_length)


def _check_headers(name: str, headers: dict[str, str], s: Settings) -> None:
    _at_most(name, len(headers), s.max_headers, "headers")
    for header, text in headers.items():
        size = len(header) + len(text.encode("utf-8", "replace"))
        _at_most(name, size, s.max_header_bytes, "bytes in one header")


def _check_steps(name: str, steps: list[Any], s: Settings) -> None:
    _at_most(name, len(steps), s.max_interactions, "steps")
    for index, step in enumerate(steps):
        where = f"interactions[{index}]"
        if step.selector is not None:
            _check_selector(where, step.selector, s.max_selector_length)
        if step.wait_for is not None and step.wait_for.type == "selector":
            _check_selector(where, str(step.wait_for.value), s.max_selector_length)
        if step.text is not None:
            _at_most(where, len(step.text.encode("utf-8", "replace")), s.max_js_bytes, "bytes")
        if step.action == "goto":
            _check_url(where, step.url or step.text, s.max_url_length)


def _check_proxy(name: str, address: str, s: Settings) -> None:
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise fail(name, "not an address of the form http://[user:password@]host:port")


def _check_time(name: str, value: int, s: Settings) -> None:
    _at_most(name, value, s.max_timeout_ms, "ms")


def _check_timezone(name: str, value: str, s: Settings) -> None:
    if value not in available_timezones():
        raise fail(name, f"{value!r} is not an IANA time zone")


_LIMITS: dict[str, Callable[[str, Any, Settings], None]] = {
    **dict.fromkeys(("url", "base_url"), _check_address),
    **dict.fromkeys(("html_content", "markdown"), _check_page),
    **dict.fromkeys(("custom_js", "init_js", "custom_css", "wait_for_function"), _check_code),
    **dict.fromkeys(("selector", "wait_for_selector", "wait_for_hidden"), _check_one_selector),
    **dict.fromkeys(("hide_selectors", "remove_selectors"), _check_selectors),
    "custom_headers": _check_headers,
    "interactions": _check_steps,
    "window_width": lambda name, value, s: _at_most(name, value, s.max_width, "px"),
    "window_height": lambda name, value, s: _at_most(name, value, s.max_height, "px"),
    **dict.fromkeys(("timeout", "wait_for_timeout", "delay_capture"), _check_time),
    "presign_ttl": lambda name, value, s: _at_most(name, value, s.max_presign_ttl, "seconds"),
    "timezone": _check_timezone,
    "proxy": _check_proxy,
}
LIMITED = tuple(_LIMITS)


def _at_most(name: str, value: float, limit: float, unit: str) -> None:
    if value > limit:
        raise fail(name, f"{value:g} is over the limit of {limit:g} {unit}")


def _check_url(name: str, url: str, longest: int) -> None:
    """Only http and https, judged on the parsed address and not on its text."""
    _at_most(name, len(url), longest, "characters")
    if any(ord(c) <= 32 or ord(c) == 127 for c in url):
        raise fail(name, "an address holds no blanks, line breaks or control characters; percent-encode them")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise fail(name, f"not an address: {error}") from None
    if parts.scheme.lower() not in ("http", "https"):
        shown = f"the scheme {parts.scheme!r}" if parts.scheme else "an address without scheme"
        raise fail(name, f"{shown} cannot be captured; use http:// or https://")
    if not parts.hostname or port == 0:
        raise fail(name, "the address has no host")


def _check_selector(name: str, selector: str, longest: int) -> None:
    _at_most(name, len(selector), longest, "characters")
    if not selector.strip():
        raise fail(name, "an empty selector matches nothing")
    if any(engine in selector.lower() for engine in _PRIVATE_ENGINES):
        raise fail(name, "this selector engine is private to the browser driver")


def check_rules(r: CaptureRequest) -> None:
    """Raise for options that contradict each other."""
    sources = [n for n in ("url", "html_content", "markdown", "s3_uri") if getattr(r, n) is not None]
    if len(sources) != 1:
        said = "none of them was given" if not sources else f"{' and '.join(sources)} were given"
        raise fail(
            sources[1] if len(sources) > 1 else "url",
            f"either url or html_content (or markdown, or s3_uri) must be given, and only one: {said}",
        )
    explicit = r.model_fields_set
    if r.base_url and r.url:
        raise fail("base_url", "goes with html_content or markdown, not with url")
    if r.html_content == "":
        raise fail("html_content", "is empty")
    for name in ("cookies", "basic_auth", "local_storage", "custom_headers"):
        if getattr(r, name) and r.url is None:
            raise fail(name, "belongs to the target's origin and needs url")
    if r.selector and r.clip:
        raise fail("clip", "cannot be combined with selector; use one of them")
    if r.full_page and (r.selector or r.clip) and "full_page" in explicit:
        raise fail("full_page", "cannot be combined with selector or clip; use one of them")
    if r.padding and not r.selector:
        raise fail("padding", "goes with selector")
    if r.omit_background and r.format == "jpeg":
        raise fail("omit_background", "jpeg has no transparency; use png, webp or avif")
    if r.omit_background and r.background_color:
        raise fail("background_color", "cannot be combined with omit_background")
    density = r.pixel_density
    pixels = r.window_width * r.window_height * density * density
    if pixels > settings().max_pixels:
        raise fail(
            "pixel_density" if density > 1 else "window_height",
            f"window_width × window_height × pixel_density² is {pixels:g} pixels; the limit is {settings().max_pixels:g}",
        )
    if not useragent.combinations(r.user_agent_device, r.user_agent_platform, r.user_agent_browser):
        raise fail("user_agent_browser", "no such browser exists for this platform and device")
    _check_picture(r)
    if r.cache_mode != "use" and not r.cache and "cache" in explicit:
        raise fail("cache_mode", "goes with cache: true")
    if r.outputs is not None:
        _check_outputs(r)


def _check_picture(r: CaptureRequest) -> None:
    """A picture that is asked for beyond the budget is refused; only what the page decides is clipped."""
    budget = settings().max_pixels
    if r.clip and r.clip.width * r.pixel_density**2 > budget:
        raise fail("clip", f"is too wide: one row of it is over the limit of {budget:g} pixels")
    if r.resize and r.resize.fit != "inside" and (r.resize.width or 0) * (r.resize.height or 0) > budget:
        raise fail("resize", f"width × height is over the limit of {budget:g} pixels")


# Options that belong to one artefact; everything else belongs to the load that all of them share.
_PER_OUTPUT = {"format", "filename", "image_quality", "png_effort", "omit_background", "background_color", "clip", "resize", "selector", "padding", "full_page", "full_page_max_height", "fixed_elements"}  # fmt: skip


def _check_outputs(r: CaptureRequest) -> None:
    from .names import unknown

    if "format" in r.model_fields_set:
        raise fail("format", "cannot be combined with outputs; name the format of each output")
    for index, extra in enumerate(r.outputs or ()):
        if not isinstance(extra, dict) or "format" not in extra:
            raise fail(f"outputs[{index}]", "is neither a format nor an object with a format")
        for name in extra:
            if name not in _PER_OUTPUT and not name.startswith("pdf_"):
                raise unknown(f"outputs[{index}].{name}", [f"outputs[{index}].{n}" for n in _PER_OUTPUT])
    r.variants()
