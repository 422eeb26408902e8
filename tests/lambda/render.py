"""Renders the pages beside it with the bare browser and prints their bytes as JSON; here and in the image."""

import base64
import json
import os
import re
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGES = Path(__file__).parent / "pages"
# A PDF states when it was made and under which number; both change from run to run.
CHANGING = re.compile(rb"/(CreationDate|ModDate) \(D:[^)]*\)|/ID \[[^\]]*\]")


def main() -> None:
    found: dict[str, str] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM_PATH"],
            args=["--no-sandbox"],
            env={"PATH": os.environ["PATH"], "HOME": "/tmp", "LANG": "C.UTF-8", "TZ": "UTC"},
        )
        found["version"] = browser.version
        for path in sorted(PAGES.glob("*.html")):
            page = browser.new_page(viewport={"width": 800, "height": 500}, locale="en-US")
            page.goto(f"data:text/html;base64,{base64.b64encode(path.read_bytes()).decode()}")
            page.evaluate("document.fonts.ready")
            found[f"{path.stem}.png"] = base64.b64encode(page.screenshot(full_page=True)).decode()
            found[f"{path.stem}.pdf"] = base64.b64encode(
                CHANGING.sub(b"", page.pdf(print_background=True))
            ).decode()
            page.close()
        browser.close()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
