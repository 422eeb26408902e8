"""The event loop whose child processes are confined: Playwright starts its driver on it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

from . import driver_preload
from .seccomp import Confinement, seccomp_program

_confined: ContextVar[bool] = ContextVar("confined", default=True)
_child_environment: ContextVar[Callable[[dict[str, str]], dict[str, str]] | None] = ContextVar(
    "child_environment", default=None
)


@contextlib.contextmanager
def child_environment(change: Callable[[dict[str, str]], dict[str, str]]) -> Iterator[None]:
    """Child processes that start within this block get the environment that `change` returns.

    Our own environment stays as it is: other threads read credentials and settings from it at the same time.
    """
    token = _child_environment.set(change)
    try:
        yield
    finally:
        _child_environment.reset(token)


@contextlib.contextmanager
def unconfined_children() -> Iterator[None]:
    """Child processes that start within this block get no filter, for a browser that cannot run with it."""
    token = _confined.set(False)
    try:
        yield
    finally:
        _confined.reset(token)


def own_children() -> set[int]:
    """Child processes that the running loop waits for; empty for a loop of another class."""
    loop = asyncio.get_running_loop()
    return loop.own_children() if isinstance(loop, ConfiningEventLoop) else set()


class ConfiningEventLoop(asyncio.SelectorEventLoop):
    """An event loop that starts its child processes with the system call filter."""

    _confinement: Confinement | None = None

    def __init__(self) -> None:
        super().__init__()
        self._children: WeakSet[asyncio.SubprocessTransport] = WeakSet()

    async def subprocess_exec(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> Any:
        """As the base class, with a `Confinement` in the child and the environment of `child_environment`."""
        child = driver_preload.waiting.get()
        if child is not None and (adopted := child.adopt_into(args, protocol_factory)):
            return adopted
        if (change := _child_environment.get()) is not None:
            kwargs["env"] = change(dict(kwargs.get("env") or os.environ))
        if sys.platform == "linux" and _confined.get() and seccomp_program() is not None:
            if self._confinement is None:
                self._confinement = Confinement()
            kwargs["preexec_fn"] = _in_turn(kwargs.get("preexec_fn"), self._confinement)
        with warnings.catch_warnings():
            # Python warns of fork in a process with threads: the child must take no lock, and these take
            # none.
            warnings.simplefilter("ignore", DeprecationWarning)
            transport, protocol = await super().subprocess_exec(protocol_factory, *args, **kwargs)
        self._children.add(transport)
        return transport, protocol

    def own_children(self) -> set[int]:
        """Running or dead child processes that this loop waits for."""
        return {t.get_pid() for t in self._children if t.get_returncode() is None}


def _in_turn(first: Callable[[], None] | None, then: Callable[[], None]) -> Callable[[], None]:
    if first is None:
        return then

    def both() -> None:
        first()
        then()

    return both
