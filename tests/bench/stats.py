"""Medians and spreads: on a busy machine a ratio within one round says more than a second."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median with the quartiles around it."""
    if len(values) < 2:
        only = float(values[0]) if values else float("nan")
        return {"median": only, "low": only, "high": only, "n": len(values)}
    low, middle, high = statistics.quantiles(values, n=4)
    return {"median": round(middle, 3), "low": round(low, 3), "high": round(high, 3), "n": len(values)}


def show(value: dict[str, float], unit: str = "") -> str:
    return f"{value['median']:.2f}{unit} ({value['low']:.2f} to {value['high']:.2f})"
