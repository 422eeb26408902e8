"""Name lookups: shared, cached briefly, and bounded in time."""

from __future__ import annotations

import asyncio

import pytest

from stillframe.egress import HostNotFound, system_resolve
from stillframe.egress import resolver as module
from stillframe.egress.resolver import NameCache


def run(work: object) -> object:
    return asyncio.run(work)  # type: ignore[arg-type]


def test_concurrent_lookups_of_a_name_share_one_query() -> None:
    asked: list[str] = []

    async def resolve(host: str) -> tuple[str, ...]:
        asked.append(host)
        await asyncio.sleep(0)
        return ("192.0.2.1",)

    async def work() -> set[tuple[str, ...]]:
        names = NameCache(resolve)
        return set(await asyncio.gather(*(names.addresses("a.example") for _ in range(20))))

    assert run(work()) == {("192.0.2.1",)}
    assert asked == ["a.example"]


def test_a_cached_lookup_expires() -> None:
    answers = [("192.0.2.1",), ("192.0.2.2",)]

    async def resolve(host: str) -> tuple[str, ...]:
        return answers.pop(0)

    async def work() -> list[tuple[str, ...]]:
        names = NameCache(resolve, seconds=-1)
        return [await names.addresses("a.example"), await names.addresses("a.example")]

    assert run(work()) == [("192.0.2.1",), ("192.0.2.2",)]


def test_a_lookup_is_cached_for_at_most_thirty_seconds() -> None:
    async def work() -> float:
        return NameCache(system_resolve, seconds=9_999)._seconds

    assert run(work()) == 30.0


@pytest.mark.parametrize("host", ["localhost", "app.localhost", "a.b.localhost"])
def test_localhost_is_resolved_without_a_query(host: str) -> None:
    async def resolve(host: str) -> tuple[str, ...]:
        raise AssertionError(host)

    async def work() -> tuple[str, ...]:
        return await NameCache(resolve).addresses(host)

    assert run(work()) == ("127.0.0.1", "::1")


def test_a_cancelled_lookup_does_not_cancel_the_others() -> None:
    async def work() -> tuple[str, ...]:
        gate = asyncio.Event()

        async def resolve(host: str) -> tuple[str, ...]:
            await gate.wait()
            return ("192.0.2.1",)

        names = NameCache(resolve)
        first = asyncio.ensure_future(names.addresses("a.example"))
        second = asyncio.ensure_future(names.addresses("a.example"))
        await asyncio.sleep(0)
        first.cancel()
        gate.set()
        return await second

    assert run(work()) == ("192.0.2.1",)


def test_a_lookup_of_a_silent_name_server_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESOLVE_SECONDS", 0.05)

    async def resolve(host: str) -> tuple[str, ...]:
        await asyncio.Event().wait()
        raise AssertionError

    async def work() -> None:
        await NameCache(resolve).addresses("slow.example")

    with pytest.raises(TimeoutError):
        run(work())


@pytest.mark.parametrize("host", ["no-such-name.invalid", "a" * 64 + ".example", "xn--", "a..b"])
def test_a_name_without_an_address_is_not_found(host: str) -> None:
    with pytest.raises(HostNotFound):
        run(system_resolve(host))


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "017700000001"])
def test_the_system_resolver_accepts_short_and_octal_addresses(host: str) -> None:
    """Therefore the answer is vetted, and not the text."""
    assert run(system_resolve(host)) == ("127.0.0.1",)
