"""Server-side request forgery through a real browser: every request of a page, every form of an address."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest
from farm import SECRET, Farm, Reply, Seen, html, redirect, script
from shoot import Shooter
from vectors import MAYBE, NAMES, NAVIGATIONS, REACHABLE, SPELLINGS, SUBRESOURCES, sweep_page

pytestmark = pytest.mark.browser

ALL = {**SUBRESOURCES, **MAYBE}


def _to(seen: Seen) -> str:
    return unquote(seen.query["to"])


def _redirect(seen: Seen) -> Reply:
    return redirect(_to(seen), int(seen.query.get("code", "302")))


def _csp(seen: Seen) -> Reply:
    policy = f"default-src 'none'; report-uri {_to(seen)}"
    return html("<img src=/x><script>1</script>", **{"Content-Security-Policy": policy})


def _nel(seen: Seen) -> Reply:
    report_to = json.dumps({"group": "g", "max_age": 60, "endpoints": [{"url": _to(seen)}]})
    return html("x", **{"Report-To": report_to, "NEL": '{"report_to":"g","max_age":60,"success_fraction":1}'})


def _xslt(seen: Seen) -> Reply:
    return (
        200,
        {"Content-Type": "text/xml"},
        f'<?xml-stylesheet type="text/xsl" href="{_to(seen)}"?><a/>'.encode(),
    )


@pytest.fixture
def farm(farm: Farm) -> Farm:
    farm.serve("/redirect", _redirect)
    farm.serve("/csp", _csp)
    farm.serve("/nel", _nel)
    farm.serve("/xslt", _xslt)
    farm.serve("/sw.js", lambda seen: script(f"fetch('{_to(seen)}'); importScripts('{_to(seen)}')"))
    farm.names = {name: [answer] for name, answer in NAMES.items()}
    return farm


def _spelling_page(farm: Farm) -> str:
    images = "".join(
        f'<img src="http://{spelling}:{farm.port}/spelled/{index}">'
        for index, spelling in enumerate(SPELLINGS)
    )
    return f"<!doctype html><meta charset=utf-8><body>{images}</body>"


def _settle(path: str, home: str) -> dict[str, object]:
    return {"url": home + path, "format": "html", "delay_capture": 1500, "wait_until": "load"}


@pytest.mark.parametrize("origin", ["home", "secure"])
def test_no_subresource_reaches_an_internal_server(farm: Farm, guarded: Shooter, origin: str) -> None:
    home = getattr(farm, origin)
    farm.serve("/sweep", html(sweep_page(farm.internal, home, ALL)))
    result = guarded.shoot(**_settle("/sweep", home))
    assert b"sweep" in result.artifact.data
    assert SECRET.encode() not in result.artifact.data
    assert farm.touched() == 0
    assert f"127.0.0.2:{farm.port}" in result.report.facts["denied"]


def test_the_same_sweep_hits_with_the_predicate_off(farm: Farm, unguarded: Shooter) -> None:
    """The meta-test: each vector of the corpus is a real one, so a guard that passes means something."""
    farm.serve("/sweep", html(sweep_page(farm.internal, farm.secure, ALL)))
    unguarded.shoot(**_settle("/sweep", farm.secure))
    arrived = {path.rpartition("/")[2] for path in farm.hits()}
    assert set(SUBRESOURCES) - arrived == set()


def test_no_sweep_of_html_reaches_an_internal_server(farm: Farm, guarded: Shooter) -> None:
    page = sweep_page(farm.internal, farm.home, ALL)
    guarded.shoot(html_content=page, format="html", delay_capture=1000, wait_until="load")
    assert farm.touched() == 0


def test_no_custom_script_reaches_an_internal_server(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/plain", html("<h1>plain</h1>"))
    code = sweep_page(farm.internal, farm.home, ALL).partition("<script>")[2].partition("</script></body>")[0]
    guarded.shoot(url=farm.home + "/plain", custom_js=code, format="html", delay_capture=1000)
    assert farm.touched() == 0


def test_no_click_opens_a_window_on_an_internal_server(farm: Farm, guarded: Shooter) -> None:
    _popups(farm, guarded)
    assert farm.touched() == 0


def test_the_same_click_opens_windows_with_the_predicate_off(farm: Farm, unguarded: Shooter) -> None:
    _popups(farm, unguarded)
    assert {"/popup/a", "/popup/form"} <= farm.hits()


def _popups(farm: Farm, shooter: Shooter) -> None:
    farm.serve(
        "/popups",
        html(
            f"<a id=a target=_blank href='{farm.internal}/popup/a'>a</a>"
            f"<form target=_blank action='{farm.internal}/popup/form'><button id=b>b</button></form>"
            f"<p id=c onclick=\"open('{farm.internal}/popup/open','','noopener')\">c</p>"
        ),
    )
    steps = [{"action": "click", "selector": selector} for selector in ("#a", "#b", "#c")]
    shooter.shoot(url=farm.home + "/popups", interactions=steps, format="html", delay_capture=500)


def test_no_spelling_of_an_address_reaches_an_internal_server(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/spellings", html(_spelling_page(farm)))
    guarded.shoot(**_settle("/spellings", farm.home))
    assert farm.touched() == 0


def test_the_same_spellings_hit_with_the_predicate_off(farm: Farm, unguarded: Shooter) -> None:
    farm.serve("/spellings", html(_spelling_page(farm)))
    unguarded.shoot(**_settle("/spellings", farm.home))
    arrived = {int(path.rpartition("/")[2]) for path in farm.hits()}
    missing = [s for s in REACHABLE if SPELLINGS.index(s) not in arrived]
    assert missing == []


TARGETS = [
    "127.0.0.2",
    "2130706434",
    "0177.0.0.2",
    "127.0.0.2.",
    "[::ffff:7f00:2]",
    "localhost",
    "internal.example",
]


@pytest.mark.parametrize("host", TARGETS)
def test_an_internal_target_is_destination_blocked(farm: Farm, guarded: Shooter, host: str) -> None:
    error = guarded.refused(url=f"http://{host}:{farm.port}/page")
    assert (error.code, error.status) == ("destination_blocked", 403)
    assert farm.touched() == 0


def test_an_internal_target_over_tls_is_destination_blocked(farm: Farm, guarded: Shooter) -> None:
    assert guarded.refused(url=f"https://127.0.0.2:{farm.port}/").code == "destination_blocked"
    assert guarded.refused(url="https://169.254.169.254/latest/meta-data/").code == "destination_blocked"
    assert farm.touched() == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_an_internal_target_is_destination_blocked(
    farm: Farm, guarded: Shooter, status: int
) -> None:
    farm.serve("/go", redirect(farm.internal + "/redirected", status))
    error = guarded.refused(url=farm.home + "/go")
    assert error.code == "destination_blocked"
    assert farm.touched() == 0


def test_every_redirect_of_a_chain_is_checked(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/one", redirect("/two"))
    farm.serve("/two", redirect(f"http://other.attacker.example:{farm.site.port}/three"))
    farm.serve("/three", redirect(farm.internal + "/end"))
    assert guarded.refused(url=farm.home + "/one").code == "destination_blocked"
    assert farm.touched() == 0


@pytest.mark.parametrize("name", NAVIGATIONS)
def test_a_navigation_to_an_internal_server_shows_nothing(farm: Farm, guarded: Shooter, name: str) -> None:
    _navigate(farm, guarded, name)
    assert farm.touched() == 0


@pytest.mark.parametrize("name", NAVIGATIONS)
def test_the_same_navigation_hits_with_the_predicate_off(farm: Farm, unguarded: Shooter, name: str) -> None:
    _navigate(farm, unguarded, name)
    assert any(path.startswith("/nav") for path in farm.hits())


def _navigate(farm: Farm, shooter: Shooter, name: str) -> None:
    target = f"{farm.internal}/nav/{name}"
    page = NAVIGATIONS[name].replace("CANARY", target)
    farm.serve("/nav", html(f"<!doctype html><script>var C = {target!r}</script>{page}"))
    shown = shooter.shown(url=farm.home + "/nav", format="html", delay_capture=300)
    assert farm.touched() > 0 or SECRET.encode() not in shown


def test_an_interaction_cannot_navigate_to_an_internal_server(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/plain", html("<h1>plain</h1>"))
    error = guarded.refused(
        url=farm.home + "/plain", interactions=[{"action": "goto", "text": farm.internal}]
    )
    assert error.code in ("destination_blocked", "interaction_failed")
    assert farm.touched() == 0


def test_a_name_that_rebinds_between_captures_is_refused(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/rebind", html("<h1>first</h1>"))
    farm.names["rebind.example"] = [("127.0.0.1",), ("127.0.0.2",)]
    url = f"http://rebind.example:{farm.site.port}/rebind"
    assert b"first" in guarded.shoot(url=url, format="html").artifact.data
    assert guarded.refused(url=url).code == "destination_blocked"
    assert farm.touched() == 0


def test_the_same_rebinding_hits_with_the_predicate_off(farm: Farm, unguarded: Shooter) -> None:
    farm.names["rebind.example"] = [("127.0.0.1",), ("127.0.0.2",)]
    farm.serve("/rebind", html("<h1>first</h1>"))
    url = f"http://rebind.example:{farm.site.port}/rebind"
    unguarded.shoot(url=url, format="html")
    assert SECRET.encode() in unguarded.shoot(url=url, format="html").artifact.data


def test_rebinding_within_a_capture_does_not_change_the_address(farm: Farm, guarded: Shooter) -> None:
    farm.serve("/late", html("late", **{"Cache-Control": "no-store"}))
    farm.names["quick.example"] = [("127.0.0.1",), ("127.0.0.2",)]
    page = (
        "<h1>rebind</h1><script>for (let i = 0; i < 8; i++) setTimeout(() => fetch('/late?' + i), i *"
        " 100)</script>"
    )
    farm.serve("/quick", html(page, Connection="close"))
    guarded.shoot(url=f"http://quick.example:{farm.site.port}/quick", format="html", delay_capture=1000)
    assert farm.asked.count("quick.example") == 1
    assert farm.touched() == 0


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://no-such-name.example/", "name_not_resolved"),
        ("https://no-such-name.example/", "name_not_resolved"),
        ("http://attacker.example:CLOSED/", "connection_refused"),
        ("https://attacker.example:CLOSED/", "connection_refused"),
        ("http://attacker.example:25/", "destination_blocked"),
        ("http://attacker.example:22/", "destination_blocked"),
    ],
)
def test_an_unreachable_target_is_distinct_from_a_blocked_one(
    farm: Farm, guarded: Shooter, url: str, code: str
) -> None:
    assert guarded.refused(url=url.replace("CLOSED", str(guarded.closed_port))).code == code
