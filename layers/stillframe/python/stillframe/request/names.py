"""Translate camelCase and the option names and values of other screenshot services to our own."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from ..outputs import OUTPUTS, paper

_SCOPE = re.compile(r";\s*scope\s*=", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

# Options of other services whose values differ from ours: name → (canonical name, conversion of the value).
_CONVERTED: dict[str, tuple[str, Any]] = {
    "retina": ("pixel_density", lambda v: 2.0 if _is_true(v) else 1.0),
    "disable_js": ("javascript", lambda v: not _is_true(v)),
    "color_scheme": ("dark_mode", lambda v: v == "dark" if v in ("dark", "light", "no-preference") else v),
    "skip_scroll": ("scroll_page", lambda v: not _is_true(v)),
    "force": ("cache_mode", lambda v: "refresh" if _is_true(v) else "use"),
    "fresh": ("cache_mode", lambda v: "refresh" if _is_true(v) else "use"),
    "hide_cookie_banners": ("block_cookie_banners", lambda v: "hide" if _is_true(v) else False),
    "reject_request_pattern": ("block_urls", lambda v: _expressions(v)),
    "fail_on_http_status_codes": ("fail_on_status", lambda v: _statuses(v)),
    "ignore_host_errors": ("fail_on_status", lambda v: None if _is_true(v) else ["4xx", "5xx"]),
}
_FLAT = {
    "viewport": {
        "width": "window_width",
        "height": "window_height",
        "device_scale_factor": "pixel_density",
        "is_mobile": "is_mobile",
        "has_touch": "has_touch",
        "is_landscape": "landscape",
    },
}
# Each of these adds to one list.
_ADDED = {"fail_on_4xx": ("fail_on_status", "4xx"), "fail_on_5xx": ("fail_on_status", "5xx")}
# User agents that Urlbox knows by name; no browser sends one of these words.
_USER_AGENTS = {
    "mobile": "use_random_user_agent: true and user_agent_device: mobile",
    "desktop": "use_random_user_agent: true and user_agent_device: desktop",
    "random": "use_random_user_agent: true",
}
_RESIZE = {"image_width": "width", "image_height": "height"}
_INJECTED = {"add_script_tag": "custom_js", "add_style_tag": "custom_css"}
_FOREIGN = frozenset({*_CONVERTED, *_FLAT, *_ADDED, *_RESIZE, *_INJECTED, "storage_path"})
_WAIT_UNTIL = {
    "networkidle0": "networkidle",
    "loaded": "load",
    "domloaded": "domcontentloaded",
    "requestsfinished": "networkidle",
}
# States that allow two requests in flight.
_MOSTLY_IDLE = ("networkidle2", "mostrequestsfinished")
# Characters of an unknown name that its error shows.
_LONGEST = 100
_FORMATS = {f.extension: name for name, f in OUTPUTS.items()} | {"jpg": "jpeg"}


@cache
def table(model: type[BaseModel]) -> dict[str, str]:
    """Every accepted name → the field of the model."""
    known: dict[str, str] = {}
    for field, info in model.model_fields.items():
        known[field.rstrip("_")] = field
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        aliases: Any = extra.get("x-aliases", ())
        for alias in aliases:
            known[alias] = field
    return known


def snake(name: str) -> str:
    """`waitUntil` → `wait_until`; a name without capitals is returned as it is."""
    return _CAMEL.sub("_", name).lower() if name != name.lower() else name


def canonical(value: dict[Any, Any], model: type[BaseModel]) -> dict[str, Any]:
    """The same options by field name; null means the default.

    Raises PydanticCustomError for an unknown name and for two names of one option with different values.
    """
    known = table(model)
    out: dict[str, Any] = {}
    given_as: dict[str, str] = {}

    def assign(name: str, field: str, content: Any) -> None:
        if content is None:
            return
        if field in out and out[field] != content:
            raise PydanticCustomError(
                "doubled",
                "{field}: given twice, as {a} and {b}",
                {"field": field, "a": given_as[field], "b": name},
            )
        out[field], given_as[field] = content, name

    for raw, content in value.items():
        name = snake(str(raw))
        if name in known:
            assign(str(raw), known[name], content)
        elif content is None and name in _FOREIGN:
            continue
        elif name in _CONVERTED:
            field, change = _CONVERTED[name]
            assign(str(raw), field, change(content))
        elif name in _FLAT:
            if not isinstance(content, dict):
                raise _invalid(raw, "must be an object")
            for part, inner in content.items():
                if (field := _FLAT[name].get(snake(str(part)), "")) == "":
                    raise unknown(f"{raw}.{part}", [f"{raw}.{p}" for p in _FLAT[name]])
                assign(f"{raw}.{part}", field, inner)
        elif name == "storage_path" and isinstance(content, str):
            # Other services use the path as the key of the object. Here the service chooses the key, and
            # the last part of the path becomes the file name.
            assign(str(raw), "store", True)
            assign(str(raw), "filename", content.rstrip("/").rsplit("/", 1)[-1])
        elif name in _ADDED:
            field, word = _ADDED[name]
            if _is_true(content):
                out[field] = [*(out.get(field) or []), word]
                given_as[field] = str(raw)
        elif name in _RESIZE:
            size = out.get("resize", {})
            if not isinstance(size, dict):
                raise _invalid("resize", "must be an object")
            out["resize"] = {**size, _RESIZE[name]: content}
            given_as["resize"] = str(raw)
        elif name in _INJECTED:
            assign(str(raw), _INJECTED[name], _contents(raw, content))
        else:
            raise unknown(str(raw), [*known, *_FOREIGN])
    return _convert_values(out)


def _convert_values(out: dict[str, Any]) -> dict[str, Any]:
    """Convert values that other services write differently."""
    if isinstance(out.get("format"), str):
        out["format"] = _FORMATS.get(out["format"].lower(), out["format"].lower())
    if isinstance(out.get("wait_until"), list) and len(out["wait_until"]) == 1:
        out["wait_until"] = out["wait_until"][0]
    if out.get("wait_until") in _MOSTLY_IDLE:
        out["wait_until"] = "load"
        out.setdefault("wait_for_network", "mostly_idle")
    if isinstance(out.get("wait_until"), str):
        out["wait_until"] = _WAIT_UNTIL.get(out["wait_until"], out["wait_until"])
    for name in ("custom_js", "custom_css"):
        if isinstance(out.get(name), list) and all(isinstance(v, str) for v in out[name]):
            out[name] = "\n".join(out[name])
    if isinstance(out.get("fail_on_status"), list):
        out["fail_on_status"] = [str(s) for s in out["fail_on_status"]]
    if isinstance(agent := out.get("user_agent"), str) and agent.lower() in _USER_AGENTS:
        raise _invalid("user_agent", f"{agent!r} is no user agent; write {_USER_AGENTS[agent.lower()]}")
    if isinstance(headers := out.get("custom_headers"), dict):
        for name, content in headers.items():
            if isinstance(content, str) and _SCOPE.search(content):
                raise _invalid(
                    "custom_headers",
                    f"{str(name)[:100]!r} has Gotenberg's scope; headers go to the target's origin only",
                )
    return paper.expand_size(out)


def unknown(name: str, candidates: list[str]) -> PydanticCustomError:
    """The error for an option that does not exist, with the most similar one that does."""
    from ..similar import nearest

    near = nearest(snake(name), candidates)
    name = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    hint = f"; did you mean '{near}'?" if near else "; see /openapi.json for all options"
    return PydanticCustomError(
        "unknown_option",
        "unknown option '{field}'{hint}",
        {"field": name, "hint": hint, "suggestion": near},
    )


def _expressions(value: Any) -> Any:
    """Puppeteer's regular expressions in the form of `block_urls`."""
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list):
        return value
    return [f"/{one}/" if isinstance(one, str) else one for one in patterns]


def _statuses(value: Any) -> Any:
    """Gotenberg's statuses: 499 stands for all 4xx, 599 for all 5xx."""
    if not isinstance(value, list):
        return value
    return [f"{str(one)[0]}xx" if re.fullmatch(r"[1-5]99", str(one)) else str(one) for one in value]


def _contents(name: Any, tags: Any) -> str:
    """The joined contents of Puppeteer's script or style tags; tags with a URL or path are rejected."""
    for tag in tags if isinstance(tags, list) else [None]:
        if not (isinstance(tag, dict) and isinstance(tag.get("content"), str)):
            raise _invalid(name, "must be a list of objects with `content`; URLs and paths are not supported")
    return "\n".join(tag["content"] for tag in tags)


def _invalid(name: Any, reason: str) -> PydanticCustomError:
    return PydanticCustomError("unfit", "{field}: {reason}", {"field": str(name), "reason": reason})


def _is_true(value: Any) -> bool:
    return value.strip().lower() in ("1", "true", "yes", "on") if isinstance(value, str) else bool(value)
