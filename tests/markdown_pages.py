"""The Markdown files of the repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def pages() -> list[Path]:
    """The Markdown files under version control, or all outside hidden folders where there is no git."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = done.stdout.splitlines() or [
        str(p.relative_to(ROOT))
        for p in ROOT.rglob("*.md")
        if not any(part.startswith((".", "node_modules")) for part in p.relative_to(ROOT).parts)
    ]
    return [ROOT / name for name in sorted(names) if (ROOT / name).is_file()]
