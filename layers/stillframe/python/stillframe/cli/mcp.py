"""`stillframe mcp`: the tools for agents over standard input and output."""

from __future__ import annotations

import os

import click


@click.command()
def mcp() -> None:
    """Serve agents over the Model Context Protocol on standard input and output."""
    import asyncio

    from .serve import default_storage

    os.environ.setdefault("STORAGE_URL", default_storage())
    try:
        from ..agents.server import serve_stdio
        from ..settings import SettingNotValid, settings
    except ImportError as error:
        raise click.ClickException(
            f"The extra mcp is missing ({error.name}): pip install 'stillframe[mcp]'"
        ) from None
    from ..agents.tools import Session
    from ..browser.runtime import runtime
    from ..doors import MCP

    try:
        settings()
    except SettingNotValid as error:
        raise click.ClickException(str(error)) from None

    async def serve() -> None:
        try:
            await serve_stdio(Session(MCP, "mcp"))
        finally:
            await runtime.arun(runtime.close())

    asyncio.run(serve())
