"""Places in the memory of the process."""

from __future__ import annotations

import secrets
import threading
import time


class MemoryPlaces:
    """The names of the taken places of each site, with the time until which they are held."""

    def __init__(self, table: str = "") -> None:
        self._taken: dict[str, dict[str, float]] = {}
        self._lock = threading.Lock()

    def take(self, site: str, limit: int, seconds: float) -> str | None:
        now = time.monotonic()
        with self._lock:
            held = {name: until for name, until in self._taken.get(site, {}).items() if until > now}
            self._taken[site] = held
            if len(held) >= limit:
                return None
            name = f"{site}#{secrets.token_hex(8)}"
            held[name] = now + seconds
            return name

    def free(self, place: str) -> None:
        site = place.rpartition("#")[0]
        with self._lock:
            held = self._taken.get(site, {})
            held.pop(place, None)
            if not held:
                self._taken.pop(site, None)
