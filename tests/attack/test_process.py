"""The browser's processes as they run: their switches, their environment, their sockets, their datagrams."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from farm import Farm, html
from playwright.async_api import async_playwright
from shoot import Shooter

from stillframe.browser import processes, switches
from stillframe.browser.chromium_path import find_chromium
from stillframe.browser.environment import DRIVER_PASSED_ON, NODE_OPTIONS, PASSED_ON
from stillframe.browser.runtime import Runtime
from stillframe.settings import Settings

pytestmark = pytest.mark.browser

PLANTED = {
    "AWS_ACCESS_KEY_ID": "planted-access-key",
    "AWS_SECRET_ACCESS_KEY": "planted-secret-key",
    "AWS_SESSION_TOKEN": "planted-session",
    "AUTH_TOKEN": "planted-auth-token",
    "URL_SIGNING_SECRET": "planted-signing-secret-of-32-characters",
    "MY_DATABASE_PASSWORD": "planted-database",
    # These would change what Node, Playwright or Chromium do.
    "PLAYWRIGHT_DISABLE_FORCED_CHROMIUM_PROXIED_LOOPBACK": "1",
    "PLAYWRIGHT_CHROMIUM_SANDBOX": "planted-sandbox",
    "NODE_OPTIONS": "--title=planted-title",
    "NODE_EXTRA_CA_CERTS": "/planted-certificates",
    "HTTP_PROXY": "http://127.0.0.1:9/planted-proxy",
    "https_proxy": "http://127.0.0.1:9/planted-proxy",
    "LD_PRELOAD": "/planted-library.so",
    "DEBUG": "planted-debug",
    "CHROME_LOG_FILE": "/planted-log",
}


@pytest.fixture(scope="module")
def planted(_farm: Farm) -> Iterator[Shooter]:
    """A runtime that was started with credentials in its environment, as on Lambda."""
    before = dict(os.environ)
    os.environ.update(PLANTED)
    shooter = Shooter(_farm)
    try:
        shooter.shoot(html_content="<h1>warm</h1>")
        yield shooter
    finally:
        shooter.close()
        os.environ.clear()
        os.environ.update(before)


def read(pid: int, name: str) -> bytes:
    """A file of /proc; empty when the process has ended since it was listed, as idle renderers do."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def family(shooter: Shooter, name: str) -> dict[int, bytes]:
    """One file of the driver and of every living process of the browser."""
    instance = shooter.runtime.instance
    assert instance is not None
    root, [driver] = instance.pids[0], instance.driver_pids
    assert b"run-driver" in read(driver, "cmdline")
    found = {pid: content for pid in {driver, *processes.tree(root)} if (content := read(pid, name))}
    assert {driver, root} <= set(found)
    return found


# Playwright and Chromium set these for their own children.
SET_BY_THEMSELVES = {
    "HOME",
    "TMPDIR",
    "CHROME_HEADLESS",
    "CHROME_WRAPPER",
    "CHROME_DEVEL_SANDBOX",
    "GOOGLE_API_KEY",
}


def test_driver_and_browser_hold_no_variable_but_those_that_they_need(planted: Shooter) -> None:
    known = {*PASSED_ON, *DRIVER_PASSED_ON, *SET_BY_THEMSELVES, "NODE_OPTIONS"}
    for pid, environment in family(planted, "environ").items():
        assert b"planted-" not in environment, pid
        # Chromium writes the names of its zygote's children over the memory of their environment.
        entries = [entry.partition(b"=") for entry in environment.split(b"\0")]
        assert {value for name, _, value in entries if name == b"NODE_OPTIONS"} <= {NODE_OPTIONS.encode()}
        names = {
            name.decode()
            for name, equals, _ in entries
            if equals and name.decode(errors="replace").isidentifier()
        }
        assert {n for n in names if not n.startswith("LC_")} <= known, pid


