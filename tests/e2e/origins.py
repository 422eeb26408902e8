"""The pages' own servers on loopback: several origins, odd answers, and a record of every request."""

from __future__ import annotations

import base64
import contextlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servers import TYPES, Handler, HttpServer, Seen, certificate, file_below
from wire_site import RESPONSES

ROOT = Path(__file__).parent / "site"
_XHTML = "http://www.w3.org/1999/xhtml"
_DOCUMENTS = {
    "drawing": (
        "image/svg+xml",
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><title>name</title><rect'
        ' width="100%" height="100%" fill="rgb(0,160,0)"/>'
        '<rect class="ad" width="100" height="50" fill="rgb(200,0,0)"/>'
        '<text y="90">drawn words</text></svg>',
    ),
    "xhtml": (
        "application/xhtml+xml",
        f'<html xmlns="{_XHTML}"><head><title>x</title><style nonce="a">'
        "body{margin:0;background:rgb(0,160,0)}.ad{width:100px;height:50px;background:rgb(200,0,0)}</style></head><body>"
        '<div class="ad"></div><p>strict words</p></body></html>',
    ),
    "xml": (
        "application/xml",
        '<?xml-stylesheet type="text/css" href="data:text/css,item{display:block;background:rgb(0,160,0);'
        'height:50px}ad{display:block;background:rgb(200,0,0);height:50px}"?><list><ad/><item>one word</item>'
        "</list>",
    ),
    "framed": (
        "text/html",
        "<!doctype html><body style='margin:0;background:rgb(0,160,0)'><iframe src='%main%/policy/xhtml'"
        " style='border:0;width:100px;height:50px;display:block'></iframe><iframe src='%local%/policy/xhtml'"
        " style='border:0;width:100px;height:50px;display:block'></iframe>",
    ),
    "focused": (
        "text/html",
        "<!doctype html><style nonce=a>body{margin:0}#t{position:absolute;top:0;left:0;width:200px;"
        "height:100px;border:0;padding:0;outline:0;font:80px monospace;caret-color:rgb(200,0,0);"
        "background:rgb(0,160,0)}"
        "</style><input id=t autofocus>",
    ),
    "tall": (
        "text/html",
        "<!doctype html><body style='margin:0;height:1500px;background:rgb(0,160,0)'><img loading=lazy"
        " src='%main%/image/lazy?rgb=0,0,200' style='position:absolute;top:1300px;width:100px;height:100px'>",
    ),
}


@dataclass(slots=True)
class Origins:
    """`main` and the others that must be told apart from it: another host, another port, TLS."""

    urls: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def reset(self) -> None:
        self.seen.clear()

    def requests(self, path: str, origin: str | None = None) -> list[Seen]:
        return [s for s in list(self.seen) if s.path == path and origin in (None, s.origin)]

    def one(self, path: str) -> Seen:
        """The only request for a path."""
        found = self.requests(path)
        assert len(found) == 1, (
            f"{path} was asked for {len(found)} times; seen: {[s.path for s in self.seen]}"
        )
        return found[0]

    def facts(self) -> dict[str, Any]:
        """The facts about the browser that `facts.html` sent to its server."""
        return dict(self.requests("/report")[-1].json())

    def fill(self, value: Any) -> Any:
        """Options with `%main%` and the other origins' names replaced by their addresses."""
        if isinstance(value, str):
            for name, url in self.urls.items():
                value = value.replace(f"%{name}%", url)
            return value
        if isinstance(value, dict):
            return {k: self.fill(v) for k, v in value.items()}
        return [self.fill(v) for v in value] if isinstance(value, list) else value


