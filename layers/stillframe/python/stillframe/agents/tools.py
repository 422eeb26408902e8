"""The tools: each captures what it needs and answers with text and pictures within its budget of tokens."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .. import comparison, service, storage
from ..doors import Door
from ..errors import NotConfigured, NotFound, RequestNotValid, ResultTooLarge
from ..request import parse
from ..result import CaptureResult
from . import budget, pictures, words
from .arguments import Compare, Look, Outline, Page, Read

# CSS pixels of a page's height that are compared.
_COMPARED_HEIGHT = 10_000
# Pixels of a picture that is compared; two of them are decoded in this process.
_COMPARED_PIXELS = 13_000_000
_BOXES = 20
# Share of the tokens of an outline that its picture may cost.
_PICTURE_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture in an answer; the other parts are texts."""

    data: bytes
    content_type: str


Answer = list[str | Picture]


@dataclass(frozen=True, slots=True)
class Session:
    """Who calls, through which door, and the time left.

    `charge` counts captures against the caller's rate and raises RateLimited.
    """

    door: Door
    caller: str
    base_url: str = ""
    seconds: Callable[[], float | None] = lambda: None
    charge: Callable[[int], Any] = lambda count: None

    async def capture(self, options: dict[str, Any]) -> CaptureResult:
        self.charge(1)
        # The pictures are in the answer of the tool, whose size is checked at its end.
        door = replace(self.door, max_inline_bytes=None)
        return await service.capture(
            parse(options), door, base_url=self.base_url, seconds=self.seconds(), caller=self.caller
        )


async def call(session: Session, arguments: Page) -> Answer:
    """The answer of the tool with these arguments. Raises CaptureError."""
    answer: Answer = await _TOOLS[type(arguments)](session, arguments)
    limit = session.door.max_inline_bytes
    size = sum(len(part.data if isinstance(part, Picture) else part.encode()) for part in answer)
    if limit is not None and size > limit:
        raise ResultTooLarge(f"max_tokens: the answer of {size} bytes does not fit; ask for fewer tokens.")
    return answer


async def look(session: Session, arguments: Look) -> Answer:
    """Pictures of the page."""
    options = arguments.options() | arguments.part(full_page=arguments.full_page)
    result = await session.capture(
        options
        | {"metadata": ["title"]}
        | _picture_options(options, arguments.max_tokens - budget.WORDS, arguments.tile)
    )
    title = str((result.metadata or {}).get("title") or "")
    lines = [*words.about(result.report), *_shown(result.parts)]
    page = words.of_page(result.report, f"Title: {title[:150]}" if title else "")
    text = "\n".join([*lines, words.IN_PICTURE, page])
    return [text, *(Picture(p.artifact.data, p.artifact.content_type) for p in result.parts)]


async def read(session: Session, arguments: Read) -> Answer:
    """The text of the page as Markdown, from `offset`."""
    options = arguments.options() | ({"selector": arguments.selector} if arguments.selector else {})
    result = await session.capture(options | {"format": "markdown", "content": arguments.content})
    text = result.artifact.data.decode()
    if arguments.offset and arguments.offset >= len(text):
        raise RequestNotValid(f"offset: the text has {len(text)} characters.", details=[{"field": "offset"}])
    part = budget.beginning(text[arguments.offset :], arguments.max_tokens - budget.WORDS)
    end = arguments.offset + len(part)
    where = f"Text: characters {arguments.offset} to {end} of {len(text)}."
    if end < len(text):
        where += f" More: offset={end}."
    return ["\n".join([*words.about(result.report), where, words.of_page(result.report, part)])]


async def outline(session: Session, arguments: Outline) -> Answer:
    """The accessibility tree, and the picture with the same numbers."""
    part = arguments.part(full_page=arguments.full_page)
    options, left = arguments.options(), arguments.max_tokens - budget.WORDS
    outputs: list[dict[str, Any]] = [{"format": "aria", "marks": True, "aria_limit": 2_000_000} | part]
    if arguments.picture:
        tokens = min(1_300, int(left * _PICTURE_SHARE))
        picture = _picture_options(options | part, tokens, arguments.tile)
        outputs.append(part | picture | {"marks": True})
    result = await session.capture(options | {"outputs": outputs})
    tree, *tiles = result.parts
    lines = tree.artifact.data.decode().splitlines()
    if arguments.offset and arguments.offset >= len(lines):
        raise RequestNotValid(f"offset: the tree has {len(lines)} lines.", details=[{"field": "offset"}])
    left -= sum(budget.of_picture(t.artifact.width or 0, t.artifact.height or 0) for t in tiles)
    kept = budget.lines_within(lines[arguments.offset :], left)
    end = arguments.offset + len(kept)
    where = f"Outline: lines {arguments.offset} to {end} of {len(lines)}."
    if end < len(lines):
        where += f" More: offset={end}."
    head = [*words.about(result.report), where, *(_shown(tiles) if tiles else [])]
    text = "\n".join([*head, words.of_page(result.report, "\n".join(kept))])
    return [text, *(Picture(t.artifact.data, t.artifact.content_type) for t in tiles)]


