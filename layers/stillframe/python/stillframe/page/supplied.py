"""Content of the request, given to the browser in place of what a server would send for an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from ..urls import origin_of

NO_SUCH_FILE = b"There is no such file in the upload."


@dataclass(frozen=True, slots=True)
class Reply:
    """One response: its body and content type."""

    body: bytes
    content_type: str
    status: int = 200


class Supplied(Protocol):
    """What answers requests of the page instead of the network."""

    @property
    def pattern(self) -> dict[str, Any]:
        """The DevTools `Fetch.RequestPattern` of every request that may be answered."""
        ...

    def reply(self, method: str, url: str, resource_type: str) -> Reply | None:
        """The response to a request; None when the network answers."""
        ...


class SuppliedDocument:
    """HTML for the address of the navigation that comes first, and for every later load of that address."""

    def __init__(self, html: str) -> None:
        # An encoding of the server comes before one of a meta element.
        self._reply = Reply(html.encode("utf-8", "replace"), "text/html; charset=utf-8")
        # As Chromium writes it, which may differ from the caller's spelling.
        self._url: str | None = None

    @property
    def pattern(self) -> dict[str, Any]:
        return {"urlPattern": "*", "resourceType": "Document", "requestStage": "Request"}

    def reply(self, method: str, url: str, resource_type: str) -> Reply | None:
        if resource_type != "Document" or method != "GET":
            return None
        self._url = self._url or url
        return self._reply if url == self._url else None


class SuppliedFiles:
    """Files by their path below an origin that no server has; nothing of that origin reaches the network."""

    def __init__(
        self, origin: str, files: Mapping[str, Reply], pages: Mapping[str, Reply] | None = None
    ) -> None:
        """`pages` are shown in place of the files of the same names."""
        self._origin = origin
        self._files = files
        self._pages = pages or {}

    @property
    def pattern(self) -> dict[str, Any]:
        return {"urlPattern": f"{self._origin}/*", "requestStage": "Request"}

    def reply(self, method: str, url: str, resource_type: str) -> Reply | None:
        if origin_of(url) != self._origin:
            return None
        path = unquote(urlsplit(url).path).lstrip("/")
        if resource_type == "Document" and path in self._pages:
            return self._pages[path]
        for name in (path, f"{path.rstrip('/')}/index.html".lstrip("/")):
            if name in self._files:
                return self._files[name]
        return Reply(NO_SUCH_FILE, "text/plain; charset=utf-8", 404)
