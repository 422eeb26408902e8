"""Builds what a cold start loads in place of code: the driver's snapshot and the import cache.

`python warm.py FOLDER` writes both into the folder.
"""

import sys
from importlib import import_module
from pathlib import Path

from stillframe import import_cache

# What the functions import, and what their first capture or message does.
MODULES = (
    "functions.direct_invoke.handler",
    "functions.http_api.handler",
    "playwright.async_api",
    "stillframe.drops.event",
    "stillframe.drops.run",
    "stillframe.outputs.convert",
    "stillframe.worker.handle",
)


def load() -> None:
    """Import all of them; no browser is started."""
    from stillframe.browser import Runtime

    def stay(self: Runtime) -> None:
        """Start nothing."""

    Runtime.warm = stay  # type: ignore[method-assign]
    for name in MODULES:
        import_module(name)


def main(folder: Path) -> None:
    """Write `imports.bin` and `node/driver.blob`, readable for every user."""
    snapshot = folder / "node/driver.blob"
    snapshot.parent.mkdir(parents=True, exist_ok=True)
    import_cache.record(folder / "imports.bin", load)

    from stillframe.browser import driver_snapshot

    driver_snapshot.build(snapshot)
    for path in (folder / "imports.bin", *snapshot.parent.iterdir()):
        path.chmod(0o644)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