def test_no_variable_of_ours_opens_a_way_around_the_guard(farm: Farm, planted: Shooter) -> None:
    farm.serve(
        "/loopback",
        html(
            f"<img src='{farm.internal}/planted'><script>fetch('{farm.internal}/planted',"
            f" {{ mode: 'no-cors' }}); new WebSocket('{farm.internal.replace('http', 'ws')}/planted')"
            "</script>"
        ),
    )
    planted.shoot(url=farm.home + "/loopback", wait_until="load", delay_capture=500)
    assert farm.hits() == set()


def test_the_switches_of_chromium_force_the_proxy(planted: Shooter) -> None:
    commands = [c.replace(b"\0", b" ").decode() for c in family(planted, "cmdline").values()]
    browser = next(c for c in commands if "headless" in c and "--type=" not in c)
    assert "--proxy-bypass-list=<-loopback>" in browser
    assert "--proxy-server=http://127.0.0.1:" in browser
    assert "--force-webrtc-ip-handling-policy=disable_non_proxied_udp" in browser
    assert "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1" in browser
    assert "--disable-quic" in browser
    assert "--remote-debugging-pipe" in browser
    for switch in (*switches.NEVER, *switches.DROPPED):
        assert f"{switch} " not in browser
        assert f"{switch}=" not in browser
    # The last one of a repeated switch wins: a second list without the entry would undo the first.
    lists = [word for word in browser.split(" ") if word.startswith("--proxy-bypass-list=")]
    assert all("<-loopback>" in word for word in lists)


def test_the_driver_would_start_the_browser_with_the_switches_that_are_repeated() -> None:
    """A new Playwright may add one, or drop one that it no longer needs."""

    async def switches_of_playwright(directory: Path) -> set[str]:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=find_chromium(""),
                env={**os.environ, "TMPDIR": str(directory)},
                args=[f"--log-file={directory}"],
            )
            (pid, *_) = processes.using(directory)
            found = set(filter(None, read(pid, "cmdline").decode().split("\0")[1:]))
            await browser.close()
            return found

    with tempfile.TemporaryDirectory() as name:
        theirs = asyncio.run(switches_of_playwright(Path(name)))
    own = {s for s in theirs if s.startswith(("--user-data-dir=", "--log-file=", "--blink-settings="))}
    assert len(own) == 3
    # Our launch profiles say that there is no sandbox, and one list of Blink settings contains the other.
    assert theirs - own - {"--no-sandbox"} == {*switches.AUTOMATION, *switches.DROPPED}
    (blink,) = [s for s in own if s.startswith("--blink-settings=")]
    assert any(s.startswith(f"{blink},") for s in switches.RENDERING)


def test_no_process_of_the_browser_listens(planted: Shooter) -> None:
    listening = set()
    for table in ("tcp", "tcp6"):
        rows = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        listening |= {row.split()[9] for row in rows if row.split()[3] == "0A"}
    for pid in family(planted, "cmdline"):
        targets: list[str] = []
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            targets = [os.readlink(descriptor) for descriptor in Path(f"/proc/{pid}/fd").iterdir()]
        for target in targets:
            assert target.removeprefix("socket:[").removesuffix("]") not in listening, (pid, target)


def test_every_process_of_the_browser_is_confined(planted: Shooter) -> None:
    instance = planted.runtime.instance
    assert instance is not None
    if instance.launch_profile != "confined":
        pytest.skip(f"this kernel starts the browser only as {instance.launch_profile!r}")
    for status in family(planted, "status").values():
        assert b"Seccomp:\t2" in status
        assert b"NoNewPrivs:\t1" in status


def test_navigator_is_online(guarded: Shooter) -> None:
    """Also where loopback is the only interface, as in a sandbox without a network."""
    page = "<h1>x</h1><script>document.title = navigator.onLine ? 'is online' : 'is offline'</script>"
    assert b"is online" in guarded.shoot(html_content=page, format="html").artifact.data


def test_the_profile_is_deleted_with_the_browser(farm: Farm) -> None:
    shooter = Shooter(farm)
    shooter.shoot(html_content="<h1>x</h1>")
    instance = shooter.runtime.instance
    assert instance is not None
    assert instance.directory.stat().st_mode & 0o077 == 0
    shooter.close()
    assert not instance.directory.exists()
    assert processes.using(instance.directory) == []


