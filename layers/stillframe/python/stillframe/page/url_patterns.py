"""Match URLs against a caller's patterns with RE2, because Python's `re` can take exponential time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

# Limits of one pattern's automaton in bytes, and of all patterns of a request in compiled instructions. The
# time for one URL is at most its length times those instructions; a longer URL is matched by its beginning.
_MAX_BYTES = 1 << 17
_MAX_INSTRUCTIONS = 20_000
_MAX_URL = 4096


@lru_cache(maxsize=64)
def compile_patterns(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """A function that tells whether a URL matches one of the patterns.

    Raises ValueError for an invalid pattern, and for patterns over the limits.
    """
    import re2

    options = re2.Options()
    options.max_mem, options.log_errors, options.never_capture = _MAX_BYTES, False, True
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re2.compile(_expression(pattern), options))
        except re2.error as error:
            reason = error.args[0]
            reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
            raise ValueError(f"{pattern!r} is not a regular expression: {reason}") from None
    if sum(one.programsize for one in compiled) > _MAX_INSTRUCTIONS:
        raise ValueError("the patterns together are too complex")

    def matches(url: str) -> bool:
        url = url[:_MAX_URL]
        return any(one.search(url) for one in compiled)

    return matches


def _expression(pattern: str) -> str:
    """The regular expression of a pattern: `/expression/`, wildcards for the whole URL, or a substring."""
    if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/"):
        return pattern[1:-1]
    import re2

    if "*" not in pattern and "?" not in pattern:
        return str(re2.escape(pattern))
    parts = {"*": ".*", "?": "."}
    return r"(?s)\A" + "".join(parts.get(c) or str(re2.escape(c)) for c in pattern) + r"\z"
