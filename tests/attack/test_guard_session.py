"""A capture in the guard: no request before or after it, and none beyond its budget."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence

import pytest
from answers import chained_proxy, echo, fixed, ok
from farm import Farm
from raw import Raw, ask, connect, get, marker
from servers import TcpServer
from shoot import Shooter

from stillframe.egress import (
    Budget,
    EgressGuard,
    EgressPolicy,
    HostNotFound,
    PeerCheck,
    Upstream,
    Verdict,
    guarded_post,
)
from stillframe.errors import ConnectionRefused, DestinationBlocked, NameNotResolved
from stillframe.settings import Settings


def test_a_listener_refuses_everything_before_its_capture(open_guard, canary: TcpServer) -> None:
    listener = open_guard(canary.place, begin=False)
    assert ask(listener, get(canary.place)) == b""
    assert ask(listener, connect(canary.place)) == b""


def test_a_connection_that_is_older_than_the_capture_never_carries_it(open_guard, origin: TcpServer) -> None:
    """Chromium keeps idle connections; an answer that waits on one would be taken for the next capture's."""
    listener = open_guard(origin.place, begin=False)
    with Raw(listener) as raw:
        listener.begin()
        raw.send(get(origin.place))
        assert raw.rest() == b""
    listener.end()
    with Raw(listener) as raw:
        for _ in range(3):
            listener.begin()
            listener.end()
        listener.begin()
        raw.send(get(origin.place))
        assert raw.rest() == b""


