"""The most similar of several names, for the error that says a name does not exist."""

from __future__ import annotations

from collections.abc import Iterable

# The time of the comparison grows with the length of the word, which the caller chooses.
_LONGEST = 100


def nearest(word: object, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The known name that is most similar, whatever its case.

    likeness: from 0 to 1. None when no name has it, and for a word that is no text or is too long.
    """
    if not isinstance(word, str) or len(word) > _LONGEST:
        return None
    import difflib

    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=likeness)
    return by_lower[found[0]] if found else None
