"""Builds the snapshot of Playwright's driver, which every cold start loads in place of the driver's code."""

import os
from pathlib import Path

from stillframe.browser import driver_snapshot


def main(file: Path) -> None:
    """Write the snapshot and what it was made of, readable for every user."""
    file.parent.mkdir(parents=True, exist_ok=True)
    driver_snapshot.build(file)
    for path in file.parent.iterdir():
        path.chmod(0o644)


if __name__ == "__main__":
    main(Path(os.environ[driver_snapshot.VARIABLE]))
