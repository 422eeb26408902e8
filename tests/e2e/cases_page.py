"""Rows about waits, blocking, emulation, access, injection, interactions and assertions."""

from __future__ import annotations

from typing import Any

from cases import case, page
from entries import Answer
from look import BLACK, BLUE, GREEN, PURPLE, RED, WHITE, at, calm, failed, picture, warned
from origins import Origins

# -- waits ---------------------------------------------------------------------------------------------------


@case("wait_until settled", url=page("late.html"))
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    at(image, 75, 25, GREEN)
    at(image, 25, 25, WHITE)
    calm(a)


@case("wait_until load does not wait on", url=page("late.html"), wait_until="load")
def _(a: Answer, s: Origins) -> None:
    picture(a)


for state in ("commit", "domcontentloaded", "load", "networkidle"):

    @case(f"wait_until {state}", url=page("green.html"), wait_until=state)
    def _(a: Answer, s: Origins) -> None:
        picture(a)
        calm(a)


@case("wait_for_network idle", url=page("fetches.html"), wait_for_network="idle", wait_until="load")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, GREEN)
    calm(a)


@case(
    "wait_for_network mostly_idle",
    url=page("unquiet.html"),
    wait_for_network="mostly_idle",
    wait_until="load",
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, GREEN)
    calm(a)


@case(
    "wait_for_network that never comes",
    url=page("unquiet.html"),
    wait_for_network="idle",
    wait_for_timeout=700,
    wait_until="load",
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, GREEN)
    warned(a, "network_busy")


@case("wait_for_selector", url=page("late.html"), wait_for_selector="#late", wait_until="load")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 75, 25, GREEN)
    calm(a)


@case(
    "wait_for_selector that never comes",
    url=page("green.html"),
    wait_for_selector="#never",
    wait_for_timeout=300,
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, GREEN)
    warned(a, "wait_for_selector_timeout")


@case(
    "the fixed font is the one of the system, not Courier New",
    html_content=(
        "<code>some words 123</code><br><span style='font: 13px Courier New'>some words 123</span><script>"
        "const width = (name) => document.querySelector(name).getBoundingClientRect().width;"
        "document.title = width('code') === width('span') ? 'same' : 'another'</script>"
    ),
    format="metadata",
    metadata=["title"],
)
def _(a: Answer, s: Origins) -> None:
    assert b'"title": "another"' in a.data


@case(
    "wait_for_selector in a frame",
    html_content="<iframe src='%host%/late.html'></iframe>",
    wait_for_selector="#late",
    wait_for_timeout=5000,
    wait_until="load",
)
def _(a: Answer, s: Origins) -> None:
    calm(a)


@case("wait_for_selector that is none", url=page("green.html"), wait_for_selector="#[", wait_until="load")
def _(a: Answer, s: Origins) -> None:
    failed(a, 400, "request_not_valid", "wait_for_selector")


@case("wait_for_hidden", url=page("late.html"), wait_for_hidden="#spinner", wait_until="load")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 25, 25, WHITE)
    calm(a)


@case("wait_for_function", url=page("late.html"), wait_for_function="window.ready", wait_until="load")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 75, 25, GREEN)


@case("wait_for_animation", url=page("animation.html"), wait_for_animation=True, wait_until="load")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 225, 25, BLUE)


@case("an animation is waited for when settled", url=page("animation.html"))
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 225, 25, BLUE)


@case("delay_capture", url=page("late.html"), delay_capture=900, wait_until="load")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 75, 25, GREEN)


@case("wait_for_timeout bounds navigation", url=page("hang/page"), wait_for_timeout=400)
def _(a: Answer, s: Origins) -> None:
    failed(a, 504, "deadline_exceeded", "load", "400 ms (wait_for_timeout)")


@case("timeout", url=page("hang/page"), timeout=900)
def _(a: Answer, s: Origins) -> None:
    failed(a, 504, "deadline_exceeded", "load", "(what is left of the time of the capture, timeout)")


