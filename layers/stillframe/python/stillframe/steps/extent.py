"""How much of a page the pictures of a request show, and what the page needs for it before it settles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..page.session import PageSession
from . import element, full_page

if TYPE_CHECKING:
    from ..request import CaptureRequest

# The height of an A4 page in CSS pixels.
_PDF_PAGE = 1_123


async def prepare(
    session: PageSession, variants: Sequence[CaptureRequest]
) -> Callable[[], Awaitable[int]] | None:
    """Prepare the page for full pages and elements, so that it settles with them.

    Returns what full pages need once more when content has come meanwhile.
    """
    selectors = [v.selector for v in variants if v.selector]
    whole = [v for v in variants if v.full_page or v.expand_scrollers]
    expand = any(v.full_page for v in variants)
    again = partial(full_page.prepare_full_page, session, variants[0], expand=expand)
    if whole or selectors:
        await again()
    await element.reveal_elements(session, selectors, stay=len(selectors) == len(variants))
    return again if whole else None


def scroll_depth(session: PageSession, variants: Sequence[CaptureRequest]) -> float | None:
    """How far down, in CSS pixels, the page is scrolled through; None when it is not."""
    return next((_depth(session, v) for v in variants if _is_scrolled(v)), None)


def _is_scrolled(request: CaptureRequest) -> bool:
    """Whether the page is scrolled through: a PDF shows all of the page, as a full-page capture does."""
    return full_page.scrolls_page(request) or (request.format == "pdf" and request.scroll_page is None)


def _depth(session: PageSession, request: CaptureRequest) -> float:
    """How far down a full-page capture of this width or a PDF can show anything."""
    if request.format == "pdf":
        return session.limits.max_pdf_pages * _PDF_PAGE
    depth = session.limits.max_page_pixels / (request.window_width * request.pixel_density**2)
    return min(depth, request.full_page_max_height or depth)
