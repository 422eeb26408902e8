"""The environment of driver and browser: the variables that they need, and no others.

The browser runs without Chromium's own sandbox, so a page that takes over a renderer acts as this user.
Credentials are kept from it by this environment, memory that other processes cannot read, and the system call
filter of `seccomp`. None of these stops a TCP connection to the Runtime API; the switches of
`switches` do, for a browser that has not been taken over.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Mapping
from ctypes import CDLL
from pathlib import Path

# What Chromium needs of its parent's environment: search paths, fonts, language and time zone.
PASSED_ON = ("PATH", "LANG", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "LD_LIBRARY_PATH")
_PASSED_ON_PREFIX = "LC_"
# What the driver needs besides: Node's cache of compiled code (functions/Dockerfile), and what Playwright's
# client tells its driver about itself. Every other variable of Node or Playwright could change what they do:
# PLAYWRIGHT_DISABLE_FORCED_CHROMIUM_PROXIED_LOOPBACK, NODE_OPTIONS, DEBUG.
DRIVER_PASSED_ON = ("PW_LANG_NAME", "PW_LANG_NAME_VERSION", "PW_CLI_DISPLAY_VERSION")

# V8 lets its young generation grow to 48 MB and keeps it. With this limit the driver has 85 MB after 120
# captures instead of 114, in the same time. A driver that has more than `supervisor` allows is replaced.
NODE_OPTIONS = "--max-semi-space-size=4"

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def minimal_environment(private: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of Chromium, with its home and temporary files in the directory `private`."""
    return _passed_on(os.environ if environ is None else environ, PASSED_ON, private)


def driver_environment(private: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of Playwright's driver, whose files are in the directory `private` too."""
    return _passed_on(environ, PASSED_ON + DRIVER_PASSED_ON, private) | {"NODE_OPTIONS": NODE_OPTIONS}


def _passed_on(environ: Mapping[str, str], names: tuple[str, ...], private: Path) -> dict[str, str]:
    passed = {n: v for n, v in environ.items() if n in names or n.startswith(_PASSED_ON_PREFIX)}
    return passed | {"HOME": str(private), "TMPDIR": str(private)}


def forbid_memory_access() -> bool:
    """Keep other processes of this user from reading our memory, environment and descriptors; no core dumps.

    Deleting a variable does not clear /proc/<pid>/environ; PR_SET_DUMPABLE makes that file unreadable
    (proc(5)). Returns False where the kernel refuses.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return False
    return bool(CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
