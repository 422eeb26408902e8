"""A page inside the sandbox that tells when its script runs, so that a fault can strike in mid-capture.

Only this file is mounted into the container, so it cannot use tests/servers.py.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PORT = 8000
BEGUN = Path("/tmp/begun")
PAGE = "<!doctype html><p><script>fetch('/begun');setTimeout(() => document.body.id='later',{ms})</script>"


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/begun":
            BEGUN.touch()
        body = PAGE.format(ms=parse_qs(url.query).get("ms", ["0"])[0]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: the mark is the message."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Site).serve_forever()
