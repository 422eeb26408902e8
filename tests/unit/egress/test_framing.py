"""How the guard rewrites the header fields of requests and responses, and what it refuses."""

from __future__ import annotations

import h11
import pytest

from stillframe.egress.framing import client_response, read_request, upstream_request
from stillframe.egress.report import Refusal


def head(text: str) -> tuple[h11.Connection, bytes]:
    return h11.Connection(h11.SERVER), text.replace("\n", "\r\n").encode() + b"\r\n\r\n"


def test_the_origin_reads_origin_form_and_the_vetted_host() -> None:
    request = upstream_request(
        read_request(*head("GET http://Example.com/a?b HTTP/1.1\nHost: internal\nAccept: x\nAccept: y"))
    )
    assert request.target == b"/a?b"
    assert list(request.headers) == [(b"host", b"example.com"), (b"accept", b"x"), (b"accept", b"y")]


@pytest.mark.parametrize(
    ("target", "path"),
    [("http://e.example", b"/"), ("HTTP://e.example?q=1", b"/?q=1"), ("http://e.example:80/x", b"/x")],
)
def test_a_target_without_a_path_has_one(target: str, path: bytes) -> None:
    assert upstream_request(read_request(*head(f"GET {target} HTTP/1.1\nHost: x"))).target == path


def test_hop_by_hop_fields_do_not_pass() -> None:
    request = upstream_request(
        read_request(
            *head(
                "GET http://e.example:8080/ HTTP/1.1\nHost: x\nConnection: close, X-Secret, Host\n"
                "X-Secret: 1\n"
                "Keep-Alive: 5\nProxy-Connection: keep-alive\nProxy-Authorization: Basic abc\nTE: trailers\n"
                "Trailer: x\nUpgrade: h2c\nX-Stillframe-Egress: denied\nCookie: a=b"
            )
        )
    )
    assert list(request.headers) == [(b"host", b"e.example:8080"), (b"cookie", b"a=b")]


def test_an_answer_with_two_lengths_keeps_the_stronger() -> None:
    answer = h11.Response(
        status_code=200,
        headers=[
            ("Content-Length", "5"),
            ("Transfer-Encoding", "chunked"),
            ("X-Stillframe-Egress", "denied"),
        ],
    )
    assert list(client_response(answer).headers) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("GET / HTTP/1.1\nHost: e.example", "request_form_not_allowed"),
        ("OPTIONS * HTTP/1.1\nHost: e.example", "request_form_not_allowed"),
        ("GET https://e.example/ HTTP/1.1\nHost: x", "request_form_not_allowed"),
        ("GET ftp://e.example/ HTTP/1.1\nHost: x", "request_form_not_allowed"),
        ("GET file:///etc/passwd HTTP/1.1\nHost: x", "request_form_not_allowed"),
        ("GET http://e.example/#f HTTP/1.1\nHost: x", "request_form_not_allowed"),
        ("GET http://u:p@e.example/ HTTP/1.1\nHost: x", "authority_not_valid"),
        ("GET http://e.example\\@127.0.0.1/ HTTP/1.1\nHost: x", "authority_not_valid"),
        ("GET http:/// HTTP/1.1\nHost: x", "authority_not_valid"),
        ("CONNECT e.example HTTP/1.1\nHost: x", "authority_not_valid"),
        ("CONNECT http://e.example:443 HTTP/1.1\nHost: x", "authority_not_valid"),
        ("CONNECT e.example:443 HTTP/1.1\nHost: x\nContent-Length: 4", "framing_not_valid"),
        (
            "POST http://e.example/ HTTP/1.1\nHost: x\nContent-Length: 4\nTransfer-Encoding: chunked",
            "framing_not_valid",
        ),
        (
            "POST http://e.example/ HTTP/1.1\nHost: x\nContent-Length: 4\nContent-Length: 5",
            "framing_not_valid",
        ),
        ("POST http://e.example/ HTTP/1.1\nHost: x\nContent-Length: -1", "framing_not_valid"),
        ("POST http://e.example/ HTTP/1.1\nHost: x\nContent-Length: +4", "framing_not_valid"),
        ("POST http://e.example/ HTTP/1.1\nHost: x\nTransfer-Encoding: gzip, chunked", "framing_not_valid"),
        ("POST http://e.example/ HTTP/1.1\nHost: x\nTransfer-Encoding: xchunked", "framing_not_valid"),
        ("POST http://e.example/ HTTP/1.0\nHost: x\nTransfer-Encoding: chunked", "framing_not_valid"),
        ("GET http://e.example/ HTTP/1.1\nHost : x", "framing_not_valid"),
        ("GET http://e.example/ HTTP/1.1\nHost: x\nHost: y", "framing_not_valid"),
        ("GET http://e.example/ HTTP/9.9\nHost: x", "framing_not_valid"),
        ("GET  http://e.example/ HTTP/1.1\nHost: x", "framing_not_valid"),
        ("GET http://e.example/\nHost: x", "framing_not_valid"),
    ],
)
def test_a_request_that_can_be_read_twice_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_request(*head(text))
    assert refused.value.outcome.reason == reason
    assert refused.value.status == 403
