"""Rules that involve several options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..option_checks import fail
from ..options import facets_of
from ..page import user_agents
from ..settings import settings

if TYPE_CHECKING:
    from .model import CaptureRequest

_SOURCES = ("url", "html_content", "markdown", "archive", "s3_uri")


def check_rules(request: CaptureRequest) -> None:
    """Reject options that contradict each other. Raises PydanticCustomError."""
    sources = [n for n in _SOURCES if getattr(request, n) is not None]
    if len(sources) != 1:
        given = f"{' and '.join(sources)} were given" if sources else "none of them was given"
        raise fail(
            sources[1] if len(sources) > 1 else "url",
            f"either url or html_content (or markdown, archive, s3_uri) must be given, and only one: {given}",
        )
    explicit = request.model_fields_set
    if request.base_url and (request.url or request.archive):
        raise fail("base_url", "can be used with html_content or markdown, not with url or archive")
    if request.archive_page and not request.archive and not request.s3_uri:
        raise fail("archive_page", "requires archive")
    if request.html_content == "":
        raise fail("html_content", "is empty")
    for name in ("cookies", "basic_auth", "local_storage", "session_storage", "custom_headers"):
        if getattr(request, name) and request.address is None:
            raise fail(name, "applies to the origin of the target and requires url or base_url")
    if request.selector and request.clip:
        raise fail("clip", "cannot be combined with selector; use one of them")
    if request.full_page and (request.selector or request.clip) and "full_page" in explicit:
        raise fail("full_page", "cannot be combined with selector or clip; use one of them")
    if request.padding and not request.selector:
        raise fail("padding", "requires selector")
    if request.init_js and not request.javascript:
        raise fail("init_js", "does not run with javascript: false")
    if request.pdf_single_page and request.pdf_height:
        raise fail("pdf_height", "cannot be combined with pdf_single_page, which is as high as the content")
    if request.omit_background and request.format == "jpeg":
        raise fail("omit_background", "jpeg does not support transparency; use png, webp or avif")
    if request.omit_background and request.background_color:
        raise fail("background_color", "cannot be combined with omit_background")
    density = request.pixel_density
    pixels = request.window_width * request.window_height * density * density
    if pixels > settings().max_pixels:
        raise fail(
            "pixel_density" if density > 1 else "window_height",
            f"window_width × window_height × pixel_density² is {pixels:g} pixels; the limit is"
            f" {settings().max_pixels:g}",
        )
    if not user_agents.combinations(
        request.user_agent_device, request.user_agent_platform, request.user_agent_browser
    ):
        raise fail("user_agent_browser", "does not exist for this platform and device")
    _check_picture(request)
    if request.cache_mode != "use" and not request.cache and "cache" in explicit:
        raise fail("cache_mode", "requires cache: true")
    if request.outputs is not None:
        _check_outputs(request)


def _check_picture(request: CaptureRequest) -> None:
    """Reject requested sizes beyond the pixel budget; sizes that depend on the page are clipped later."""
    budget = settings().max_pixels
    if request.clip and request.clip.width * request.pixel_density**2 > budget:
        raise fail("clip", f"is too wide: one row of pixels is over the limit of {budget:g} pixels")
    resize = request.resize
    if resize and resize.fit != "inside" and (resize.width or 0) * (resize.height or 0) > budget:
        raise fail("resize", f"width × height is over the limit of {budget:g} pixels")


def _check_outputs(request: CaptureRequest) -> None:
    if "format" in request.model_fields_set:
        raise fail("format", "cannot be combined with outputs; name the format of each output")
    for index, entry in enumerate(request.outputs or ()):
        if not isinstance(entry, dict) or "format" not in entry:
            raise fail(f"outputs[{index}]", "must be a format or an object with a format")
        _check_output(f"outputs[{index}]", entry, type(request))
    request.variants()


def _check_output(where: str, entry: dict[str, Any], model: type[CaptureRequest]) -> None:
    """Reject options of the page load, which all outputs share."""
    facets = facets_of(model)
    for name in entry:
        if not facets[name].per_output:
            raise fail(
                f"{where}.{name}", "belongs to the load that all outputs share; set it next to `outputs`"
            )
