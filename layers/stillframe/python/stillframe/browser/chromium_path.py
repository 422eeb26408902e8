"""Finds the Chromium to run, or reports where it looked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from ..errors import BrowserUnavailable

# Debian's /usr/bin/chromium-headless-shell is a shell script; starting the binary gives the browser's own
# pid.
_PLACES = ("/usr/lib/chromium/chromium-headless-shell", "/opt/chromium/chromium-headless-shell")
_BUILD = Path("/opt/stillframe/build.json")
_NAMES = (
    "chromium-headless-shell",
    "headless_shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium(chosen: str = "") -> str:
    """Path of the browser: the chosen one, else a headless shell, Playwright's own, Chromium or Chrome.

    Raises BrowserUnavailable saying what was tried and what to do.
    """
    if chosen:
        if os.access(chosen, os.X_OK) and Path(chosen).is_file():
            return chosen
        raise BrowserUnavailable(f"CHROMIUM_PATH names {chosen!r}, which is not an executable file.")
    for place in _PLACES:
        if os.access(place, os.X_OK):
            return place
    if own := _playwright_own():
        return own
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    if sys.platform == "darwin":
        for place in _MAC:
            if os.access(place, os.X_OK):
                return place
    raise BrowserUnavailable(
        "No Chromium was found (looked for CHROMIUM_PATH, an installed chromium-headless-shell, Chromium or"
        " Chrome, and Playwright's own); run `make setup` or `playwright install chromium-headless-shell`, or"
        " set CHROMIUM_PATH."
    )


@cache
def version_of(path: str) -> str | None:
    """The version of the browser before its launch: from the image's build facts, else from `--version`."""
    try:
        if path == _PLACES[0] and _BUILD.is_file():
            import json

            return str(json.loads(_BUILD.read_text("utf-8"))["chromium"])
        done = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
            env={"PATH": os.environ.get("PATH", "")},
        )
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        return None
    return next((word for word in done.stdout.split() if word[0].isdigit()), None)


def _playwright_own() -> str | None:
    """The newest headless shell that `playwright install` has put on this machine."""
    roots = [
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
        "~/.cache/ms-playwright",
        "~/Library/Caches/ms-playwright",
    ]
    for root in filter(None, roots):
        found = sorted(
            p
            for pattern in ("chromium_headless_shell-*/*/*headless*shell", "chromium-*/*/chrome")
            for p in Path(root).expanduser().glob(pattern)
            if os.access(p, os.X_OK) and p.is_file()
        )
        if found:
            return str(found[-1])
    return None
