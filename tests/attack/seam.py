"""Two captures beside each other: a site that leaves state and looks for it, over HTTP and over valid HTTPS.

`SPKI` makes Chromium accept the test's certificate without an error: HSTS pins, compression
dictionaries and TLS sessions exist only behind a valid one, and the context's own `ignore_https_errors`
does not make it valid.
"""

from __future__ import annotations

import base64
import hashlib
import html as escaping
import itertools
import json
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from farm import Farm, Reply, Seen, html
from servers import HttpServer, certificate, routed
from shoot import Shooter

from stillframe import service
from stillframe.browser import switches
from stillframe.doors import LOCAL
from stillframe.egress import EgressPolicy
from stillframe.errors import CaptureError
from stillframe.request import parse
from stillframe.result import CaptureResult

# The names of the two sites, and one that only an HSTS pin leads to HTTPS.
SITE, VICTIM, PINNED = "seam.attacker.example", "victim.example", "pinned.attacker.example"


@dataclass(frozen=True)
class Kind:
    """A kind of state: scripts that leave it and look for it, and what captures of the same caller may find.

    Both scripts are bodies of async functions. They know `S`, the site over HTTPS, `H`, the same over HTTP,
    `V`, another site over HTTPS, `P`, the pinned name, and `FIRST`, what the server saw of the document's
    own request; the looking one returns a text when it finds anything. `documented` is why a context of the
    same caller keeps it; empty when it must not. `control` says what keeps the state when nothing is
    cleared, which shows that the two scripts work: `context`, a later page of the same context; `page`,
    only another document of the same page; `document`, only the same document; `never`, Chromium 156 as it
    is launched here has no such state at all.
    """

    name: str
    leave: str
    look: str
    documented: str = ""
    control: str = "context"
    secure: bool = True
    look_at: str = SITE
    options: dict[str, Any] = field(default_factory=dict)
    look_options: dict[str, Any] = field(default_factory=dict)
    milliseconds: int = 1200


