"""The viewport: its size, pixel density, orientation, and whether it is that of a mobile device."""

from __future__ import annotations

from typing import Any

from ..option_checks import at_most
from ..options import Options, option
from ..page.session import PageSession

# Pixels of a viewport that is set ahead of its capture; its surface has four bytes for each.
_PREPARED_PIXELS = 4_000_000


class ViewportOptions(Options, group="viewport"):
    window_width: int = option(
        1920,
        "Width of the viewport in CSS pixels.",
        aliases=("viewport_width", "width"),
        pixashot=True,
        ge=16,
        shareable=True,
        linkable=True,
        check=at_most("max_width", "px"),
        brief="Width of the window, in pixels.",
    )
    window_height: int = option(
        1080,
        "Height of the viewport in CSS pixels.",
        aliases=("viewport_height", "height"),
        pixashot=True,
        ge=16,
        shareable=True,
        linkable=True,
        check=at_most("max_height", "px"),
        brief="Height of the window, in pixels.",
    )
    pixel_density: float = option(
        1.0,
        "Device pixels per CSS pixel.",
        aliases=("device_scale_factor", "dpr", "scale_factor"),
        pixashot=True,
        ge=0.5,
        le=4,
        shareable=True,
        linkable=True,
        brief="2 for twice the pixels.",
    )
    device: str | None = option(
        None,
        "A device of Playwright's registry, such as `iPhone 13`: sets size, density, user agent and touch;"
        " explicit options take precedence.",
        aliases=("viewport_device", "emulate_device"),
        shareable=True,
        linkable=True,
        brief="Such as 'iPhone 13'; see `stillframe devices`.",
        hints={"prominent": 3, "choices-from": "devices"},
    )
    is_mobile: bool = option(
        False,
        "Lay out the page as a mobile browser does (viewport meta tag, overlay scroll bars).",
        aliases=("viewport_mobile", "mobile"),
        shareable=True,
        linkable=True,
    )
    has_touch: bool = option(
        False,
        "Enable touch events.",
        aliases=("viewport_has_touch", "touch"),
        shareable=True,
        linkable=True,
    )
    landscape: bool = option(
        False,
        "Swap width and height when the height is larger.",
        aliases=("viewport_landscape", "is_landscape"),
        shareable=True,
        linkable=True,
    )


def window(options: ViewportOptions) -> tuple[int, int]:
    """Width and height of the viewport in CSS pixels, swapped when `landscape` asks for it."""
    width, height = options.window_width, options.window_height
    return (height, width) if options.landscape and height > width else (width, height)


async def set_viewport(session: PageSession, options: ViewportOptions) -> None:
    """Give the page its viewport, unless it was prepared with the same one."""
    metrics = _device_metrics(options)
    if session.device_metrics != metrics:
        await session.cdp.send("Emulation.setDeviceMetricsOverride", metrics)
        session.device_metrics = metrics


async def enable_touch(session: PageSession) -> None:
    """Let the page see a touch screen with five points."""
    touch = {"enabled": True, "maxTouchPoints": 5}
    await session.cdp.send("Emulation.setTouchEmulationEnabled", touch)


def worth_preparing(metrics: dict[str, Any] | None) -> dict[str, Any] | None:
    """The device metrics to set ahead on the page of the next capture.

    None for a large viewport, because its surface takes memory while the page waits.
    """
    if metrics is None:
        return None
    pixels = metrics["width"] * metrics["height"] * metrics["deviceScaleFactor"] ** 2
    return metrics if pixels <= _PREPARED_PIXELS else None


def _device_metrics(options: ViewportOptions) -> dict[str, Any]:
    """The arguments of Emulation.setDeviceMetricsOverride."""
    width, height = window(options)
    return {
        "width": width,
        "height": height,
        "screenWidth": width,
        "screenHeight": height,
        "deviceScaleFactor": options.pixel_density,
        "mobile": options.is_mobile,
        # A desktop's screen is not turned; a phone's is upright at 0 degrees.
        "screenOrientation": (
            {"type": "landscapePrimary", "angle": 90 if options.is_mobile else 0}
            if width > height
            else {"type": "portraitPrimary", "angle": 0}
        ),
    }
