"""The checks of `stillframe doctor` about the machine; each yields what it found, with the fix."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

_PACKAGES = {
    "playwright": "browser",
    "h11": "browser",
    "PIL": "browser",
    "fastapi": "api",
    "uvicorn": "cli",
    "tqdm": "cli",
    "yaml": "cli",
}
# Languages whose characters a page may have, by fontconfig's name, and Debian's package with a font for each.
_LANGUAGES = {
    "en": ("Latin", "fonts-liberation"),
    "ja": ("Japanese", "fonts-noto-cjk"),
    "zh-cn": ("Chinese", "fonts-noto-cjk"),
    "ar": ("Arabic", "fonts-noto-core"),
    "hi": ("Hindi", "fonts-noto-core"),
    "und-zsye": ("emoji", "fonts-noto-color-emoji"),
}
_LEAST_MEMORY, _LEAST_DISK = 1_000_000_000, 500_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """One finding; `fix` is empty when nothing needs to be done."""

    subject: str
    message: str
    fix: str = ""
    state: Literal["ok", "warning", "fault"] = "ok"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def packages() -> Iterator[Found]:
    missing = {extra: name for name, extra in _PACKAGES.items() if find_spec(name) is None}
    if missing:
        extras = ",".join(sorted(missing))
        names = ", ".join(sorted(missing.values()))
        yield Found("packages", f"{names} cannot be imported", f"pip install 'stillframe[{extras}]'", "fault")
    else:
        yield Found("packages", "all of them are installed")


def chromium() -> Iterator[Found]:
    from ..browser.chromium_path import find_chromium, version_of
    from ..errors import BrowserUnavailable
    from ..settings import SettingNotValid
    from ..settings import settings as configured

    try:
        path = find_chromium(configured().chromium_path)
    except BrowserUnavailable as error:
        reason, _, fix = error.message.rstrip(".").partition("; ")
        yield Found("chromium", reason, fix or "correct CHROMIUM_PATH, or unset it", "fault")
        return
    except SettingNotValid:
        return  # `settings` says so
    if (version := version_of(path)) is None:
        fix = f"install what it lacks (ldd {path} | grep 'not found'), or set CHROMIUM_PATH to another one"
        yield Found("chromium", f"{path} does not start", fix, "fault")
    else:
        yield Found("chromium", f"{version}, {path}")


def fonts() -> Iterator[Found]:
    if shutil.which("fc-list") is None:
        fix = "apt-get install fontconfig fonts-liberation fonts-noto-core fonts-noto-color-emoji"
        yield Found("fonts", "fontconfig is not installed, so nothing is known about fonts", fix, "warning")
        return
    missing: dict[str, list[str]] = {}
    for language, (name, package) in _LANGUAGES.items():
        done = subprocess.run(
            ["fc-list", f":lang={language}", "file"], capture_output=True, text=True, check=False, timeout=30
        )
        if not done.stdout.strip():
            missing.setdefault(package, []).append(name)
    if missing:
        names = ", ".join(name for found in missing.values() for name in found)
        fix = f"apt-get install {' '.join(missing)}"
        yield Found("fonts", f"pages show boxes in place of {names}", fix, "warning")
    else:
        yield Found("fonts", f"{', '.join(name for name, _ in _LANGUAGES.values())}")


def memory(meminfo: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")) -> Iterator[Found]:
    """What the browser may use: the free memory, and the limit of the container."""
    available = None
    if meminfo.is_file():
        for line in meminfo.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                available = int(line.split()[1]) * 1024
    limit = cgroup / "memory.max"
    used = cgroup / "memory.current"
    if limit.is_file() and used.is_file() and (text := limit.read_text("ascii").strip()).isdigit():
        left = int(text) - int(used.read_text("ascii"))
        available = left if available is None else min(left, available)
    if available is None:
        yield Found("memory", "this system does not tell how much is free")
    elif available < _LEAST_MEMORY:
        fix = "end other programs, or give the container more; a capture needs 500 MB, a heavy page 2 GB"
        yield Found("memory", f"{available / 1e6:,.0f} MB are free", fix, "warning")
    else:
        yield Found("memory", f"{available / 1e9:.1f} GB are free")


def shared_memory(path: Path = Path("/dev") / "shm") -> Iterator[Found]:
    if path.is_dir():
        size = shutil.disk_usage(path).total
        # Playwright's default switches have --disable-dev-shm-usage.
        yield Found(str(path), f"{size / 1e6:,.0f} MB, not used: Chromium takes the temporary folder instead")
    else:
        yield Found(str(path), "not there, and not needed")


def temporary_files() -> Iterator[Found]:
    try:
        folder = Path(tempfile.gettempdir())
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        yield Found(
            "temporary files", f"cannot be made ({error})", "set TMPDIR to a folder to write to", "fault"
        )
        return
    free = shutil.disk_usage(folder).free
    if free < _LEAST_DISK:
        fix = "delete files there, or set TMPDIR to another folder; the browser keeps its profile in it"
        yield Found("temporary files", f"{free / 1e6:,.0f} MB are free in {folder}", fix, "warning")
    else:
        yield Found("temporary files", f"{free / 1e9:,.0f} GB are free in {folder}")


def trial_capture() -> Iterator[Found]:
    """A capture of a small page by the browser itself."""
    from ..errors import CaptureError
    from . import local

    try:
        result = local.capture({"html_content": "<h1>Stillframe</h1>", "window_width": 320})
    except CaptureError as error:
        fix = (
            "run again with LOG_LEVEL=DEBUG, and set CHROMIUM_PATH to another Chromium if this one is broken"
        )
        yield Found("capture", error.message.rstrip("."), fix, "fault")
    else:
        seconds = result.report.timings["total"] / 1000
        yield Found("capture", f"{len(result.artifact.data)} bytes in {seconds:.1f} s")
