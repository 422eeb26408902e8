"""The rules between options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..option_checks import fail
from ..options import facets_of
from ..page import user_agents
from ..settings import settings

if TYPE_CHECKING:
    from .model import CaptureRequest


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
            f"window_width × window_height × pixel_density² is {pixels:g} pixels; the limit is"
            f" {settings().max_pixels:g}",
        )
    if not user_agents.combinations(r.user_agent_device, r.user_agent_platform, r.user_agent_browser):
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


def _check_outputs(r: CaptureRequest) -> None:
    if "format" in r.model_fields_set:
        raise fail("format", "cannot be combined with outputs; name the format of each output")
    for index, extra in enumerate(r.outputs or ()):
        if not isinstance(extra, dict) or "format" not in extra:
            raise fail(f"outputs[{index}]", "is neither a format nor an object with a format")
        _check_output(f"outputs[{index}]", extra, type(r))
    r.variants()


def _check_output(where: str, extra: dict[str, Any], model: type[CaptureRequest]) -> None:
    """Only options of one artefact; everything else belongs to the load that all of them share."""
    facets = facets_of(model)
    for name in extra:
        if not facets[name].per_output:
            raise fail(
                f"{where}.{name}", "belongs to the load that all outputs share; set it beside `outputs`"
            )
