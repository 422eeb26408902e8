"""The checks of `stillframe doctor` about the service: settings, credentials, its port, or a deployed one."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from ..similar import nearest
from .checks import Found

_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def settings(environ: Mapping[str, str] | None = None) -> Iterator[Found]:
    """Every setting is valid, and no variable looks like a misspelt one."""
    from ..egress import Upstream
    from ..egress.policy import EgressPolicy
    from ..egress.targets import TargetPolicy
    from ..settings import Settings, rows

    environ = os.environ if environ is None else environ
    try:
        config = Settings.from_env(environ)
        EgressPolicy.from_settings(
            config.egress_allow, config.egress_ports, environ, config.public_url, config.egress_deny
        )
        TargetPolicy.from_settings(config)
        Upstream.from_settings(config)
    except ValueError as error:
        yield Found("settings", str(error).rstrip("."), "correct the variable, or unset it", "fault")
        return
    if config.templates_file:
        from ..request.templates import templates

        try:
            templates(config.templates_file)
        except (OSError, ValueError) as error:
            yield Found("settings", f"TEMPLATES_FILE: {error}", "name a file with a JSON object", "fault")
    known = {row.env for row in rows()}
    for name in sorted(set(environ) - known):
        # Variables of AWS and of OpenTelemetry belong to their libraries.
        if not name.startswith(("AWS_", "OTEL_")) and (near := nearest(name, known, likeness=0.85)):
            yield Found("settings", f"{name} is not a setting", f"did you mean {near}?", "warning")
    count = len(known & set(environ))
    yield Found("settings", f"{count} set" if count else "none set; every default applies")


def credentials(environ: Mapping[str, str] | None = None) -> Iterator[Found]:
    """Tokens and keys of the service can be read, and AWS has credentials where a setting needs them."""
    from ..settings import SettingNotValid, Settings
    from ..signing import Keys

    environ = os.environ if environ is None else environ
    try:
        config = Settings.from_env(environ)
        Keys.read(config.url_signing_secret, token=config.auth_token)
    except SettingNotValid:
        return
    except ValueError as error:
        yield Found("credentials", str(error), "`openssl rand -hex 32` makes a key", "fault")
        return
    set_ = [n for n in ("AUTH_TOKEN", "URL_SIGNING_SECRET", "WEBHOOK_SECRET") if environ.get(n)]
    told = f"{', '.join(set_)} set" if set_ else "no token and no key, so `serve` stays on loopback"
    yield Found("credentials", told)
    needs = [n for n in ("STORAGE_URL", "QUEUE_URL", "JOBS_TABLE", "INPUT_BUCKET") if environ.get(n)]
    needs = [n for n in needs if n != "STORAGE_URL" or environ[n].startswith("s3:")]
    known = any(environ.get(n) for n in _CREDENTIALS) or (Path.home() / ".aws/credentials").is_file()
    if needs and find_spec("boto3") is None:
        yield Found("credentials", f"{needs[0]} needs boto3", "pip install 'stillframe[aws]'", "fault")
    elif needs and not known:
        fix = "run `aws configure`, or set AWS_PROFILE; on EC2 the role of the instance will do"
        yield Found("credentials", f"{needs[0]} needs AWS credentials, and none were found", fix, "warning")


def ports() -> Iterator[Found]:
    from ..settings import SettingNotValid
    from ..settings import settings as configured

    try:
        config = configured()
    except SettingNotValid:
        return
    try:
        with socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((config.host, config.port))
    except OSError as error:
        fix = "stop what uses it, or choose another one with PORT or `serve --port`"
        reason = (error.strerror or str(error)).lower()
        yield Found("ports", f"{config.host}:{config.port} cannot be used ({reason})", fix, "warning")
    else:
        yield Found("ports", f"{config.host}:{config.port} is free for `serve`")


def endpoint(address: str, token: str | None) -> Iterator[Found]:
    """The service answers, and knows the token."""
    from ..errors import CaptureError
    from . import hints, service

    try:
        with service.client(address, token) as connection:
            version = connection.version()
            connection.validate({"html_content": "x"})
    except CaptureError as error:
        message, _, fix = hints.told(error, remote=True).rstrip(".").rpartition(". ")
        yield Found("service", message or fix, fix if message else "", "fault")
    else:
        yield Found("service", f"{address} has version {version.get('version')} and knows the token")
