"""Load states and waits of other services as ours."""

from __future__ import annotations

import json
from typing import Any

from .table import Translation
from .values import texts

# Later states wait for what earlier ones wait for. `networkidle2` allows two requests in flight.
_STATES: dict[str, tuple[int, str, str | None]] = {
    "domcontentloaded": (0, "domcontentloaded", None),
    "load": (1, "load", None),
    "networkidle2": (2, "load", "mostly_idle"),
    "networkidle0": (3, "networkidle", None),
}
STATES_NOTE = (
    "of several the latest counts; `networkidle0` is `networkidle`, `networkidle2` is `load` with"
    " `wait_for_network: mostly_idle`"
)


def wait_until(t: Translation, value: Any) -> None:
    """Puppeteer's load states, one or several. Raises ValueError."""
    given = texts(value)
    if unknown := [state for state in given if state not in _STATES]:
        raise ValueError(f"{unknown[0][:40]!r} is not one of {', '.join(_STATES)}")
    if not given:
        return
    _, state, network = max(_STATES[one] for one in given)
    t.set("wait_until", state)
    if network is not None:
        t.set("wait_for_network", network)


def wait_for_presence(t: Translation, selector: str) -> None:
    """Wait until an element is in the document, seen or not. Raises ValueError."""
    if ">>>" in selector or "::-p-" in selector or selector.startswith(("pierce/", "xpath/", "text/")):
        raise ValueError("needs a CSS selector; with `visible: true` it may be one of Playwright's")
    t.noted.setdefault("predicates", []).append(f"!!document.querySelector({json.dumps(selector)})")


def finish_predicates(t: Translation) -> None:
    """Join what has to be true into `wait_for_function`."""
    predicates = t.noted.get("predicates", [])
    if predicates:
        t.options["wait_for_function"] = " && ".join(predicates)
        t.sources.setdefault("wait_for_function", "waitForSelector")


def as_predicate(function: str) -> str:
    """A function or an expression of JavaScript as an expression that is true in the end."""
    run = f"const it = ({function}\n); return typeof it === 'function' ? it() : it"
    return f"(await (async () => {{ {run} }})())"


def patterns(value: Any) -> list[str]:
    """Regular expressions as `block_urls` writes them: between slashes."""
    return [f"/{one}/" for one in texts(value)]