class _Site(Handler):
    origins: Origins

    do_POST = do_HEAD = Handler.do_GET  # noqa: N815

    def send(
        self, body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str
    ) -> None:
        super().send(body, kind, status, **{"Cache_Control": "no-store"} | headers)

    def answer(self, path: str) -> None:
        file = file_below(ROOT, path)
        if file is None:
            self.send(b"<!doctype html><title>not found</title><body style='background:#808'>", status=404)
            return
        text = file.read_text("utf-8")
        self.send(str(self.origins.fill(text)).encode(), TYPES.get(file.suffix, "text/plain"))

    # -- behaviours, by the first part of the path -----------------------------------------------------------

    def answer_report(self, rest: str) -> None:
        self.send(b"", "text/plain", 204)

    answer_event = answer_report

    def answer_status(self, code: str) -> None:
        self.send(b"<!doctype html><body style='margin:0;background:rgb(120,0,120)'>", status=int(code))

    def answer_image(self, rest: str) -> None:
        colour = tuple(int(c) for c in self.seen.query.get("rgb", "0,0,255").split(","))
        self.send(png(100, 100, colour), "image/png", Access_Control_Allow_Origin="*")

    def answer_svg(self, rest: str) -> None:
        self.send(
            b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="80"><rect width="100" height="80"'
            b' fill="rgb(0,0,200)"/></svg>',
            "image/svg+xml",
        )

    def answer_redirect(self, rest: str) -> None:
        self.send(b"", status=int(self.seen.query.get("code", "302")), Location=self.seen.query["to"])

    def answer_loop(self, rest: str) -> None:
        self.send(b"", status=302, Location=f"/loop/{int(rest or 0) + 1}")

    def answer_download(self, rest: str) -> None:
        self.send(
            b"PK\x03\x04 not a page",
            "application/octet-stream",
            Content_Disposition='attachment; filename="a.bin"',
        )

    def answer_wire(self, name: str) -> None:
        """Exactly these bytes, then the end of the connection."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.write(RESPONSES[name])

    def answer_nothing(self, rest: str) -> None:
        self.send(b"", status=204)

    def answer_text(self, rest: str) -> None:
        self.send(b"plain words", "text/plain; charset=utf-8")

    def answer_json(self, rest: str) -> None:
        self.send(b'{"answer": 42}', "application/json")

    def answer_hang(self, rest: str) -> None:
        self.wait(60)

    def answer_slow(self, milliseconds: str) -> None:
        self.wait(int(milliseconds) / 1000)
        self.send(b"<!doctype html><body style='margin:0;background:rgb(0,90,90)'>")

    def answer_hang_body(self, rest: str) -> None:
        """Headers and half a page, then nothing."""
        half = b"<!doctype html><body style='margin:0;background:rgb(0,90,0)'><p>half"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(half) + 1000))
        self.end_headers()
        self.wfile.write(half)
        self.wfile.flush()
        self.wait(60)

    def answer_close(self, rest: str) -> None:
        self.close_connection = True
        self.connection.close()

    def answer_garbage(self, rest: str) -> None:
        self.close_connection = True
        self.wfile.write(b"\x00\x01\x02 this is not HTTP\r\n\r\n")

    def answer_auth(self, rest: str) -> None:
        wanted = "Basic " + base64.b64encode(b"ann:s3cret").decode()
        if self.headers.get("authorization") == wanted:
            self.send(b"<!doctype html><body style='margin:0;background:rgb(0,128,0)'>")
        else:
            self.send(b"<body style='background:#800'>", status=401, WWW_Authenticate='Basic realm="site"')

    def answer_cookie(self, rest: str) -> None:
        """Set a cookie and say which ones came."""
        self.send(
            b"<!doctype html><body style='margin:0;background:rgb(0,128,0)'>",
            Set_Cookie="visit=1; Path=/; Max-Age=600",
        )

    def answer_csp(self, rest: str) -> None:
        self.send(
            b"<!doctype html><body style='margin:0;background:rgb(200,0,0)'>",
            Content_Security_Policy="default-src 'none'; style-src 'unsafe-inline'; script-src 'none'",
        )

    def answer_policy(self, name: str) -> None:
        """A page of the site, or a document of another kind, under the policy of the query."""
        kind, body = _DOCUMENTS.get(name) or ("text/html", (ROOT / name).read_text("utf-8"))
        policy = self.seen.query.get("is", "")
        headers = {"Content_Security_Policy": policy} if policy else {}
        self.send(str(self.origins.fill(body)).encode(), f"{kind}; charset=utf-8", **headers)

    def answer_big(self, rest: str) -> None:
        """A page whose picture is noise, so that its bytes are many."""
        self.send(
            b"<!doctype html><body style='margin:0'><canvas id=c width=1500 height=1400></canvas><script>"
            b"const x=c.getContext('2d'),d=x.createImageData(1500,1400);let s=7|0;"
            b"for(let i=0;i<d.data.length;i++){s^=s<<13;s^=s>>>17;s^=s<<5;d.data[i]=i%4==3?255:s&255}"
            b"x.putImageData(d,0,0)</script>"
        )


def png(width: int, height: int, rgb: tuple[int, ...]) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + bytes(rgb) * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@contextmanager
def serving(directory: Path) -> Iterator[Origins]:
    """All origins, up; `directory` is where the certificate may lie."""
    origins = Origins()
    handler = type("Site", (_Site,), {"origins": origins})
    tls = certificate(directory)
    with ExitStack() as stack:
        for name, address in (
            ("main", "127.0.0.1"),
            ("host", "127.0.0.2"),
            ("port", "127.0.0.1"),
            ("tls", "127.0.0.1"),
        ):
            server = HttpServer(
                handler, address, name=name, tls=tls if name == "tls" else None, seen=origins.seen
            )
            origins.urls[name] = stack.enter_context(server).url
        main = origins.urls["main"]
        origins.urls["local"] = main.replace("127.0.0.1", "localhost")
        origins.urls["place"] = main.removeprefix("http://")
        yield origins
