"""The engine, the emulator and the confined image of tests/lambda, for the benches that measure the image."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from .bench_overhead import ROOT

SCRIPTS = ROOT / "tests" / "lambda"
HANDLER = "functions.direct_invoke.handler.handler"


class Unavailable(Exception):
    """This machine cannot run the bench; the message says what is missing."""


@cache
def emulated() -> ModuleType:
    """`tests/lambda/emulated.py`, whose folder bears a name that no import statement can say."""
    spec = importlib.util.spec_from_file_location("stillframe_emulated", SCRIPTS / "emulated.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def engine() -> str:
    """The container engine, its client's environment set."""
    return str(emulated().use_engine(_script("engine.sh")))


def emulator() -> Path:
    """The Runtime Interface Emulator."""
    return Path(_script("tools.sh").strip().splitlines()[-1])


def image() -> str:
    """The image, built now from this tree; one that `STILLFRAME_BENCH_IMAGE` names is taken as it is."""
    if named := os.environ.get("STILLFRAME_BENCH_IMAGE"):
        return named
    _script("image.sh")
    return os.environ.get("STILLFRAME_IMAGE", "stillframe")


def ask(*command: str) -> str:
    """The output of a command."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)[:200]}: {done.stderr[-1000:]}")
    return done.stdout.strip()


def function(engine: str, image: str, **sandbox: Any) -> Any:
    """The direct door in the confined image, behind the emulator."""
    return emulated().Confined(
        engine, emulator(), image, HANDLER, {"EGRESS_ALLOW": "127.0.0.0/8", "LOG_LEVEL": "ERROR"}, **sandbox
    )


def _script(name: str) -> str:
    """A script of tests/lambda; what it cannot do here, the bench cannot either."""
    done = subprocess.run(
        ["sh", str(SCRIPTS / name)],
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
        env={"PYTHON": sys.executable} | os.environ,
    )
    if done.returncode:
        raise Unavailable(f"{name}: {(done.stderr.strip() or 'no reason given').splitlines()[-1]}")
    return done.stdout
