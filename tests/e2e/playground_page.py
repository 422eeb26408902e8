"""The playground in a browser of its own, with a record of its requests and of what its policy refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from stillframe.browser.chromium_path import find_chromium

_FULL = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def full_chromium() -> str | None:
    """A Chromium with its whole interface, such as Debian's `chromium`; None where none is installed."""
    return next((path for name in _FULL if (path := shutil.which(name))), None)


# The list of the history is scrolled, and what is hidden for the eye is cut off on purpose.
_CUT_OFF = """() => [...document.querySelectorAll('body *')].filter((element) => {
  if (!element.checkVisibility() || element.closest('#history ol, .hidden')) return false;
  const box = element.getBoundingClientRect();
  const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const hides = ['hidden', 'clip'].includes(getComputedStyle(element).overflowX);
  const isCut = hasText && hides && element.scrollWidth > element.clientWidth + 1;
  return isCut || (box.width > 0 && box.right > innerWidth + 1);
}).map((element) => `${element.tagName}.${element.className}: ${element.textContent.slice(0, 40)}`)"""


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=full_chromium() or find_chromium())
        yield started
        started.close()


class Playground:
    """One tab of the playground. `close` fails the test for what no tab may do."""

    def __init__(self, browser: Browser, address: str, token: str = "", **context: Any) -> None:
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, **context)
        self.page: Page = self.context.new_page()
        self.address = address
        self.requests: list[tuple[str, str | None]] = []
        self.answered: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda r: self.requests.append((r.url, r.headers.get("authorization"))))
        # What a policy refuses is never answered.
        self.page.on("response", lambda r: self.answered.append(r.url))
        self.page.on("pageerror", lambda e: self.faults.append(str(e)))
        self.page.on("console", lambda m: self._console(m.text))
        self.page.goto(f"{address}/")
        self.page.wait_for_selector(".group")
        if token:
            self.page.get_by_label("Token").fill(token)
            self.page.keyboard.press("Tab")

    def _console(self, text: str) -> None:
        if "Content Security Policy" in text or "violates" in text:
            self.faults.append(text)

    def close(self) -> None:
        self.context.close()
        # The viewer of PDF files is a part of the browser.
        own = (self.address, "blob:", "data:", "about:", "chrome")
        assert [url for url in self.answered if not url.startswith(own)] == []
        assert self.faults == [], self.faults

    # -- the form --------------------------------------------------------------------------------------------

    def option(self, name: str) -> Any:
        """The row of an option, in sight."""
        row = self.page.locator(f'#options [data-option="{name}"]')
        row.evaluate("row => { const group = row.closest('details'); if (group) group.open = true; }")
        return row

    def fill(self, name: str, text: str) -> None:
        self.option(name).locator("input, textarea").first.fill(text)

    def choose(self, name: str, value: str) -> None:
        self.option(name).locator("select").first.select_option(value)

    def press(self, option: str, button: str) -> None:
        self.option(option).get_by_role("button", name=button, exact=True).click()

    @property
    def options(self) -> dict[str, Any]:
        """The options as the code for JavaScript has them."""
        text = self.code("JavaScript")
        start = text.index("JSON.stringify(") + len("JSON.stringify(")
        return dict(json.loads(text[start : text.index("),\n});")]))

    # -- the result ------------------------------------------------------------------------------------------

    def capture(self, outcome: str = ".split") -> None:
        """Capture and wait for the result, or for `.failure`."""
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_selector("#result[aria-busy]", state="detached")
        self.page.wait_for_selector(f"#result {outcome}")

    def code(self, language: str) -> str:
        self.page.get_by_role("tab", name=language, exact=True).click()
        return self.page.locator("#code pre").inner_text()

    def download(self) -> bytes:
        """The bytes that the preview shows."""
        with self.page.expect_download() as started:
            self.page.get_by_role("link", name="Download").click()
        return Path(started.value.path()).read_bytes()

    def axe(self) -> list[str]:
        """The violations that axe finds, as `rule: element`."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_AXE.read_text("utf-8"))
        # The frames hold what was captured, and the browser's viewer of PDF files.
        found = self.page.evaluate("axe.run(document, {iframes: false, resultTypes: ['violations']})")
        return [f"{v['id']}: {n['target']}" for v in found["violations"] for n in v["nodes"]]

    def cut_off(self) -> list[str]:
        """Elements that reach beyond the window, and texts that are wider than their boxes."""
        return list(self.page.evaluate(_CUT_OFF))


def has_axe() -> bool:
    return _AXE.is_file()
