"""Rows about the verdict: for each finding a page that has it, and an innocent one that is much like it."""

from __future__ import annotations

from typing import Any

from cases import case, page
from entries import Answer
from look import failed, pdf, picture
from origins import Origins

PAGE = "<!doctype html><html lang=en><title>A page</title><body style='margin:0;background:rgb(240,250,240)'>"
WORDS = "<p>Words that a person can read, and enough of them for a line.</p>"
LONG = WORDS * 40
BUTTONS = "<button>Accept all</button><button>Reject all</button>"
NOTICE = f"<p>We use cookies to improve your experience on this website.</p>{BUTTONS}"
FIXED = "position:fixed;left:0;right:0;bottom:0;background:#222;color:#fff"
RECIPES = (
    "<header style='position:sticky;top:0;background:#fff'>Cookies · Cakes · Bread"
    " <button>Save</button><button>Options</button><a href=#>Continue</a></header>"
    "<section class='cookie-list' id='cookies'><h1>Cookies</h1><p>Our best chocolate cookies.</p>"
    "<button>Save this recipe</button><button>OK</button></section>"
)
POLICY = f"<main><h1>Cookie policy</h1><p>We use cookies to improve your experience.</p>{WORDS}</main>"


def shadow(inside: str) -> str:
    return (
        "<div id=host></div><script>document.getElementById('host').attachShadow({mode:'open'}).innerHTML ="
        f" `{inside}`</script>"
    )


DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="9"/></svg>'
ABORT = "const c = new AbortController(); fetch('/hang/a', c).catch(() => 0); c.abort()"
Rows = dict[str, dict[str, Any]]


def html(body: str, **more: Any) -> dict[str, Any]:
    return {"html_content": PAGE + body, "base_url": "%main%/base/", **more}


