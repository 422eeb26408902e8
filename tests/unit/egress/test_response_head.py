"""Heads of responses: read as Chromium reads them, and written in one way."""

from __future__ import annotations

import random

import h11
import pytest

from stillframe.egress.response_head import MAX_HEAD, HeadNotValid, end_of_head, end_of_stream, rewrite

OK = b"HTTP/1.1 200 OK\r\n"


def fields(raw: bytes) -> list[tuple[bytes, bytes]]:
    """The fields of the head as a strict parser reads what `rewrite` made of it."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(rewrite(raw))
    event = connection.next_event()
    assert isinstance(event, h11.Response)
    return list(event.headers)


FORGIVEN = [
    (b"X-Foo : bar\r\n", [(b"x-foo", b"bar")]),
    (b"X Powered By: me\r\nA: b\r\n", [(b"a", b"b")]),
    (b"no colon\r\nA: b\r\n", [(b"a", b"b")]),
    (b": nameless\r\nA: b\r\n", [(b"a", b"b")]),
    (b"A: b\r\n  c\r\n\td\r\n", [(b"a", b"b c d")]),
    (b" folded\r\nA: b\r\n", [(b"a", b"b")]),
    (b"Bad Name: x\r\n of it\r\nA: b\r\n", [(b"a", b"b")]),
    (b"A: b\nC: d\n", [(b"a", b"b"), (b"c", b"d")]),
    (b"A: b\rC: d\r\n", [(b"a", b"b"), (b"c", b"d")]),
    (b"A: b\x0bc\x0cd\r\n", [(b"a", b"b c d")]),
    (b"Content-Length: x\r\n", []),
    (b"Content-Length: -5\r\n", []),
    (b"Content-Length: 5, 5\r\n", [(b"content-length", b"5")]),
    (b"Content-Length : 5\r\n", [(b"content-length", b"5")]),
    (b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", [(b"content-length", b"5")]),
    (b"Transfer-Encoding: gzip, chunked\r\n", [(b"transfer-encoding", b"chunked")]),
    (b"Transfer-Encoding: Chunked\r\nContent-Length: 5\r\n", [(b"transfer-encoding", b"chunked")]),
]


@pytest.mark.parametrize(("lines", "meant"), FORGIVEN, ids=[str(lines) for lines, _ in FORGIVEN])
def test_what_browsers_forgive_is_forgiven_and_costs_the_connection(
    lines: bytes, meant: list[tuple[bytes, bytes]]
) -> None:
    found = fields(OK + lines + b"\r\n")
    assert sorted(found) == sorted([*meant, (b"connection", b"close")])


STATUS_LINES = [
    (b"HTTP/1.1 200", b"HTTP/1.1 200 \r\n"),
    (b"http/1.1 404 gone", b"HTTP/1.1 404 gone\r\n"),
    (b"HTTP/1.1   200 OK", b"HTTP/1.1 200 OK\r\n"),
    (b"HTTP/1.1", b"HTTP/1.1 200 \r\n"),
    (b"HTTP", b"HTTP/1.0 200 \r\n"),
    (b"HTTP/2.0 200 OK", b"HTTP/1.1 200 OK\r\n"),
    (b"HTTP/1.0 200 OK", b"HTTP/1.0 200 OK\r\n"),
    (b"HTTP/1.1 200OK", b"HTTP/1.1 200 OK\r\n"),
    (b"\r\nHTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\n"),
]


@pytest.mark.parametrize(("line", "meant"), STATUS_LINES)
def test_status_lines_are_read_as_chromium_reads_them(line: bytes, meant: bytes) -> None:
    assert rewrite(line + b"\r\n\r\n").startswith(meant)


def test_a_strict_head_keeps_its_connection() -> None:
    head = OK + b"Server: x\r\nContent-Length: 5\r\n\r\n"
    assert rewrite(head) == head
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    assert rewrite(chunked) == chunked


def test_a_response_of_http_1_0_is_not_chunked() -> None:
    assert b"Transfer" not in rewrite(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_reset_content_has_no_body() -> None:
    head = rewrite(b"HTTP/1.1 205 Reset\r\nContent-Length: 5\r\n\r\n")
    assert b"Content-Length: 0\r\nConnection: close\r\n" in head


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "lengths_differ"),
        (OK + b"Content-Length: 5, 6\r\n\r\n", "lengths_differ"),
        (OK + b"A: b\0c\r\n\r\n", "not_http"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "not_http"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "not_http"),
    ],
)
def test_a_head_with_two_meanings_is_refused(head: bytes, reason: str) -> None:
    with pytest.raises(HeadNotValid) as refused:
        rewrite(head)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not_http"),
        (b"\x15\x03\x01\x00\x02\x02\x46\x00", "tls_not_http"),
        (b"<!doctype html>", "not_http"),
        (OK + b"X: " + b"y" * MAX_HEAD, "head_too_large"),
    ],
)
def test_bytes_that_cannot_become_a_head_are_refused_at_once(data: bytes, reason: str) -> None:
    with pytest.raises(HeadNotValid) as refused:
        end_of_head(bytearray(data))
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_response"),
        (b"HTT", "not_http"),
        (b"HTTP/1.1 200 OK\r\nA", "head_cut"),
        (b"\x15\x03", "tls_not_http"),
    ],
)
def test_the_reason_of_an_early_end_is_named(data: bytes, reason: str) -> None:
    assert end_of_stream(bytearray(data)).reason == reason


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\n\n"])
def test_the_end_of_a_head_is_found_however_it_arrives(end: bytes) -> None:
    data = b"HTTP/1.1 200 OK\r\nA: b" + end + b"body"
    received, searched, found = bytearray(), 0, 0
    for position in range(len(data)):
        received += data[position : position + 1]
        found = end_of_head(received, searched)
        searched = len(received)
        if found:
            break
    assert bytes(received[:found]) == data.removesuffix(b"body")


PIECES = [
    b"HTTP/1.1 200 OK",
    b"http/1.0 204",
    b"HTTP",
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b":",
    b"X-A",
    b"value",
    b"Content-Length",
    b"5",
    b"6",
    b"Transfer-Encoding",
    b"chunked",
    b"gzip",
    b",",
    b"\0",
    b"\x0b",
    b"\xff",
    b"Connection",
    b"close",
    b"keep-alive",
    b"Upgrade",
    b"HTTP/1.1 200 OK\r\n\r\n",
]


def test_every_head_has_one_strict_form_or_none() -> None:
    chance = random.Random(11)
    written = 0
    for _ in range(20_000):
        raw = OK + b"".join(chance.choice(PIECES) for _ in range(chance.randrange(30))) + b"\r\n\r\n"
        raw = raw[: end_of_head(bytearray(raw))]
        try:
            strict = rewrite(raw)
        except HeadNotValid:
            continue
        written += 1
        assert strict.count(b"\n") == strict.count(b"\r\n") == strict.count(b"\r")
        assert strict.endswith(b"\r\n\r\n")
        assert strict.count(b"\r\n\r\n") == 1
        lowered = strict.lower()
        assert lowered.count(b"\r\ncontent-length:") + lowered.count(b"\r\ntransfer-encoding:") <= 1
        fields(raw) if b" 1" not in strict[:10] else None
        assert rewrite(strict).replace(b"Connection: close\r\n", b"") == strict.replace(
            b"Connection: close\r\n", b""
        )
    assert written > 10_000
