"""The environment of driver and browser: no credentials in it, nor in any memory that they can read.

The browser runs without Chromium's own sandbox, so a page that takes over a renderer acts as this user.
Credentials are kept from it by an environment without them, memory that other processes cannot read, and the
system call filter of `seccomp`. None of these stops a TCP connection to the Runtime API; the switches of
`switches` do, for a browser that has not been taken over.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterable, MutableMapping
from ctypes import CDLL
from pathlib import Path

# The runtime client, Powertools and boto3 read these later, and none is a secret; every other AWS_* is
# removed.
KEPT_AWS = frozenset(
    {
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_LEVEL",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_REGION",
        "AWS_SAM_LOCAL",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
    }
)
SECRET_ENDINGS = ("_TOKEN", "_SECRET", "_PASSWORD", "_KEY", "_CREDENTIALS", "_PASSPHRASE")
# Chromium needs these of its parent's environment: search paths, fonts, language and time zone.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "LD_LIBRARY_PATH")

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def scrub(environ: MutableMapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """Remove credentials and secrets from `environ` and return them.

    Call it before Playwright's driver starts, which copies the environment. `secrets` names the variables
    that the settings declare secret; other variables are judged by their names.
    """
    named = set(secrets)
    found = [name for name in environ if name in named or _is_secret(name)]
    return {name: environ.pop(name) for name in found}


def _is_secret(name: str) -> bool:
    if name.startswith(("AWS_", "_AWS_")):
        return name not in KEPT_AWS and not name.startswith("AWS_ENDPOINT_URL_")
    return name.upper().endswith(SECRET_ENDINGS)


def minimal_environment(private: Path, environ: MutableMapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of Chromium, with its home and temporary files in the directory `private`."""
    source = os.environ if environ is None else environ
    passed = {name: source[name] for name in PASSED_ON if name in source}
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