@case("a page that never ends loading is captured as it is", url=page("hang-body"), wait_for_timeout=500)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 300, 200, (0, 90, 0))
    warned(a, "load_timeout")


# -- block ---------------------------------------------------------------------------------------------------


def asked(s: Origins) -> set[str]:
    return {r.path for r in s.seen} - {"/favicon.ico"}


ALL = {
    "/resources.html",
    "/style.css",
    "/script.js",
    "/image/a",
    "/image/b",
    "/text/film.mp4",
    "/text/font.woff2",
    "/json/data",
}


@case("nothing blocked", url=page("resources.html"))
def _(a: Answer, s: Origins) -> None:
    assert asked(s) == ALL


@case("block_media", url=page("resources.html"), block_media=True)
def _(a: Answer, s: Origins) -> None:
    assert asked(s) == ALL - {"/image/a", "/image/b", "/text/film.mp4"}


for kind, gone in (
    ("stylesheet", "/style.css"),
    ("script", "/script.js"),
    ("font", "/text/font.woff2"),
    ("fetch", "/json/data"),
    ("image", "/image/a /image/b"),
):

    @case(f"block_resources {kind}", url=page("resources.html"), block_resources=[kind])
    def _(a: Answer, s: Origins, gone: str = gone) -> None:
        assert asked(s) == ALL - set(gone.split())


@case("block_urls", url=page("resources.html"), block_urls=["*/image/a*", "/film\\.mp4$/", "script.js"])
def _(a: Answer, s: Origins) -> None:
    assert asked(s) == ALL - {"/image/a", "/text/film.mp4", "/script.js"}


@case("block_ads and block_trackers", url=page("adverts.html"), block_ads=True, block_trackers=True)
def _(a: Answer, s: Origins) -> None:
    picture(a)
    assert asked(s) == {"/adverts.html", "/image/d"}


for word, event in (("reject", "reject"), ("accept", "accept"), (True, "reject")):

    @case(f"block_cookie_banners {word}", url=page("banner.html"), block_cookie_banners=word)
    def _(a: Answer, s: Origins, event: str = event) -> None:
        at(picture(a), 160, 220, GREEN)
        assert [e.query["what"] for e in s.requests("/event")] == [event]


@case("block_cookie_banners hide", url=page("banner.html"), block_cookie_banners="hide")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 160, 220, GREEN)
    assert s.requests("/event") == []


@case("a banner stays when nobody asked", url=page("banner.html"))
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 310, 235, BLACK)


@case("block_popups", url=page("banner.html?popup"), block_popups=True, hide_selectors=["#cookie-consent"])
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 160, 120, GREEN)


@case(
    "block_chats",
    html_content=(
        "<body style='margin:0;background:rgb(0,160,0)'><div id='intercom-container'"
        " style='position:fixed;right:0;bottom:0;width:80px;height:80px;background:rgb(200,0,0)'>chat"
    ),
    block_chats=True,
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 300, 220, GREEN)


@case("block_socials", url=page("adverts.html?socials"), block_socials=True)
def _(a: Answer, s: Origins) -> None:
    picture(a)
    assert "/image/d" in asked(s)


@case(
    "block_annoyances",
    html_content=(
        "<body style='margin:0;background:rgb(0,160,0)'><div class='smartbanner--ios'"
        " style='position:fixed;right:0;bottom:0;width:80px;height:80px;background:rgb(200,0,0)'>app"
    ),
    block_annoyances=True,
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 300, 220, GREEN)


@case(
    "block_ads hides what advertisements would fill",
    html_content=(
        "<body style='margin:0;background:rgb(0,160,0)'><script>setTimeout(() => { const ad ="
        " document.createElement('div'); ad.id = 'ad-banner-top'; ad.style.cssText ="
        " 'height:240px;background:rgb(200,0,0)'; document.body.append(ad) }, 300)</script>"
    ),
    block_ads=True,
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 160, 120, GREEN)


