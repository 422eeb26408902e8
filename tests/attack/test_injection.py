"""Injection through values: headers, cookies, selectors, file names, HTML."""

from __future__ import annotations

from typing import Any

import pytest
from farm import Farm, Reply, Seen, html, redirect
from shoot import Shooter

from stillframe.api.headers import disposition, header_safe
from stillframe.api.responses import respond
from stillframe.errors import RequestNotValid
from stillframe.request import parse

BAD: list[dict[str, Any]] = (
    [
        {"custom_headers": {name: "x"}}
        for name in (
            "Host",
            "host",
            "Content-Length",
            "Transfer-Encoding",
            "Connection",
            "Upgrade",
            "Keep-Alive",
            "TE",
            "Proxy-Authorization",
            "proxy-connection",
            "Sec-Fetch-Site",
            "sec-ch-ua",
            "",
            "X Y",
            "X:Y",
            "X\r\nY",
            "X\0",
            "Ü",
            "X\tY",
            ":authority",
        )
    ]
    + [
        {"custom_headers": {"X-A": value}}
        for value in ("a\r\nX-B: c", "a\nb", "a\rb", "a\0b", "a\x01b", "a\x7fb")
    ]
    + [
        {"cookies": [cookie]}
        for cookie in (
            "a=b; Domain=evil.example",
            "a=b\r\nSet-Cookie: c=d",
            "=b",
            "novalue",
            {"name": "a;b", "value": "c"},
            {"name": "a", "value": "b;c"},
            {"name": "a", "value": "b\r\nc"},
            {"name": "a", "value": "b", "url": "file:///x"},
            {"name": "a", "value": "b", "domain": "x y"},
            {"name": "a", "value": "b", "path": "x;y"},
            {"name": "a", "value": "b", "storage": "x"},
        )
    ]
    + [
        {"user_agent": "a\r\nX-B: c"},
        {"user_agent": "a\0b"},
        {"locale": "de\r\nX: y"},
        {"locale": "../../x"},
        {"timezone": "../../etc/passwd"},
        {"timezone": "Mars/Olympus"},
        {"basic_auth": {"username": "a:b", "password": "c"}},
        {"basic_auth": {"username": "a\r\nb", "password": "c"}},
        {"selector": "internal:control=enter-frame"},
        {"selector": "_react=App"},
        {"selector": "_vue=App"},
        {"selector": "  "},
        {"wait_for_selector": "INTERNAL:has-text=x"},
        {"hide_selectors": ["internal:text=x"]},
        {"interactions": [{"action": "click", "selector": "internal:nth=0"}]},
        {"interactions": [{"action": "__proto__"}]},
        {"interactions": [{"action": "set_input_files", "selector": "a"}]},
        {"template": "../../etc/passwd"},
        {"template": "__class__"},
        {"device": "__proto__"},
        {"format": "../png"},
        {"format": "exe"},
        {"__proto__": {}},
        {"constructor": 1},
        {"executable_path": "/bin/sh"},
        {"args": ["--disable-web-security"]},
        {"proxy": "file:///etc/passwd"},
        {"proxy": "socks5://127.0.0.1:1080"},
        {"webhook_url": "file:///etc/passwd"},
        {"webhook_url": "gopher://127.0.0.1/"},
    ]
)


@pytest.mark.parametrize("extra", BAD, ids=lambda extra: ascii(extra)[:60])
def test_a_value_that_could_inject_syntax_is_refused(extra: dict[str, Any]) -> None:
    with pytest.raises(RequestNotValid):
        parse({"url": "http://attacker.example/", **extra})


def test_an_error_does_not_repeat_secret_values() -> None:
    with pytest.raises(RequestNotValid) as refused:
        parse(
            {
                "url": "http://x.example/",
                "custom_headers": {"X-A": "SECRET-VALUE\r\n"},
                "cookies": ["SECRET-VALUE"],
            }
        )
    assert "SECRET-VALUE\r" not in f"{refused.value.message}{refused.value.details}"


