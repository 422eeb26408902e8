"""Plain HTTP through the guard: forwarded unchanged, checked for each request, never smuggled."""

import random
import socket
import threading

import h11
import pytest
from answers import fixed, ok, read_head
from raw import Raw, ask, get, marker
from servers import TcpServer

from stillframe.egress import Listener


def test_a_request_reaches_the_origin_in_origin_form(open_guard, origin: TcpServer) -> None:
    listener = open_guard(origin.place)
    answer = ask(listener, get(origin.place, path="/page?q=1"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"hello")
    assert origin.text.startswith(b"GET /page?q=1 HTTP/1.1\r\nHost: " + origin.place.encode())
    assert listener.outcome("127.0.0.1", origin.port).kind == "allowed"


def test_a_kept_connection_serves_several_requests(open_guard, origin: TcpServer) -> None:
    with Raw(open_guard(origin.place)) as raw:
        for _ in range(5):
            raw.send(get(origin.place, close=False))
            assert raw.head().startswith(b"HTTP/1.1 200")
            assert raw.exactly(5) == b"hello"
    assert origin.connections == 1


def test_every_request_on_a_kept_connection_is_checked(
    open_guard, origin: TcpServer, canary: TcpServer
) -> None:
    with Raw(open_guard(origin.place)) as raw:
        raw.send(get(origin.place, close=False))
        raw.head()
        raw.exactly(5)
        raw.send(get(canary.place, close=False))
        answer = raw.rest()
    assert marker(answer) == "denied; reason=address_not_public"
    assert b"Host: 127.0.0.2" not in origin.text


def test_pipelined_requests_are_checked_one_by_one(open_guard, origin: TcpServer, canary: TcpServer) -> None:
    answer = ask(open_guard(origin.place), get(origin.place, close=False) + get(canary.place))
    assert answer.count(b"HTTP/1.1 200") <= 1
    assert b"INTERNAL" not in answer


def test_a_closed_connection_to_an_origin_is_opened_again(open_guard) -> None:
    with TcpServer(fixed(ok(), keep=False)) as origin, Raw(open_guard(origin.place)) as raw:
        for _ in range(3):
            raw.send(get(origin.place, close=False))
            assert raw.head().startswith(b"HTTP/1.1 200")
            assert raw.exactly(5) == b"hello"
        assert origin.connections == 3


def collect(sock: socket.socket, end: bytes) -> bytes:
    data = read_head(sock)
    while end not in data:
        data += sock.recv(65_536)
    return data


@pytest.mark.parametrize(
    ("fields", "body", "seen"),
    [
        ("Content-Length: 6\r\n", "abcEND", b"\r\n\r\nabcEND"),
        (
            "Transfer-Encoding: chunked\r\n",
            "3\r\nabc\r\n3\r\nEND\r\n0\r\n\r\n",
            b"3\r\nabc\r\n3\r\nEND\r\n0\r\n\r\n",
        ),
        ("Content-Length: 6\r\nExpect: 100-continue\r\n", "abcEND", b"abcEND"),
    ],
)
def test_request_bodies_are_forwarded_with_their_framing(
    open_guard, fields: str, body: str, seen: bytes
) -> None:
    def answer(sock: socket.socket) -> None:
        collect(sock, seen)
        sock.sendall(ok(b"done"))

    with TcpServer(answer) as origin:
        place = origin.place
        with Raw(open_guard(place)) as raw:
            raw.send(f"POST http://{place}/ HTTP/1.1\r\nHost: {place}\r\n{fields}\r\n{body}")
            assert raw.head().startswith(b"HTTP/1.1 200")
            assert raw.exactly(4) == b"done"
        assert origin.text.endswith(seen)


RESPONSES = [
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\r\n",
    ),
    (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok(), b"hello"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", b"\r\n\r\n"),
    (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", b"\r\n\r\n"),
    (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2/\r\nContent-Length: 0\r\n\r\n", b"\r\n\r\n"),
    (b"HTTP/1.0 200 OK\r\n\r\nhello", b"hello"),
    (b"HTTP/1.1 200 OK\r\n\r\nhello", b"5\r\nhello\r\n0\r\n\r\n"),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"0\r\n\r\n",
    ),
]


@pytest.mark.parametrize(("response", "end"), RESPONSES)
def test_the_end_of_a_response_is_found_in_every_framing(open_guard, response: bytes, end: bytes) -> None:
    with TcpServer(fixed(response, keep=False)) as origin:
        answer = ask(open_guard(origin.place), get(origin.place))
    assert end in answer
    assert answer.startswith(b"HTTP/1.1 ")
    assert marker(answer) == ""


def test_a_head_request_has_no_body(open_guard) -> None:
    with TcpServer(fixed(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")) as origin:
        request = get(origin.place).replace("GET", "HEAD", 1)
        assert ask(open_guard(origin.place), request).endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    ],
)
def test_a_broken_response_does_not_look_complete(open_guard, response: bytes) -> None:
    with TcpServer(fixed(response, keep=False)) as origin:
        answer = ask(open_guard(origin.place), get(origin.place))
    assert not answer.endswith(b"0\r\n\r\n")
    assert b"HTTP/1.1 502" not in answer  # an answer has begun; a second head would be its body


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (b"", "empty_response"),
        (b"garbage\r\n\r\n", "not_http"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not_http"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "tls_not_http"),
        (b"HTTP/1.1 200 OK\r\nContent-Ty", "head_cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "lengths_differ"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 270_000 + b"\r\n\r\n", "head_too_large"),
        (b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", "not_http"),
    ],
)
def test_an_origin_without_a_valid_response_is_a_named_failure(
    open_guard, response: bytes, reason: str
) -> None:
    with TcpServer(fixed(response, keep=False)) as origin:
        listener = open_guard(origin.place)
        answer = ask(listener, get(origin.place))
        assert marker(answer) == f"failed; reason={reason}"
        assert answer.startswith(b"HTTP/1.1 502")
        assert listener.end().failures == (("127.0.0.1", origin.port, reason),)


def test_a_response_that_is_not_http_fails_before_its_connection_ends(open_guard) -> None:
    ended = threading.Event()

    def answer(sock: socket.socket) -> None:
        read_head(sock)
        sock.sendall(b"220 mail.example ESMTP\r\n")
        ended.wait(20)

    with TcpServer(answer) as origin:
        assert marker(ask(open_guard(origin.place), get(origin.place))) == "failed; reason=not_http"
        ended.set()


LARGE = b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"y" * 200_000 + b"\r\nContent-Length: 5\r\n\r\nhello"


def test_a_header_as_large_as_chromium_takes_passes(open_guard) -> None:
    with TcpServer(fixed(LARGE)) as origin:
        answer = ask(open_guard(origin.place), get(origin.place))
    assert b"y" * 200_000 in answer
    assert answer.endswith(b"hello")


def test_a_request_with_a_large_header_passes(open_guard, origin: TcpServer) -> None:
    request = get(origin.place)[:-2] + "Cookie: " + "a=b; " * 40_000 + "c=d\r\n\r\n"
    assert ask(open_guard(origin.place), request).endswith(b"hello")
    assert origin.text.count(b"a=b; ") == 40_000


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX Y: z\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: identity\r\n\r\n",
    ],
)
def test_nothing_is_read_behind_a_response_that_needed_forgiveness(open_guard, head: bytes) -> None:
    injected = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ninjected"
    with TcpServer(fixed(head + b"hello" + injected)) as origin, Raw(open_guard(origin.place)) as raw:
        for _ in range(2):
            raw.send(get(origin.place, close=False))
            assert raw.head().startswith(b"HTTP/1.1 200")
            assert raw.exactly(5) == b"hello"
        assert origin.connections == 2


def test_random_responses_never_answer_the_next_request(open_guard, canary: TcpServer) -> None:
    """Whatever an origin sends, the next request on the client's connection gets its own answer or none."""
    chance = random.Random(7)
    pieces = [
        b"HTTP/1.1 200 OK",
        b"http/1.0 204 x",
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.1 304 x",
        b"HTTP/1.1 205 x",
        b"\r\n",
        b"\n",
        b"\r\n\r\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b"X-A: b",
        b"Content-Length: 5",
        b"Content-Length: 0",
        b"Content-Length : 3",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding : chunked",
        b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b"hello",
        b"Connection: keep-alive",
        b"Connection: X-A, Content-Length",
        b"\xff",
        b"\x0b",
    ]
    made = b""

    def answer(sock: socket.socket) -> None:
        while read_head(sock):
            sock.sendall(made)
            if chance.random() < 0.7:
                return

    with TcpServer(answer) as origin, TcpServer(fixed(ok(b"TRUTH"))) as honest:
        listener = open_guard(f"{origin.place},{honest.place}")
        for _ in range(150):
            made = b"HTTP/1.1 200 OK\r\n" + b"".join(
                chance.choice(pieces) + chance.choice((b"", b"\r\n")) for _ in range(chance.randrange(12))
            )
            with Raw(listener) as raw:
                raw.sock.settimeout(1)
                raw.send(get(origin.place, close=False))
                first = b""
                try:
                    while more := raw.sock.recv(65_536):
                        first += more
                        if complete(first):
                            break
                except TimeoutError:
                    continue
                except ConnectionError:
                    pass
                try:
                    raw.send(get(honest.place))
                    rest = raw.rest()
                except OSError:
                    continue
                assert rest == b"" or rest.endswith(b"\r\n\r\nTRUTH"), (made, first, rest)


def complete(answer: bytes) -> bool:
    """Whether the bytes are one whole response, as a strict parser reads them."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(answer)
    while True:
        event = connection.next_event()
        if isinstance(event, h11.EndOfMessage):
            assert connection.trailing_data[0] == b"", answer
            return True
        if event in (h11.NEED_DATA, h11.PAUSED):
            return False


def test_an_origin_cannot_pretend_to_be_the_guard(open_guard) -> None:
    with TcpServer(fixed(ok(extra=b"X-Stillframe-Egress: denied; reason=x\r\n"))) as origin:
        assert marker(ask(open_guard(origin.place), get(origin.place))) == ""


def test_a_websocket_upgrade_becomes_a_tunnel(open_guard) -> None:
    def answer(sock: socket.socket) -> None:
        assert b"Upgrade: websocket" in read_head(sock)
        sock.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nfirst"
        )
        while data := sock.recv(1024):
            sock.sendall(data.upper())

    with TcpServer(answer) as origin, Raw(open_guard(origin.place)) as raw:
        raw.send(get(origin.place, close=False)[:-2] + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        assert raw.head().startswith(b"HTTP/1.1 101")
        assert raw.exactly(5) == b"first"
        assert raw.send("ping").exactly(4) == b"PING"


HOSTILE = [
    "GET http://{ok}/ HTTP/1.1\r\nHost: {ok}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    "GET http://{ok}/ HTTP/1.1\r\nHost: {ok}\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n",
    "GET http://{ok}/ HTTP/1.1\r\nHost: {ok}\r\nX: a\r\n folded\r\n\r\n",
    "GET http://{ok}/ HTTP/1.1\r\n Host: {ok}\r\n\r\n",
    "GET http://{ok}/ HTTP/1.1\r\nHost : {ok}\r\n\r\n",
    "GET http://{ok}/ HTTP/1.1\r\nHost: {ok}\r\nX: a\0b\r\n\r\n",
    "GET http://{ok}/ HTTP/1.1\nHost: {ok}\n\n",
    "GET http://{ok}/ HTTP/1.1\r\nHost: {ok}\nX: y\r\n\r\n",
    "GET http://{ok}/ HTTP/1.1\r\nHost: {ok}\r\nX: a\rb\r\n\r\n",
    "GET http://{ok}/\r\n\r\n",
    "GET http://{ok}/ HTTP/2.0\r\nHost: x\r\n\r\n",
    "GET /internal HTTP/1.1\r\nHost: {bad}\r\n\r\n",
    "GET //{bad}/ HTTP/1.1\r\nHost: {bad}\r\n\r\n",
    "GET http://{ok}@{bad}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://{bad}#@{ok}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://{bad}\\@{ok}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET https://{bad}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://{bad}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://[::ffff:127.0.0.2]:{port}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://2130706434:{port}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://0x7f000002:{port}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://0177.0.0.2:{port}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://127.2:{port}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://127.0.0.2.:{port}/ HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "CONNECT {bad} HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "CONNECT {ok}@{bad} HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "CONNECT 127.2:{port} HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "CONNECT [::ffff:7f00:2]:{port} HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "CONNECT {ok} HTTP/1.1\r\nHost: {ok}\r\nContent-Length: 5\r\n\r\nhello",
    "\x16\x03\x01\x02\x00\r\n\r\n",
    "\x05\x01\x00\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET http://{ok}/" + "a" * 270_000 + " HTTP/1.1\r\nHost: {ok}\r\n\r\n",
    "GET http://{ok}/ HTTP/1.1\r\nHost: {ok}\r\n" + "X: yyyyyyyyyyyyyyyy\r\n" * 15_000 + "\r\n",
]


@pytest.mark.parametrize("request_text", HOSTILE, ids=range(len(HOSTILE)))
def test_malformed_requests_are_refused_and_not_forwarded(
    open_guard, origin: TcpServer, canary: TcpServer, request_text: str
) -> None:
    listener: Listener = open_guard(origin.place)
    text = request_text.replace("{ok}", origin.place).replace("{bad}", canary.place)
    with Raw(listener) as raw:
        try:
            raw.send(text.replace("{port}", str(canary.port)))
        except OSError:
            return  # refused so early that the rest could not be sent
        answer = raw.rest()
    assert marker(answer).startswith("denied; ") or answer == b""
    assert origin.connections == 0


def test_a_body_cannot_hide_a_second_request(open_guard, origin: TcpServer, canary: TcpServer) -> None:
    hidden = get(canary.place)
    place = origin.place
    with Raw(open_guard(place)) as raw:
        raw.send(
            f"POST http://{place}/ HTTP/1.1\r\nHost: {place}\r\nContent-Length: {len(hidden)}\r\n\r\n{hidden}"
        )
        assert raw.head().startswith(b"HTTP/1.1 200")
    assert origin.connections == 1


def test_the_origin_connection_closes_when_the_client_disconnects(open_guard) -> None:
    left = threading.Event()

    def answer(sock: socket.socket) -> None:
        read_head(sock)
        sock.settimeout(10)
        if sock.recv(1) == b"":
            left.set()

    with TcpServer(answer) as origin:
        with Raw(open_guard(origin.place)) as raw:
            raw.send(get(origin.place))
            while not origin.received:
                pass
        assert left.wait(10)