def test_only_the_processes_that_may_use_a_listener_can(open_guard, origin: TcpServer) -> None:
    ours = open_guard(origin.place)._guard.open_listener(PeerCheck(lambda: [os.getpid()]))
    others = ours._guard.open_listener(PeerCheck(lambda: [os.getppid()]))
    for listener in (ours, others):
        listener.begin()
    assert ask(ours, get(origin.place)).endswith(b"hello")
    assert ask(others, get(origin.place)) == b""
    # Another program of the same user, which knows the port.
    script = (
        "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.settimeout(3)\n"
        "try:\n  s.sendall(sys.argv[2].encode()); print(s.recv(99))\nexcept OSError: print(b'')"
    )
    arguments = [sys.executable, "-c", script, str(ours.port), get(origin.place)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.strip() == "b''"


def test_no_origin_can_imitate_an_answer_of_the_guard(open_guard, canary: TcpServer) -> None:
    listener, other = open_guard("192.0.2.1"), open_guard("192.0.2.1")
    answer = ask(listener, get(canary.place)).partition(b"\r\n\r\n")[0]
    headers = dict(line.split(": ", 1) for line in answer.decode().lower().split("\r\n")[1:])
    refusal = listener.refusal_in(headers)
    assert refusal is not None
    assert (refusal.kind, refusal.reason) == ("denied", "address_not_public")
    assert other.refusal_in(headers) is None
    for imitation in ("denied; reason=x", "; denied; reason=x", f"{'0' * 32}; denied; reason=x", ""):
        assert listener.refusal_in({"x-stillframe-egress": imitation}) is None


def test_the_end_of_a_capture_closes_tunnels_and_refuses_new_requests(open_guard) -> None:
    with TcpServer(echo) as far:
        listener = open_guard(far.place)
        with Raw(listener) as raw:
            assert raw.send(connect(far.place)).head().startswith(b"HTTP/1.1 200")
            assert raw.send("ping").exactly(4) == b"ping"
            report = listener.end()
            assert raw.rest() == b""
        assert ask(listener, connect(far.place)) == b""
        assert (report.bytes_sent, report.bytes_received, report.connections) == (4, 4, 1)
        assert report.budget_exceeded is None
        listener.begin()
        with Raw(listener) as raw:
            assert raw.send(connect(far.place)).head().startswith(b"HTTP/1.1 200")
        assert listener.end().bytes_sent == 0


def test_a_new_capture_ends_the_previous_one(open_guard) -> None:
    with TcpServer(echo) as far:
        listener = open_guard(far.place)
        with Raw(listener) as raw:
            raw.send(connect(far.place)).head()
            listener.begin()
            assert raw.rest() == b""


def test_an_idle_kept_connection_does_not_survive_the_end(open_guard, origin: TcpServer) -> None:
    listener = open_guard(origin.place)
    with Raw(listener) as raw:
        raw.send(get(origin.place, close=False)).head()
        raw.exactly(5)
        listener.end()
        listener.begin()
        assert raw.rest() == b""


def test_denials_and_failures_are_reported_separately(open_guard, canary: TcpServer) -> None:
    async def resolve(host: str) -> tuple[str, ...]:
        if host == "gone.example":
            raise HostNotFound(host)
        return ("127.0.0.7",)

    with socket.create_server(("127.0.0.7", 0)) as closed:
        port = closed.getsockname()[1]
    listener = open_guard("127.0.0.7", resolver=resolve)
    assert marker(ask(listener, get(canary.place))) == "denied; reason=address_not_public"
    refused = ask(listener, connect(f"down.example:{port}"))
    assert refused.startswith(b"HTTP/1.1 502")
    assert marker(refused) == "failed; reason=connection_refused"
    assert marker(ask(listener, get("gone.example"))) == "failed; reason=name_not_resolved"
    assert listener.outcome("DOWN.example.", port).reason == "connection_refused"
    assert listener.outcome("never.example", 80) is None
    report = listener.end()
    assert report.denials == (("127.0.0.2", canary.port, "address_not_public"),)
    assert report.failures == (
        ("down.example", port, "connection_refused"),
        ("gone.example", 80, "name_not_resolved"),
    )
    assert listener.outcome("gone.example", 80).kind == "failed"


def test_the_connection_goes_to_the_checked_address_after_rebinding(
    open_guard, origin: TcpServer, canary: TcpServer
) -> None:
    asked: list[str] = []

    async def rebinding(host: str) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("127.0.0.2",)

    listener = open_guard("127.0.0.1", resolver=rebinding)
    for _ in range(3):
        assert ask(listener, get(f"rebind.example:{origin.port}")).endswith(b"hello")
    assert asked == ["rebind.example"]
    listener.begin()
    answer = ask(listener, get(f"rebind.example:{canary.port}"))
    assert marker(answer) == "denied; reason=address_not_public"


@pytest.mark.parametrize(
    "answers", [("127.0.0.1", "127.0.0.2"), ("127.0.0.2", "127.0.0.1"), ("127.0.0.1", "::1")]
)
def test_a_lookup_with_one_internal_address_is_refused(
    open_guard, origin: TcpServer, canary: TcpServer, answers: tuple[str, ...]
) -> None:
    async def mixed(host: str) -> tuple[str, ...]:
        return answers

    listener = open_guard("127.0.0.1", resolver=mixed)
    assert marker(ask(listener, get(f"mixed.example:{canary.port}"))).startswith("denied")
    assert origin.connections == 0


def test_the_next_address_is_tried_when_one_fails(open_guard, origin: TcpServer) -> None:
    async def two(host: str) -> tuple[str, ...]:
        return ("127.0.0.9", "127.0.0.1")

    listener = open_guard("127.0.0.0/8", resolver=two)
    assert ask(listener, get(f"two.example:{origin.port}")).endswith(b"hello")


def test_the_guard_refuses_connections_to_itself(open_guard) -> None:
    listener = open_guard("127.0.0.0/8,localhost")
    other = listener._guard.open_listener()
    for port in (listener.port, other.port):
        assert marker(ask(listener, get(f"localhost:{port}"))) == "denied; reason=protected_endpoint"
        assert marker(ask(listener, connect(f"127.0.0.1:{port}"))) == "denied; reason=protected_endpoint"


def test_the_byte_budget_cuts_a_tunnel(open_guard) -> None:
    with TcpServer(echo) as far:
        listener = open_guard(far.place, budget=Budget(bytes=100_000))
        with Raw(listener) as raw:
            raw.send(connect(far.place)).head()
            with contextlib.suppress(OSError):
                raw.send(b"x" * 500_000)
            assert len(raw.rest()) <= 100_000
        assert marker(ask(listener, get(far.place))) == "denied; reason=budget_bytes"
        assert listener.end().budget_exceeded == "bytes"


def test_a_download_over_the_byte_budget_is_incomplete(open_guard) -> None:
    with TcpServer(fixed(ok(b"x" * 500_000))) as origin:
        listener = open_guard(origin.place, budget=Budget(bytes=100_000))
        answer = ask(listener, get(origin.place))
        assert b"X-Stillframe" not in answer
        assert len(answer) < 200_000
        assert listener.end().budget_exceeded == "bytes"


def test_live_connections_are_bounded(open_guard) -> None:
    with TcpServer(echo) as far:
        listener = open_guard(far.place, budget=Budget(live_connections=3))
        held = [Raw(listener).send(connect(far.place)) for _ in range(3)]
        assert all(raw.head().startswith(b"HTTP/1.1 200") for raw in held)
        assert marker(ask(listener, connect(far.place))) == "denied; reason=budget_live_connections"
        assert listener.end().budget_exceeded == "live_connections"
        for raw in held:
            raw.sock.close()


def test_the_total_number_of_connections_is_bounded(open_guard, canary: TcpServer) -> None:
    listener = open_guard("", budget=Budget(connections=4))
    answers = [marker(ask(listener, get(f"127.0.0.2:{port}"))) for port in range(8000, 8008)]
    assert answers.count("denied; reason=budget_connections") == 4
    assert listener.end().budget_exceeded == "connections"


def test_the_time_budget_closes_every_connection(open_guard) -> None:
    with TcpServer(echo) as far:
        listener = open_guard(far.place, budget=Budget(seconds=0.2))
        with Raw(listener) as raw:
            raw.send(connect(far.place)).head()
            assert raw.rest() == b""
        assert marker(ask(listener, connect(far.place))) == "denied; reason=budget_seconds"
        assert listener.end().budget_exceeded == "seconds"


def test_a_report_stays_small_under_a_port_scan(open_guard) -> None:
    listener = open_guard("", budget=Budget(connections=400))
    for port in range(1, 300):
        with Raw(listener) as raw:
            raw.send(connect(f"127.0.0.2:{port}")).head()
    assert len(listener.end().denials) == 200


def test_two_listeners_do_not_share_their_captures(open_guard, origin: TcpServer) -> None:
    listener = open_guard(origin.place)
    other = listener._guard.open_listener()
    assert ask(other, get(origin.place)) == b""
    other.begin()
    listener.end()
    assert ask(other, get(origin.place)).endswith(b"hello")


def test_a_chained_proxy_receives_the_checked_address(
    open_guard, origin: TcpServer, canary: TcpServer
) -> None:
    async def resolve(host: str) -> tuple[str, ...]:
        return ("127.0.0.1",) if host == "site.example" else ("127.0.0.2",)

    with TcpServer(chained_proxy(), "127.0.0.3") as proxy:
        settings = Settings(proxy_server=proxy.place, proxy_username="us", proxy_password="pw")
        listener = open_guard("127.0.0.1", resolver=resolve, upstream=Upstream.from_settings(settings))
        assert ask(listener, get(f"site.example:{origin.port}")).endswith(b"hello")
        assert proxy.text.startswith(f"CONNECT 127.0.0.1:{origin.port} HTTP/1.1\r\n".encode())
        assert b"Proxy-Authorization: Basic dXM6cHc=\r\n" in proxy.text
        assert b"Basic" not in origin.text
        before = proxy.connections
        assert marker(ask(listener, connect(f"internal.example:{canary.port}"))).startswith("denied")
        assert proxy.connections == before


def test_a_chained_proxy_receives_the_password_of_the_settings_unchanged(farm: Farm) -> None:
    with TcpServer(chained_proxy(), "127.0.0.3") as proxy:
        shooter = Shooter(
            farm,
            proxy_server=proxy.address,
            proxy_port=proxy.port,
            proxy_username="us",
            proxy_password="p/s#s?%41:",
        )
        try:
            shooter.shoot(url=f"http://127.0.0.1:{farm.site.port}/", width=64, height=64)
        finally:
            shooter.close()
        assert base64.b64encode(b"us:p/s#s?%41:") in proxy.text.split()


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        ({"proxy_server": "http://u:s3/cret@127.0.0.3"}, "PROXY_SERVER"),
        ({"proxy_port": 70_000}, "PROXY_PORT"),
    ],
)
def test_a_proxy_setting_that_cannot_be_used_is_named(
    farm: Farm, settings: dict[str, object], variable: str
) -> None:
    shooter = Shooter(farm, **({"proxy_server": "127.0.0.3"} | settings))
    try:
        error = shooter.refused(url=f"http://127.0.0.1:{farm.site.port}/")
    finally:
        shooter.close()
    assert error.code == "not_configured"
    assert variable in error.message
    assert "cret" not in error.message


