"""Other names for options: the field's common ones, camelCase, and a few other shapes of the same wish."""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

# Wishes of other services that are not a mere renaming: name → (canonical name, how the value changes).
_CONVERTED: dict[str, tuple[str, Any]] = {
    "retina": ("pixel_density", lambda v: 2.0 if _truth(v) else 1.0),
    "disable_js": ("javascript", lambda v: not _truth(v)),
    "color_scheme": ("dark_mode", lambda v: v == "dark" if v in ("dark", "light", "no-preference") else v),
    "skip_scroll": ("scroll_page", lambda v: not _truth(v)),
    "force": ("cache_mode", lambda v: "refresh" if _truth(v) else "use"),
    "fresh": ("cache_mode", lambda v: "refresh" if _truth(v) else "use"),
    "fail_on_4xx": ("fail_on_status", lambda v: ["4xx"] if _truth(v) else None),
    "fail_on_5xx": ("fail_on_status", lambda v: ["5xx"] if _truth(v) else None),
    "ignore_host_errors": ("fail_on_status", lambda v: None if _truth(v) else ["4xx", "5xx"]),
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
_RESIZE = {"image_width": "width", "image_height": "height"}
_INJECTED = {"add_script_tag": "custom_js", "add_style_tag": "custom_css"}
_WAIT_UNTIL = {
    "networkidle0": "networkidle",
    "networkidle2": "networkidle",
    "loaded": "load",
    "domloaded": "domcontentloaded",
    "requestsfinished": "networkidle",
}
_FORMATS = {"jpg": "jpeg", "md": "markdown", "txt": "text", "json": "metadata"}


@cache
def table(model: type[BaseModel]) -> dict[str, str]:
    """Every accepted name → the model's field."""
    known: dict[str, str] = {}
    for field, info in model.model_fields.items():
        known[field.rstrip("_")] = field
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        aliases: Any = extra.get("x-aliases", ())
        for alias in aliases:
            known[alias] = field
    return known


def snake(name: str) -> str:
    """`waitUntil` → `wait_until`; what has no capitals stays."""
    return _CAMEL.sub("_", name).lower() if name != name.lower() else name


def canonical(value: dict[Any, Any], model: type[BaseModel]) -> dict[str, Any]:
    """The same options by their fields' names; nulls mean the default. Raises for unknown and doubled names."""
    known = table(model)
    out: dict[str, Any] = {}
    said: dict[str, str] = {}

    def put(name: str, field: str, content: Any) -> None:
        if content is None:
            return
        if field in out and out[field] != content:
            raise PydanticCustomError(
                "doubled",
                "{field}: given twice, as {a} and {b}",
                {"field": field, "a": said[field], "b": name},
            )
        out[field], said[field] = content, name

    for raw, content in value.items():
        name = snake(str(raw))
        if name in known:
            put(str(raw), known[name], content)
        elif name in _CONVERTED:
            field, change = _CONVERTED[name]
            put(str(raw), field, change(content))
        elif name in _FLAT:
            if not isinstance(content, dict):
                raise _unfit(raw, "must be an object")
            for part, inner in content.items():
                if (field := _FLAT[name].get(snake(str(part)), "")) == "":
                    raise unknown(f"{raw}.{part}", [f"{raw}.{p}" for p in _FLAT[name]])
                put(f"{raw}.{part}", field, inner)
        elif name == "storage_path" and isinstance(content, str):
            # Other services let the caller name the key; here the key is ours and the last part is the file's name.
            put(str(raw), "store", True)
            put(str(raw), "filename", content.rstrip("/").rsplit("/", 1)[-1])
        elif name in _RESIZE:
            size = out.get("resize", {})
            if not isinstance(size, dict):
                raise _unfit("resize", "must be an object")
            out["resize"] = {**size, _RESIZE[name]: content}
            said["resize"] = str(raw)
        elif name in _INJECTED:
            put(str(raw), _INJECTED[name], _contents(raw, content))
        else:
            raise unknown(str(raw), [*known, *_CONVERTED, *_FLAT, *_RESIZE, "storage_path"])
    return _reshape(out)


def _reshape(out: dict[str, Any]) -> dict[str, Any]:
    """Other spellings of values."""
    if isinstance(out.get("format"), str):
        out["format"] = _FORMATS.get(out["format"].lower(), out["format"].lower())
    if isinstance(out.get("wait_until"), list) and len(out["wait_until"]) == 1:
        out["wait_until"] = out["wait_until"][0]
    if isinstance(out.get("wait_until"), str):
        out["wait_until"] = _WAIT_UNTIL.get(out["wait_until"], out["wait_until"])
    for name in ("custom_js", "custom_css"):
        if isinstance(out.get(name), list) and all(isinstance(v, str) for v in out[name]):
            out[name] = "\n".join(out[name])
    if isinstance(out.get("fail_on_status"), list):
        out["fail_on_status"] = [str(s) for s in out["fail_on_status"]]
    return out


def unknown(name: str, candidates: list[str]) -> PydanticCustomError:
    """The error for an option that does not exist, with the nearest one that does."""
    near = difflib.get_close_matches(snake(name), candidates, n=1, cutoff=0.6)
    hint = f"; did you mean '{near[0]}'?" if near else "; see /openapi.json for all options"
    return PydanticCustomError(
        "unknown_option",
        "unknown option '{field}'{hint}",
        {"field": name, "hint": hint, "suggestion": near[0] if near else None},
    )


def _contents(name: Any, tags: Any) -> str:
    """What Puppeteer's tags hold; none is fetched by address or path, and none is passed over."""
    for tag in tags if isinstance(tags, list) else [None]:
        if not (isinstance(tag, dict) and isinstance(tag.get("content"), str)):
            raise _unfit(
                name, "must be a list of objects with `content`; addresses and paths are not fetched"
            )
    return "\n".join(tag["content"] for tag in tags)


def _unfit(name: Any, reason: str) -> PydanticCustomError:
    return PydanticCustomError("unfit", "{field}: {reason}", {"field": str(name), "reason": reason})


def _truth(value: Any) -> bool:
    return value.strip().lower() in ("1", "true", "yes", "on") if isinstance(value, str) else bool(value)