def spki(certificate_file: Path) -> str:
    """The hash of a certificate's public key as Chromium's switch wants it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    key = x509.load_pem_x509_certificate(certificate_file.read_bytes()).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Seam:
    """The site of all kinds, and one browser service whose captures it leaves state in."""

    def __init__(self, farm: Farm, directory: Path, kinds: list[Kind]) -> None:
        self.farm, self.kinds = farm, {kind.name: kind for kind in kinds}
        self.certificate = certificate(directory)
        self.tls = HttpServer(_with_facts(farm), tls=self.certificate)
        self.shooter: CallerShooter
        self._notes: dict[str, str] = {}
        self._switches = switches.RENDERING
        valid = f"--ignore-certificate-errors-spki-list={spki(self.certificate[0])}"
        switches.RENDERING = [*self._switches, valid]
        self._serve()

    @contextmanager
    def service(self, **settings: Any) -> Iterator[CallerShooter]:
        """A service whose browser, and every one that replaces it, holds the certificate for valid."""
        allowed = f"127.0.0.1:{self.farm.site.port},127.0.0.1:{self.tls.port}"
        shooter = CallerShooter(self.farm, EgressPolicy.from_settings(allowed, "", {}), **settings)
        try:
            self.shooter = shooter
            shooter.shoot(html_content="started", format="html", wait_until="load")
            yield shooter
        finally:
            shooter.close()

    def close(self) -> None:
        switches.RENDERING = self._switches
        self.tls.close()

    def address(self, path: str, *, host: str = SITE, secure: bool = True) -> str:
        if secure:
            return f"https://{host}:{self.tls.port}{path}"
        return f"http://{host}:{self.farm.site.port}{path}"

    def leave(self, kind: Kind, caller: str, **options: Any) -> None:
        """The first capture; its outcome does not matter, because a hostile page may make it fail."""
        chosen = {"format": "html", "wait_until": "load", "wait_for_selector": "#done", **kind.options}
        with suppress(CaptureError):
            address = self.address(f"/leave/{kind.name}", secure=kind.secure)
            self.shooter.shoot(caller=caller, url=address, **(chosen | options))

    def look(self, kind: Kind, caller: str) -> str:
        """What the second capture finds."""
        address = self.address(f"/look/{kind.name}", host=kind.look_at, secure=kind.secure)
        chosen = {"wait_for_selector": "#out:not(:empty)", **kind.look_options}
        result = self.shooter.shoot(caller=caller, url=address, format="html", wait_until="load", **chosen)
        return self.found(result)

    def look_in_the_same_page(self, kind: Kind) -> str:
        """What another document of the same page finds: state that does not outlive a page."""
        address = self.address(f"/look/{kind.name}", host=kind.look_at, secure=kind.secure)
        steps = [
            {"action": "goto", "text": address},
            {"action": "wait_for", "wait_for": {"type": "selector", "value": "#out:not(:empty)"}},
        ]
        first = self.address(f"/leave/{kind.name}", secure=kind.secure)
        chosen = {"wait_for_selector": "#done", **kind.options}
        result = self.shooter.shoot(
            url=first, format="html", wait_until="load", interactions=steps, caller=kind.name, **chosen
        )
        return self.found(result)

    def look_in_the_same_document(self, kind: Kind) -> str:
        """What the leaving document itself finds: state that lives and dies with it."""
        return self.look(Kind(f"both/{kind.name}", "", ""), kind.name)

    @staticmethod
    def found(result: CaptureResult) -> str:
        text = re.search(r"found:(.*?);end", result.artifact.data.decode(), re.DOTALL)
        assert text, result.artifact.data[:400]
        return text[1]

    def pair(self, kind: Kind, first: str, second: str, luck: random.Random) -> str:
        """Caller `first` leaves and caller `second` looks, after none to two captures of `first`."""
        for _ in range(luck.randrange(3)):
            self.leave(kind, first)
        self.leave(kind, first)
        return self.look(kind, second)

    def _serve(self) -> None:
        farm = self.farm
        farm.names[VICTIM] = farm.names[f"www.{VICTIM}"] = [("127.0.0.1",)]
        for kind in self.kinds.values():
            farm.serve(f"/leave/{kind.name}", lambda seen, k=kind: self._leaving(k, seen))
            both = replace(kind, look=f"{{ {kind.leave} }} {kind.look}")
            farm.serve(f"/look/both/{kind.name}", lambda seen, k=both: self._looking(k, seen))
            farm.serve(f"/look/{kind.name}", lambda seen, k=kind: self._looking(k, seen))
        text = {"Content-Type": "text/html", "Cache-Control": "no-store"}
        cors = {
            "Access-Control-Allow-Methods": "*",
            "Access-Control-Allow-Headers": "x-pre",
            "Access-Control-Max-Age": "600",
        }

        def with_cors(seen: Seen, reply: Reply) -> Reply:
            allowed = {
                "Access-Control-Allow-Origin": seen.headers.get("origin", "*"),
                "Access-Control-Allow-Credentials": "true",
                **cors,
            }
            return reply[0], allowed | reply[1], reply[2]

        def late_cookie(seen: Seen) -> Reply:
            time.sleep(int(seen.query.get("ms", "0")) / 1000)
            name = seen.query.get("name", "late")
            return with_cors(seen, (200, {"Set-Cookie": f"{name}=1; Path=/; Secure; SameSite=None"}, b"late"))

        def note(seen: Seen) -> Reply:
            if seen.method == "POST":
                self._notes[seen.query["key"]] = seen.body.decode()
            return with_cors(seen, (200, text, self._notes.get(seen.query["key"], "").encode()))

        def endless(seen: Seen) -> Reply:
            self.tls.closing.wait(30)
            return 200, {"Set-Cookie": "late=1; Path=/"}, b""

        def crash(seen: Seen) -> Reply:
            self.shooter.crash_pages("/leave/")
            return 200, {}, b""

        def partitioned(seen: Seen) -> Reply:
            cookie = "chips=1; Path=/; Secure; SameSite=None; Partitioned"
            return 200, {**text, "Set-Cookie": cookie}, b"set"

        def echo(seen: Seen) -> Reply:
            sent = seen.headers.get("cookie", "")
            return 200, text, f"<script>parent.postMessage({json.dumps(sent)}, '*')</script>".encode()

        def preflighted(seen: Seen) -> Reply:
            if seen.method == "OPTIONS":
                self._notes["preflights"] = str(int(self._notes.get("preflights", "0")) + 1)
            return with_cors(seen, (200, {"Cache-Control": "no-store"}, b"put"))

        def count(seen: Seen) -> Reply:
            return with_cors(seen, (200, text, self._notes.get("preflights", "0").encode()))

        def basic(seen: Seen) -> Reply:
            if "authorization" in seen.headers:
                return with_cors(seen, (200, text, b"in"))
            return with_cors(seen, (401, {**text, "WWW-Authenticate": 'Basic realm="left"'}, b"out"))

        def cached(seen: Seen) -> Reply:
            return 200, {"Cache-Control": "max-age=600", "Content-Type": "text/plain"}, b"kept"

        def dictionary(seen: Seen) -> Reply:
            fields = {"Use-As-Dictionary": 'match="/with-dictionary*"', "Cache-Control": "max-age=600"}
            return 200, fields, b"dictionary " * 50

        def headers(seen: Seen) -> Reply:
            return 200, {**text, "Content-Type": "application/json"}, json.dumps(seen.headers).encode()

        def pin(seen: Seen) -> Reply:
            pixel = b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"
            return (
                200,
                {
                    "Strict-Transport-Security": "max-age=6000",
                    "Content-Type": "image/svg+xml",
                    "Cache-Control": "no-store",
                },
                pixel,
            )

        popup = html(
            "<script>const again = () => { document.cookie = 'late=1;path=/'; localStorage.left = 'popup';"
            "new BroadcastChannel('left').postMessage('alive'); fetch('/late-cookie?ms=30') };"
            "setInterval(again, 10); onpagehide = onunload = again</script>"
        )
        worker = (
            "let kept = ''; onconnect = (e) => { const p = e.ports[0]; if (kept) p.postMessage(kept);"
            " p.onmessage = (m) => { kept = m.data } }"
        )
        handlers = html(
            "<script>const again = () => { document.cookie = 'late=1;path=/'; localStorage.left = 'frame';"
            "navigator.sendBeacon('/late-cookie?ms=40'); indexedDB.open('left', 1) };"
            "for (const e of ['pagehide', 'unload', 'beforeunload', 'freeze'])"
            " addEventListener(e, again, {capture: true});"
            "document.addEventListener('visibilitychange', again)</script>"
        )
        script: Reply = (200, {"Content-Type": "text/javascript"}, worker.encode())
        for path, route in {
            "/late-cookie": late_cookie,
            "/note": note,
            "/endless": endless,
            "/crash-now": crash,
            "/partitioned": partitioned,
            "/echo-cookies": echo,
            "/preflighted": preflighted,
            "/preflights": count,
            "/basic": basic,
            "/cached": cached,
            "/dictionary": dictionary,
            "/with-dictionary": headers,
            "/headers": headers,
            "/pin": pin,
            "/popup": popup,
            "/handlers": handlers,
            "/shared.js": script,
            "/sw.js": script,
            "/download": self._download,
        }.items():
            farm.serve(path, route)

    def _download(self, seen: Seen) -> Reply:
        return 200, {"Content-Disposition": "attachment; filename=left"}, b"left" * 500_000

    def _page(self, kind: Kind, seen: Seen, body: str) -> str:
        known = {
            "S": self.address(""),
            "H": self.address("", secure=False),
            "V": self.address("", host=VICTIM),
            "P": f"http://{PINNED}:{self.tls.port}",
            "FIRST": seen.headers,
        }
        names = "".join(f"const {name} = {json.dumps(value)};" for name, value in known.items())
        return (
            f"<!doctype html><meta charset=utf-8><body><h1>{escaping.escape(kind.name)}</h1>"
            + body.replace("/*names*/", names)
        )

    def _leaving(self, kind: Kind, seen: Seen) -> Reply:
        page = self._page(
            kind,
            seen,
            "<script>/*names*/(async () => {"
            " const patience = new Promise((late) => setTimeout(late, 800));"
            f" try {{ await Promise.race([(async () => {{ {kind.leave} }})(), patience]) }} catch (e) {{}}"
            " const done = document.createElement('p'); done.id = 'done'; done.textContent = 'done';"
            " document.body.append(done) })()</script>",
        )
        fields = {
            "Set-Cookie": "http=1; Path=/; HttpOnly",
            "Accept-CH": "Sec-CH-UA-Arch, Sec-CH-UA-Model",
            "Cache-Control": "no-store",
        }
        return html(page, **fields)

    def _looking(self, kind: Kind, seen: Seen) -> Reply:
        page = self._page(
            kind,
            seen,
            "<input id=field><a id=here href='/visited'>link</a><pre id=out></pre>"
            "<script>/*names*/(async () => { let value = '';"
            f" const patience = new Promise((late) => setTimeout(late, {kind.milliseconds}, ''));"
            f" try {{ value = await Promise.race([(async () => {{ {kind.look} }})(), patience]) }}"
            " catch (e) {}"
            " document.getElementById('out').textContent = 'found:' + String(value || '') + ';end'"
            " })()</script>",
        )
        return html(page, **{"Cache-Control": "no-store"})


class CallerShooter(Shooter):
    """A service that is asked by more than one caller; `home` is the address of its site."""

    home = ""

    def shoot(self, *, caller: str = "", **request: Any) -> CaptureResult:
        request.setdefault("timeout", 20_000)
        work = service.capture(parse(request), LOCAL, caller=caller, browser=self.runtime)
        return self.runtime.run(work)

    def crash_pages(self, part: str) -> None:
        """Crash the renderers of all pages whose address contains `part`."""

        async def crash() -> None:
            instance = self.runtime.instance
            for context in instance.browser.contexts if instance else ():
                for page in context.pages:
                    if part in page.url:
                        with suppress(Exception):
                            session = await context.new_cdp_session(page)
                            await session.send("Page.crash")

        threading.Thread(target=lambda: self.runtime.run(crash()), daemon=True).start()


def _with_facts(farm: Farm) -> type:
    """The farm's routes, with the facts of the TLS connection among the headers of a request."""

    numbers = itertools.count()

    class Tls(routed(farm.site.route)):  # type: ignore[misc]
        def setup(self) -> None:
            self.number = str(next(numbers))
            super().setup()

        def answer(self, path: str) -> None:
            self.seen.headers[":resumed"] = "yes" if self.connection.session_reused else ""
            self.seen.headers[":connection"] = self.number
            super().answer(path)

    return Tls
