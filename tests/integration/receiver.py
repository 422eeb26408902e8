"""A receiver of webhooks, for the fixture of the same name."""

from __future__ import annotations

import json

from servers import HttpServer, Reply, Seen, routed


class Receiver(HttpServer):
    """Records webhooks; answers with the statuses of `answers` in turn, then with 204."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        super().__init__(routed(lambda _: self._take))
        self.url += "/hook"

    def _take(self, seen: Seen) -> Reply:
        return self.answers.pop(0) if self.answers else 204, {}, b""

    @property
    def deliveries(self) -> list[tuple[dict[str, str], bytes]]:
        return [(seen.headers, seen.body) for seen in self.seen]

    def bodies(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body in self.deliveries]
