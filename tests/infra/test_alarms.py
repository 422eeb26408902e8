"""Every alarm fires on what the service itself emits in its condition, and none on a healthy run."""

from __future__ import annotations

import asyncio
import logging
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.requests import Request
from unit.telemetry.captures import PICTURE, Service

from stillframe import doors, service, telemetry
from stillframe.api.error_responses import error_response
from stillframe.attempt import Captured
from stillframe.browser import cleanup, processes
from stillframe.browser.supervisor import BrowserSupervisor
from stillframe.errors import (
    BrowserUnavailable,
    CaptureError,
    ConcurrencyLimit,
    DestinationBlocked,
    InternalError,
    MemoryLimit,
    NetworkError,
    NotConfigured,
    RateLimited,
    SelectorNotFound,
    StorageUnavailable,
    TargetBusy,
)
from stillframe.result import CaptureReport
from stillframe.settings import Settings
from stillframe.telemetry import captures
from stillframe.telemetry.invocation import Invocation
from stillframe.telemetry.metrics import METRICS

from .alarms import Metrics, dashboard, filters, firing
from .conftest import FUNCTIONS, ROOT, TEMPLATES, load, of_type

PERIOD = 300
PARAMETERS = {
    "Service": "stack",
    "HttpApi": "a1b2c3",
    "ApiLogGroup": "access",
    "AlarmEmail": "a@example.com",
    "DailyCost": 1,
    **{name: name for name in ("CaptureQueue", "DeadLetterQueue", "FailedEventsQueue")},
    **{f"{name}Function": f"{name}Function" for name in FUNCTIONS},
}


