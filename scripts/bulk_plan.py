"""Plans a bulk run by simulating it: duration, cost, quota, throttles, retries and waits for a site.

    .venv/bin/python scripts/bulk_plan.py [--rows N] [--at-once N] [--quota N] [--sites N] [--seconds S] …
    .venv/bin/python scripts/bulk_plan.py --write | --check     the table of docs/deploy.md

A discrete-event simulation of infra/bulk.yaml: rows start as others end, an invocation above the quota or
above Lambda's scaling rate is throttled and repeated, a row without a place of its site waits and asks again,
a retryable fault is captured again, and an Express workflow ends after five minutes. The same arguments give
the same figures. Nothing of it was measured on AWS.
"""

from __future__ import annotations

import argparse
import heapq
import random
import sys
from collections import Counter, deque
from dataclasses import dataclass, field, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.bench import prices

PAGE = ROOT / "docs" / "deploy.md"
_BEGIN, _END = "<!-- bulk plan: begin -->", "<!-- bulk plan: end -->"
# Lambda adds 1,000 environments to a function in ten seconds.
# https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
_SCALING, _SCALING_SECONDS = 1_000, 10.0
# infra/bulk.yaml: retries of a throttled invocation, attempts of a row, the end of an Express workflow.
_THROTTLE_RETRIES, _THROTTLE_FIRST, _THROTTLE_MOST = 6, 2.0, 30.0
_ATTEMPTS, _EXPRESS_SECONDS = 3, 300.0
# An invocation that only learns that its site has no place.
_BUSY_SECONDS = 0.1


@dataclass(frozen=True)
class Plan:
    """A run: how many rows, how they are spread, and what the account allows."""

    rows: int = 10_000
    at_once: int = 10
    quota: int = 1_000
    sites: int = 1_000
    per_site: int = 5
    seconds: float = 3.0
    spread: float = 0.5
    cold: float = 2.5
    refused: float = 0.02
    retryable: float = 0.02
    pause: float = 5.0
    starts: float = 1_000.0
    memory: int = 2_048
    seed: int = 1


@dataclass
class Outcome:
    """What became of a run; `seconds` is its duration, the others count events or add seconds."""

    seconds: float = 0.0
    done: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    most_running: int = 0
    invocations: int = 0
    cold: int = 0
    billed: float = 0.0
    throttled: int = 0
    waits: int = 0
    retries: int = 0
    row_seconds: float = 0.0

    def usd(self, plan: Plan) -> dict[str, float]:
        """US dollars for each service, without data transfer, which depends on the pages."""
        lambda_ = self.invocations * prices.REQUEST
        lambda_ += self.billed * plan.memory / 1024 * prices.GB_SECOND["x86_64"]
        rows = self.done + self.failed.total()
        # An Express workflow of up to 64 MB.
        states = rows * prices.EXPRESS_REQUEST + self.row_seconds * 64 / 1024 * prices.EXPRESS_GB_SECOND
        places = 2 * (self.invocations - self.waits) * prices.TABLE_WRITE if plan.per_site else 0.0
        places += self.waits * plan.per_site * prices.TABLE_WRITE
        return {"Lambda": lambda_, "Step Functions": states, "S3, DynamoDB": self.done * prices.PUT + places}


@dataclass(slots=True)
class _Row:
    site: int
    started: float
    attempt: int = 1
    throttles: int = 0


