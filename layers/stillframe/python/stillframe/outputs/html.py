"""The page as HTML that looks the same without its scripts, alone or with its resources inside."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from ..errors import ResultTooLarge
from ..options import Options, option
from ..page import binary
from ..page.assets import call_page_script
from ..page.session import PageSession
from ..result import Artifact
from . import artifact

_MAX_FRAMES = 50
# Patterns are compiled on first use: at import, they would be at every cold start.
_URL = r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)"""


class HtmlOptions(Options, group="output"):
    html_self_contained: bool = option(
        False,
        "Put styles, images, fonts and frames of the page's origin into the HTML, and leave its scripts out.",
        shareable=True,
        linkable=True,
        per_output=True,
    )


class Html:
    """The format html."""

    async def shoot(self, session: PageSession, options: HtmlOptions, format: str) -> str:
        """The page as text. Raises ResultTooLarge, if possible before the text leaves the browser."""
        limit, run = session.limits.max_html_output_bytes, session.deadline.run
        length = await run(call_page_script(session, "outputs/assets/html_length.js"), "shoot")
        if length > limit:
            raise ResultTooLarge(f"The page's HTML has {length} characters; the limit is {limit}.")
        # The page cannot guess the token, so no text of the page is taken for a resource's place.
        token = f"resource-{secrets.token_hex(16)}-"
        argument = {"inline": options.html_self_contained, "token": token, "maxFrames": _MAX_FRAMES}
        found = await run(call_page_script(session, "outputs/assets/serialise.js", argument), "shoot")
        text = str(found["html"])
        if options.html_self_contained:
            text = await _Inliner(session, token, found["resources"], limit, found["missing"]).fill(text)
        if session.files_origin:
            text = _below(text, session.page.url, session.files_origin)
        size = len(text.encode("utf-8", "replace"))
        if size > limit:
            raise ResultTooLarge(f"The document has {size} bytes; the limit is {limit}.")
        return text

    def encode(self, raw: str, options: HtmlOptions, format: str) -> Artifact:
        """The document in UTF-8."""
        return artifact(format, raw.encode("utf-8", "replace"))


@dataclass
class _Inliner:
    """Puts the contents of resources into the places that the page script left for them.

    The browser has the contents, so nothing is requested again.
    """

    session: PageSession
    token: str
    places: list[dict[str, str]]
    limit: int
    missing: int = 0
    _frames: dict[str, str] = field(default_factory=dict)
    _kinds: dict[str, str] = field(default_factory=dict)
    _contents: dict[str, bytes | None] = field(default_factory=dict)
    _size: int = 0

    async def fill(self, text: str) -> str:
        """The document with its resources. Raises ResultTooLarge before the whole is in memory."""
        run, cdp = self.session.deadline.run, self.session.cdp
        await run(cdp.send("Page.enable"), "shoot")
        tree = await run(cdp.send("Page.getResourceTree"), "shoot")
        self._index(tree["frameTree"])
        filled = [await self._place(place) for place in self.places]
        text = re.sub(
            re.escape(self.token) + r"([0-9]+);",
            lambda found: filled[int(found[1])] if int(found[1]) < len(filled) else "",
            text,
        )
        if self.missing:
            self.session.report.warn(
                "not_self_contained",
                f"{self.missing} resources or frames of the page could not be put into the HTML.",
            )
        return text

    def _index(self, tree: dict[str, Any]) -> None:
        for resource in tree["resources"]:
            self._frames.setdefault(resource["url"], tree["frame"]["id"])
            self._kinds[resource["url"]] = resource["mimeType"]
        for child in tree.get("childFrames", ()):
            self._index(child)

    async def _place(self, place: dict[str, str]) -> str:
        address = place["address"]
        if place["kind"] == "file":
            return await self._data_url(address)
        content = await self._content(address)
        css = (content or b"").decode("utf-8", "replace")
        return await self._sheet(css, address)

    async def _sheet(self, css: str, base: str) -> str:
        """A style sheet of another origin, whose rules the page script may not read."""
        found = {f"{a}{b}{c}" for a, b, c in re.findall(_URL, css)}
        urls = {
            u: await self._data_url(urljoin(base, u)) for u in found if u and not u.startswith(("#", "data:"))
        }

        def replaced(match: re.Match[str]) -> str:
            address = "".join(part or "" for part in match.groups())
            return f'url("{urls[address]}")' if address in urls else match[0]

        return re.sub(_URL, replaced, css).replace("</", "<\\/")

    async def _data_url(self, url: str) -> str:
        """The `data:` URL of a resource, or its address when the browser does not have it any more."""
        address, hash_, fragment = url.partition("#")
        content = await self._content(address)
        if content is None:
            return _quoted(url)
        kind = re.sub(r"[^\w/.+-]", "", self._kinds.get(address, "")) or "application/octet-stream"
        return f"data:{kind};base64,{base64.b64encode(content).decode()}{hash_}{_quoted(fragment)}"

    async def _content(self, url: str) -> bytes | None:
        if url not in self._contents:
            self._contents[url] = content = await self._read(url)
            self.missing += content is None
            # A resource may be used in several places, but its first use alone is a lower bound.
            self._size += len(content or b"") * 4 // 3
            if self._size > self.limit:
                raise ResultTooLarge(
                    f"The document with its resources is over the limit of {self.limit} bytes."
                )
        return self._contents[url]

    async def _read(self, url: str) -> bytes | None:
        frame = self._frames.get(url)
        if frame is None:
            return None
        ask = self.session.cdp.send("Page.getResourceContent", {"frameId": frame, "url": url})
        try:
            found = await self.session.deadline.run(ask, "shoot", 5_000)
        except Exception:
            if self.session.page.is_closed() or self.session.deadline.remaining() < 0.05:
                raise
            return None
        if found["base64Encoded"]:
            return binary.decode(found["content"])
        return str(found["content"]).encode("utf-8", "replace")


def _quoted(url: str) -> str:
    """A URL that can stand in an attribute and between the quotes of CSS."""
    return re.sub(r"[\"'<>\\\s]", lambda found: f"%{ord(found[0]):02X}", url)


def _below(text: str, page: str, origin: str) -> str:
    """The addresses of supplied files relative to the page, because no server has their origin."""
    folder = page.removeprefix(f"{origin}/").partition("?")[0].partition("#")[0].rpartition("/")[0]
    if folder:
        text = text.replace(f"{origin}/{folder}/", "")
    return text.replace(f"{origin}/", "../" * (folder.count("/") + 1 if folder else 0))
