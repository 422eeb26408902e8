"""Who captures next: a bounded queue for the slots, in which one may ask for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from ..errors import ConcurrencyLimit
from .slots import Slot


class SlotPool:
    """The capture slots, lent in the order in which they were asked for."""

    def __init__(self, slots: list[Slot], most_waiting: int) -> None:
        self.slots = slots
        self.waiting = 0
        self._most_waiting = most_waiting
        self._free: asyncio.Queue[Slot] = asyncio.Queue()
        self._gate = asyncio.Lock()
        self._reserved: list[Slot] = []
        self._put(slots)

    @property
    def busy(self) -> int:
        """How many captures run."""
        return len(self.slots) - self._free.qsize() - len(self._reserved)

    @property
    def alone(self) -> bool:
        """Whether the one capture that runs holds every slot."""
        return self.busy == 1 and self._free.empty()

    async def acquire(self, alone: Callable[[], bool]) -> Slot:
        """A free slot; while `alone` says so, all the others as well, which holds back who comes later.

        Raises ConcurrencyLimit when the queue is full.
        """
        if self._free.empty() and self.waiting >= self._most_waiting:
            raise ConcurrencyLimit("Every capture slot is busy and the queue is full.", retry_after=2)
        self.waiting += 1
        taken: list[Slot] = []
        try:
            async with self._gate:
                taken.append(await self._free.get())
                while len(taken) < len(self.slots) and alone():
                    taken.append(await self._free.get())
        except BaseException:
            self._put(taken)
            raise
        finally:
            self.waiting -= 1
        self._reserved += taken[1:]
        return taken[0]

    def release_others(self) -> None:
        """Let others in beside the capture that was alone."""
        self._put(self._reserved)
        self._reserved = []

    def release(self, slot: Slot) -> None:
        """End a turn."""
        self.release_others()
        self._put([slot])

    def _put(self, slots: Iterable[Slot]) -> None:
        for slot in slots:
            self._free.put_nowait(slot)