@case(
    "a page about cookies and advertisements keeps its content",
    html_content=(
        "<body style='margin:0;background:rgb(0,160,0)'><section class='cookie-list cookie-consent'"
        " id='cookies' style='height:240px;background:rgb(0,0,200)'>Our best cookies. Accept the recipe,"
        " reject imitations. <button>Accept all cookies</button></section>"
    ),
    block_cookie_banners=True,
    block_popups=True,
    block_ads=True,
    block_annoyances=True,
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 300, 220, BLUE)


@case("hide_selectors", url=page("late.html"), hide_selectors=["#spinner"], wait_until="load")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 25, 25, WHITE)


@case(
    "remove_selectors",
    html_content=(
        "<body style='margin:0'><div class=ad style='height:50px;background:rgb(200,0,0)'></div><div"
        " style='height:50px;background:rgb(0,160,0)'>"
    ),
    remove_selectors=[".ad"],
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 25, 25, GREEN)


# -- emulation -----------------------------------------------------------------------------------------------


@case("the default user agent", url=page("facts.html"))
def _(a: Answer, s: Origins) -> None:
    facts, sent = s.facts(), s.one("/facts.html").headers
    assert facts["agent"] == sent["user-agent"]
    assert "Headless" not in facts["agent"] + str(facts["hints"]) + sent["sec-ch-ua"]
    assert "Chrome/" in facts["agent"]


for device, platform, browser, words in (
    ("desktop", "windows", "chrome", ("Windows NT", "Chrome/")),
    ("desktop", "macos", "safari", ("Macintosh", "Version/")),
    ("mobile", "android", "chrome", ("Android", "Mobile")),
    ("desktop", "linux", "firefox", ("Linux", "Firefox/")),
    ("desktop", "windows", "edge", ("Windows", "Edg/")),
):

    @case(
        f"user agent {platform} {browser}",
        url=page("facts.html"),
        user_agent_device=device,
        user_agent_platform=platform,
        user_agent_browser=browser,
    )
    def _(
        a: Answer,
        s: Origins,
        words: tuple[str, ...] = words,
        platform: str = platform,
        browser: str = browser,
    ) -> None:
        facts, sent = s.facts(), s.one("/facts.html").headers
        assert facts["agent"] == sent["user-agent"] == s.requests("/report")[0].headers["user-agent"]
        assert all(w in facts["agent"] for w in words)
        if browser in ("chrome", "edge"):
            name = {"windows": "Windows", "android": "Android"}[platform]
            assert facts["hints"]["platform"] == name
            assert sent["sec-ch-ua-platform"] == f'"{name}"'
            assert ("Microsoft Edge" in sent["sec-ch-ua"]) == (browser == "edge")
        else:
            assert "sec-ch-ua" not in sent, sent["sec-ch-ua"]


@case(
    "use_random_user_agent", url=page("facts.html"), use_random_user_agent=True, user_agent_platform="windows"
)
def _(a: Answer, s: Origins) -> None:
    agent = s.one("/facts.html").headers["user-agent"]
    assert "Windows" in agent
    assert s.facts()["agent"] == agent


@case(
    "a shared worker's user agent", url=page("shared_worker.html"), wait_for_selector=".told", format="text"
)
def _(a: Answer, s: Origins) -> None:
    assert a.data.decode().strip() == s.one("/shared_worker.html").headers["user-agent"]


@case("user_agent", url=page("facts.html"), user_agent="Robot/1.0 (tests)")
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["agent"] == "Robot/1.0 (tests)" == s.one("/facts.html").headers["user-agent"]


@case("locale", url=page("facts.html"), locale="de-DE")
def _(a: Answer, s: Origins) -> None:
    facts = s.facts()
    assert facts["language"] == "de-DE"
    assert facts["languages"] == ["de-DE", "de"]
    assert facts["number"] == "1.234,5"
    assert s.one("/facts.html").headers["accept-language"] == "de-DE,de;q=0.9"
    assert s.requests("/report")[0].headers["accept-language"] == "de-DE,de;q=0.9"