def test_a_callers_proxy_that_cannot_be_used_is_named(farm: Farm, guarded: Shooter) -> None:
    error = guarded.refused(url=f"http://127.0.0.1:{farm.site.port}/", proxy="http://u:s3cret@proxy?x")
    assert error.message.startswith("proxy: ")
    assert "cret" not in error.message


def test_a_callers_proxy_is_checked_like_a_destination(
    open_guard, origin: TcpServer, canary: TcpServer
) -> None:
    listener = open_guard(origin.place, upstream=Upstream.from_url(canary.place))
    assert marker(ask(listener, get(origin.place))) == "denied; reason=address_not_public"


def test_a_chained_proxy_that_refuses_is_named(open_guard, origin: TcpServer) -> None:
    with TcpServer(chained_proxy(b"407 Proxy Authentication Required"), "127.0.0.3") as proxy:
        upstream = Upstream.from_settings(Settings(proxy_server=proxy.place))
        listener = open_guard(origin.place, upstream=upstream)
        assert marker(ask(listener, connect(origin.place))) == "failed; reason=upstream_refused"
    assert marker(ask(listener, connect(origin.place))) == "failed; reason=upstream_unreachable"


def test_a_silent_name_server_does_not_delay_the_end(open_guard) -> None:
    asked = threading.Event()

    async def silent(host: str) -> tuple[str, ...]:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    listener = open_guard("", resolver=silent)
    with Raw(listener) as raw:
        raw.send(get("slow.example"))
        assert asked.wait(5)
        listener.end()
        assert raw.rest() == b""


