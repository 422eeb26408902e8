"""Filter lists: which requests they block and which elements they hide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from . import lists
from .engine import FilterEngine, Hidden
from .lists import LISTS, ListName, sources

if TYPE_CHECKING:
    import adblock

__all__ = ["LISTS", "FilterEngine", "Hidden", "ListName", "load", "sources"]


def load(names: tuple[ListName, ...], own: str = "") -> FilterEngine:
    """The engine of these packaged lists and of the operator's files, whose paths commas separate.

    Loading a list for the first time blocks for up to 0.2 s; call it in a thread.
    """
    engines: dict[str, adblock.Engine | None] = {name: lists.packaged(name) for name in names}
    for path in filter(None, (part.strip() for part in own.split(","))):
        file = Path(path)
        engines[f"own:{file.name}"] = lists.own(path, file.stat().st_mtime if file.exists() else 0.0)
    return FilterEngine(engines)
