"""The playground in a full Chromium: its form, previews, code, history, errors and accessibility."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from look import picture
from origins import Origins
from playground_page import Playground, browser, full_chromium, has_axe
from playwright.sync_api import Browser
from serving import serve

TOKEN = "a-token-of-the-playground-tests!"
SIZES = ((1440, 900), (820, 1180), (390, 844))
NASTY = 'it\'s "quoted" $HOME `date` \\ back\\slash %20 é 漢 🎞 {brace} #hash !bang'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    settings = {
        "AUTH_TOKEN": TOKEN,
        "URL_SIGNING_SECRET": "s" * 40,
        "STORAGE_URL": tmp_path_factory.mktemp("stored").as_uri(),
    }
    with serve(settings) as client:
        yield client


@pytest.fixture(scope="module")
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print to the terminal, whatever pytest captures."""
    captured = request.config.pluginmanager.get_plugin("capturemanager")

    def print_it(text: str) -> None:
        with captured.global_and_fixture_disabled():
            print(f"\n{text}")

    return print_it


@pytest.fixture(scope="module")
def chromium(say: Callable[[str], None]) -> Iterator[Browser]:
    if full_chromium() is None:
        say("No full Chromium (apt-get install chromium): the playground runs in the headless shell.")
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def languages(say: Callable[[str], None]) -> list[str]:
    """The languages whose program is on this machine."""
    found = ["curl", "Python", "Command line"]
    if shutil.which("node") is not None:
        return [*found, "JavaScript"]
    say("Node.js is not installed: the code for JavaScript is not run.")
    return found


@pytest.fixture
def tab(chromium: Browser, service: httpx.Client, site: Origins) -> Iterator[Playground]:
    opened = Playground(chromium, str(service.base_url).rstrip("/"), TOKEN)
    opened.page.set_default_timeout(15_000)
    yield opened
    opened.close()


def test_the_form_has_every_option_and_asks_for_no_json(tab: Playground, service: httpx.Client) -> None:
    schema = service.get("/openapi.json").json()["components"]["schemas"]["CaptureRequest"]
    rows = tab.page.locator("#options [data-option]")
    names = rows.evaluate_all("rows => rows.map((row) => row.dataset.option)")
    assert sorted(names) == sorted(schema["properties"])
    assert tab.page.get_by_placeholder("JSON").count() == 0
    for button in tab.page.locator("#options button.add").all():
        button.evaluate("button => button.click()")
    assert tab.page.get_by_placeholder("JSON").count() == 0


def test_the_search_finds_names_meanings_and_aliases(tab: Playground) -> None:
    for words, name in (("png eff", "png_effort"), ("retina", ""), ("dpr", "pixel_density")):
        tab.page.keyboard.press("/") if words == "png eff" else tab.page.locator("#search").focus()
        tab.page.locator("#search").fill("")
        tab.page.keyboard.type(words)
        shown = tab.page.locator("#options [data-option]:visible")
        found = shown.evaluate_all("rows => rows.map((row) => row.dataset.option)")
        assert found == ([name] if name else [])
    assert tab.page.locator(".hits").inner_text() == "1 option"


def test_controls_give_the_values_of_their_types(tab: Playground) -> None:
    tab.choose("device", "iPhone 13")
    tab.choose("template", "mobile")
    tab.choose("scroll_page", "no")
    tab.option("background_color").locator("input[type=color]").fill("#336699")
    tab.fill("pixel_density", "1.5")
    tab.option("javascript").locator("input").uncheck()
    tab.option("block_resources").get_by_label("font").check()
    tab.option("block_resources").get_by_label("image").check()
    tab.press("hide_selectors", "Add to hide_selectors")
    tab.page.keyboard.type(".a, .b")
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.type("#c")
    tab.press("custom_headers", "Add to custom_headers")
    tab.page.keyboard.type("X-Test")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.type("one")
    tab.press("resize", "Set resize")
    tab.page.keyboard.type("300")
    tab.option("pdf_margin").get_by_label("Kind of pdf_margin").select_option("Named values")
    tab.press("pdf_margin", "Add to pdf_margin")
    tab.page.keyboard.type("top")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.type("12")
    tab.press("interactions", "Add to interactions")
    tab.option("interactions").get_by_label("action", exact=True).select_option("wait_for")
    tab.press("interactions", "Set interactions 1 wait_for")
    tab.option("interactions").get_by_label("type", exact=True).select_option("time")
    tab.option("interactions").get_by_label("value", exact=True).fill("20")
    tab.option("interactions").get_by_label("optional", exact=True).check()
    assert tab.options == {
        "device": "iPhone 13",
        "template": "mobile",
        "scroll_page": False,
        "background_color": "#336699",
        "pixel_density": 1.5,
        "javascript": False,
        "block_resources": ["image", "font"],
        "hide_selectors": [".a, .b", "#c"],
        "custom_headers": {"X-Test": "one"},
        "resize": {"width": 300},
        "pdf_margin": {"top": 12},
        "interactions": [{"action": "wait_for", "wait_for": {"type": "time", "value": 20}, "optional": True}],
    }
    tab.page.get_by_role("button", name="Reset resize").click()
    assert "resize" not in tab.options
    tab.page.locator("#reset").click()
    assert tab.options == {}


