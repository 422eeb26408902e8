"""`stillframe devices` and `stillframe templates`: the names that the options accept."""

from __future__ import annotations

import json
from typing import Any

import click

from . import service
from .exits import UnknownName


@click.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--json", "as_json", is_flag=True, help="Print names and options as JSON.")
@service.options
def devices(words: tuple[str, ...], as_json: bool, endpoint: str | None, token: str | None) -> None:
    """List the devices of --device whose names hold every WORD."""
    if endpoint:
        with service.asked(endpoint, token) as connection:
            every = connection.devices()
    else:
        from ..steps.devices import devices as known

        every = known()
    found = _matching(every, words, "device", "stillframe devices")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    width = max(map(len, found))
    for name, options in found.items():
        size = f"{options.get('window_width')}×{options.get('window_height')}"
        density = f"{options.get('pixel_density', 1):g}"
        click.echo(f"{name:{width}}  {size:>9} @{density}")


@click.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--json", "as_json", is_flag=True, help="Print names and options as JSON.")
@service.options
def templates(words: tuple[str, ...], as_json: bool, endpoint: str | None, token: str | None) -> None:
    """List the templates of --template whose names hold every WORD, those of TEMPLATES_FILE too."""
    if endpoint:
        with service.asked(endpoint, token) as connection:
            every = connection.templates()
    else:
        every = _templates()
    found = _matching(every, words, "template", "stillframe templates")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for name, options in found.items():
        click.echo(f"{name}: {', '.join(f'{key} {json.dumps(value)}' for key, value in options.items())}")


def _templates() -> dict[str, dict[str, Any]]:
    from ..request.templates import templates as known
    from ..settings import settings

    path = settings().templates_file
    try:
        return known(path)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"TEMPLATES_FILE: {path} cannot be read ({error}); correct it") from None


def _matching(
    known: dict[str, dict[str, Any]], words: tuple[str, ...], kind: str, listed_by: str
) -> dict[str, dict[str, Any]]:
    """The entries whose names hold every word. Raises UnknownName when there is none."""
    found = {n: o for n, o in known.items() if all(word.lower() in n.lower() for word in words)}
    if not found:
        raise UnknownName(kind, " ".join(words), known, listed_by)
    return found
