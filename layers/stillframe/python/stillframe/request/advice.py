"""What a request would do, and its traps: waits that cannot be met, options without an effect together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..outputs import uses_quality
from ..outputs.html import HtmlOptions
from ..steps.block import filter_lists
from ..steps.inspection import PICTURES
from .facets import needs_own_context, of_group
from .model import CaptureRequest

# Elements that are never drawn, so that a wait for one to be visible runs out.
_NEVER_DRAWN = frozenset({"head", "title", "meta", "link", "script", "style", "template", "base", "noscript"})
# Options that need another one, which is off by default.
_NEEDS = {
    "full_page_max_height": "full_page",
    "full_page_width": "full_page",
    "fixed_elements": "full_page",
    "cache_ttl": "cache",
    "cache_key": "cache",
}
_OF_OUTLINES = frozenset({"selector", "clip", "marks"})
_OF_PICTURES = of_group("image") - _OF_OUTLINES
_OF_PDFS = of_group("pdf")
_NEEDS_SCRIPTS = ("wait_for_function", "custom_js", "wait_for_animation")
# Findings that a request rules out by what it blocks.
_RULED_OUT = {"broken_image": "image", "unloaded_image": "image", "failed_font": "font"}


def plan(request: CaptureRequest, seconds: float) -> dict[str, Any]:
    """Formats, time, context, what is blocked, waited for and refused, and where the result goes."""
    waits = [n for n in ("wait_for_selector", "wait_for_hidden", "wait_for_function") if getattr(request, n)]
    waits += [n for n in ("wait_for_network", "delay_capture", "wait_for_animation") if getattr(request, n)]
    stored = request.store or request.debug or request.response_type in ("redirect", "url")
    return {
        "formats": [variant.format for variant in request.variants()],
        "seconds": round(seconds, 3),
        "context": "own" if needs_own_context(request) else "shared",
        "wait_until": request.wait_until,
        "waits": waits,
        "filter_lists": list(filter_lists(request)),
        "fail_on": list(request.fail_on or ()),
        "stored": stored,
        "job": bool(request.async_ or request.webhook_url),
    }


def traps(request: CaptureRequest, seconds: float) -> list[str]:
    """A sentence for each option that cannot do what it says; `seconds` is the time of the capture."""
    return [*_without_effect(request), *_waits(request, seconds), *_assertions(request)]


def _without_effect(request: CaptureRequest) -> Iterator[str]:
    variants = request.variants()
    # A default that is named has no effect either way, and a template may set it.
    explicit = [name for name in sorted(request.model_fields_set) if name in _changed(request)]
    formats: set[str] = {variant.format for variant in variants}
    found = [_needs_format(name, formats) or _needs_option(name, request, variants) for name in explicit]
    for variant, entry in zip(variants, request.outputs or (), strict=False):
        # What an entry of `outputs` sets is for its own format alone.
        names = sorted(_changed(variant) & variant.model_fields_set & entry.keys())
        found += [_needs_format(name, {variant.format}) for name in names]
    yield from dict.fromkeys(filter(None, found))
    if request.block_cookie_banners in ("reject", "accept") and not request.javascript:
        yield "block_cookie_banners can only hide banners with javascript: false"
    stored = request.store or request.debug or request.response_type in ("redirect", "url")
    if "presign_ttl" in explicit and not stored:
        yield "presign_ttl has no effect unless the result is stored or too large for the response"
    if request.debug and request.cache:
        yield "debug captures the page anew and does not read the cache"


def _needs_format(name: str, formats: set[str]) -> str | None:
    """Why an option has no effect on results of these formats; None if it has one."""
    needed = None
    if name in _OF_PDFS and "pdf" not in formats:
        needed = "pdf"
    elif name == "image_quality" and not any(uses_quality(format) for format in formats):
        needed = "jpeg, webp or avif"
    elif name == "png_effort" and "png" not in formats:
        needed = "png"
    elif name in _OF_OUTLINES and not formats & (PICTURES | {"aria"}):
        needed = "png, jpeg, webp, avif or aria"
    elif name in _OF_PICTURES and not formats & PICTURES:
        needed = "png, jpeg, webp or avif"
    elif name == "aria_limit" and "aria" not in formats:
        needed = "aria"
    elif name in HtmlOptions.__annotations__ and "html" not in formats:
        needed = "html"
    elif name == "content" and not formats & {"markdown", "text"}:
        needed = "markdown or text"
    return needed and f"{name} has no effect unless format is {needed}"


def _needs_option(name: str, request: CaptureRequest, variants: list[CaptureRequest]) -> str | None:
    """Why an option has no effect beside the others; None if it has one."""
    if (other := _NEEDS.get(name)) and not any(getattr(v, other) for v in variants):
        return f"{name} has no effect without {other}"
    if name in _NEEDS_SCRIPTS and not request.javascript:
        return f"{name} has no effect with javascript: false"
    return None


def _changed(request: CaptureRequest) -> set[str]:
    fields = CaptureRequest.model_fields
    return {name for name, field in fields.items() if getattr(request, name) != field.default}


def _waits(request: CaptureRequest, seconds: float) -> Iterator[str]:
    available, patience = seconds * 1000, request.wait_for_timeout
    if request.delay_capture >= available:
        yield f"delay_capture of {request.delay_capture} ms is longer than the capture, {available:.0f} ms"
    if "wait_for_timeout" in request.model_fields_set and patience > available:
        yield f"wait_for_timeout of {patience} ms is longer than the capture, {available:.0f} ms"
    wanted = request.wait_for_selector
    for name in ("remove_selectors", "hide_selectors"):
        if wanted and wanted in (getattr(request, name) or ()):
            yield f"wait_for_selector cannot be met: {name} hides the element"
    if wanted and wanted.strip().lower() in _NEVER_DRAWN:
        yield f"wait_for_selector cannot be met: {wanted.strip()} is never drawn"
    if wanted and wanted == request.wait_for_hidden:
        yield "wait_for_selector and wait_for_hidden wait for the same element to be seen and not to be seen"
    if request.selector and request.selector in (request.remove_selectors or ()):
        yield "selector cannot be captured: remove_selectors removes the element"


def _assertions(request: CaptureRequest) -> Iterator[str]:
    blocked = set(request.block_resources or ()) | ({"image", "media"} if request.block_media else set())
    conditions = set(request.fail_on or ())
    for code, kind in _RULED_OUT.items():
        if code in conditions and kind in blocked:
            yield f"fail_on: {code} cannot happen, because the request blocks every {kind}"
    both = set(request.fail_if_contains or ()) & set(request.fail_if_missing or ())
    if both:
        text = sorted(both)[0]
        yield f"fail_if_contains and fail_if_missing both name {text!r}, so the capture always fails"
    if "blocked_request" in conditions and not (blocked or request.block_urls or filter_lists(request)):
        yield "fail_on: blocked_request cannot happen, because the request blocks nothing"