# A schema that no option has, and a value of it.
SHAPE = {
    "oneOf": [{"type": "boolean"}, {"enum": ["few"]}, {"type": "integer"}, {"$ref": "#/named/Thing"}],
    "x-default": False,
}
THING = {
    "type": "object",
    "required": ["deep"],
    "properties": {
        "deep": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "any": {},
        "map": {"type": "object", "additionalProperties": {"type": "array", "items": {"enum": ["a", "b"]}}},
    },
}
VALUES = [True, "few", 7, {"deep": [[1, 2], [3]], "any": {"x": [None]}, "map": {"one": ["b"]}}]


def test_a_control_is_drawn_for_any_schema(tab: Playground) -> None:
    """Each value is shown, and each comes back when its controls are used."""
    module = tab.page.locator("script[type=module]").get_attribute("src").replace("start.js", "control.js")
    draw = """async ({module, shape, thing, value}) => {
      const {control} = await import(new URL(module, location.href));
      let given;
      const context = {document: {named: {Thing: thing}}, name: 'odd', path: 'odd', labelling: {},
                       choices: () => {}, emit: (value) => { given = value; }};
      const drawn = control(shape, context);
      drawn.set(value);
      document.body.append(drawn.element);
      for (const input of drawn.element.querySelectorAll('.variant :is(input, select, textarea)')) {
        input.dispatchEvent(new Event('input'));
        input.dispatchEvent(new Event('change'));
      }
      return given;
    }"""
    for value in VALUES:
        given = {"module": module, "shape": SHAPE, "thing": THING, "value": value}
        assert tab.page.evaluate(draw, given) == value


def test_presets_keep_the_source(tab: Playground, site: Origins) -> None:
    tab.fill("url", f"{site.urls['main']}/tall.html")
    sizes = {}
    for name in ("Phone", "Full page", "Social card"):
        tab.page.get_by_role("button", name=name).click()
        assert tab.page.get_by_role("button", name=name).get_attribute("aria-pressed") == "true"
        tab.capture()
        sizes[name] = tab.page.locator(".facts").inner_text()
    assert "1179 × " in sizes["Phone"]
    assert sizes["Full page"].startswith("png · 1440 × ")
    assert sizes["Social card"].startswith("png · 1200 × 630 ·")
    tab.page.get_by_role("button", name="Article PDF").click()
    tab.capture()
    assert tab.download().startswith(b"%PDF")
    if full_chromium():
        assert tab.page.locator('iframe[title="The captured PDF"]').get_attribute("src").startswith("blob:")
    else:
        assert "shows no PDF" in tab.page.locator(".stage").inner_text()
    assert tab.options["url"].endswith("/tall.html")


def test_the_keyboard_is_enough(tab: Playground, site: Origins) -> None:
    # The focus is on what follows the token.
    focused = "document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText"
    order = []
    for _ in range(12):
        order.append(tab.page.evaluate(focused))
        if order[-1] == "url":
            break
        tab.page.keyboard.press("Tab")
    assert order == ["Phone", "Article PDF", "Full page", "Social card", "url"]
    tab.page.keyboard.type(f"{site.urls['main']}/shapes.html")
    tab.capture()
    assert tab.page.locator("#status").inner_text().startswith("Captured: ok")
    tab.page.get_by_role("tab", name="curl").focus()
    tab.page.keyboard.press("ArrowRight")
    assert tab.page.evaluate(focused) == "Python"
    assert "from stillframe import Client" in tab.page.locator("#code pre").inner_text()
    tab.page.keyboard.press("End")
    assert tab.page.evaluate(focused) == "Signed link"