@case("locale without a country", url=page("facts.html"), locale="fr")
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["languages"] == ["fr"]
    assert s.one("/facts.html").headers["accept-language"] == "fr"


@case("no locale", url=page("facts.html"))
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["languages"] == ["en-US", "en"]
    assert s.one("/facts.html").headers["accept-language"] == "en-US,en;q=0.9"


for mobile, landscape, orientation in (
    (False, False, ["landscape-primary", 0]),
    (True, False, ["portrait-primary", 0]),
    (True, True, ["landscape-primary", 90]),
):

    @case(
        f"screen orientation mobile {mobile} landscape {landscape}",
        raw=True,
        url=page("facts.html"),
        is_mobile=mobile,
        landscape=landscape,
        **({"window_width": 300, "window_height": 500} if mobile else {}),
    )
    def _(a: Answer, s: Origins, orientation: list[Any] = orientation) -> None:
        assert s.facts()["orientation"] == orientation


@case("forced_colors", url=page("facts.html"), forced_colors=True)
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["forced"]


for contrast in ("more", "less", "custom"):

    @case(f"contrast {contrast}", url=page("facts.html"), contrast=contrast)
    def _(a: Answer, s: Origins, contrast: str = contrast) -> None:
        assert (s.facts()["contrast"], s.facts()["forced"]) == (contrast, False)


@case("timezone", url=page("facts.html"), timezone="Asia/Kathmandu")
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["zone"] in ("Asia/Kathmandu", "Asia/Katmandu")


@case(
    "geolocation",
    url="%local%/facts.html?place",
    geolocation={"latitude": 48.85, "longitude": 2.35, "accuracy": 7},
)
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["place"] == [48.85, 2.35, 7]


@case("no geolocation without the option", url="%local%/facts.html?place")
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["place"] in (1, 2)


@case("dark_mode", url=page("media.html"), dark_mode=True)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 25, 25, BLACK)


@case("media is plain by default", url=page("media.html"))
def _(a: Answer, s: Origins) -> None:
    image = picture(a)
    for x in (25, 75, 125):
        at(image, x, 25, WHITE)


@case("reduced_motion", url=page("media.html"), reduced_motion=True)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 125, 25, BLUE)


@case("media_type print", url=page("media.html"), media_type="print")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 75, 25, RED)


@case("javascript false", url=page("late.html"), javascript=False)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 25, 25, RED)


@case(
    "bypass_csp",
    url=page("csp"),
    bypass_csp=True,
    custom_css="body{background:rgb(0,160,0)!important}",
    init_js="fetch('%main%/event?what=csp')",
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, GREEN)
    s.one("/event")


@case("ignore_https_errors by default", url="%tls%/green.html")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, GREEN)
    assert s.one("/green.html").origin == "tls"


@case(
    "ignore_https_errors true with caller state",
    url="%tls%/green.html",
    ignore_https_errors=True,
    custom_headers={"X-A": "1"},
)
def _(a: Answer, s: Origins) -> None:
    assert s.one("/green.html").headers["x-a"] == "1"


@case("ignore_https_errors false", url="%tls%/green.html", ignore_https_errors=False)
def _(a: Answer, s: Origins) -> None:
    failed(a, 502, "ssl_error")
    assert s.seen == []


# -- target access -------------------------------------------------------------------------------------------


@case(
    "custom_headers", url=page("others.html"), custom_headers={"X-Secret": "s3cret", "Accept-Language": "fr"}
)
def _(a: Answer, s: Origins) -> None:
    for path in ("/others.html", "/image/own", "/json/own"):
        assert s.one(path).headers["x-secret"] == "s3cret"
        assert s.one(path).headers["accept-language"] == "fr"
    for path in ("/image/port", "/image/host", "/image/name", "/json/other"):
        assert "x-secret" not in s.one(path).headers, f"{path} is another origin"
    assert len(s.one("/others.html").headers) == len({k.lower() for k in s.one("/others.html").headers})


