"""scripts/bulk_plan.py: the simulation obeys its limits, and the guide shows what it gives."""

from __future__ import annotations

import pytest

from .conftest import ROOT, load
from .scripts import script

bulk_plan = script("bulk_plan")
Plan, Simulation = bulk_plan.Plan, bulk_plan.Simulation
PLAIN = {"spread": 0.0, "cold": 0.0, "refused": 0.0, "retryable": 0.0, "per_site": 0, "starts": 1e9}


def test_without_accidents_the_duration_is_rows_by_seconds_by_concurrency() -> None:
    outcome = Simulation(Plan(rows=1_000, at_once=20, seconds=4.0, **PLAIN)).run()
    assert outcome.seconds == pytest.approx(1_000 * 4.0 / 20)
    assert (outcome.done, outcome.failed.total(), outcome.most_running, outcome.cold) == (1_000, 0, 20, 20)
    assert outcome.billed == pytest.approx(4_000)


@pytest.mark.parametrize(
    "plan",
    [
        Plan(rows=3_000),
        Plan(rows=3_000, at_once=100, quota=40),
        Plan(rows=3_000, at_once=50, sites=2),
        Plan(rows=3_000, at_once=50, retryable=0.5),
        Plan(rows=10, at_once=100),
    ],
)
def test_every_row_has_one_end_and_no_limit_is_passed(plan: Plan) -> None:  # type: ignore[valid-type]
    outcome = Simulation(plan).run()
    assert outcome.done + outcome.failed.total() == plan.rows
    assert outcome.most_running <= min(plan.at_once, plan.quota)
    assert outcome == Simulation(plan).run(), "the same plan gives the same figures"


def test_a_site_bounds_the_throughput_and_a_wait_costs_next_to_nothing() -> None:
    free = Simulation(Plan(rows=2_000, at_once=20, sites=1, **PLAIN)).run()
    bound = Simulation(Plan(rows=2_000, at_once=20, sites=1, **PLAIN | {"per_site": 5})).run()
    assert (free.waits, free.failed.total()) == (0, 0)
    assert set(bound.failed) <= {"timed out after five minutes"}
    assert bound.failed.total() < 200
    assert bound.seconds >= bound.done * 3.0 / 5
    assert bound.waits > 2_000
    assert bound.billed < free.billed * 1.5


def test_above_the_quota_rows_are_lost_and_within_it_none() -> None:
    assert Simulation(Plan(rows=3_000, at_once=100, quota=100)).run().throttled == 0
    lost = Simulation(Plan(rows=3_000, at_once=100, quota=40)).run()
    assert lost.throttled > 0
    assert lost.failed["throttled seven times"] > 0


def test_lambda_adds_a_thousand_environments_in_ten_seconds() -> None:
    outcome = Simulation(Plan(rows=3_000, at_once=3_000, quota=5_000, **PLAIN | {"seconds": 60.0})).run()
    assert outcome.throttled > 0
    assert outcome.most_running > 1_000


def test_the_simulation_retries_as_the_state_machine_does() -> None:
    text, _ = load(ROOT / "infra" / "bulk.yaml")["Resources"]["Bulk"]["Properties"]["DefinitionString"][
        "Fn::Sub"
    ]
    assert f'"MaxAttempts": {bulk_plan._THROTTLE_RETRIES}' in text
    assert f'"IntervalSeconds": {bulk_plan._THROTTLE_FIRST:.0f}, "BackoffRate": 2' in text
    assert f'"MaxDelaySeconds": {bulk_plan._THROTTLE_MOST:.0f}' in text
    assert f'"NumericLessThan": {bulk_plan._ATTEMPTS}' in text
    defaults = load(ROOT / "infra" / "bulk.yaml")["Parameters"]
    shared = load(ROOT / "template.yaml")["Parameters"]
    plan = Plan()
    assert (plan.at_once, plan.pause) == (
        defaults["MaxConcurrency"]["Default"],
        defaults["PauseSeconds"]["Default"],
    )
    assert (plan.per_site, plan.memory) == (shared["MaxPerSite"]["Default"], shared["MemorySize"]["Default"])


def test_the_guide_shows_what_the_simulation_gives() -> None:
    """The short runs; `make check` compares the whole table."""
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    short = [plan for plan in bulk_plan.SHOWN if plan.rows <= 10_000]
    assert len(short) >= 4
    for plan in short:
        assert bulk_plan.line(plan) in page, "run scripts/bulk_plan.py --write"
    assert [plan.rows for plan in bulk_plan.SHOWN].count(1_000_000) == 3