def run(language: str, text: str, folder: Path, extension: str = "png") -> bytes:
    """Run code as its reader would, and give the file that it wrote."""
    (folder / f"capture.{extension}").unlink(missing_ok=True)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environ = os.environ | {"STILLFRAME_TOKEN": TOKEN, "PATH": path, "EGRESS_ALLOW": "127.0.0.0/8"}
    program = {"Python": [sys.executable, "-"], "JavaScript": ["node", "--input-type=module", "-"]}
    command = program.get(language, ["bash", "-eu"])
    done = subprocess.run(
        command, input=text, cwd=folder, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return (folder / f"capture.{extension}").read_bytes()


def test_the_code_gives_the_preview(
    languages: list[str], tab: Playground, site: Origins, tmp_path: Path
) -> None:
    tab.fill("url", f"{site.urls['main']}/shapes.html?a=1&b='2'")
    tab.option("dark_mode").locator("input").check()
    tab.fill("window_width", "400")
    tab.press("hide_selectors", "Add to hide_selectors")
    tab.page.keyboard.type('.round, [class="border"]')
    tab.press("clip", "Set clip")
    for name, value in {"x": 0, "y": 0, "width": 300, "height": 200.5}.items():
        tab.option("clip").get_by_label(name, exact=True).fill(str(value))
    tab.capture()
    preview = picture(tab.download()).tobytes()
    for language in languages:
        code = tab.code(language)
        assert TOKEN not in code
        assert picture(run(language, code, tmp_path)).tobytes() == preview, language


def test_the_code_keeps_every_character(languages: list[str], tab: Playground, tmp_path: Path) -> None:
    tab.choose("format", "text")
    tab.fill("html_content", f"<pre>{NASTY}\n  second line</pre>")
    tab.option("javascript").locator("input").uncheck()
    for language in languages:
        text = run(language, tab.code(language), tmp_path, "txt").decode()
        assert text.split("\n")[:2] == [NASTY, "  second line"], language


def test_a_signed_link_gives_the_preview(tab: Playground, site: Origins) -> None:
    tab.fill("url", f"{site.urls['main']}/shapes.html")
    tab.capture()
    tab.page.get_by_role("tab", name="Signed link").click()
    tab.page.get_by_role("button", name="Sign", exact=True).click()
    tab.page.wait_for_selector("#code pre:visible")
    link = tab.page.locator("#code pre").inner_text()
    answer = httpx.get(link, timeout=60)
    assert answer.status_code == 200, answer.text
    assert picture(answer.content).tobytes() == picture(tab.download()).tobytes()
    tab.press("custom_headers", "Add to custom_headers")
    tab.page.keyboard.type("X-Test")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.type("one")
    tab.page.get_by_role("button", name="Sign", exact=True).click()
    tab.page.locator("#code .panel", has_text="custom_headers").wait_for()


def test_several_outputs_are_shown_one_by_one(tab: Playground, site: Origins) -> None:
    tab.fill("url", f"{site.urls['main']}/shapes.html")
    for number, name in enumerate(("png", "markdown", "metadata", "pdf", "mhtml"), 1):
        tab.press("outputs", "Add to outputs")
        tab.option("outputs").get_by_label(f"outputs {number}", exact=True).get_by_label(
            "format"
        ).select_option(name)
    tab.page.get_by_label("Add a field to outputs 1").select_option("image_quality")
    tab.capture()
    tabs = tab.page.locator("#result [role=tab]")
    assert tabs.all_inner_texts() == ["png", "markdown", "metadata", "pdf", "mhtml"]
    assert tab.page.locator(".stage img").evaluate("image => image.naturalWidth") == 1920
    tabs.nth(2).click()
    tab.page.locator(".stage", has_text='"title": "Shapes"').wait_for()
    tabs.nth(4).click()
    assert b"multipart/related" in tab.download()


def test_captured_html_runs_no_script_and_asks_for_nothing(tab: Playground, site: Origins) -> None:
    beacon = f"{site.urls['main']}/image/beacon"
    tab.choose("format", "html")
    tab.option("javascript").locator("input").uncheck()
    tab.fill(
        "html_content",
        f"<title>t</title><style>p{{color:rgb(1,2,3)}}</style><p id=p>words</p><img src='{beacon}'>"
        f"<script>document.getElementById('p').textContent = 'ran'</script><iframe src='{beacon}2'></iframe>"
        f"<link rel=preconnect href='{site.urls['host']}'>"
        f"<meta http-equiv=refresh content='30;url={beacon}3'>"
        f"<form action='{beacon}4'><button>send</button></form><a href='{beacon}5' target=_top>link</a>",
    )
    tab.capture()
    asked = len(site.seen)
    words = tab.page.frame_locator(".stage iframe").frame_locator("iframe").locator("#p")
    words.wait_for()
    assert words.inner_text() == "words"
    assert words.evaluate("p => getComputedStyle(p).color") == "rgb(1, 2, 3)"
    inner = tab.page.frame_locator(".stage iframe").frame_locator("iframe")
    assert inner.locator("link, meta[http-equiv]").count() == 0
    for name in ("send", "link"):
        inner.get_by_text(name).click()
    tab.page.wait_for_timeout(300)
    assert len(site.seen) == asked
    assert tab.page.url == f"{tab.address}/"
    refused = [fault for fault in tab.faults if site.urls["main"] in fault]
    assert any(beacon in fault for fault in refused)
    tab.faults[:] = [fault for fault in tab.faults if fault not in refused]


def test_the_report_stands_beside_the_preview(tab: Playground, site: Origins) -> None:
    tab.fill("url", f"{site.urls['main']}/missing.html")
    tab.capture()
    report = tab.page.locator(".report")
    headings = report.locator("h2").all_inner_texts()
    assert headings == ["Verdict", "Time", "Receipt", "Page"]
    assert "problem" in report.locator(".verdict").inner_text()
    assert {"load", "settle", "shoot"} <= set(report.locator(".timings th").all_inner_texts())
    widths = report.locator(".fill").evaluate_all(
        "bars => bars.map((bar) => bar.getBoundingClientRect().width)"
    )
    assert max(widths) > 20
    assert "$" in report.inner_text()


def test_an_error_names_field_fix_and_documentation(tab: Playground) -> None:
    tab.fill("url", "ftp://example.com/")
    tab.press("interactions", "Add to interactions")
    tab.capture(".failure")
    failure = tab.page.locator(".failure")
    assert "use http:// or https://" in failure.inner_text()
    assert failure.get_by_role("link").get_attribute("href").endswith("errors.md#request_not_valid")
    failure.get_by_role("button", name="interactions.0.action").click()
    assert tab.page.evaluate("document.activeElement.dataset.path") == "interactions.0.action"
    assert tab.page.evaluate("document.activeElement.ariaInvalid") == "true"
    described = tab.page.get_by_label("url", exact=True).first.get_attribute("aria-describedby").split()
    assert "use http://" in tab.page.locator(f"#{described[1]}").inner_text()


def test_without_a_token_the_page_asks_for_it(
    chromium: Browser, service: httpx.Client, site: Origins
) -> None:
    tab = Playground(chromium, str(service.base_url).rstrip("/"))
    tab.fill("url", f"{site.urls['main']}/green.html")
    tab.capture(".failure")
    assert "auth_required" in tab.page.locator(".failure").inner_text()
    assert tab.page.evaluate("document.activeElement.id") == "token"
    tab.page.keyboard.type(TOKEN)
    tab.capture()
    tab.option("device").locator("option").nth(50).wait_for(state="attached")
    tab.close()


def test_the_token_stays_in_the_tab(tab: Playground, site: Origins) -> None:
    tab.fill("url", f"{site.urls['main']}/green.html")
    tab.press("basic_auth", "Set basic_auth")
    tab.option("basic_auth").get_by_label("username").fill("ann")
    tab.option("basic_auth").get_by_label("password").fill("s3cret")
    tab.capture()
    stored = tab.page.evaluate("({...sessionStorage})")
    assert stored.pop("stillframe.token") == TOKEN
    assert TOKEN not in str(stored)
    assert "s3cret" not in str(stored)
    assert tab.page.evaluate("localStorage.length + document.cookie.length") == 0
    assert TOKEN not in tab.page.content()
    assert TOKEN not in tab.page.url
    for language in ("curl", "Python", "JavaScript", "Command line"):
        assert TOKEN not in tab.code(language)
    sent = {url for url, header in tab.requests if header is not None}
    assert {url.rsplit("/", 1)[-1] for url in sent} == {"capture", "devices", "templates"}
    other = tab.context.new_page()
    other.goto(f"{tab.address}/")
    assert other.get_by_label("Token").input_value() == ""


def test_the_history_brings_options_and_result_back(tab: Playground, site: Origins) -> None:
    for page in ("green", "shapes"):
        tab.fill("url", f"{site.urls['main']}/{page}.html")
        tab.capture()
    entries = tab.page.locator("#history li button")
    assert entries.count() == 2
    before = tab.page.locator(".facts").inner_text()
    entries.nth(1).click()
    assert tab.options["url"].endswith("/green.html")
    assert tab.page.locator(".facts").inner_text() != before
    assert tab.page.locator(".stage img").evaluate("image => image.naturalWidth") == 1920
    tab.fill("url", f"{site.urls['main']}/hang")
    tab.page.keyboard.press("Control+Enter")
    entries.nth(1).click()
    assert tab.page.locator(".facts").inner_text() != before, "a capture that runs gives way to the history"
    assert tab.page.locator("#cancel").is_hidden()
    tab.page.reload()
    tab.page.wait_for_selector("#history li")
    entries.nth(0).click()
    assert tab.options["url"].endswith("/shapes.html")
    tab.page.get_by_role("button", name="Clear").click()
    assert tab.page.locator("#history").is_hidden()


def test_a_job_is_awaited_and_a_capture_cancelled(tab: Playground, site: Origins) -> None:
    tab.fill("url", f"{site.urls['main']}/shapes.html")
    tab.option("async").locator("input").check()
    tab.capture()
    assert tab.page.locator(".stage img").evaluate("image => image.naturalWidth") == 1920
    tab.page.locator("#reset").click()
    tab.fill("url", f"{site.urls['main']}/hang")
    tab.page.keyboard.press("Control+Enter")
    tab.page.get_by_role("button", name="Cancel").click()
    tab.page.wait_for_selector("text=No capture yet")
    assert tab.page.evaluate("document.activeElement.id") == "capture"


def test_live_captures_again_after_a_change(tab: Playground, site: Origins) -> None:
    tab.fill("url", f"{site.urls['main']}/green.html")
    tab.page.get_by_label("Live").check()
    tab.page.wait_for_selector(".split")
    tab.fill("window_width", "333")
    tab.page.locator(".facts", has_text="333 × ").wait_for()


@pytest.mark.parametrize("state", ["empty", "result", "error"])
def test_axe_finds_nothing_and_nothing_is_cut_off(state: str, tab: Playground, site: Origins) -> None:
    if not has_axe():
        pytest.skip("axe-core is not installed; `npm ci` installs it")
    page = tab.page
    tab.fill("url", f"{site.urls['main']}/{'nothing' if state == 'error' else 'missing.html'}")
    for name in ("hide_selectors", "interactions", "custom_headers", "cookies"):
        tab.press(name, f"Add to {name}")
    if state == "result":
        tab.page.locator("#reset").click()
        tab.fill("url", f"{site.urls['main']}/missing.html")
        for number, name in enumerate(("png", "html"), 1):
            tab.press("outputs", "Add to outputs")
            one = tab.option("outputs").get_by_label(f"outputs {number}", exact=True)
            one.get_by_label("format").select_option(name)
    if state != "empty":
        tab.capture(".failure" if state == "error" else ".split")
    for group in page.locator("details.group").all():
        group.evaluate("group => { group.open = true; }")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert tab.axe() == [], f"{width} {scheme}"
        assert tab.cut_off() == [], width
        box = page.locator("#capture").bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= height - box["height"], f"the button is out of sight at {width}"