@case(
    "custom_headers do not follow a redirect elsewhere",
    url="%main%/redirect?to=%port%/green.html",
    custom_headers={"X-Secret": "s3cret"},
)
def _(a: Answer, s: Origins) -> None:
    assert s.one("/redirect").headers["x-secret"] == "s3cret"
    assert "x-secret" not in s.one("/green.html").headers


@case("custom_headers user agent", url=page("facts.html"), custom_headers={"User-Agent": "Custom/1"})
def _(a: Answer, s: Origins) -> None:
    assert s.one("/facts.html").headers["user-agent"] == "Custom/1"


@case(
    "cookies",
    url=page("facts.html"),
    cookies=[
        {"name": "a", "value": "1"},
        "b=2",
        {
            "name": "c",
            "value": "3",
            "domain": "127.0.0.1",
            "path": "/",
            "http_only": True,
            "same_site": "lax",
        },
    ],
)
def _(a: Answer, s: Origins) -> None:
    assert set(s.one("/facts.html").headers["cookie"].split("; ")) == {"a=1", "b=2", "c=3"}
    assert set(s.facts()["cookie"].split("; ")) == {"a=1", "b=2"}


@case("no cookie of an earlier capture", url=page("cookie"))
def _(a: Answer, s: Origins) -> None:
    assert "cookie" not in s.one("/cookie").headers


@case("no cookie of an earlier capture, again", url=page("cookie"))
def _(a: Answer, s: Origins) -> None:
    assert "cookie" not in s.one("/cookie").headers


@case("basic_auth", url=page("auth/area"), basic_auth={"username": "ann", "password": "s3cret"})
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, (0, 128, 0))


@case("credentials in the address", url="http://ann:s3cret@%place%/auth/area")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, (0, 128, 0))
    assert "s3cret" not in str(a.headers)


@case("no credentials of an earlier capture", url=page("auth/area"))
def _(a: Answer, s: Origins) -> None:
    picture(a)
    assert all("authorization" not in r.headers for r in s.requests("/auth/area"))


@case("local_storage", url=page("facts.html"), local_storage={"theme": "dark", "n": "1"})
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["storage"] == {"theme": "dark", "n": "1"}


@case("session_storage", url=page("facts.html"), session_storage={"step": "2"})
def _(a: Answer, s: Origins) -> None:
    assert (s.facts()["session"], s.facts()["storage"]) == ({"step": "2"}, {})


@case(
    "storage_state",
    url=page("facts.html"),
    storage_state={
        "cookies": [
            {
                "name": "sid",
                "value": "1",
                "domain": "127.0.0.1",
                "path": "/",
                "expires": -1,
                "httpOnly": False,
                "secure": False,
                "sameSite": "Lax",
            }
        ],
        "origins": [
            {"origin": "%main%", "localStorage": [{"name": "theme", "value": "dark"}]},
            {"origin": "https://other.example", "localStorage": [{"name": "x", "value": "y"}]},
        ],
    },
)
def _(a: Answer, s: Origins) -> None:
    assert s.one("/facts.html").headers["cookie"] == "sid=1"
    assert s.facts()["storage"] == {"theme": "dark"}


EXPORTED = {
    "name": "sid",
    "value": "1",
    "domain": "127.0.0.1",
    "path": "/",
    "hostOnly": True,
    "httpOnly": False,
    "secure": False,
    "session": False,
    "storeId": "0",
    "sameSite": "unspecified",
    "expirationDate": 1999999999.5,
}


@case("cookies of a browser extension", url=page("facts.html"), cookies=[EXPORTED])
def _(a: Answer, s: Origins) -> None:
    assert s.one("/facts.html").headers["cookie"] == "sid=1"


@case("a cookie that has expired", url=page("facts.html"), cookies=[EXPORTED | {"expirationDate": 9}, "b=2"])
def _(a: Answer, s: Origins) -> None:
    assert s.one("/facts.html").headers["cookie"] == "b=2"
    warned(a, "cookie_expired")


