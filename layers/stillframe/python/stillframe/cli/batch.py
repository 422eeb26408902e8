"""`stillframe batch`: a manifest of captures."""

from __future__ import annotations

import click


@click.command()
def batch() -> None:
    """Capture every row of a manifest."""
    raise click.ClickException("not available")