AT_ONCE = {"wait_until": "domcontentloaded"}
# The name of the finding, then pages that have it and pages that do not.
PAGES: dict[str, tuple[Rows, Rows]] = {
    "blank": (
        {
            "nothing": {"url": page("blank.html")},
            "white words on white": {
                "html_content": "<!doctype html><body style='color:#fff'><h1>Words</h1>" + WORDS
            },
            "a canvas without a drawing": {
                "html_content": "<!doctype html><canvas></canvas>",
                "format": "webp",
            },
            "nothing, as a JPEG": {"url": page("blank.html"), "format": "jpeg"},
            "nothing, resized": {"url": page("blank.html"), "resize": {"width": 50}},
            "nothing, transparent": {"url": page("blank.html"), "omit_background": True},
            "nothing, on paper": {"url": page("blank.html"), "format": "pdf"},
        },
        {
            "one word": {"html_content": "<!doctype html>Hello"},
            "one word in a picture that is transparent": {
                "html_content": "<!doctype html>Hello",
                "omit_background": True,
            },
            "one word, as a JPEG": {"html_content": "<!doctype html>Hello", "format": "jpeg"},
            "one word, as a WebP": {"html_content": "<!doctype html>Hello", "format": "webp"},
            "a gradient": {"html_content": "<html style='height:99vh;background:linear-gradient(red,tan)'>"},
            "one word on paper": {"html_content": "<!doctype html>Hello", "format": "pdf"},
        },
    ),
    "challenge": (
        {
            "a check of the browser": {"url": page("challenge.html")},
            "a box to tick": html("<h1>Verify you are human</h1><div class=cf-turnstile>I am</div>"),
        },
        {
            "a form with a check": html(
                "<h1>Contact</h1><form><input><input><textarea></textarea>"
                "<div class=g-recaptcha style='width:300px;height:70px'>I'm not a robot</div></form>"
            ),
            "an article about it": html(f"<h1>Checking your browser: how a captcha works</h1>{LONG}"),
        },
    ),
    "login_wall": (
        {
            "sent to it": {"url": "%main%/redirect/a?to=%main%/login.html"},
            "over the page": html(
                f"{LONG}<div style='position:fixed;inset:9px;background:red'>Log<input type=password></div>"
            ),
        },
        {
            "asked for": {"url": page("login.html")},
            "a form beside the content": html(f"<form><input><input type=password></form>{LONG}"),
        },
    ),
    "banner": (
        {
            "a dialog": {"url": page("banner.html")},
            "a bar without a name": html(f"{WORDS}<div style='{FIXED}'>{NOTICE}</div>"),
            "in a shadow tree": html(WORDS + shadow(f"<div style='{FIXED}'>{NOTICE}</div>")),
            "a known manager in a frame": html(
                f"{WORDS}<div id=sp_message_container_1 style='{FIXED};height:90px'><iframe></iframe></div>"
            ),
            "at the head of the page": html(f"<div style='height:90px'>{NOTICE}</div>{LONG}"),
            "that was not answered": html(
                f"{LONG}<div style='height:90px;position:absolute;top:0;width:100%'>{NOTICE}</div>",
                block_cookie_banners="reject",
            ),
        },
        {
            "recipes": html(RECIPES),
            "a policy": html(POLICY),
            "hidden": html(f"{WORDS}<div style='{FIXED};display:none'>{NOTICE}</div>"),
            "transparent": html(f"{WORDS}<div style='{FIXED};opacity:0'>{NOTICE}</div>"),
            "cleared": {"url": page("banner.html"), "block_cookie_banners": "reject"},
        },
    ),
    "http_error": (
        {
            "404": {"url": page("status/404")},
            "404 where a script went": {
                "url": page("green.html"),
                "custom_js": "location.href = '/status/404'",
            },
        },
        {"200": {"url": page("green.html")}},
    ),
    "redirected": (
        {
            "another host": {"url": "%main%/redirect/a?to=%host%/green.html"},
            "another host by a script": {
                "url": page("green.html"),
                "custom_js": "location.href = '%host%/green.html'",
            },
        },
        {"the same host": {"url": "%main%/redirect/a?to=%main%/green.html"}},
    ),
    "broken_image": (
        {
            "not there": html(f"{WORDS}<img src=/status/404 alt=''>"),
            "not an image": html(f"{WORDS}<img src=/text width=50>"),
            "in a shadow tree": html(WORDS + shadow("<img src=/close/a width=20 height=20>")),
            "below the window": html(f"{LONG}{LONG}<img src=/status/404 width=50>", full_page=True),
            "in the match that can be seen": html(
                f"<i class=x hidden></i>{LONG}<div class=x><img src=/status/404 width=50 height=50></div>",
                selector=".x",
            ),
        },
        {
            "loaded": html(f"{WORDS}<img src=/image/a>"),
            "a drawing without a size": html(f"{WORDS}<img src='data:image/svg+xml,{DRAWING}'>"),
            "a pixel that counts": html(f"{WORDS}<img src=/status/404 width=1 height=1>"),
            "not shown": html(f"{WORDS}<img src=/status/404 style='display:none'>"),
            "below the window": html(f"{LONG}{LONG}<img src=/status/404 width=50>"),
            "blocked": html(f"{WORDS}<img src=/image/a width=50>", block_media=True),
            "without a source": html(f"{WORDS}<img alt='words'>"),
        },
    ),
    "unloaded_image": (
        {
            "under way": html(f"{WORDS}<img src=/hang/a width=50 height=50>", **AT_ONCE),
            "waiting for a script": html(f"{WORDS}<img data-src=/image/a width=50 height=50>"),
        },
        {
            "lazy and loaded": html(f"{WORDS}<img loading=lazy src=/image/a>"),
            "lazy below the window": html(f"{LONG * 4}<img loading=lazy src=/image/a width=50 height=50>"),
            "lazy in a full page": html(f"{LONG * 2}<img loading=lazy src=/image/a>", full_page=True),
        },
    ),
    "failed_font": (
        {
            "not there": html(
                f"<style>@font-face{{font-family:F;src:url(/status/404)}}p{{font-family:F}}</style>{WORDS}"
            ),
            "under way": html(
                "<style>@font-face{font-family:F;src:url(/hang/f);font-display:swap}p{font-family:F}</style>"
                + WORDS,
                **AT_ONCE,
                custom_js="new Promise((done) => setTimeout(done, 200))",
            ),
        },
        {
            "of the machine": html(
                "<style>@font-face{font-family:F;src:local('DejaVu Sans')}p{font-family:F,serif}</style>"
                + WORDS
            ),
            "not used": html(f"<style>@font-face{{font-family:F;src:url(/status/404)}}</style>{WORDS}"),
        },
    ),
    "missing_glyph": (
        {
            "of no font": html("<p>Before \u0378 after</p>"),
            "of an icon font that failed": html("<p style='font-family:Icons'>\ue8b6</p>"),
        },
        {
            "common signs": html("<p>→ ✓ ∑ € “quoted” – naïve Ωмегa é́</p>"),
            "hidden": html(f"{WORDS}<p style='display:none'>\u0378</p>"),
        },
    ),
    "failed_request": (
        {
            "a status": html(f"{WORDS}<script>fetch('/status/500').catch(() => 0)</script>"),
            "a connection": {"url": page("missing.html")},
        },
        {
            "taken back": html(f"{WORDS}<script>{ABORT}</script>"),
            "no content": html(f"{WORDS}<script>fetch('/nothing').catch(() => 0)</script>"),
        },
    ),
    "pending_request": (
        {"an image": html(f"{WORDS}<img src=/hang/a>", **AT_ONCE)},
        {
            "an image that came": html(f"{WORDS}<img src=/image/a>"),
            "a stream of events": html(f"{WORDS}<script>new EventSource('/hang/a')</script>", **AT_ONCE),
        },
    ),
    "blocked_request": (
        {"an image": html(f"{WORDS}<img src=/image/a>", block_urls=["/image/"])},
        {"nothing that matches": html(f"{WORDS}<img src=/image/a>", block_urls=["/other/"])},
    ),
    "console_error": (
        {
            "logged": html(f"{WORDS}<script>console.error('bad')</script>"),
            "thrown": html(f"{WORDS}<script>throw new Error('bad')</script>"),
        },
        {"a warning": html(f"{WORDS}<script>console.warn('bad'); console.log('bad')</script>")},
    ),
    "wait_timeout": (
        {"a selector": html(WORDS, wait_for_selector="#no", wait_for_timeout=200)},
        {"a selector that comes": html(WORDS, wait_for_selector="p", wait_for_timeout=5000)},
    ),
    "truncated": (
        {"a height": html(LONG, full_page=True, full_page_max_height=100)},
        {"all of it": html(LONG, full_page=True)},
    ),
    "animation": (
        {
            "one that ends later": html(
                "<style>@keyframes a{to{margin-left:90px}}p{animation:a 90s}</style>" + WORDS
            ),
            "one without an end": html(
                "<style>@keyframes a{to{margin-left:90px}}p{animation:a 1s infinite}</style>" + WORDS
            ),
        },
        {
            "one that has ended": {"url": page("animation.html")},
            "one that is not shown": html(
                "<style>@keyframes a{to{margin-left:90px}}i{display:none;animation:a 90s}</style>"
                f"<i>x</i>{WORDS}"
            ),
        },
    ),
    "partial": (
        {
            "an expired cookie": {
                "url": page("green.html"),
                "cookies": [{"name": "a", "value": "b", "url": "%main%/", "expires": 1}],
            }
        },
        {"no warning": html(WORDS)},
    ),
}