for cookie, reason in (
    ({"sameSite": "no_restriction"}, "SameSite=None requires secure"),
    ({"name": "__Host-a"}, "__Host-"),
    ({"name": "__Secure-a"}, "__Secure-"),
    ({"value": "x" * 4_096}, "4096 bytes"),
):

    @case(
        f"a cookie that the browser refuses: {reason}",
        url=page("facts.html"),
        cookies=["b=2", EXPORTED | cookie],
    )
    def _(a: Answer, s: Origins, name: str = str((EXPORTED | cookie)["name"]), reason: str = reason) -> None:
        failed(a, 400, "request_not_valid", "cookies", repr(name), reason)
        assert s.seen == []


# -- inject --------------------------------------------------------------------------------------------------


@case(
    "custom_js is awaited",
    url=page("green.html"),
    wait_until="load",
    custom_js="await new Promise(r => setTimeout(r, 200)); document.body.style.background = 'rgb(0,0,200)'",
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, BLUE)


@case("custom_js that throws", url=page("green.html"), custom_js="throw new Error('no such thing')")
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "script_failed", "custom_js", "no such thing")


@case("custom_css", url=page("green.html"), custom_css="#box{background:rgb(0,0,200)}")
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 90, 60, BLUE)


@case("init_js runs before the page's own", url=page("facts.html"), init_js="window.early = 'first'")
def _(a: Answer, s: Origins) -> None:
    assert s.facts()["early"] == "first"


# -- interactions --------------------------------------------------------------------------------------------


def did(s: Origins) -> list[tuple[str, str]]:
    return [(e.query["what"], e.query["value"]) for e in s.requests("/event")]


def act(name: str, *steps: dict[str, Any], **options: Any) -> Any:
    return case(f"interaction {name}", url=page("form.html"), interactions=list(steps), **options)


@act("click", {"action": "click", "selector": "#go"})
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 300, 200, GREEN)
    assert did(s) == [("click", "go")]


@act(
    "type and press",
    {"action": "type", "selector": "#name", "text": "Ann"},
    {"action": "press", "selector": "#name", "text": "Enter"},
)
def _(a: Answer, s: Origins) -> None:
    assert did(s)[-2:] == [("type", "Ann"), ("press", "Ann")]


@act("hover", {"action": "hover", "selector": "#menu"})
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 30, 55, RED)
    assert ("hover", "menu") in did(s)


@act("scroll", {"action": "scroll", "x": 0, "y": 700})
def _(a: Answer, s: Origins) -> None:
    assert ("scroll", "700") in did(s)


@act("scroll to an element", {"action": "scroll", "selector": "#low"})
def _(a: Answer, s: Origins) -> None:
    assert any(what == "scroll" and int(value) >= 2290 for what, value in did(s))


@act(
    "wait_for",
    {"action": "click", "selector": "#go"},
    {"action": "wait_for", "wait_for": {"type": "selector", "value": "#done"}},
    wait_until="load",
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 285, 35, BLUE)


@act(
    "wait_for time",
    {"action": "click", "selector": "#go"},
    {"action": "wait_for", "wait_for": {"type": "timeout", "value": 400}},
    wait_until="load",
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 285, 35, BLUE)


@act(
    "wait_for network",
    {"action": "click", "selector": "#go"},
    {"action": "wait_for", "wait_for": {"type": "network_idle", "value": 2000}},
    {"action": "wait_for", "wait_for": {"type": "selector", "value": "#done", "timeout": 5000}},
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 285, 35, BLUE)
    calm(a)


@act(
    "wait_for a network that is never quiet",
    {"action": "evaluate", "text": "fetch('/hang/x')"},
    {"action": "wait_for", "wait_for": {"type": "network_idle", "value": 700}},
    wait_until="load",
)
def _(a: Answer, s: Origins) -> None:
    picture(a)
    warned(a, "network_busy")


@case("a part of the page that fails is no failure of the page", url=page("missing.html"))
def _(a: Answer, s: Origins) -> None:
    picture(a)


@case(
    "a failed step on a page whose image failed",
    url=page("missing.html"),
    interactions=[{"action": "click", "selector": "#absent", "timeout": 300}],
)
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "interaction_failed")


