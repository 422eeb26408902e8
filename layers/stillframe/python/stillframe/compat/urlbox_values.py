"""Values of Urlbox as ours: addresses, wildcards, positions, steps, and what its words stand for."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from .set_cookie import headers
from .table import Translation
from .values import (
    choice,
    from_json,
    integer,
    number,
    pixels,
    substring,
    text,
    texts,
)

FORMATS = {name: name for name in ("png", "jpeg", "webp", "avif", "pdf", "html", "mhtml")}
FORMATS |= {"jpg": "jpeg", "md": "markdown"}
NO_FORMAT = {"svg": "use png", "mp4": "no video is recorded", "webm": "no video is recorded"}
_STATES = {
    "domloaded": ("domcontentloaded", None),
    "loaded": ("load", None),
    "mostrequestsfinished": ("load", "mostly_idle"),
    "requestsfinished": ("networkidle", None),
}
COMPASS = {
    "center": "center",
    "centre": "center",
    "top": "top",
    "north": "top",
    "right": "right",
    "east": "right",
    "bottom": "bottom",
    "south": "bottom",
    "left": "left",
    "west": "left",
    "right top": "top right",
    "northeast": "top right",
    "right bottom": "bottom right",
    "southeast": "bottom right",
    "left bottom": "bottom left",
    "southwest": "bottom left",
    "left top": "top left",
    "northwest": "top left",
}
NO_POSITION = dict.fromkeys(("entropy", "attention"), "name the side that is kept, such as `top`")
_CACHE_KEY = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def address(value: Any) -> str:
    """An address; `http://` is added where the scheme is missing."""
    found = text(value).strip()
    return found if "://" in found else f"http://{found}"


def clip(t: Translation, value: Any) -> None:
    """A rectangle as `x,y,width,height`. Raises ValueError."""
    found = from_json(value) if isinstance(value, str) and value.startswith("{") else value
    sides = ("x", "y", "width", "height")
    if isinstance(found, dict) and set(found) == set(sides):
        t.set("clip", {side: number(found[side]) for side in sides})
        return
    parts = text(found).split(",") if isinstance(found, str) else []
    if len(parts) != 4:
        raise ValueError("must be x,y,width,height")
    t.set("clip", {side: number(part) for side, part in zip(sides, parts, strict=True)})


def domains(value: Any) -> list[str]:
    """`*.example.com` is a host with its subdomains; other patterns match any part of a URL."""
    found = []
    for one in filter(str.strip, texts(value)):
        host = one.startswith("*.") and "/" not in one and "*" not in one[2:]
        if host:
            found.append(f"/^[a-z]+://([^/]*\\.)?{re.escape(one[2:])}([:/?#]|$)/")
        else:
            found.append(substring(one))
    return found


def add_headers(t: Translation, value: Any) -> None:
    """Headers as `Name=value`. Raises ValueError."""
    for name, content in headers(value, "=").items():
        t.put("custom_headers", name, content)


def accept_language(t: Translation, value: Any) -> None:
    """One language as `locale`, a list with `q` values as a header."""
    found = text(value)
    if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", found):
        t.set("locale", found)
    else:
        t.put("custom_headers", "Accept-Language", found)


def user_agent(t: Translation, value: Any) -> None:
    """A user agent, or one of the words for a common one."""
    found = text(value)
    if found in ("mobile", "desktop"):
        t.set("use_random_user_agent", True)
        t.set("user_agent_device", found)
    elif found == "random":
        t.set("use_random_user_agent", True)
    else:
        t.set("user_agent", found)


def wait_until(t: Translation, value: Any) -> None:
    """A load state of Urlbox. Raises ValueError."""
    state, network = choice(_STATES)(value)
    t.set("wait_until", state)
    if network is not None:
        t.set("wait_for_network", network)


def page_height(t: Translation, value: Any) -> None:
    """The height of the paper in pixels."""
    t.set("pdf_height", pixels(value))


def cache_key(value: Any) -> str:
    """A text as a cache key; one that is no key is hashed."""
    found = text(value)
    return found if _CACHE_KEY.fullmatch(found) else hashlib.sha256(found.encode()).hexdigest()


def scroll_to(t: Translation, value: Any) -> None:
    """Pixels from the top, or a selector."""
    try:
        t.step(3, action="scroll", x=0, y=integer(value))
    except ValueError:
        t.step(3, action="scroll", selector=text(value), optional=True)


def click_all(t: Translation, value: Any) -> None:
    """Every match of each selector, clicked by a script."""
    for selector in texts(value):
        script = f"for (const it of document.querySelectorAll({json.dumps(selector)})) it.click()"
        t.step(2, action="evaluate", text=script)


def steps(action: str, rank: int) -> Any:
    """One optional step for each selector."""

    def apply(t: Translation, value: Any) -> None:
        for selector in texts(value):
            t.step(rank, action=action, selector=selector, optional=True)

    return apply


def color_profile(value: Any) -> str:
    """The profile that pictures have. Raises ValueError for another."""
    found: str = choice({"default": "default", "srgb": "srgb"})(value)
    return found


def response_type(value: Any) -> str:
    """A response of Urlbox as ours. Raises ValueError."""
    found: str = choice(
        {"json": "url", "binary": "by_format", "none": "empty"},
        base64="use response_type json at /capture: `file` is base64",
        jsondebug="use json; /capture with `debug: true` records the capture",
    )(value)
    return found


def cached(t: Translation, option: str, value: Any) -> None:
    """An option of the cache, which it switches on."""
    t.set("cache", True)
    t.set(option, value)


STILL = "*, *::before, *::after { animation: none !important; transition: none !important }"
PLAIN = "* { font-variant-ligatures: none !important }"