async def compare(session: Session, arguments: Compare) -> Answer:
    """What differs between two pages, or between a page and its earlier picture."""
    if arguments.other and arguments.earlier:
        raise RequestNotValid(
            "earlier: cannot be combined with other; use one of them.", details=[{"field": "earlier"}]
        )
    options = arguments.options() | arguments.part() | {"format": "png"}
    if not arguments.selector:
        width = parse(options).window_width
        options["full_page_max_height"] = min(_COMPARED_HEIGHT, _COMPARED_PIXELS // width)
    before = await _earlier(session, arguments.earlier) if arguments.earlier else None
    now = await session.capture(options)
    lines, pages = words.about(now.report), [words.of_page(now.report)]
    after = now.artifact.data
    if arguments.other:
        second = await session.capture(options | {"url": arguments.other})
        before, after = after, second.artifact.data
        lines += ["Second page:", *words.about(second.report)]
        pages.append(words.of_page(second.report))
    else:
        lines.append(await _keep(session, after))
    if before is None:
        return ["\n".join([*lines, "There is nothing to compare with yet.", *pages])]
    found = await asyncio.to_thread(
        comparison.compare,
        before,
        after,
        tolerance=arguments.tolerance,
        ignore=arguments.ignore,
        max_pixels=2 * _COMPARED_PIXELS,
    )
    lines.append(f"Comparison: {found.in_words()}")
    if found.boxes:
        shown = " ".join(str(list(box)) for box in found.boxes[:_BOXES])
        lines.append(f"Changed areas [x,y,width,height] in CSS pixels: {shown}")
    if not found.changed:
        return ["\n".join([*lines, *pages])]
    tokens = arguments.max_tokens - max(budget.WORDS, budget.of_text("\n".join([*lines, *pages])) + 100)
    picture = await asyncio.to_thread(
        pictures.changes, found, min(max(100, tokens), 1_500) * budget.PIXELS_PER_TOKEN
    )
    lines += [f"Picture: {picture.where}; changes are red.", words.IN_PICTURE, *pages]
    return ["\n".join(lines), Picture(picture.data, "image/webp")]


_TOOLS: dict[type[Page], Callable[[Session, Any], Any]] = {
    Look: look,
    Read: read,
    Outline: outline,
    Compare: compare,
}


def _picture_options(options: dict[str, Any], tokens: int, first: int) -> dict[str, Any]:
    """A picture of at most so many tokens, in tiles where one would not be legible."""
    tiling = budget.tiling(max(100, tokens), parse(options).window_width)
    tiles = {"height": tiling.height, "overlap": budget.OVERLAP, "first": first, "count": tiling.count}
    return {"format": "webp", "image_quality": 85, "max_pixels": tiling.pixels, "tiles": tiles}


def _shown(tiles: list[CaptureResult]) -> list[str]:
    """What each picture shows, and how to see the rest."""
    lines, last = list[str](), dict[str, Any](number=1, of=1)
    for result in tiles:
        artifact, last = result.artifact, result.artifact.tile or last
        width, height = artifact.width or 0, artifact.height or 0
        x, top, across, down = last.get("box") or (0, 0, width, height)
        lines.append(
            f"Picture: tile {last['number']} of {last['of']}, {width}×{height} px, shows x {x:.0f} to"
            f" {x + across:.0f} and y {top:.0f} to {top + down:.0f} of the page; about"
            f" {budget.of_picture(width, height)} tokens."
        )
    if lines and last["number"] < last["of"]:
        lines[-1] += f" More: tile={last['number'] + 1}."
    return lines


def _key(session: Session, name: str) -> str:
    """Where a caller's picture is kept: nobody else's call names it."""
    owner = hashlib.sha256(session.caller.encode()).hexdigest()[:32]
    return f"agents/{owner}/{name}.png"


async def _keep(session: Session, data: bytes) -> str:
    """Keep a picture for a later comparison; the sentence that names it."""
    store = storage.configured()
    if store is None:
        return "The picture is not kept: STORAGE_URL is not set."
    name = secrets.token_hex(16)
    await asyncio.to_thread(store.put, _key(session, name), data, "image/png")
    return f"The picture is kept; compare with it later by earlier={name}"


async def _earlier(session: Session, name: str) -> bytes:
    """A kept picture. Raises NotConfigured, NotFound, StorageUnavailable."""
    store = storage.configured()
    if store is None:
        raise NotConfigured("earlier: no storage is configured (STORAGE_URL), so no picture is kept.")
    found = await asyncio.to_thread(store.get, _key(session, name))
    if found is None:
        raise NotFound("earlier: there is no such picture; call compare with url alone to keep one.")
    return found.data
