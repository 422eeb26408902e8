"""`stillframe serve`: the whole service on this machine, without AWS."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .exits import Exit, Failure

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from ..settings import Settings


@click.command()
@click.option("--host", default=None, help="Address to listen on; HOST or 127.0.0.1 by default.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=None,
    help="Port to listen on; PORT or 8080 by default, 0 for a free one.",
)
def serve(host: str | None, port: int | None) -> None:
    """Serve the API and the playground, with results stored in files and jobs run in this process."""
    import uvicorn

    os.environ.setdefault("STORAGE_URL", default_storage())
    from ..egress import Upstream
    from ..settings import SettingNotValid, settings

    try:
        config = settings()
        Upstream.from_settings(config)  # an unusable PROXY_* variable ends the command here
        address = host or config.host
        _start_telemetry(config)
        from ..api.app import create_app

        app = create_app(local=_is_loopback(address))
    except (SettingNotValid, ValueError) as error:
        raise click.UsageError(f"{str(error).rstrip('.')}; correct the variable, or unset it") from None
    if not app.state.access.configured:
        raise click.UsageError(
            f"set AUTH_TOKEN or URL_SIGNING_SECRET to listen on {address};"
            " without them, only loopback is allowed"
        )
    listener = listen(address, config.port if port is None else port)
    shown = f"[{address}]" if ":" in address else address
    port = listener.getsockname()[1]
    with contextlib.suppress(KeyboardInterrupt), listener:
        click.echo(f"Stillframe on http://{shown}:{port}  (playground at /, API at /docs)", err=True)
        server = uvicorn.Server(_configuration(app, config))
        server.run(sockets=[listener])
        if not server.started:
            raise Failure(
                "the server could not be started; `stillframe doctor` looks for the reason", Exit.SERVICE
            )


def _configuration(app: FastAPI, config: Settings) -> uvicorn.Config:
    import uvicorn

    level = config.log_level.lower()
    return uvicorn.Config(
        app,
        log_level=level if level in ("debug", "error", "critical") else "warning",
        access_log=False,
        timeout_keep_alive=config.keep_alive,
        timeout_graceful_shutdown=30,
        server_header=False,
        # Nobody's X-Forwarded-For is believed but that of the named proxies; uvicorn would trust loopback.
        proxy_headers=bool(config.trusted_proxies),
        forwarded_allow_ips=config.trusted_proxies or [],
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, made here so that a port in use is found at once. Raises Failure."""
    try:
        # `localhost` may have an address of each family; IPv4 is the one that every client tries.
        found = sorted(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except socket.gaierror:
        raise Failure(
            f"--host: {host} is not an address of this machine; use 127.0.0.1", Exit.NOT_VALID
        ) from None
    family, kind, _, _, place = found[0]
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(place)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise _refused(error, host, port) from None
    return listener


def _refused(error: OSError, host: str, port: int) -> Failure:
    if error.errno == errno.EADDRINUSE:
        return Failure(f"port {port} of {host} is in use; choose another one with --port, such as --port 0")
    if error.errno == errno.EACCES:
        return Failure(f"port {port} needs the rights of root; choose one above 1023 with --port")
    if error.errno == errno.EADDRNOTAVAIL:
        return Failure(f"--host: {host} is not an address of this machine; use 127.0.0.1", Exit.NOT_VALID)
    return Failure(f"{host}:{port} cannot be listened on ({error.strerror}); choose another --host or --port")


def _start_telemetry(config: Settings) -> None:
    """Metrics and traces, if a setting asks for them. Raises ClickException without their packages."""
    if not config.prometheus and not config.otel_exporter_otlp_endpoint:
        return
    from .. import __version__, telemetry

    try:
        from ..telemetry import otel
    except ImportError as error:
        raise click.ClickException(
            f"PROMETHEUS and OTEL_EXPORTER_OTLP_ENDPOINT need the extra telemetry ({error.name} is missing):"
            " pip install 'stillframe[telemetry]'"
        ) from None
    telemetry.sinks.append(
        otel.from_settings(
            __version__, prometheus=config.prometheus, endpoint=config.otel_exporter_otlp_endpoint
        )
    )


def default_storage() -> str:
    """A directory in the user's data directory, or memory if it cannot be created."""
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "stillframe/storage"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        return "memory:"
    return home.resolve().as_uri()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
