"""Options of ScreenshotOne's `/animate` and `/bulk`, which have no counterpart."""

from __future__ import annotations

from .table import Table, refuse_all

_NO_VIDEO = "no video is recorded; request pictures with /compat/screenshotone/take"
ANIMATE = Table(
    "`/animate`",
    refuse_all(
        "duration width height aspect_ratio scenario scroll_duration scroll_delay scroll_by"
        " scroll_start_immediately scroll_start_delay scroll_complete scroll_back_after_duration scroll_back"
        " scroll_back_algorithm scroll_stop_after_duration scroll_till_selector"
        " scroll_till_selector_adjust_top scroll_try_navigate scroll_navigate_after scroll_navigate_to_url"
        " scroll_navigate_link_hints scroll_to_end_after scroll_easing",
        _NO_VIDEO,
    ),
)
BULK = Table(
    "`/bulk`",
    refuse_all("optimize execute", "send the requests to POST /capture/batch, which runs them as jobs")
    + refuse_all("options requests", "send `{requests, options}` of our options to POST /capture/batch"),
)
