"""Local files and other schemes: nothing of this machine's disk is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from farm import Farm, html, redirect
from shoot import Shooter

from stillframe.errors import RequestNotValid
from stillframe.request import parse

pytestmark = pytest.mark.browser

CONTENT = "LOCAL-FILE-SECRET-0815"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    for name in ("secret.txt", "secret.html", "secret.js", "secret.css", "secret.svg"):
        (tmp_path / name).write_text(CONTENT)
    (tmp_path / "secret.js").write_text(f"document.title = '{CONTENT}'; window.leak = '{CONTENT}'")
    (tmp_path / "secret.css").write_text(f"body::before {{ content: '{CONTENT}' }}")
    (tmp_path / "secret.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg"><text>{CONTENT}</text></svg>'
    )
    return tmp_path


SCHEMES = [
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "File:/etc/passwd",
    "file:/etc/passwd",
    "file:etc/passwd",
    "file://localhost/etc/passwd",
    "file://127.0.0.1/etc/passwd",
    " file:///etc/passwd",
    "file\t:///etc/passwd",
    "fi\nle:///etc/passwd",
    "\x00file:///etc/passwd",
    "\\\\localhost\\etc\\passwd",
    "//localhost/etc/passwd",
    "/etc/passwd",
    "etc/passwd",
    "view-source:file:///etc/passwd",
    "view-source:http://attacker.example/",
    "chrome://version",
    "chrome://crash",
    "chrome://hang",
    "chrome-extension://x/y",
    "chrome-untrusted://x",
    "devtools://devtools/bundled/inspector.html",
    "about:blank",
    "about:crash",
    "about:srcdoc",
    "data:text/html,<h1>x",
    "javascript:alert(1)",
    "blob:http://attacker.example/1",
    "filesystem:http://attacker.example/temporary/x",
    "ftp://attacker.example/",
    "gopher://attacker.example/",
    "ws://attacker.example/",
    "wss://attacker.example/",
    "mailto:a@b.example",
    "intent://x#Intent;end",
    "ldap://127.0.0.1/",
    "dict://127.0.0.1:11211/stats",
    "jar:http://x!/",
    "http:",
    "http://",
    "http:///etc/passwd",
    "https://:80/",
    "http://attacker.example:0/",
    "http://attacker.example:99999/",
    "",
]


@pytest.mark.parametrize("url", SCHEMES)
@pytest.mark.parametrize("field", ["url", "base_url", "goto"])
def test_only_http_and_https_urls_are_accepted(url: str, field: str) -> None:
    request: dict[str, object] = {"url": "http://attacker.example/"}
    if field == "url":
        request = {"url": url}
    elif field == "base_url":
        request = {"html_content": "<p>x", "base_url": url}
    else:
        request["interactions"] = [{"action": "goto", "text": url}]
    with pytest.raises(RequestNotValid):
        parse(request)


# F is a file address, with its folder and without a name at the end.
READS = [
    "<iframe src='Fsecret.txt'></iframe>",
    "<iframe src='Fsecret.html'></iframe>",
    "<iframe src='file://localhostPATHsecret.txt'></iframe>",
    "<iframe src='\\\\localhostPATHsecret.txt'></iframe>",
    "<iframe src='view-source:Fsecret.txt'></iframe>",
    "<iframe srcdoc=\"<iframe src='Fsecret.txt'></iframe>\"></iframe>",
    "<iframe srcdoc=\"<meta http-equiv=refresh content='0;url=Fsecret.txt'>\"></iframe>",
    "<object data='Fsecret.txt'></object>",
    "<object data='Fsecret.svg' type='image/svg+xml'></object>",
    "<embed src='Fsecret.txt' type='text/plain'>",
    "<img src='Fsecret.svg'>",
    "<svg><image href='Fsecret.svg'/><use href='Fsecret.svg#x'/></svg>",
    "<link rel=stylesheet href='Fsecret.css'>",
    "<style>@import 'Fsecret.css'</style>",
    "<script src='Fsecret.js'></script>",
    "<script type=module src='Fsecret.js'></script>",
    "<link rel=import href='Fsecret.html'>",
    "<base href='F'><iframe src='secret.txt'></iframe><img src='secret.svg'>",
    "<script>fetch('Fsecret.txt').then(r => r.text()).then(t => document.body.append(t))</script>",
    (
        "<script>x = new XMLHttpRequest(); x.open('GET', 'Fsecret.txt', false); x.send();"
        " document.write(x.response)</script>"
    ),
    "<script>new Worker('Fsecret.js')</script>",
    "<script>import('Fsecret.js').then(() => document.body.append(window.leak))</script>",
    "<form id=f action='Fsecret.txt' target=i></form><iframe name=i></iframe><script>f.submit()</script>",
    "<iframe name=w></iframe><script>open('Fsecret.txt', 'w')</script>",
    "<a id=a href='Fsecret.txt' target=v>x</a><iframe name=v></iframe><script>a.click()</script>",
]
WHOLE_PAGE = [
    "<script>location = 'Fsecret.txt'</script>",
    "<script>location.replace('Fsecret.html')</script>",
    "<meta http-equiv=refresh content='0;url=Fsecret.txt'>",
    "<script>location = 'view-source:Fsecret.txt'</script>",
    "<form id=f action='Fsecret.html'></form><script>f.submit()</script>",
    "<script>open('Fsecret.html', '_self')</script>",
]


def _fill(text: str, folder: Path) -> str:
    return text.replace("PATH", f"{folder}/").replace("F", f"file://{folder}/")


@pytest.mark.parametrize("source", ["html", "http", "script"])
def test_no_element_shows_a_local_file(farm: Farm, guarded: Shooter, secret: Path, source: str) -> None:
    page = "<!doctype html><body><h1>reader</h1>" + "\n".join(_fill(text, secret) for text in READS)
    farm.serve("/read", html(page))
    farm.serve("/plain", html("<h1>reader</h1>"))
    common = {"format": "mhtml", "wait_until": "load", "delay_capture": 700}
    if source == "html":
        result = guarded.shoot(html_content=page, **common)
    elif source == "http":
        result = guarded.shoot(url=farm.home + "/read", **common)
    else:
        write = f"document.open(); document.write({page!r}.replaceAll('<\\/', '</')); document.close()"
        result = guarded.shoot(url=farm.home + "/plain", custom_js=write, **common)
    assert b"reader" in result.artifact.data
    # MHTML holds every frame; the secret would be there in one of its encodings.
    assert CONTENT.encode() not in result.artifact.data.replace(b"=\r\n", b"")


@pytest.mark.parametrize("text", WHOLE_PAGE)
@pytest.mark.parametrize("source", ["html", "http"])
def test_no_page_becomes_a_local_file(
    farm: Farm, guarded: Shooter, secret: Path, text: str, source: str
) -> None:
    page = f"<!doctype html><body><h1>page</h1>{_fill(text, secret)}"
    farm.serve("/become", html(page))
    request = {"html_content": page} if source == "html" else {"url": farm.home + "/become"}
    shown = guarded.shown(
        **request, format="html", wait_until="load", delay_capture=200, wait_for_timeout=1_500
    )
    assert CONTENT.encode() not in shown


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "data:text/html,x",
        "chrome://version",
        "about:blank",
        "blob:x",
        "javascript:1",
        "ftp://x/",
    ],
)
def test_a_redirect_to_another_scheme_is_refused(farm: Farm, guarded: Shooter, target: str) -> None:
    farm.serve("/go", redirect(target))
    assert guarded.refused(url=farm.home + "/go").code in (
        "destination_blocked",
        "network_error",
        "not_renderable",
    )


PATHS: list[dict[str, object]] = [
    {"custom_js": {"path": "/etc/passwd"}},
    {"init_js": {"path": "/etc/passwd"}},
    {"custom_css": {"path": "/etc/passwd"}},
    {"storage_state": "/etc/passwd"},
    {"record_har_path": "/tmp/x"},
    {"path": "/tmp/x.png"},
    {"interactions": [{"action": "upload", "selector": "input", "text": "/etc/passwd"}]},
    {"interactions": [{"action": "click", "selector": "a", "path": "/etc/passwd"}]},
    {"pdf_header": {"path": "/etc/passwd"}},
    {"s3_uri": "file:///etc/passwd"},
]


@pytest.mark.parametrize("extra", PATHS, ids=lambda extra: next(iter(extra)))
def test_no_option_names_a_file(extra: dict[str, object]) -> None:
    with pytest.raises(RequestNotValid):
        parse({"url": "http://attacker.example/", **extra})


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/cron.d/x", "a/b", "a\\b", "a\0b", "a\r\nX: y"])
def test_a_file_name_cannot_contain_a_path(name: str) -> None:
    with pytest.raises(RequestNotValid):
        parse({"url": "http://attacker.example/", "filename": name})


def test_a_pdf_header_reads_nothing(farm: Farm, guarded: Shooter, secret: Path) -> None:
    header = _fill("<iframe src='Fsecret.txt'></iframe><img src='Fsecret.svg'>", secret)
    header += f"<img src='{farm.internal}/pdf'><script src='{farm.internal}/pdf'></script>"
    shown = guarded.shown(html_content="<h1>x</h1>", format="pdf", pdf_header=header, pdf_footer=header)
    assert CONTENT.encode() not in shown
    assert farm.touched() == 0
