"""Responses as bytes: what servers send and browsers forgive, and what they cut or never end."""

from __future__ import annotations

import gzip

GREEN = b"<!doctype html><title>g</title><body style='margin:0;background:rgb(0,160,0)'>green page"
OK = b"HTTP/1.1 200 OK\r\n"
HTML = b"Content-Type: text/html\r\n"


def whole(head: bytes, body: bytes = GREEN) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def typed(kind: bytes, body: bytes = GREEN) -> bytes:
    return whole(OK + (b"Content-Type: " + kind + b"\r\n" if kind else b""), body)


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
JSON = b'{"words": "green page"}'

# Shown by Chromium, each with the words that its text has.
SHOWN = {
    "problem-json": (typed(b"application/problem+json", JSON), "green page"),
    "ld-json": (typed(b"application/ld+json", JSON), "green page"),
    "json-charset": (typed(b"application/json;charset=utf-8", JSON), "green page"),
    "no-slash": (typed(b"html"), "green page"),
    "unknown": (typed(b"unknown/unknown"), "green page"),
    "any": (typed(b"*/*"), "green page"),
    "upper": (typed(b"TEXT/HTML"), "green page"),
    "missing": (typed(b""), "green page"),
    "empty-type": (typed(b" "), "green page"),
    "two-types": (whole(OK + b"Content-Type: text/plain\r\nContent-Type: text/html\r\n"), "green page"),
    "xml": (typed(b"application/xml", b"<a>green page</a>"), "green page"),
    "rss": (typed(b"application/rss+xml", b"<rss><a>green page</a></rss>"), "green page"),
    "markdown": (typed(b"text/markdown", b"# green page"), "green page"),
    "javascript": (typed(b"application/javascript", b"green page"), "green page"),
    "blank-before-colon": (whole(OK + HTML + b"X-Foo : bar\r\n"), "green page"),
    "blank-in-name": (whole(OK + HTML + b"X Powered By: me\r\n"), "green page"),
    "no-colon": (whole(OK + HTML + b"nothing here\r\n"), "green page"),
    "folded": (whole(OK + HTML + b"X-Long: a\r\n b\r\n\tc\r\n"), "green page"),
    "bare-lf": (whole(OK + HTML).replace(b"\r\n", b"\n"), "green page"),
    "no-reason": (whole(b"HTTP/1.1 200\r\n" + HTML), "green page"),
    "lower-status": (whole(b"http/1.1 200 ok\r\n" + HTML), "green page"),
    "no-code": (whole(b"HTTP/1.1\r\n" + HTML), "green page"),
    "old-version": (whole(b"HTTP/1.0 200 OK\r\n" + HTML), "green page"),
    "next-version": (whole(b"HTTP/2 200 OK\r\n" + HTML), "green page"),
    "length-is-no-number": (OK + HTML + b"Content-Length: many\r\n\r\n" + GREEN, "green page"),
    "length-twice": (whole(OK + HTML + b"Content-Length: %d\r\n" % len(GREEN)), "green page"),
    "identity": (whole(OK + HTML + b"Transfer-Encoding: identity\r\n"), "green page"),
    "obs-text": (whole(OK + HTML + b"X-Name: caf\xe9 \xff\r\n"), "green page"),
    "large-header": (whole(OK + HTML + b"X-Long: " + b"y" * 200_000 + b"\r\n"), "green page"),
    "many-headers": (whole(OK + HTML + b"".join(b"X-%d: y\r\n" % n for n in range(900))), "green page"),
    "early-hints": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + whole(OK + HTML), "green page"),
    "error-page": (whole(b"HTTP/1.1 500 Oops\r\n" + HTML), "green page"),
}

# Downloads and other targets without a page: the error's code and a word of its message.
REFUSED = {
    "pdf": (typed(b"application/pdf", PDF), 422, "not_renderable", "application/pdf"),
    "zip": (typed(b"application/zip", b"PK\x03\x04"), 422, "not_renderable", "application/zip"),
    "csv": (typed(b"text/csv", b"a,b"), 422, "not_renderable", "text/csv"),
    "octets": (typed(b"application/octet-stream", b"\0\1\2"), 422, "not_renderable", "download"),
    "attachment": (
        whole(OK + HTML + b"Content-Disposition: attachment; filename=a.html\r\n"),
        422,
        "not_renderable",
        "download",
    ),
    "no-content": (b"HTTP/1.1 204 No Content\r\n\r\n", 422, "not_renderable", "204"),
    "reset-content": (b"HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n", 422, "not_renderable", "205"),
    "nothing-at-all": (b"", 502, "empty_response", "without a response"),
    "half-a-head": (OK + b"Content-Ty", 502, "network_error", "middle of its response's header"),
    "mail-server": (b"220 mail.example ESMTP\r\n", 502, "network_error", "not HTTP"),
    "tls-alert": (b"\x15\x03\x01\x00\x02\x02\x46", 502, "network_error", "https://"),
    "two-lengths": (
        OK + HTML + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        502,
        "network_error",
        "differ",
    ),
    "huge-header": (whole(OK + b"X: " + b"y" * 300_000 + b"\r\n"), 502, "network_error", "256 KB"),
    "not-gzip": (whole(OK + HTML + b"Content-Encoding: gzip\r\n"), 502, "network_error", "Content-Encoding"),
}

# Cut in the middle: the page as far as it came, with a warning.
CUT = {
    "by-length": OK + HTML + b"Content-Length: %d\r\n\r\n" % (len(GREEN) + 900) + GREEN,
    "by-chunks": OK + HTML + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(GREEN) + GREEN + b"\r\n",
    "in-a-chunk": OK + HTML + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % (len(GREEN) + 9) + GREEN,
    "bad-chunk": OK + HTML + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(GREEN) + GREEN + b"\r\nzz\r\n",
    "gzip": OK
    + HTML
    + b"Content-Encoding: gzip\r\nContent-Length: 90000\r\n\r\n"
    + gzip.compress(GREEN * 50)[:-9],
}

EMPTY_ERROR = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

RESPONSES = (
    {name: response for name, (response, _) in SHOWN.items()}
    | {name: response for name, (response, *_) in REFUSED.items()}
    | {f"cut-{name}": response for name, response in CUT.items()}
    | {"empty-error": EMPTY_ERROR}
    | {"cyrillic": typed(b"text/html", "<meta charset=windows-1251><title>Привет</title>".encode("cp1251"))}
)