@act(
    "select and check",
    {"action": "select", "selector": "#pick", "text": "b"},
    {"action": "check", "selector": "#yes"},
)
def _(a: Answer, s: Origins) -> None:
    assert set(did(s)) >= {("select", "b"), ("check", "true")}


@act(
    "evaluate",
    {
        "action": "evaluate",
        "text": "await Promise.resolve(); document.body.style.background = 'rgb(0,0,200)'",
    },
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 300, 200, BLUE)


@act("goto", {"action": "goto", "url": "%main%/green.html"})
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 90, 60, RED)
    s.one("/green.html")


@act("click on a link", {"action": "click", "selector": "#link"})
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 90, 60, RED)


@act(
    "that fails names its step",
    {"action": "hover", "selector": "#menu"},
    {"action": "click", "selector": "#absent", "timeout": 200},
)
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "interaction_failed", "interactions[1]", "click", "#absent")


@act(
    "that is optional warns",
    {"action": "click", "selector": "#absent", "timeout": 200, "optional": True},
    {"action": "click", "selector": "#go"},
)
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 300, 200, GREEN)
    warned(a, "interaction_skipped")


# -- assertions ----------------------------------------------------------------------------------------------


@case("a target's 404 is captured", url=page("status/404"))
def _(a: Answer, s: Origins) -> None:
    at(picture(a), 5, 5, PURPLE)


for pattern in ("404", "4xx", "400-410"):

    @case(f"fail_on_status {pattern}", url=page("status/404"), fail_on_status=[pattern])
    def _(a: Answer, s: Origins) -> None:
        failed(a, 422, "host_returned_error", "404")


@case(
    "fail_on_status after a script navigated",
    url=page("green.html"),
    fail_on_status=["404"],
    custom_js="location.href = '/status/404'",
)
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "host_returned_error", "404")


GOES = "location.href = '%main%/hang/nav'"


@case(
    "HTML that navigates without an end",
    html_content=f"<h1>Words</h1><script>setTimeout(() => {{{GOES}}}, 99)</script>",
)
@case("a script that navigates without an end", url=page("green.html"), custom_js=GOES)
def _(a: Answer, s: Origins) -> None:
    picture(a)
    warned(a, "navigation_stopped")
    assert "script_ended" not in a.warnings


@case("fail_on_status of others", url=page("green.html"), fail_on_status=["4xx", "5xx"])
def _(a: Answer, s: Origins) -> None:
    picture(a)


for option, good, bad in (
    ("fail_if_contains", "nonsense", "bold words"),
    ("fail_if_missing", "bold words", "nonsense"),
):

    @case(f"{option} holds", url=page("words.html"), **{option: [good]})
    def _(a: Answer, s: Origins) -> None:
        picture(a)

    @case(f"{option} does not hold", url=page("words.html"), **{option: [bad]})
    def _(a: Answer, s: Origins, option: str = option, bad: str = bad) -> None:
        failed(a, 422, "assertion_failed", option, bad)


@case("fail_on_console_error", url=page("errors.html"), fail_on_console_error=True)
def _(a: Answer, s: Origins) -> None:
    failed(a, 422, "assertion_failed", "fail_on_console_error", "thing")


for condition, name, extra in (
    ("blank", "blank.html", {}),
    ("challenge", "challenge.html", {}),
    ("banner", "banner.html", {}),
    ("failed_request", "missing.html", {}),
    ("partial", "green.html", {"wait_for_selector": "#no", "wait_for_timeout": 200}),
):

    @case(f"fail_on {condition}", url=page(name), fail_on=[condition], **extra)
    def _(a: Answer, s: Origins) -> None:
        failed(a, 422, "assertion_failed", "fail_on")


@case(
    "fail_on what does not happen",
    url=page("green.html"),
    fail_on=["challenge", "banner", "failed_request", "partial"],
)
def _(a: Answer, s: Origins) -> None:
    picture(a)
