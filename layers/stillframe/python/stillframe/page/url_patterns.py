"""A caller's patterns for addresses, matched by an engine whose time is bounded: Python's own may take for ever."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

# What a pattern's automaton may hold, in bytes, and what all patterns of a request may, in steps; the time for one
# address is at most its length times those steps. The longest address that is looked at whole is a request's own.
_MEMORY = 1 << 17
_STEPS = 20_000
_LONGEST = 4096


@lru_cache(maxsize=64)
def compile_patterns(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether an address matches one of the patterns. Raises ValueError for what is no pattern, or too much of one."""
    import re2

    options = re2.Options()
    options.max_mem, options.log_errors, options.never_capture = _MEMORY, False, True
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re2.compile(_expression(pattern), options))
        except re2.error as error:
            reason = error.args[0]
            reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
            raise ValueError(f"{pattern!r} is not a regular expression: {reason}") from None
    if sum(one.programsize for one in compiled) > _STEPS:
        raise ValueError("the patterns together are too complex")

    def matches(url: str) -> bool:
        url = url[:_LONGEST]
        return any(one.search(url) for one in compiled)

    return matches


def _expression(pattern: str) -> str:
    """`/an expression/` as it stands, wildcards for the whole address, or a text anywhere in it."""
    if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/"):
        return pattern[1:-1]
    import re2

    if "*" not in pattern and "?" not in pattern:
        return str(re2.escape(pattern))
    parts = {"*": ".*", "?": "."}
    return r"(?s)\A" + "".join(parts.get(c) or str(re2.escape(c)) for c in pattern) + r"\z"
