"""`stillframe sign`: make a link to a capture that works without a token."""

from __future__ import annotations

import time
from typing import Any

import click

from ..errors import RequestNotValid
from . import hints, service
from .exits import UnknownName
from .options import RowsCommand, flags, pairs


@click.command(cls=RowsCommand)
@click.argument("url", required=False)
@click.option(
    "--endpoint",
    envvar=service.ENDPOINT,
    metavar="URL",
    help="Address of the service; http://localhost:8080.",
)
@click.option("--token", envvar=service.TOKEN, help="Let the service sign, which knows the key.")
@click.option(
    "--expires-in",
    type=click.IntRange(1),
    default=3600,
    show_default=True,
    help="Seconds until the link expires.",
)
@click.option("--kid", help="Id of the key that signs, if there are several.")
@flags
def sign(
    url: str | None,
    endpoint: str | None,
    token: str | None,
    expires_in: int,
    kid: str | None,
    **options: Any,
) -> None:
    """Make a link to a capture of URL that works without a token, and print it.

    It is signed with URL_SIGNING_SECRET on this machine, without a request to the service; without that key
    the service of --endpoint signs it. --help-all lists the options of a capture.
    """
    from .. import signing
    from ..request import from_strings, parse
    from ..request.links import signed_link
    from ..settings import settings

    if url is None:
        raise click.UsageError("URL is missing; give the address that the link captures")
    given = options | {"url": url if "://" in url else f"https://{url}"}
    config = settings()
    if endpoint and not config.url_signing_secret:
        with service.asked(endpoint, token) as connection:
            link = connection.sign(from_strings(pairs(given)), expires_in=expires_in, kid=kid)
        click.echo(link.url)
        return
    endpoint = endpoint or "http://localhost:8080"
    try:
        keys = signing.Keys.read(config.url_signing_secret)
    except ValueError as error:
        raise click.UsageError(f"{error}; `openssl rand -hex 32` makes a key") from None
    if not keys:
        raise click.UsageError(
            "URL_SIGNING_SECRET is not set; set it to the key of the service, or let the service sign:"
            " --endpoint URL --token TOKEN"
        )
    if kid is not None and kid not in keys.by_id:
        raise UnknownName("key", kid, keys.by_id, "URL_SIGNING_SECRET")
    if expires_in > config.signing_max_age:
        raise click.UsageError(
            f"--expires-in: {expires_in} is over the limit of {config.signing_max_age} s (SIGNING_MAX_AGE)"
        )
    try:
        request = parse(from_strings(pairs(given)))
    except RequestNotValid as error:
        raise click.UsageError(hints.as_flags(error)) from None
    click.echo(signed_link(endpoint, keys, request, int(time.time()) + expires_in, kid=kid))