def _add(code: str, name: str, options: dict[str, Any], *, guilty: bool) -> None:
    @case(f"verdict {code}: {name}{'' if guilty else ', innocent'}", **options, fail_on=[code])
    def _(a: Answer, s: Origins) -> None:
        if guilty:
            failed(a, 422, "assertion_failed", "fail_on", code)
        elif options.get("format") == "pdf":
            pdf(a)
        else:
            picture(a)


for _code, (_guilty, _innocent) in PAGES.items():
    for _name, _options in _guilty.items():
        _add(_code, _name, _options, guilty=True)
    for _name, _options in _innocent.items():
        _add(_code, _name, _options, guilty=False)


def findings(a: Answer) -> dict[str, dict[str, Any]]:
    """The findings of a JSON answer by their codes."""
    assert a.status == 200, a.json
    return {found["code"]: found for found in a.json["report"]["verdict"]["findings"]}


@case("a verdict without findings", **html(f"{WORDS}<img src=/image/a>"), response_type="json")
def _(a: Answer, s: Origins) -> None:
    assert a.json["report"]["verdict"] == {"ok": True, "findings": []}


BROKEN = (
    "<img src=/status/404?token=secret1><script src=/status/500></script><link rel=stylesheet href=/close/a>"
    "<script>fetch('http://user:secret2@' + location.host + '/status/403').catch(() => 0);"
    "fetch('/status/410').catch(() => 0)</script>"
)


@case("a verdict counts every failed request", **html(WORDS + BROKEN), response_type="json")
def _(a: Answer, s: Origins) -> None:
    found = findings(a)["failed_request"]
    assert found["count"] == len(found["items"]) == 4, found
    assert {i["reason"] for i in found["items"]} >= {"HTTP status 404", "HTTP status 500", "HTTP status 410"}
    assert {i["kind"] for i in found["items"]} == {"image", "script", "stylesheet", "fetch"}
    assert "secret" not in str(a.json["report"])
    assert a.json["report"]["verdict"]["ok"] is False


@case(
    "a verdict lists what was blocked and logged, and notices leave it good",
    **html(f"{WORDS}<img src=/image/a width=50>"),
    block_resources=["image"],
    response_type="json",
)
def _(a: Answer, s: Origins) -> None:
    assert a.json["report"]["verdict"]["ok"] is True
    found = findings(a)
    assert list(found) == ["blocked_request"]
    (item,) = found["blocked_request"]["items"]
    assert (item["url"].endswith("/image/a"), item["kind"], item["reason"]) == (True, "image", "image")


@case("a verdict has the text of the console", url=page("errors.html"), response_type="json")
def _(a: Answer, s: Origins) -> None:
    texts = [item["text"] for item in findings(a)["console_error"]["items"]]
    assert len(texts) == 2
    assert "broken thing" in texts[0]
    assert "thrown thing" in texts[1]


@case(
    "a verdict on a page that named its forms after methods", url=page("clobbered.html"), response_type="json"
)
def _(a: Answer, s: Origins) -> None:
    assert a.json["report"]["verdict"] == {"ok": True, "findings": []}


@case("a verdict on a page that replaced the built-ins", url=page("tampered.html"), response_type="json")
def _(a: Answer, s: Origins) -> None:
    assert "banner" not in findings(a)


@case(
    "a verdict without scripts",
    **html(f"{WORDS}<img src=/status/404 width=9>"),
    javascript=False,
    response_type="json",
)
def _(a: Answer, s: Origins) -> None:
    assert set(findings(a)) == {"broken_image", "failed_request"}
