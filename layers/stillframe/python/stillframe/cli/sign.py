"""`stillframe sign`: make a link to a capture that works without a token."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from ..errors import RequestNotValid
from . import hints
from .exits import UnknownName
from .options import RowsCommand, flags, pairs


@click.command(cls=RowsCommand)
@click.argument("url", required=False)
@click.option(
    "--endpoint", default="http://localhost:8080", show_default=True, help="Address of the service."
)
@click.option(
    "--expires-in",
    type=click.IntRange(1),
    default=3600,
    show_default=True,
    help="Seconds until the link expires.",
)
@click.option("--kid", help="Id of the key that signs, if there are several.")
@flags
def sign(url: str | None, endpoint: str, expires_in: int, kid: str | None, **options: Any) -> None:
    """Sign a capture of URL with URL_SIGNING_SECRET and print the link."""
    from .. import signing
    from ..request import from_strings, parse
    from ..request.facets import check_linkable
    from ..settings import settings

    if url is None:
        raise click.UsageError("URL is missing; give the address that the link captures")
    config = settings()
    try:
        keys = signing.Keys.read(config.url_signing_secret)
    except ValueError as error:
        raise click.UsageError(f"{error}; `openssl rand -hex 32` makes a key") from None
    if not keys:
        raise click.UsageError("URL_SIGNING_SECRET is not set; set it to the key of the service")
    if kid is not None and kid not in keys.by_id:
        raise UnknownName("key", kid, keys.by_id, "URL_SIGNING_SECRET")
    if expires_in > config.signing_max_age:
        raise click.UsageError(
            f"--expires-in: {expires_in} is over the limit of {config.signing_max_age} s (SIGNING_MAX_AGE)"
        )
    given = options | {"url": url if "://" in url else f"https://{url}"}
    try:
        request = parse(from_strings(pairs(given)))
    except RequestNotValid as error:
        raise click.UsageError(hints.as_flags(error, given)) from None
    check_linkable(request)
    flat = [
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, value in request.canonical().items()
    ]
    query = signing.sign_query(keys, "/capture", flat, int(time.time()) + expires_in, kid=kid)
    click.echo(f"{endpoint.rstrip('/')}/capture?{query}")
