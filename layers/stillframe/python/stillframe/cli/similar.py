"""The most similar of several names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The known name that is most similar, whatever its case; None when none has this likeness (0 to 1)."""
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower()[:100], by_lower, n=1, cutoff=likeness)
    return by_lower[found[0]] if found else None
