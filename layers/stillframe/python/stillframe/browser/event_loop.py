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


class ConfiningEventLoop(asyncio.SelectorEventLoop):
    """An event loop that starts its child processes with the system call filter."""

    _confinement: Confinement | None = None

    async def subprocess_exec(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> Any:
        """As the base class, with a `Confinement` in the child and the environment of `child_environment`."""
        child = driver_preload.waiting.get()
        if child is not None and (adopted := child.adopt_into(args, protocol_factory)):
            return adopted
        if (change := _child_environment.get()) is not None:
            kwargs["env"] = change(dict(kwargs.get("env") or os.environ))
        if sys.platform != "linux" or not _confined.get() or seccomp_program() is None:
            return await super().subprocess_exec(protocol_factory, *args, **kwargs)
        if self._confinement is None:
            self._confinement = Confinement()
        with warnings.catch_warnings():
            # Python warns of fork in a process with threads: the child must take no lock, and this one takes
            # none.
            warnings.simplefilter("ignore", DeprecationWarning)
            return await super().subprocess_exec(
                protocol_factory, *args, preexec_fn=self._confinement, **kwargs
            )
