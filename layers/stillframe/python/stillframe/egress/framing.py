"""Parse requests strictly, so that no other parser can read them differently (request smuggling)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import h11

from .authority import AuthorityNotValid, read_authority
from .report import denied
from .response_head import MAX_HEAD

# On every answer of the guard itself, followed by the mark of the listener.
MARK_HEADER = "x-stillframe-egress"
# Fields for one connection only (RFC 9110, section 7.6.1), and the guard's own marker, which an origin must
# not be able to set.
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
    """One validated request head and its destination."""

    request: h11.Request
    host: str
    port: int
    path: bytes = b""
    websocket: bool = False
    has_body: bool = False

    @property
    def is_connect(self) -> bool:
        """Whether the client requests a tunnel."""
        return self.request.method == b"CONNECT"


async def read_head(reader: asyncio.StreamReader) -> bytes | None:
    """The raw head with its empty line; None at the end of the stream. Raises `Refusal`.

    h11 accepts bare LF and obsolete line folding, which RFC 9112 (sections 2.2 and 5.2) leaves to the
    recipient; parsers that differ there allow request smuggling, so both are refused.
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
    """Parse a raw head: `CONNECT host:port` or absolute-form http. Raises `Refusal`."""
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
    """The header fields that a proxy forwards: no hop-by-hop fields, none that Connection names."""
    named = {
        token.strip().lower()
        for name, value in message.headers
        if name == b"connection"
        for token in value.split(b",")
    }
    # A Connection field must not remove the field that frames the body or the Host.
    dropped = HOP_BY_HOP | (named - {b"content-length", b"host"})
    return [(raw, value) for raw, value in message.headers.raw_items() if raw.lower() not in dropped]


def upstream_request(head: Head) -> h11.Request:
    """The request for the origin: origin-form, the vetted authority as Host, framed anew."""
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
    """The response for the client; Content-Length is dropped if it came with Transfer-Encoding.

    RFC 9112, section 6.3: Transfer-Encoding overrides Content-Length.
    """
    headers = end_to_end(response)
    if any(name == b"transfer-encoding" for name, _ in response.headers):
        headers = [(raw, value) for raw, value in headers if raw.lower() != b"content-length"]
    return h11.Response(status_code=response.status_code, headers=headers, reason=response.reason)
