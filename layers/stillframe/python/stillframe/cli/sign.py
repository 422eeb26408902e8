"""`stillframe sign`: make a link to a capture that works without a token."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from ..errors import CaptureError
from .options import flags, pairs


@click.command()
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

    try:
        keys = signing.Keys.read(settings().url_signing_secret)
        if not keys:
            raise click.ClickException("URL_SIGNING_SECRET is not set.")
        if kid is not None and kid not in keys.by_id:
            raise click.ClickException(f"There is no key '{kid}' in URL_SIGNING_SECRET.")
        request = parse(from_strings(pairs(options)) | ({"url": url} if url else {}))
        check_linkable(request)
        flat = [
            (name, value if isinstance(value, str) else json.dumps(value))
            for name, value in request.canonical().items()
        ]
        query = signing.sign_query(keys, "/capture", flat, int(time.time()) + expires_in, kid=kid)
    except (CaptureError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{endpoint.rstrip('/')}/capture?{query}")
