"""The media type and the preferences that CSS media queries ask for."""

from __future__ import annotations

from typing import Literal

from ..options import Options, option
from ..page.session import PageSession


class MediaOptions(Options, group="emulation"):
    dark_mode: bool = option(
        False,
        "Emulate `prefers-color-scheme: dark`.",
        pixashot=True,
        shareable=True,
        linkable=True,
        brief="The dark colours of the page.",
    )
    reduced_motion: bool = option(
        False,
        "Emulate `prefers-reduced-motion: reduce`.",
        shareable=True,
        linkable=True,
    )
    forced_colors: bool = option(
        False,
        "Emulate `forced-colors: active`, the high-contrast mode of Windows.",
        shareable=True,
        linkable=True,
    )
    contrast: Literal["more", "less", "custom"] | None = option(
        None,
        "Emulate `prefers-contrast`.",
        aliases=("prefers_contrast",),
        shareable=True,
        linkable=True,
    )
    media_type: Literal["screen", "print"] | None = option(
        None,
        "CSS media type; a PDF uses `print` by default.",
        aliases=("emulate_media_type", "media"),
        shareable=True,
        linkable=True,
    )


async def emulate_media(session: PageSession, options: MediaOptions) -> None:
    """Set media type, colour scheme, contrast, colours and reduced motion.

    Call it again after another DevTools session has detached, because that resets the media type
    (https://github.com/microsoft/playwright/issues/24109, still so in Chromium 156). Use the session that
    configured the page: after a navigation the last attached session wins, even with an empty media type
    (https://github.com/puppeteer/puppeteer/issues/2952).
    """
    features = [
        {"name": name, "value": value}
        for name, value, is_set in (
            ("prefers-color-scheme", "dark", options.dark_mode),
            ("prefers-reduced-motion", "reduce", options.reduced_motion),
            ("forced-colors", "active", options.forced_colors),
            ("prefers-contrast", options.contrast, options.contrast is not None),
        )
        if is_set
    ]
    if features or options.media_type:
        media = {"media": options.media_type or "", "features": features}
        await session.deadline.run(session.cdp.send("Emulation.setEmulatedMedia", media), "emulate", 5_000)