@pytest.mark.parametrize("name", ['a"b.png', "a\r\nX-Y: z", "ä.png", "a;b.png", "a\\b"])
def test_a_file_name_cannot_leave_its_header(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') in (0, 2)


def test_a_final_address_cannot_leave_its_header() -> None:
    header = header_safe("http://x.example/a\r\nSet-Cookie: b=c\0é")
    assert header.isascii()
    assert header.isprintable()


@pytest.mark.browser
def test_html_output_cannot_run_scripts_on_the_service_origin(farm: Farm, guarded: Shooter) -> None:
    for kind in ("html", "mhtml"):
        page = "<script>alert(1)</script><h1>x</h1>"
        result = guarded.shoot(html_content=page, format=kind, wait_until="load")
        headers = respond(result).headers
        assert headers["content-security-policy"].startswith("sandbox")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-disposition"].startswith("attachment")


def _door(seen: Seen) -> Reply:
    return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b"<h1>no</h1>"


@pytest.mark.browser
def test_headers_and_credentials_reach_the_target_only(farm: Farm, guarded: Shooter) -> None:
    """Another host, another port and the end of a redirect are other origins."""
    other = f"http://other.attacker.example:{farm.site.port}"
    farm.serve(
        "/mine",
        html(
            f"<h1>mine</h1><img src='{other}/third.png'><img src='/same.png'><img"
            f" src='/hop'><script>fetch('{other}/third-fetch', {{mode: 'no-cors'}})</script><iframe"
            f" src='{other}/third-frame'></iframe>"
        ),
    )
    farm.serve("/hop", redirect(f"{other}/third-hop"))
    farm.serve("/third-frame", _door)
    guarded.shoot(
        url=farm.home + "/mine",
        custom_headers={"Authorization": "Bearer VICTIM", "X-Private": "VICTIM"},
        cookies=["session=VICTIM"],
        format="html",
        wait_until="load",
        delay_capture=300,
    )
    by_path: dict[str, dict[str, str]] = {seen.path: seen.headers for seen in farm.site.seen}
    assert by_path["/mine"]["x-private"] == "VICTIM"
    assert by_path["/same.png"]["authorization"] == "Bearer VICTIM"
    assert by_path["/same.png"]["cookie"] == "session=VICTIM"
    assert {"/third.png", "/third-fetch", "/third-frame", "/third-hop"} <= set(by_path)
    for path, headers in by_path.items():
        if path.startswith("/third"):
            assert "VICTIM" not in str(headers), path


@pytest.mark.browser
def test_basic_credentials_are_sent_to_the_target_only(farm: Farm, guarded: Shooter) -> None:
    other = f"http://other.attacker.example:{farm.site.port}"
    farm.serve(
        "/mine", html(f"<h1>mine</h1><iframe src='{other}/asks'></iframe><img src='{other}/asks.png'>")
    )
    farm.serve("/asks", _door)
    farm.serve("/asks.png", _door)
    for url, extra in (
        (farm.home + "/mine", {"basic_auth": {"username": "u", "password": "VICTIM"}}),
        (farm.home.replace("http://", "http://u:VICTIM@") + "/mine", {}),
    ):
        farm.site.seen.clear()
        guarded.shoot(url=url, format="html", wait_until="load", delay_capture=200, **extra)
        asked = [seen for seen in farm.site.seen if seen.path.startswith("/asks")]
        assert asked
        assert not any("authorization" in seen.headers for seen in asked)


@pytest.mark.browser
def test_a_redirect_to_another_origin_receives_no_custom_header(farm: Farm, guarded: Shooter) -> None:
    other = f"http://other.attacker.example:{farm.site.port}"
    farm.serve("/away", redirect(f"{other}/landed"))
    farm.serve("/landed", html("<h1>landed</h1>"))
    guarded.shoot(url=farm.home + "/away", custom_headers={"X-Private": "VICTIM"}, format="html")
    landed = next(seen for seen in farm.site.seen if seen.path == "/landed")
    assert "x-private" not in landed.headers
