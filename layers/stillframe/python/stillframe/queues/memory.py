"""A queue in the process: what nobody listens to yet waits; nothing outlives the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

Listener = Callable[[str, int], None]


class MemoryQueue:
    """Hands every text, with its delay in seconds, to the one listener."""

    def __init__(self, uri: str = "memory:") -> None:
        self._waiting: list[tuple[str, int]] = []
        self._listener: Listener | None = None
        self._lock = threading.Lock()

    def send(self, bodies: Sequence[str], delay: int = 0) -> None:
        with self._lock:
            if self._listener is None:
                self._waiting += [(body, delay) for body in bodies]
                return
            listener = self._listener
        for body in bodies:
            listener(body, delay)

    def listen(self, listener: Listener) -> None:
        """From now on `listener` gets everything, first what has waited."""
        with self._lock:
            self._listener, waiting, self._waiting = listener, self._waiting, []
        for body, delay in waiting:
            listener(body, delay)