def webrtc_page(port: int) -> str:
    servers = ", ".join(
        f"{{urls: '{scheme}:127.0.0.2:{port}{extra}', username: 'u', credential: 'p'}}"
        for scheme, extra in (("stun", ""), ("turn", "?transport=udp"), ("turn", "?transport=tcp"))
    )
    return f"""<h1>rtc</h1><script>
      const pc = new RTCPeerConnection({{iceServers: [{servers}]}});
      pc.createDataChannel('x');
      pc.createOffer().then(offer => pc.setLocalDescription(offer));
      const other = new RTCPeerConnection();
      const candidate = 'candidate:1 1 udp 2113937151 127.0.0.2 {port} typ host';
      other.setRemoteDescription({{type: 'offer', sdp:
        'v=0\\r\\no=- 1 1 IN IP4 0.0.0.0\\r\\ns=-\\r\\nt=0 0\\r\\n' +
        'a=group:BUNDLE 0\\r\\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\\r\\nc=IN IP4 0.0.0.0\\r\\n' +
        'a=ice-ufrag:abcd\\r\\na=ice-pwd:abcdefghijklmnopqrstuvwx\\r\\na=setup:actpass\\r\\na=mid:0\\r\\n' +
        'a=sctp-port:5000\\r\\na=fingerprint:sha-256 ' + Array(32).fill('AB').join(':') + '\\r\\n' +
        'a=' + candidate + '\\r\\n'}})
        .then(() => other.createAnswer()).then(answer => other.setLocalDescription(answer));
    </script>"""


def test_webrtc_sends_no_datagram_and_opens_no_connection(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/rtc", html(webrtc_page(farm.udp_port)))
    guarded.shoot(url=farm.home + "/rtc", wait_until="load", delay_capture=1500)
    assert farm.datagrams == []
    assert farm.touched() == 0


def test_webrtc_sends_datagrams_without_the_switches(farm: Farm) -> None:
    """The meta-test of the one above: the page's STUN really leaves when nothing holds it."""

    async def drive() -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=find_chromium(""),
                args=["--no-sandbox"],
                proxy={"server": "http://127.0.0.1:9"},
            )
            page = await browser.new_page()
            await page.set_content(webrtc_page(farm.udp_port))
            for _ in range(50):
                if farm.datagrams:
                    break
                await page.wait_for_timeout(100)
            await browser.close()

    asyncio.run(drive())
    assert farm.datagrams


def test_a_context_without_its_own_proxy_reaches_nothing(farm: Farm, guarded: Shooter) -> None:
    """The browser-wide proxy denies everything, so a context without its own proxy reaches nothing."""
    farm.serve("/plain", html("<h1>plain</h1>"))
    guarded.shoot(html_content="<h1>warm</h1>")
    instance = guarded.runtime.instance
    assert instance is not None
    farm.reset()

    async def stray() -> str:
        context = await instance.browser.new_context()
        try:
            page = await context.new_page()
            await page.goto(farm.home + "/plain")
        except Exception as error:
            return str(error)
        finally:
            await context.close()
        return "reached"

    assert "net::ERR_" in guarded.runtime.run(stray())
    assert farm.site.seen == []


def test_the_port_that_the_browser_starts_with_is_never_answered() -> None:
    """The browser starts before the guard: nobody answers on its port, and then the guard denies."""
    runtime = Runtime(Settings())
    reserve = runtime._deny_all_port

    def ask(port: int) -> socket.socket:
        asking = socket.create_connection(("127.0.0.1", port), timeout=1)
        asking.sendall(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")
        return asking

    def answer(asking: socket.socket) -> bytes:
        with contextlib.suppress(ConnectionResetError):
            return asking.recv(100)
        return b""

    try:
        port = reserve()
        with ask(port) as early:
            with pytest.raises(TimeoutError):
                early.recv(100)
            # The next call starts the guard on the same port.
            assert reserve() == port
            assert answer(early) == b""
        with ask(port) as late:
            assert answer(late) == b""
        assert runtime.guard().is_own_port(port)
    finally:
        asyncio.run(runtime.close())
    with pytest.raises(OSError, match="refused"):
        ask(port)
