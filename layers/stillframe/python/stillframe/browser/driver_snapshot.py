"""A snapshot of Playwright's driver with its code loaded, from which Node starts in a third of the time.

`python driver_snapshot.py FILE` builds it, as the image does (functions/Dockerfile).
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

from .environment import NODE_OPTIONS

log = logging.getLogger("stillframe")

# Where the image has the snapshot.
VARIABLE = "DRIVER_SNAPSHOT"
_BUILDER = Path(__file__).parent / "assets/driver_snapshot.cjs"
# Node refuses a snapshot of a machine with other instructions. All processors of Lambda have those of
# Haswell; these came later or stand for a fault of some processors.
_FLAGS = (
    "--no-enable-avx-vnni",
    "--no-enable-avx-vnni-int8",
    "--no-intel-jcc-erratum-mitigation",
    # V8 takes compiled code only under the flags that it was compiled with.
    NODE_OPTIONS,
)
# The instructions that V8 tells apart on x86 (cpu-features.h); on Arm it tells most of them apart.
_X86 = {"ssse3", "sse4_1", "sse4_2", "lahf_lm", "avx", "avx2", "fma", "f16c", "bmi1", "bmi2", "abm", "popcnt"}


def command(node: str, script: str, hook: Path | None = None) -> tuple[str, ...] | None:
    """The command that starts the driver from its snapshot, after `hook`; None where no snapshot fits."""
    file = os.environ.get(VARIABLE, "")
    if not file:
        return None
    try:
        fits = json.loads(Path(f"{file}.json").read_text("utf-8")) == _origin(node, script, file)
    except (OSError, ValueError):
        fits = False
    if not fits:
        log.warning("the snapshot of the driver does not fit this machine; the driver starts without it")
        return None
    return (node, *_FLAGS, "--snapshot-blob", file, "run-driver", *([str(hook)] if hook else []))


def build(file: Path) -> None:
    """Write the snapshot, and beside it what it was made of. Raises CalledProcessError."""
    from playwright._impl._driver import compute_driver_executable

    node, script = compute_driver_executable()
    builder = [node, str(_BUILDER), str(Path(script).parent), str(file), *_FLAGS]
    subprocess.run(builder, check=True, timeout=120, env={})
    Path(f"{file}.json").write_text(json.dumps(_origin(node, script, file)), "utf-8")


def _origin(node: str, script: str, file: str | Path) -> list[object]:
    """The driver's files, the snapshot and the instructions of this machine."""
    core = Path(script).parent / "lib/coreBundle.js"
    sizes = [Path(path).stat().st_size for path in (node, core, file)]
    return [node, script, *sizes, _instructions()]


def _instructions() -> list[str]:
    """The instructions of the processor by which V8 tells machines apart."""
    with Path("/proc/cpuinfo").open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            name, _, words = line.partition(":")
            if name.strip() == "flags":
                return sorted(_X86.intersection(words.split()))
            if name.strip() == "Features":
                return sorted(words.split())
    return []


if __name__ == "__main__":
    build(Path(sys.argv[1]))
