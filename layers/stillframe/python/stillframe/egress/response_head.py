"""Read the head of a response as browsers do, and write it anew, so that it can be read in one way only.

Chromium forgives much that RFC 9112 does not allow (net/http/http_util.cc, http_response_headers.cc): bare LF
and CR, folded lines, blanks before a colon, names that are no tokens, a status line without version or
reason. A head that needs forgiveness costs the connection to its origin: nothing after that response is read.
"""

from __future__ import annotations

import re

# Chromium's limit (net/http/http_stream_parser.h, kMaxHeaderBufSize).
MAX_HEAD = 262_144

_SLOP = 4  # bytes before the status line that Chromium skips (HttpUtil::LocateStartOfStatusLine)
_END = re.compile(rb"\n\r?\n")
_LINES = re.compile(rb"[\r\n]+")
_STATUS = re.compile(rb"http(?:/([0-9])\.([0-9]))?([^ ]*)(?: +([0-9]*)(.*))?", re.IGNORECASE | re.DOTALL)
_STRICT_STATUS = re.compile(rb"HTTP/1\.[01] [0-9]{3}(?: .*)?")
_TOKEN = re.compile(rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_LENGTH = re.compile(rb"[0-9]{1,19}")
_BLANK = b" \t\v\f"
_TO_BLANK = bytes.maketrans(b"\v\f", b"  ")
# TLS records of an alert or a handshake: https://www.rfc-editor.org/rfc/rfc8446#section-5.1
_TLS = (b"\x15\x03", b"\x16\x03")

Fields = list[tuple[bytes, bytes]]


class HeadNotValid(Exception):
    """The bytes are no head that a browser would accept; `reason` is one of `egress.refusals`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def end_of_head(data: bytearray, searched: int = 0) -> int:
    """The position behind the head, or 0 when more bytes are needed; `searched` bytes need no second look.

    Raises HeadNotValid as soon as the bytes cannot become a response.
    """
    start = _start(data)
    if start < 0:
        if len(data) < _SLOP + 4:
            return 0
        raise HeadNotValid("tls_not_http" if data.startswith(_TLS) else "not_http")
    found = _END.search(data, max(start, searched - 3))
    if (found.end() if found else len(data)) > MAX_HEAD:
        raise HeadNotValid("head_too_large")
    return found.end() if found else 0


def end_of_stream(data: bytearray) -> HeadNotValid:
    """The reason why the bytes before the end of the stream are no head."""
    if not data:
        return HeadNotValid("empty_response")
    if data.startswith(_TLS):
        return HeadNotValid("tls_not_http")
    return HeadNotValid("not_http" if _start(data) < 0 else "head_cut")


def _start(data: bytearray) -> int:
    """Where the status line starts, or -1."""
    return data[: _SLOP + 4].lower().find(b"http")


def rewrite(raw: bytes) -> bytes:
    """The head in strict form, with the meaning that Chromium gives `raw`. Raises HeadNotValid."""
    if b"\0" in raw:
        raise HeadNotValid("not_http")
    start = _start(bytearray(raw))
    line, *lines = _LINES.split(raw[max(start, 0) :].strip(b"\r\n"))
    version, status, reason = _status(line)
    fields, forgiven = _fields(lines)
    forgiven |= start != 0 or _STRICT_STATUS.fullmatch(line) is None
    forgiven |= b"\v" in raw or b"\f" in raw
    forgiven |= raw.count(b"\r\n") != raw.count(b"\n") or raw.count(b"\r\n") != raw.count(b"\r")
    framing, ambiguous = _framing(fields, version, status)
    fields = [item for item in fields if item[0].lower() not in (b"content-length", b"transfer-encoding")]
    fields += framing
    if forgiven or ambiguous:
        fields.append((b"Connection", b"close"))
    head = b"HTTP/%s %s %s\r\n" % (version, status, reason)
    return head + b"".join(b"%s: %s\r\n" % item for item in fields) + b"\r\n"


def _status(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Version, code and reason of a status line.

    Chromium takes a missing version for 1.0, and a missing code for 200.
    """
    found = _STATUS.fullmatch(line)
    if found is None:
        raise HeadNotValid("not_http")
    major, minor, _, code, reason = found.groups()
    version = b"1.1" if major is not None and (major, minor) >= (b"1", b"1") else b"1.0"
    code = code or b"200"
    if len(code) != 3 or code < b"100":
        raise HeadNotValid("not_http")
    return version, code, (reason or b"").translate(_TO_BLANK).strip(_BLANK)


def _fields(lines: list[bytes]) -> tuple[Fields, bool]:
    """The fields as Chromium reads them, and whether a line needed forgiveness."""
    fields: Fields = []
    forgiven, folds_into = False, False
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            forgiven = True
            if folds_into:
                name, value = fields[-1]
                fields[-1] = name, (value + b" " + _value(line)).strip(_BLANK)
            continue
        written, colon, value = line.partition(b":")
        name = written.rstrip(_BLANK)
        folds_into = bool(colon) and _TOKEN.fullmatch(name) is not None
        if folds_into:
            fields.append((name, _value(value)))
        forgiven |= not folds_into or name != written
    return fields, forgiven


def _value(text: bytes) -> bytes:
    return text.translate(_TO_BLANK).strip(_BLANK)


def _framing(fields: Fields, version: bytes, status: bytes) -> tuple[Fields, bool]:
    """The one field that frames the body, and whether the response left room for another reading.

    Raises HeadNotValid for lengths that differ (RFC 9112, section 6.3).
    """
    lengths, codings = _listed(fields, b"content-length"), _listed(fields, b"transfer-encoding")
    if status == b"205" and (lengths or codings):
        # Chromium reads no body after 205 (HttpStreamParser::CalculateResponseBodySize).
        return [(b"Content-Length", b"0")], True
    if version == b"1.1" and b"chunked" in codings:
        return [(b"Transfer-Encoding", b"chunked")], bool(lengths) or codings != [b"chunked"]
    if len(set(lengths)) > 1:
        raise HeadNotValid("lengths_differ")
    if lengths and _LENGTH.fullmatch(lengths[0]):
        return [(b"Content-Length", lengths[0])], bool(codings) or len(lengths) > 1
    return [], bool(lengths or codings)


def _listed(fields: Fields, wanted: bytes) -> list[bytes]:
    return [
        part.strip(_BLANK).lower()
        for name, value in fields
        if name.lower() == wanted
        for part in value.split(b",")
    ]
