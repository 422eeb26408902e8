"""ScreenshotOne: the options of `/take`, as its validation schema lists them; times are in seconds."""

from __future__ import annotations

from .screenshotone_options import TAKE
from .screenshotone_refused import ANIMATE, BULK
from .service import Route, Service
from .table import (
    Translation,
)


def _finish(t: Translation) -> None:
    """Interactions that may be missing, and the statuses of the target that are errors."""
    for rank, action in ((1, "hover"), (2, "click")):
        if action in t.noted:
            t.current = action
            needed = t.noted.get(f"error_on_{action}_selector_not_found", True)
            t.step(rank, action=action, selector=t.noted[action], **({} if needed else {"optional": True}))
    if "ignore_host_errors" in t.noted and not t.noted["ignore_host_errors"]:
        t.current = "ignore_host_errors"
        t.set("fail_on_status", ["4xx", "5xx"])
    elif t.noted.get("ignore_host_errors"):
        # The default of this path must not apply.
        t.set("fail_on_status", None)


SERVICE = Service(
    "screenshotone",
    "ScreenshotOne",
    "`screenshotone/validations`: `src/main.ts`",
    (*TAKE, ANIMATE, BULK),
    (
        Route(
            "take",
            TAKE,
            ("GET", "POST"),
            defaults={
                "format": "jpeg",
                "image_quality": 100,
                "window_width": 1280,
                "window_height": 1024,
                "pdf_print_background": False,
                "wait_for_timeout": 30_000,
                "fail_on_status": ["4xx", "5xx"],
            },
            finish=_finish,
        ),
    ),
    {
        "animate": "no video is recorded; request pictures with /compat/screenshotone/take",
        "bulk": "send `{requests: [...], options: {...}}` of our options to POST /capture/batch",
    },
    "Defaults on this path are ScreenshotOne's: jpg of quality 100, a viewport of 1280 by 1024, 30 seconds"
    " for the navigation, no printed background, and an error for a target that answers 4xx or 5xx. Without"
    " `wait_until` the page is captured when it has settled. The access key is read from the header"
    " `X-Access-Key` or from the JSON body; it is a token of this service.",
    (
        "take",
        {
            "url": "https://example.com/",
            "viewport_width": 1280,
            "viewport_height": 1024,
            "full_page": True,
            "delay": 3,
            "timeout": 60,
            "block_cookie_banners": True,
            "hide_selectors": [".chat"],
            "headers": ["X-Team:web"],
        },
    ),
    plain=(("take",),),
)