class Simulation:
    """One run. `_events` holds what happens next: time, order, what, row, and whether it has a place."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.outcome, self._random = plan, Outcome(), random.Random(plan.seed)
        self._events: list[tuple[float, int, str, _Row, bool]] = []
        self._order = self._left = 0
        self._running = self._environments = 0
        self._places: Counter[int] = Counter()
        self._created: deque[float] = deque()
        self._last_start = 0.0

    def run(self) -> Outcome:
        plan, outcome = self.plan, self.outcome
        self._left = plan.rows
        for _ in range(min(plan.at_once, plan.rows)):
            self._arrive(0.0)
        while self._events:
            now, _, what, row, placed = heapq.heappop(self._events)
            if what == "invoke":
                self._invoke(now, row)
            else:
                self._answer(now, row, placed)
            outcome.seconds = now
        return outcome

    def _arrive(self, now: float) -> None:
        """The map starts its next row, at most `starts` in a second."""
        if not self._left:
            return
        self._left -= 1
        at = self._last_start = max(now, self._last_start + 1 / self.plan.starts)
        self._later(at, "invoke", _Row(self._random.randrange(self.plan.sites), at))

    def _invoke(self, now: float, row: _Row) -> None:
        outcome, plan = self.outcome, self.plan
        if now - row.started > _EXPRESS_SECONDS:
            self._end(now, row, "timed out after five minutes")
            return
        cold = self._running >= self._environments
        if self._running >= plan.quota or (cold and not self._may_create(now)):
            outcome.throttled += 1
            row.throttles += 1
            if row.throttles > _THROTTLE_RETRIES:
                self._end(now, row, "throttled seven times")
                return
            most = min(_THROTTLE_MOST, _THROTTLE_FIRST * 2 ** (row.throttles - 1))
            self._later(now + self._random.random() * most, "invoke", row)
            return
        row.throttles = 0
        outcome.invocations += 1
        self._running += 1
        outcome.most_running = max(outcome.most_running, self._running)
        seconds = 0.0
        if cold:
            self._environments += 1
            outcome.cold += 1
            seconds = plan.cold
        placed = not plan.per_site or self._places[row.site] < plan.per_site
        if placed:
            self._places[row.site] += 1
            seconds += plan.seconds * self._random.lognormvariate(0.0, plan.spread)
        else:
            seconds += _BUSY_SECONDS
        outcome.billed += seconds
        self._later(now + seconds, "answer", row, placed)

    def _answer(self, now: float, row: _Row, placed: bool) -> None:
        outcome, plan = self.outcome, self.plan
        self._running -= 1
        if not placed:
            outcome.waits += 1
            self._later(now + plan.pause, "invoke", row)
            return
        self._places[row.site] -= 1
        drawn = self._random.random()
        if drawn < plan.refused:
            self._end(now, row, "refused")
        elif drawn < plan.refused + plan.retryable:
            if row.attempt == _ATTEMPTS:
                self._end(now, row, "three attempts")
                return
            row.attempt += 1
            outcome.retries += 1
            self._later(now + plan.pause, "invoke", row)
        else:
            self._end(now, row, None)

    def _end(self, now: float, row: _Row, failure: str | None) -> None:
        self.outcome.row_seconds += now - row.started
        if failure is None:
            self.outcome.done += 1
        else:
            self.outcome.failed[failure] += 1
        self._arrive(now)

    def _may_create(self, now: float) -> bool:
        while self._created and self._created[0] <= now - _SCALING_SECONDS:
            self._created.popleft()
        if len(self._created) >= _SCALING:
            return False
        self._created.append(now)
        return True

    def _later(self, at: float, what: str, row: _Row, placed: bool = False) -> None:
        self._order += 1
        heapq.heappush(self._events, (at, self._order, what, row, placed))


# What the guide shows: the defaults, more at once, a quota that is too small, and one site.
SHOWN = [
    *(Plan(rows=rows, at_once=10) for rows in (10_000, 100_000, 1_000_000)),
    *(Plan(rows=rows, at_once=100) for rows in (10_000, 100_000, 1_000_000)),
    *(Plan(rows=rows, at_once=500) for rows in (100_000, 1_000_000)),
    Plan(rows=10_000, at_once=100, quota=50),
    Plan(rows=10_000, at_once=10, sites=1),
    Plan(rows=10_000, at_once=100, sites=1),
]
HEAD = (
    "| Rows | At once | Sites | Quota | Duration | Failed | Captured again | Throttled | Waits for a site"
    " | Lambda, USD | Step Functions | S3, DynamoDB | In all | per 1,000 |"
)


def line(plan: Plan) -> str:
    """One row of the table."""
    outcome = Simulation(plan).run()
    usd = outcome.usd(plan)
    failed = outcome.failed.total()
    cells = [
        f"{plan.rows:,}",
        f"{plan.at_once}",
        f"{plan.sites:,}",
        f"{plan.quota:,}",
        duration(outcome.seconds),
        f"{failed / plan.rows:.1%}",
        f"{outcome.retries:,}",
        f"{outcome.throttled:,}",
        f"{outcome.waits:,}",
        *(f"{value:,.2f}" for value in usd.values()),
        f"{sum(usd.values()):,.2f}",
        f"{1000 * sum(usd.values()) / plan.rows:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def duration(seconds: float) -> str:
    if seconds < 7_200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def table() -> str:
    default = Plan()
    return "\n".join(
        [
            "<!-- Generated by `scripts/bulk_plan.py --write`; prices: `tests/bench/prices.py`. -->",
            "",
            HEAD,
            "|" + "---|" * HEAD.count(" | ") + "---|",
            *(line(plan) for plan in SHOWN),
            "",
            f"Simulated with captures of {default.seconds:.0f} s (median), cold starts of {default.cold} s,"
            f" {default.refused:.0%} of attempts that fail for good and {default.retryable:.0%} that fail and"
            f" are repeated, {default.memory:,} MB, Express rows and `MaxPerSite` {default.per_site}; not"
            f" measured on AWS. Prices: {prices.AS_OF}, without data transfer.",
        ]
    )


def page(text: str) -> str:
    """docs/deploy.md with this table."""
    before, rest = PAGE.read_text("utf-8").split(_BEGIN)
    return f"{before}{_BEGIN}\n{text}\n{_END}{rest.split(_END)[1]}"


def main(arguments: list[str] | None = None) -> int:
    """Entry point. Returns 1 if `--check` finds another table than the guide's."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="renew the table of docs/deploy.md")
    parser.add_argument("--check", action="store_true", help="compare the table of docs/deploy.md")
    for each in fields(Plan):
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=type(each.default), default=each.default)
    given = vars(parser.parse_args(arguments))
    write, check = given.pop("write"), given.pop("check")
    if write or check:
        wanted = page(table())
        if check and wanted != PAGE.read_text("utf-8"):
            print("stale: deploy.md; run scripts/bulk_plan.py --write", file=sys.stderr)
            return 1
        if write:
            PAGE.write_text(wanted, "utf-8")
        return 0
    plan = Plan(**given)
    outcome = Simulation(plan).run()
    print(
        f"{duration(outcome.seconds)}, at most {outcome.most_running} captures at once, {outcome.cold} cold"
    )
    print(f"{outcome.done:,} captured, {dict(outcome.failed)} failed, {outcome.retries:,} captured again")
    print(f"{outcome.throttled:,} invocations throttled, {outcome.waits:,} waits for a site")
    print(", ".join(f"{name} {value:,.2f} USD" for name, value in outcome.usd(plan).items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
