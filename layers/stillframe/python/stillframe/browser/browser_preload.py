"""Starts Chromium while Playwright's driver starts, which takes it over in place of starting one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from pathlib import Path

from . import environment, processes

# `node --require` loads this into the driver.
HOOK = Path(__file__).parent / "assets/adopt_browser.cjs"
# The name is known to the hook too.
_FILE = "preloaded_browser.json"
# Where Chromium reads commands and writes answers: `--remote-debugging-pipe`.
_COMMANDS, _ANSWERS = 3, 4


class PreloadedBrowser:
    """A Chromium that is started before its driver asks for it.

    The pipes of its DevTools protocol exist first, because the driver inherits their other ends when it
    starts. The browser follows with exactly the command that the driver will be told to run; a driver that is
    told another one starts its own browser (assets/adopt_browser.cjs).
    """

    def __init__(self, directory: Path) -> None:
        self._file = directory / _FILE
        self._end = _End()
        self._directory = directory
        self.process: asyncio.SubprocessTransport | None = None
        occupied = _occupy_low_descriptors()
        self._reads, self.commands = os.pipe()
        self.answers, self._writes = os.pipe()
        self._open = [*occupied, self._reads, self._writes, self.commands, self.answers]

    @property
    def descriptors(self) -> tuple[int, int]:
        """What the driver inherits, under the same numbers."""
        return self.commands, self.answers

    async def start(self, command: tuple[str, ...]) -> None:
        """Start the browser; the driver has been started."""
        self._close(self.commands, self.answers)
        transport, _ = await asyncio.get_running_loop().subprocess_exec(
            lambda: self._end,
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment.minimal_environment(self._directory),
            # Playwright kills the process group of its browser.
            start_new_session=True,
            pass_fds=(_COMMANDS, _ANSWERS),
            preexec_fn=self._take_places,
        )
        self.process = transport
        self._close(*self._open)
        running = {
            "command": command,
            "pid": self.process.get_pid(),
            "commands": self.commands,
            "answers": self.answers,
        }
        self._file.write_text(json.dumps(running), "utf-8")

    @property
    def adopted(self) -> bool:
        """Whether the driver has taken the browser."""
        return self.process is not None and not self._file.exists()

    @property
    def pids(self) -> list[int]:
        """The browser's process, if the driver has taken it."""
        return [self.process.get_pid()] if self.process is not None and self.adopted else []

    def close(self) -> None:
        """Forget the process of a browser that was closed."""
        if self.process is not None:
            self.process.close()

    async def discard(self) -> None:
        """End a browser that nobody has taken."""
        self._close(*self._open)
        self._file.unlink(missing_ok=True)
        if self.process is not None:
            processes.kill_groups([self.process.get_pid()])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._end.reached.wait()
            self.close()
            self.process = None

    def _take_places(self) -> None:
        os.dup2(self._reads, _COMMANDS)
        os.dup2(self._writes, _ANSWERS)

    def _close(self, *descriptors: int) -> None:
        for descriptor in descriptors:
            if descriptor in self._open:
                self._open.remove(descriptor)
                with contextlib.suppress(OSError):
                    os.close(descriptor)


class _End(asyncio.SubprocessProtocol):
    """Learns that the process has ended."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()

    def process_exited(self) -> None:
        self.reached.set()


def _occupy_low_descriptors() -> list[int]:
    """Descriptors that keep 3 and 4 in use until the child has its own there.

    A free one could become the pipe by which Python learns that the child could not run its program.
    """
    found: list[int] = []
    while not found or found[-1] <= _ANSWERS:
        found.append(os.open(os.devnull, os.O_RDONLY))
    return found
