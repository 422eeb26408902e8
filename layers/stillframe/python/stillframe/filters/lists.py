"""The packaged filter lists and the operator's own: their text, and the engine compiled from it.

`scripts/renew_filters.py` writes the packaged ones; `lists/sources.json` says what each is, its licence and
its date.
"""

from __future__ import annotations

import json
import logging
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import adblock

log = logging.getLogger("stillframe")

ListName = Literal[
    "easylist",
    "easyprivacy",
    "social",
    "cookie_notices",
    "popups",
    "app_banners",
    "other_annoyances",
    "widgets",
    "chats",
]
LISTS: tuple[ListName, ...] = ListName.__args__  # type: ignore[attr-defined]
# A list of an operator is text that somebody else may write.
_MAX_OWN_BYTES = 32 << 20


def _directory() -> Path:
    return Path(str(files("stillframe").joinpath("filters/lists")))


@cache
def sources() -> dict[str, dict[str, Any]]:
    """What each packaged list is: package, version, licence, day of its last change and number of rules."""
    found: dict[str, dict[str, Any]] = json.loads((_directory() / "sources.json").read_text("utf-8"))
    return found


@cache
def packaged(name: str) -> adblock.Engine | None:
    """The engine of a packaged list; None when the list cannot be read, which is logged once.

    The image carries compiled lists, which load in a fifth of the time (docs/decisions/0028).
    """
    import adblock

    try:
        data = _read(name)
        compiled = _directory() / compiled_name(name, data)
        if compiled.is_file():
            engine = adblock.Engine(adblock.FilterSet())
            engine.deserialize_from_file(str(compiled))
            return engine
        return compile_text(_text(data))
    except Exception as error:
        log.error("filter list not usable", extra={"list": name, "error": f"{type(error).__name__}: {error}"})
        return None


@cache
def own(path: str, _changed: float) -> adblock.Engine | None:
    """The engine of an operator's list in a file; None when it cannot be read, which is logged."""
    try:
        data = Path(path).read_bytes()
        if len(data) > _MAX_OWN_BYTES:
            raise ValueError(f"larger than {_MAX_OWN_BYTES} bytes")
        return compile_text(_text(data).replace(":has(", ":-sf-has("))
    except Exception as error:
        log.error("filter list not usable", extra={"list": path, "error": f"{type(error).__name__}: {error}"})
        return None


def compile_text(text: str) -> adblock.Engine:
    """The engine of a list's text; rules that it does not know are left out."""
    import adblock

    rules = adblock.FilterSet()
    rules.add_filter_list(text)
    return adblock.Engine(rules)


def compiled_name(name: str, data: bytes) -> str:
    """The file name of a compiled list, which changes with the list and with the library."""
    import hashlib
    from importlib.metadata import version

    digest = hashlib.sha256(data + version("adblock").encode()).hexdigest()[:16]
    return f"{name}.{digest}.dat"


def compile_packaged(directory: Path | None = None) -> None:
    """Write the compiled form of each packaged list beside its text."""
    for name in LISTS:
        data = _read(name)
        target = (directory or _directory()) / compiled_name(name, data)
        compile_text(_text(data)).serialize_to_file(str(target))


def _read(name: str) -> bytes:
    """A packaged list: compressed when it is another project's, plain when it is this one's."""
    packed = _directory() / f"{name}.txt.gz"
    return packed.read_bytes() if packed.is_file() else packed.with_suffix("").read_bytes()


def _text(data: bytes) -> str:
    import gzip

    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8")
