"""The pool of capture slots: a bounded queue in which a capture may ask for every slot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from ..errors import ConcurrencyLimit
from .slots import Slot


class SlotPool:
    """Serves callers in the order in which they wait for a slot."""

    def __init__(self, slots: list[Slot], max_waiting: int) -> None:
        self.slots = slots
        self.waiting = 0
        self._max_waiting = max_waiting
        self._free: asyncio.Queue[Slot] = asyncio.Queue()
        self._gate = asyncio.Lock()
        self._reserved: list[Slot] = []
        self._put(slots)

    @property
    def busy(self) -> int:
        """The number of running captures."""
        return len(self.slots) - self._free.qsize() - len(self._reserved)

    @property
    def exclusive(self) -> bool:
        """Whether the one capture that runs holds every slot."""
        return self.busy == 1 and self._free.empty()

    async def acquire(self, exclusive: Callable[[], bool]) -> Slot:
        """A free slot; while `exclusive` returns true, all others as well, and later callers wait.

        Raises ConcurrencyLimit when the queue is full.
        """
        if self._free.empty() and self.waiting >= self._max_waiting:
            raise ConcurrencyLimit("Every capture slot is busy and the queue is full.", retry_after=2)
        self.waiting += 1
        acquired: list[Slot] = []
        try:
            async with self._gate:
                acquired.append(await self._free.get())
                while len(acquired) < len(self.slots) and exclusive():
                    acquired.append(await self._free.get())
        except BaseException:
            self._put(acquired)
            raise
        finally:
            self.waiting -= 1
        self._reserved += acquired[1:]
        return acquired[0]

    def release_others(self) -> None:
        """Let other captures run beside the one that holds every slot."""
        self._put(self._reserved)
        self._reserved = []

    def release(self, slot: Slot) -> None:
        """Put a slot back, with every other one that its capture held."""
        self.release_others()
        self._put([slot])

    def _put(self, slots: Iterable[Slot]) -> None:
        for slot in slots:
            self._free.put_nowait(slot)
