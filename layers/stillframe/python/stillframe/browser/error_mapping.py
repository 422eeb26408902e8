"""Maps every error of Playwright and Chromium to one of the service; a test proves that none is left out."""

from __future__ import annotations

import re

from ..errors import (
    BrowserUnavailable,
    CaptureError,
    DeadlineExceeded,
    InternalError,
    MemoryLimit,
    NotRenderable,
    RequestNotValid,
)
from ..page.session import MemoryContended, PageCrashed, is_playwright, is_timeout
from ..page.world import has_navigated
from ..steps.settle import TimeStoodStill
from .net_errors import net_error

_NET = re.compile(r"net::(ERR_[A-Z0-9_]+)")

_DEAD = (
    "has been closed",
    "Target closed",
    "Connection closed",
    "browser has disconnected",
    "Browser closed",
    "crashed",
    "Target crashed",
    "driver",
    "pipe closed",
)


def translate(error: BaseException, phase: str) -> CaptureError:
    """Any exception as an error of the service; the original stays as its cause, for the log only."""
    if isinstance(error, CaptureError):
        return error
    text = str(error)
    if isinstance(error, PageCrashed):
        ours: CaptureError = NotRenderable(
            "The page crashed during the capture, probably because it ran out of memory."
        )
    elif isinstance(error, MemoryContended):
        ours = MemoryLimit("The pages captured at the same time used more memory than the browser may use.")
    elif found := _NET.search(text):
        ours = net_error(found[1])
    elif is_timeout(error) or isinstance(error, TimeStoodStill):
        ours = DeadlineExceeded(phase)
    elif "Cannot navigate to invalid URL" in text:
        # Chromium's own parser is the judge of a host; urllib's is laxer.
        ours = RequestNotValid("The address is not valid: its host.", details=[{"field": "url"}])
    elif "Download is starting" in text:
        ours = NotRenderable("The target is a download, not a page.")
    elif is_gone(error):
        ours = BrowserUnavailable("The browser was lost during the capture.", retry_after=1)
    elif has_navigated(error):
        ours = NotRenderable("The page navigated away again and again while it was captured.")
    elif is_playwright(error):
        ours = NotRenderable(f"The browser could not do the step '{phase}' on this page.")
    else:
        ours = InternalError("An unexpected fault; the log has it under the request id.")
    ours.__cause__ = error if isinstance(error, Exception) else None
    return ours


def is_gone(error: BaseException) -> bool:
    """Whether the page, context, browser or driver was lost."""
    if isinstance(error, BrokenPipeError | ConnectionError):
        return True
    name = type(error).__name__
    text = str(error)
    return name == "TargetClosedError" or (
        (is_playwright(error) or type(error) is Exception) and any(word in text for word in _DEAD)
    )
