"""The guard under attack, with canaries on the internal side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from answers import fixed, ok
from farm import Farm
from servers import TcpServer
from shoot import AllowAll, Shooter

from stillframe.egress import Budget, EgressGuard, EgressPolicy, Listener


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.attack)


@pytest.fixture
def origin() -> Iterator[TcpServer]:
    """An ordinary web server that the tests' policy allows."""
    with TcpServer(fixed(ok())) as wire:
        yield wire


@pytest.fixture
def canary() -> Iterator[TcpServer]:
    """An internal server that nothing may reach; the test fails when anything did."""
    with TcpServer(fixed(ok(b"INTERNAL-SECRET")), "127.0.0.2") as wire:
        yield wire
        assert wire.connections == 0, f"the canary was reached: {wire.text[:200]!r}"


Open = Callable[..., Listener]


@pytest.fixture
def open_guard() -> Iterator[Open]:
    """Make a guard whose policy allows the named places, and begin a capture on its listener."""
    guards: list[EgressGuard] = []

    def make(
        allow: str = "", *, budget: Budget | None = None, begin: bool = True, **extra: object
    ) -> Listener:
        upstream = extra.pop("upstream", None)
        policy = extra.pop("policy", EgressPolicy.from_settings(allow, "", {}))
        guard = EgressGuard(policy, **extra).start()  # type: ignore[arg-type]
        guards.append(guard)
        listener = guard.open_listener()
        if begin:
            listener.begin(budget, upstream)  # type: ignore[arg-type]
        return listener

    yield make
    for guard in guards:
        guard.stop()


@pytest.fixture(scope="session")
def _farm() -> Iterator[Farm]:
    farm = Farm.open()
    yield farm
    farm.close()


@pytest.fixture
def farm(_farm: Farm) -> Farm:
    """The attacker's site and the canaries, untouched so far."""
    _farm.reset()
    _farm.site.routes.clear()
    _farm.names.clear()
    return _farm


# A browser that waits for its next capture takes 3 % of a processor, so none waits beyond its module.
@pytest.fixture(scope="module")
def guarded(_farm: Farm) -> Iterator[Shooter]:
    """Stillframe as it is deployed, the attacker's own site being the only opened address."""
    shooter = Shooter(_farm)
    yield shooter
    shooter.close()


@pytest.fixture(scope="module")
def unguarded(_farm: Farm) -> Iterator[Shooter]:
    """The same with the guard's predicate off, to see that the attacks are real."""
    shooter = Shooter(_farm, AllowAll())
    yield shooter
    shooter.close()
