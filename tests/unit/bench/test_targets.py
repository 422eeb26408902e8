"""The table of targets is computed from the results."""

from __future__ import annotations

from bench import targets

MEMORY = {"memory": {"rows": [{"what": "ours", "growth": 1.2}, {"what": "ours over floor", "ratio": 1.04}]}}


def lines(target: str) -> list[str]:
    return [line for line in targets.table(MEMORY) if target in line]


def test_a_bound_is_met_or_missed() -> None:
    assert lines("Memory after") == ["| Memory after many captures, × floor | ≤ 1.05 | 1.04 | met |"]
    assert "| ≤ 1.05 | 1.2 | **missed** " in lines("Growth")[0]


def test_a_bench_without_a_result_was_not_run() -> None:
    assert "not run" in lines("HTTP door")[0]
    assert len(targets.table(MEMORY)) == len(targets.TARGETS) + 2


def test_the_gain_of_two_slots_is_compared_with_that_of_bare_chromium() -> None:
    rows = [
        {"what": f"8 captures, answers after 50 ms: {name}", "throughput_over_one": {"median": gain}}
        for name, gain in (("ours, 2 slots", 1.2), ("floor, 2 pages", 1.5))
    ]
    found = [line for line in targets.table({"concurrency": {"rows": rows}}) if "two slots gain" in line]
    assert "| ≥ 0.95 | 0.8 | **missed** " in found[0]


def test_the_worst_page_counts_for_blocking() -> None:
    rows = [
        {"what": f"{page}: everything", "over_unblocked": {"median": ratio}}
        for page, ratio in (("small page", 1.04), ("60 images", 1.2))
    ]
    found = [line for line in targets.table({"blocking": {"rows": rows}}) if "filter list" in line]
    assert "| ≤ 1.1 | 1.2 | **missed** " in found[0]
