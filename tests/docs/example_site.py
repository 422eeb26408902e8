"""The pages behind the names of the documentation: example.com and its subdomains."""

from __future__ import annotations

import itertools

import httpx
from servers import Handler

_STYLE = (
    "body{font:18px/1.5 sans-serif;margin:0 auto;max-width:60em;padding:2em;color:#1d2733}"
    "img{display:block;width:100%;height:600px}"
)
_CONSENT = """
<div id="cookie-consent" role="dialog" aria-label="cookies" style="position:fixed;inset:auto 0 0 0;
 padding:2em;background:#222;color:#fff;z-index:9">We use cookies to measure how this page is used.
<button onclick="this.parentNode.remove()">Accept all</button>
<button onclick="this.parentNode.remove()">Reject all</button></div>"""
_LOG_IN = """
<h1>Log in</h1><form method="post" action="/login"><input name="user" placeholder="Name">
<input type="password" name="password"><button>Log in</button></form>"""
_FEED = """
<h1>Feed</h1><ol></ol><script>
let rows = 0;
const more = () => { for (let i = 0; i < 10; i++) {
  const li = document.createElement('li'); li.style.height = '200px'; li.textContent = 'Entry ' + (++rows);
  document.querySelector('ol').append(li) } };
more();
addEventListener('scroll', () => {
  if (innerHeight + scrollY > document.body.scrollHeight - 400) more() });
</script>"""
_PICTURE = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 6"><path d="M0 0h8v6H0z" fill="#27c"/></svg>"""
_counter = itertools.count(1)


def _page(title: str, body: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>{body}'
    ).encode()


class Example(Handler):
    """Answers any name; the path chooses the page, and an unknown one gets a plain article.

    `captures.example.com` is a deployed service: its requests go to `service`.
    """

    service = ""

    def serve(self) -> None:
        if self.headers.get("Host", "").startswith("captures."):
            self._forward()
        else:
            super().serve()

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        answer = httpx.request(
            self.command, self.service + self.path, headers=headers, content=body, timeout=60
        )
        kept = (
            "content-length",
            "transfer-encoding",
            "connection",
            "content-type",
            "date",
            "content-encoding",
        )
        more = {name: value for name, value in answer.headers.items() if name not in kept}
        kind = answer.headers.get("content-type", "")
        self.send(answer.content, kind, answer.status_code, **more)

    def answer_login(self, rest: str) -> None:
        if self.command == "POST":
            self.send(b"", status=303, Location="/orders", Set_Cookie="session=documentation; Path=/")
            return
        self.send(_page("Log in", _LOG_IN))

    def answer_orders(self, rest: str) -> None:
        given = self.headers.get("Cookie", ""), self.headers.get("Authorization", "")
        if "session=" in given[0] or given[1].startswith("Bearer "):
            self.send(_page("Orders", "<h1>Your orders</h1><p id=orders>2 orders, 12.50 EUR</p>"))
        else:
            self.send(b"", status=303, Location="/login")

    def answer_private(self, rest: str) -> None:
        if self.headers.get("Authorization", "").startswith("Basic "):
            self.send(_page("Intranet", "<h1>Intranet</h1>"))
        else:
            self.send(b"no", "text/plain", 401, WWW_Authenticate='Basic realm="intranet"')

    def answer_gallery(self, rest: str) -> None:
        images = "".join(f'<img loading="lazy" src="/picture/{n}.svg" alt="{n}">' for n in range(12))
        self.send(_page("Gallery", f"<h1>Gallery</h1>{images}"))

    def answer_picture(self, rest: str) -> None:
        self.send(_PICTURE.encode(), "image/svg+xml")

    def answer_feed(self, rest: str) -> None:
        self.send(_page("Feed", _FEED))

    def answer_consent(self, rest: str) -> None:
        self.send(_page("News", f"<h1>News</h1><p>Everything that happened today.</p>{_CONSENT}"))

    def answer_prices(self, rest: str) -> None:
        self.send(_page("Prices", f"<h1>Prices</h1><p>Number {next(_counter)}: {next(_counter)} EUR</p>"))

    def answer_broken(self, rest: str) -> None:
        self.send(_page("Broken", '<h1>Broken</h1><img src="/missing/a.png" alt="">'))

    def answer_missing(self, rest: str) -> None:
        self.send(b"not found", "text/plain", 404)

    def answer_hook(self, rest: str) -> None:
        self.send(b"ok", "text/plain")

    def answer(self, path: str) -> None:
        words = "<p>This page stands for a page of yours. It has a heading and a text of a few lines.</p>" * 6
        self.send(_page("Example Domain", f"<h1>Example Domain</h1>{words}"))

    do_POST = do_DELETE = Handler.do_GET  # noqa: N815
