"""`stillframe serve` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import httpx
import pytest
from servers import free_port

ENVIRONMENT = {"EGRESS_ALLOW": "127.0.0.0/8,localhost", "LOG_LEVEL": "WARNING"}


class serve:  # noqa: N801
    """Start `stillframe serve` with these settings, wait until it answers, and end it by its own signal."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._environment = (
            {k: v for k, v in os.environ.items() if k != "AUTH_TOKEN"} | ENVIRONMENT | settings
        )

    def __enter__(self) -> httpx.Client:
        port = free_port()
        command = [sys.executable, "-m", "stillframe.cli.main", "serve", "--port", str(port)]
        self.process = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        end = time.monotonic() + 30
        while True:
            try:
                self.client.get("/health/live")
                return self.client
            except httpx.TransportError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.process.kill()
                    pytest.fail(
                        f"stillframe serve did not start: {self.process.communicate()[1].decode()[-2000:]}"
                    )
                time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.process.terminate()
        try:
            _, errors = self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            pytest.fail("stillframe serve did not end within 30 seconds of SIGTERM")
        assert b"Traceback" not in errors, errors.decode()[-3000:]
