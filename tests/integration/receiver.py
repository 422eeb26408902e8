"""Takes webhooks, for the fixture of the same name."""

from __future__ import annotations

import json
import threading


class Receiver:
    """Takes webhooks, and answers them with the statuses it was told to."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.deliveries: list[tuple[dict[str, str], bytes]] = []
        self.arrived = threading.Semaphore(0)

    def bodies(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body in self.deliveries]