class AllowAll:
    """The predicate switched off, as only a test's constructor call can do."""

    def decide(self, host: str, port: int, addresses: Sequence[str]) -> Verdict:
        return Verdict(True, addresses=tuple(addresses))


def test_without_the_policy_the_canary_is_reached(open_guard) -> None:
    """The attacks above would be worthless if a switched-off guard passed them."""
    with TcpServer(fixed(ok(b"INTERNAL-SECRET")), "127.0.0.2") as canary:
        listener = open_guard(policy=AllowAll())
        for spelling in (
            "127.0.0.2",
            "127.2",
            "0x7f000002",
            "2130706434",
            "0177.0.0.2",
            "[::ffff:127.0.0.2]",
        ):
            assert ask(listener, get(f"{spelling}:{canary.port}")).endswith(b"INTERNAL-SECRET"), spelling
        with Raw(listener) as raw:
            raw.send(connect(canary.place)).head()
            raw.send(b"GET / HTTP/1.1\r\n\r\n").head()
            assert raw.exactly(8) == b"INTERNAL"


def test_a_webhook_goes_through_the_guard(canary: TcpServer) -> None:
    def answer(sock: socket.socket) -> None:
        said = b""
        while b"payload" not in said:
            said += sock.recv(65_536)
        sock.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://"
            + canary.place.encode()
            + b"/\r\nContent-Length: 0\r\n\r\n"
        )

    with TcpServer(answer) as hook:
        guard = EgressGuard(EgressPolicy.from_settings(hook.place, "", {})).start()
        try:

            def post(url: str) -> int:
                return asyncio.run(guarded_post(guard, url, b"payload", {"X-Sig": "v1"}, 10))

            assert post(f"http://{hook.place}/hook?x") == 302  # told, not followed
            assert b"X-Sig: v1" in hook.text
            for blocked in (
                f"http://{canary.place}/",
                f"https://{canary.place}/",
                "http://169.254.169.254/",
                f"http://u:p@{hook.place}/",
                "ftp://x.example/",
                "file:///etc/passwd",
                "not a url",
            ):
                with pytest.raises(DestinationBlocked):
                    post(blocked)
            hook.close()
            with pytest.raises(ConnectionRefused):
                post(f"http://{hook.place}/")
            with pytest.raises(NameNotResolved):
                post("http://no-such-host.invalid/")
        finally:
            guard.stop()