class World:
    """A stack: the service with its sink, and what CloudWatch has received from it and from AWS."""

    def __init__(self, made: Service, template: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.service, self.template, self.monkeypatch = made, template, monkeypatch
        self.metrics, self.at = Metrics(), 0.0
        self.filters = filters(template, PARAMETERS)

    def wait(self, seconds: float = PERIOD) -> None:
        """Let CloudWatch receive what was written, and time pass."""
        for event in self.service.events():
            self.metrics.receive(self.at, event)
        self.at += seconds

    def periods(self, number: int = 4) -> Iterator[None]:
        for _ in range(number):
            yield
            self.wait()

    def answer(self, error: CaptureError, *, times: int = 1) -> None:
        """Errors as the HTTP API answers them, counted by API Gateway and in its access log."""
        invocation = types.SimpleNamespace(request_id="r", door=doors.HTTP_API)
        scope = {"type": "http", "headers": [], "state": {"invocation": invocation}}
        for _ in range(times):
            response = error_response(error, Request(scope))
            self.log_access(response.status_code)

    def log_access(self, status: int) -> None:
        """API Gateway's own datapoint and its line in the access log, with the fields of template.yaml."""
        self.metrics.put(self.at, "AWS/ApiGateway", "5xx", int(status >= 500), ApiId="a1b2c3")
        self.metrics.log(self.at, {"status": str(status), "path": "/capture"}, self.filters)

    def aws(self, namespace: str, name: str, value: float, **dimensions: str) -> None:
        """A datapoint that AWS publishes by itself."""
        self.metrics.put(self.at, namespace, name, value, **dimensions)

    def supervisor(self, start: Any = None) -> BrowserSupervisor:
        """A supervisor whose processes are nobody's."""
        self.monkeypatch.setattr(processes, "kill_groups", lambda pids: None)
        self.monkeypatch.setattr(cleanup, "remove_leftovers", lambda: None)
        self.monkeypatch.setattr(BrowserSupervisor, "_prepare_process", lambda self: None)
        supervisor = BrowserSupervisor(Settings, lambda: 1, lambda: 0, lambda _: None, start)
        supervisor.instance = Instance()  # type: ignore[assignment]
        return supervisor

    @property
    def firing(self) -> set[str]:
        return firing(self.template, PARAMETERS, self.metrics)


class Instance:
    """In place of a running browser."""

    memory_killed = shared_when_killed = broken = False
    pids: tuple[int, ...] = ()
    driver_pids: tuple[int, ...] = ()

    async def close(self) -> None:
        return None


@pytest.fixture
def world(
    observability: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[World]:
    level = captures.log.level
    captures.log.setLevel(logging.CRITICAL)  # what LogLevel drops is no metric
    yield World(Service(monkeypatch, capsys), observability, monkeypatch)
    captures.log.setLevel(level)


def test_a_healthy_run_with_its_usual_failures_fires_nothing(world: World) -> None:
    for _ in world.periods(6):
        for _ in range(40):
            world.service.capture()
        for _ in range(4):  # dead hosts and wrong selectors are the callers' affair
            world.service.fail(NetworkError("no"), doors.HTTP_API)
            world.answer(NetworkError("no"))
            world.service.fail(SelectorNotFound("no"))
        world.service.fail(BrowserUnavailable("once"))
        world.service.fail(DestinationBlocked("no"))
        world.service.fail(ConcurrencyLimit("busy"))
        world.answer(RateLimited("slow down"), times=3)
        for _ in range(200):  # rows of a bulk run ask for a place of their site every few seconds
            captures.rejected(TargetBusy("wait"))
        telemetry.count("QueueAge", 12)
        telemetry.count("WebhooksDelivered")
        asyncio.run(world.supervisor().recycle())
        asyncio.run((lambda s: s.discard(s.instance))(world.supervisor()))
        for name in FUNCTIONS:
            for metric in ("Errors", "Throttles"):
                world.aws("AWS/Lambda", metric, 0, FunctionName=f"{name}Function")
            world.aws("AWS/Lambda", "Duration", 900, FunctionName=f"{name}Function")
        world.aws("AWS/SQS", "ApproximateAgeOfOldestMessage", 20, QueueName="CaptureQueue")
        for queue in ("DeadLetterQueue", "FailedEventsQueue"):
            world.aws("AWS/SQS", "ApproximateNumberOfMessagesVisible", 0, QueueName=queue)
    assert world.firing == set()
    for api in ({"HttpApi": "none"}, {"HttpApi": "none", "RestApi": "stack"}):
        assert firing(world.template, PARAMETERS | api, world.metrics) == set()


# ---------------------------------------------------------------- one condition for each alarm
def faults(world: World) -> None:
    """One capture in ten meets a fault, while the others succeed."""
    for _ in world.periods():
        for n in range(40):
            world.service.fail(InternalError("no")) if n % 10 == 0 else world.service.capture()


def outage(world: World) -> None:
    """The only request of five minutes finds no storage."""
    world.service.fail(StorageUnavailable("no"))
    world.wait()


def outage_before_captures(world: World) -> None:
    """The secret cannot be read, so every request is refused before its capture."""
    world.answer(NotConfigured("no token"))
    world.wait()


def most_fail(world: World) -> None:
    """The functions have lost their way to the internet, which looks like dead targets."""
    for _ in world.periods():
        for _ in range(30):
            world.service.fail(NetworkError("no"))


def slow(world: World) -> None:
    """Captures take 25 of the 27 seconds that the HTTP API has."""
    now = [0.0]
    world.monkeypatch.setattr(service, "time", types.SimpleNamespace(perf_counter=lambda: now[0]))

    def page(report: CaptureReport) -> Captured:
        now[0] += 25
        return PICTURE

    for _ in world.periods():
        for _ in range(10):
            world.service.capture(page, doors.HTTP_API)


def test_captures_that_go_on_as_jobs_are_not_slow(world: World) -> None:
    """`Prefer: respond-async` cancels a capture near the limit of its door, and the queue takes it."""
    now = [0.0]
    world.monkeypatch.setattr(service, "time", types.SimpleNamespace(perf_counter=lambda: now[0]))

    def page(report: CaptureReport) -> Captured:
        now[0] += 25
        raise asyncio.CancelledError

    for _ in world.periods():
        for _ in range(10):
            with pytest.raises(asyncio.CancelledError):
                world.service.capture(page, doors.HTTP_API)
    assert world.firing == set()


def too_many(world: World) -> None:
    """Callers exceed their rate, for a quarter of an hour."""
    for _ in world.periods():
        world.answer(RateLimited("slow down"), times=60)


def too_many_for_the_gateway(world: World) -> None:
    """API Gateway refuses by ThrottleRate, and the service sees nothing of it."""
    for _ in world.periods():
        for _ in range(60):
            world.log_access(429)


def gateway_failures(world: World) -> None:
    """Lambda throttles: API Gateway answers 503 where the service answers only what it fails at itself."""
    for _ in world.periods():
        for _ in range(20):
            world.service.capture()
        world.answer(NetworkError("no"), times=5)
        for _ in range(4):
            world.log_access(503)


def memory_killed(world: World) -> None:
    """The only page of five minutes outgrows the memory; the watchdog calls twice while the browser dies."""
    supervisor = world.supervisor()
    supervisor._kill_for_memory()
    supervisor._kill_for_memory()
    world.service.fail(MemoryLimit("too large"))
    world.wait()


def browser_restarts(world: World) -> None:
    """Three browsers hang within five minutes of thirty captures."""
    for _ in range(30):
        world.service.capture()
    for _ in range(3):
        supervisor = world.supervisor()
        asyncio.run(supervisor.discard(supervisor.instance))  # type: ignore[arg-type]
    world.wait()


def launch_failures(world: World) -> None:
    """No browser starts, in environments that are only being prepared."""

    async def start(config: Any, port: int) -> Any:
        raise BrowserUnavailable("no")

    for _ in range(3):
        supervisor = world.supervisor(start)
        supervisor.instance = None
        with pytest.raises(BrowserUnavailable):
            asyncio.run(supervisor.ensure())
    world.wait()


def blocked(world: World) -> None:
    """A caller looks for internal addresses."""
    for _ in range(21):
        world.service.fail(DestinationBlocked("no"))
    world.wait()


def cost_of_a_day(world: World) -> None:
    """Captures of ten minutes each: fifty cost more than the dollar that is allowed here."""
    for _ in range(50):
        world.monkeypatch.setattr(captures, "_invocation", Invocation(started=time.perf_counter() - 600))
        world.service.capture()
    world.wait()


def from_aws(namespace: str, metric: str, value: float, **dimensions: str) -> Callable[[World], None]:
    """A condition that AWS notices by itself, and no code of ours."""

    def condition(world: World) -> None:
        for _ in world.periods():
            world.aws(namespace, metric, value, **dimensions)

    return condition


CONDITIONS: list[tuple[str, Callable[[World], None]]] = [
    ("Faults", faults),
    ("Outage", outage),
    ("Outage", outage_before_captures),
    ("MostFail", most_fail),
    ("Slow", slow),
    ("TooMany", too_many),
    ("TooMany", too_many_for_the_gateway),
    ("GatewayFailures", gateway_failures),
    ("MemoryKilled", memory_killed),
    ("BrowserRestarts", browser_restarts),
    ("BrowserRestarts", launch_failures),
    ("Blocked", blocked),
    ("CostOfADay", cost_of_a_day),
    *[
        (f"{name}{metric}", from_aws("AWS/Lambda", metric, 1, FunctionName=f"{name}Function"))
        for name in FUNCTIONS
        for metric in ("Errors", "Throttles")
    ],
    ("ScheduleSlow", from_aws("AWS/Lambda", "Duration", 250_000, FunctionName="ScheduleFunction")),
    (
        "DeadLetters",
        from_aws("AWS/SQS", "ApproximateNumberOfMessagesVisible", 1, QueueName="DeadLetterQueue"),
    ),
    (
        "FailedEvents",
        from_aws("AWS/SQS", "ApproximateNumberOfMessagesVisible", 1, QueueName="FailedEventsQueue"),
    ),
    ("QueueAge", from_aws("AWS/SQS", "ApproximateAgeOfOldestMessage", 1_000, QueueName="CaptureQueue")),
]


@pytest.mark.parametrize(("name", "condition"), CONDITIONS)
def test_an_alarm_fires_in_its_condition_and_no_other_does(
    world: World, name: str, condition: Callable[[World], None]
) -> None:
    condition(world)
    assert world.firing == {name}


def test_an_outage_is_told_beside_a_page_that_outgrows_the_memory(world: World) -> None:
    memory_killed(world)
    world.at = 0.0  # in the same five minutes
    outage(world)
    assert world.firing == {"Outage", "MemoryKilled"}


def test_every_alarm_has_a_condition(observability: dict[str, Any]) -> None:
    assert {name for name, _ in CONDITIONS} == set(of_type(observability, "AWS::CloudWatch::Alarm"))


def test_a_day_without_a_limit_and_a_stack_without_an_api_have_no_such_alarms(world: World) -> None:
    cost_of_a_day(world)
    gateway_failures(world)
    without = PARAMETERS | {"DailyCost": 0, "HttpApi": "none"}
    assert firing(world.template, without, world.metrics) == set()


@pytest.mark.parametrize(("every", "expected"), [(10, {"RolloutFaults"}), (1_000, set())])
def test_a_release_is_taken_back_by_the_faults_of_two_minutes(
    world: World, template: dict[str, Any], every: int, expected: set[str]
) -> None:
    for _ in range(3):
        for n in range(1, 41):
            world.service.fail(InternalError("no")) if n % every == 0 else world.service.capture()
        world.aws("AWS/Lambda", "Errors", 0, FunctionName="HttpApiFunction")
        world.wait(60)
    alarms = {n: r for n, r in template["Resources"].items() if r["Type"] == "AWS::CloudWatch::Alarm"}
    assert {"RolloutFaults", "RolloutErrors"} == set(alarms)
    released = {"Parameters": {}, "Conditions": {"WithRelease": {"Fn::Equals": [1, 1]}}, "Resources": alarms}
    given = {"AWS::StackName": "stack", "HttpApiFunction": "HttpApiFunction"}
    assert firing(released, given, world.metrics) == expected
    for minute in range(2):
        world.metrics.put(world.at + 60 * minute, "AWS/Lambda", "Errors", 1, FunctionName="HttpApiFunction")
    assert firing(released, given, world.metrics) == expected | {"RolloutErrors"}


def test_a_rest_api_is_watched_by_its_own_metric(world: World) -> None:
    for _ in world.periods():
        world.answer(NetworkError("no"), times=5)
        for _ in range(9):
            world.aws("AWS/ApiGateway", "5XXError", 1, ApiName="stack")
    rest = PARAMETERS | {"HttpApi": "none", "RestApi": "stack"}
    assert firing(world.template, rest, world.metrics) == {"GatewayFailures"}
    assert firing(world.template, rest | {"RestApi": "other"}, world.metrics) == set()


def test_without_an_api_the_refusals_are_those_of_the_service(world: World) -> None:
    too_many(world)
    assert firing(world.template, PARAMETERS | {"HttpApi": "none"}, world.metrics) == {"TooMany"}


def test_two_stacks_do_not_count_each_others_captures(world: World) -> None:
    outage(world)
    assert firing(world.template, PARAMETERS | {"Service": "other"}, world.metrics) == set()


# ---------------------------------------------------------------- the dashboard and the page
def test_the_dashboard_shows_every_metric_of_the_service(observability: dict[str, Any]) -> None:
    shown = {m[1] for w in dashboard(observability) for m in w["metrics"] if m[0] == "Stillframe"}
    assert shown == set(METRICS)
    units = [m for w in dashboard(observability) for m in w["metrics"] if isinstance(m[0], dict)]
    (search,) = [m[0]["expression"] for m in units]
    assert "{Stillframe,code,cold_start,door,service}" in search


def test_a_schedule_is_slow_at_four_fifths_of_its_timeout(
    template: dict[str, Any], observability: dict[str, Any]
) -> None:
    timeout = template["Resources"]["ScheduleFunction"]["Properties"]["Timeout"]
    assert observability["Resources"]["ScheduleSlow"]["Properties"]["Threshold"] == 800 * timeout
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith("| `ScheduleSlow`")]
    assert f"over {timeout * 4 // 5} of its {timeout} seconds" in row


def test_the_page_about_operations_explains_every_alarm(
    template: dict[str, Any], observability: dict[str, Any]
) -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    explained = {name for row in rows for name in row.split("|")[1].replace("`", "").split(", ")}
    others = [load(path) for path in TEMPLATES if path.name != "observability.yaml"]
    beside = {name for other in others for name in of_type(other, "AWS::CloudWatch::Alarm")}
    assert {"BulkFailed", "RolloutFaults"} < beside
    for alarm in {*of_type(observability, "AWS::CloudWatch::Alarm"), *beside}:
        names = {alarm.strip(), *(f"…{alarm.removeprefix(f)}" for f in FUNCTIONS if alarm.startswith(f))}
        assert names & {name.strip() for name in explained}, alarm
