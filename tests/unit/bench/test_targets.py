"""The table of targets is computed from the results."""

from __future__ import annotations

from bench import targets

MEMORY = {"memory": {"rows": [{"what": "ours", "growth": 1.2}, {"what": "ours over floor", "ratio": 1.08}]}}


def lines(target: str) -> list[str]:
    return [line for line in targets.table(MEMORY) if target in line]


def test_a_bound_is_met_or_missed() -> None:
    assert lines("Memory after") == ["| Memory after many captures, × floor | ≤ 1.1 | 1.08 | met |"]
    assert lines("Growth")[0].endswith("| ≤ 1.05 | 1.2 | **missed** |")


def test_a_bench_without_a_result_was_not_run() -> None:
    assert "not run" in lines("HTTP door")[0]
    assert len(targets.table(MEMORY)) == len(targets.TARGETS) + 2
