"""The `stillframe` command."""

from __future__ import annotations

import logging
import os

import click

from .. import __version__
from .batch import batch
from .capture import capture
from .mcp import mcp
from .serve import serve
from .sign import sign


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__)
def main() -> None:
    """Capture any URL or HTML as PNG, JPEG, WebP, AVIF, PDF, HTML, Markdown or text."""
    level = os.environ.get("LOG_LEVEL", "WARNING").upper()
    logging.basicConfig(
        level=level if level in logging.getLevelNamesMapping() else "WARNING",
        format="%(levelname)s %(name)s: %(message)s",
    )


for command in (capture, batch, serve, sign, mcp):
    main.add_command(command)

if __name__ == "__main__":
    main()
