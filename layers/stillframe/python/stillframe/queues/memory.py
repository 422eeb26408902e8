"""A queue in the memory of the process. It is lost when the process exits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

Listener = Callable[[str, int], None]


class MemoryQueue:
    """Passes each message and its delay in seconds to one listener; messages wait until there is one."""

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
        """Set the listener, and pass it the messages that waited."""
        with self._lock:
            self._listener, waiting, self._waiting = listener, self._waiting, []
        for body, delay in waiting:
            listener(body, delay)
