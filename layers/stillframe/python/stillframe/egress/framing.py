"""Reading a request so that no second reader could understand it differently."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import h11

from .authority import AuthorityNotValid, read_authority
from .report import denied

MAX_HEAD = 65_536
# On every answer of the guard itself, followed by the mark of the listener.
MARK_HEADER = "x-stillframe-egress"
# Connection-level fields (RFC 9110 7.6.1); framing is ours to write, and our own marker is not the origin's.
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        MARK_HEADER.encode(),
    }
)

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Head:
    """One vetted request head: where it goes, and what is said there."""

    request: h11.Request
    host: str
    port: int
    path: bytes = b""
    websocket: bool = False
    has_body: bool = False

    @property
    def is_connect(self) -> bool:
        """Whether the client asks for a tunnel."""
        return self.request.method == b"CONNECT"


async def read_head(reader: asyncio.StreamReader) -> bytes | None:
    """The raw head up to its empty line, None at the end of the stream; raises `Refusal` on loose lines.

    The parser behind this would forgive bare LF and folded lines; a forgiving reader is half of a
    request smuggling, so those end the connection here.
    """
    head = bytearray()
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            if not head and not error.partial:
                return None
            raise denied("framing_not_valid") from None
        except asyncio.LimitOverrunError:
            raise denied("head_too_large") from None
        head += line
        if len(head) > MAX_HEAD:
            raise denied("head_too_large")
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line or line[:1] in b" \t":
            raise denied("framing_not_valid")
        if line == b"\r\n":
            return bytes(head)


def read_request(connection: h11.Connection, raw: bytes) -> Head:
    """The request in a raw head, as `CONNECT host:port` or absolute-form http; raises `Refusal`."""
    connection.receive_data(raw)
    try:
        event = connection.next_event()
    except h11.RemoteProtocolError:
        raise denied("framing_not_valid") from None
    if not isinstance(event, h11.Request):
        raise denied("framing_not_valid")
    names = [name for name, _ in event.headers]
    framed = names.count(b"content-length"), names.count(b"transfer-encoding")
    loose = framed[1] and event.http_version != b"1.1"
    if sum(framed) > 1 or loose or event.http_version not in (b"1.0", b"1.1"):
        raise denied("framing_not_valid")
    try:
        target = event.target.decode("ascii")
        if event.method == b"CONNECT":
            if sum(framed):
                raise denied("framing_not_valid")
            host, port = read_authority(target)
            return Head(event, host, port)
        if target[:7].lower() != "http://" or "#" in target:
            raise denied("request_form_not_allowed")
        authority, path = _split(target[7:])
        host, port = read_authority(authority, 80)
    except (AuthorityNotValid, UnicodeDecodeError):
        raise denied("authority_not_valid") from None
    upgrades = [value.lower() for name, value in event.headers if name == b"upgrade"]
    return Head(
        event,
        host,
        port,
        path.encode("ascii"),
        websocket=upgrades == [b"websocket"],
        has_body=sum(framed) > 0,
    )


def _split(text: str) -> tuple[str, str]:
    ends = [position for mark in "/?" if (position := text.find(mark)) >= 0]
    end = min(ends, default=len(text))
    rest = text[end:]
    return text[:end], rest if rest.startswith("/") else f"/{rest}"


def end_to_end(message: h11.Request | h11.Response) -> Headers:
    """The fields that pass a proxy: without the hop-by-hop ones and those that Connection names."""
    named = {
        token.strip().lower()
        for name, value in message.headers
        if name == b"connection"
        for token in value.split(b",")
    }
    # Content-Length frames the body and Host is checked elsewhere: a Connection field may not remove them.
    dropped = HOP_BY_HOP | (named - {b"content-length", b"host"})
    return [(raw, value) for raw, value in message.headers.raw_items() if raw.lower() not in dropped]


def upstream_request(head: Head) -> h11.Request:
    """The request as the origin shall read it: origin-form, the vetted authority as Host, framed anew."""
    default = head.port == 80
    name = f"[{head.host}]" if ":" in head.host else head.host
    authority = name if default else f"{name}:{head.port}"
    headers = [(raw, value) for raw, value in end_to_end(head.request) if raw.lower() != b"host"]
    headers.insert(0, (b"Host", authority.encode("ascii")))
    if any(name == b"transfer-encoding" for name, _ in head.request.headers):
        headers.append((b"Transfer-Encoding", b"chunked"))
    if head.websocket:
        headers += [(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]
    return h11.Request(method=head.request.method, target=head.path, headers=headers)


def client_response(response: h11.Response) -> h11.Response:
    """The response as the client shall read it; the length is dropped where the origin also chunked."""
    headers = end_to_end(response)
    if any(name == b"transfer-encoding" for name, _ in response.headers):
        headers = [(raw, value) for raw, value in headers if raw.lower() != b"content-length"]
    return h11.Response(status_code=response.status_code, headers=headers, reason=response.reason)
