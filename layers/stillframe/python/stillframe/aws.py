"""Parts that run on Lambda only: Powertools' logger, the time left, secrets by ARN."""

from __future__ import annotations

import logging
import os
import time
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import utils
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from .settings import settings

# Pydantic would read the metadata of every installed package for plugins that a function does not have.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# Each secret with the variable that holds the ARN to read it from.
SECRETS = {
    "AUTH_TOKEN": "AUTH_TOKEN_SECRET_ARN",
    "URL_SIGNING_SECRET": "URL_SIGNING_SECRET_ARN",
}

# Reserved at the end of the function's timeout for the response.
MARGIN_SECONDS = 2.0

# Seconds before a secret that could not be read again is asked for once more.
_RETRY_SECONDS = 30
# The secrets that were read from their ARNs, by variable, and when a failed reading may be repeated, by ARN.
_resolved: dict[str, str] = {}
_retry_at: dict[str, float] = {}

logger = Logger(service="stillframe", logger_formatter=LambdaPowertoolsFormatter(utc=True))
utils.copy_config_to_registered_loggers(source_logger=logger, include={"stillframe"})
logging.getLogger("stillframe").propagate = False


def seconds_left(context: Any) -> float | None:
    """Seconds of the invocation that a capture may use; None where there is no context."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return None if remaining is None else max(0.0, remaining() / 1000 - MARGIN_SECONDS)


def start() -> None:
    """Initialise a function with a browser: read the secrets, and start the browser in the background."""
    _resolve_secrets()
    os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "stillframe")
    # A function on the layer imports this module for its logger, and has no browser to import.
    from .browser.runtime import runtime

    runtime.warm()


def renew_secrets() -> bool:
    """Read the secrets again that are older than SECRETS_MAX_AGE; True if one has changed."""
    before = settings()
    if before.secrets_max_age > 0:
        _resolve_secrets()
    return settings() is not before


def _resolve_secrets() -> None:
    """Read each secret that an ARN is given for, unless it is a plain value."""
    for name, variable in SECRETS.items():
        arn = os.environ.get(variable, "")
        if not arn or (os.environ.get(name) and name not in _resolved):
            continue
        value = _read_or_keep(arn, _resolved.get(name))
        if value != _resolved.get(name):
            os.environ[name] = _resolved[name] = value
            settings.cache_clear()


def _read_or_keep(arn: str, known: str | None) -> str:
    """The current secret, or the known one while the current one cannot be read."""
    if known is not None and _retry_at.get(arn, 0.0) > time.monotonic():
        return known
    from aws_lambda_powertools.utilities.parameters import GetParameterError

    try:
        return read_secret(arn, settings().secrets_max_age)
    except GetParameterError as error:
        if known is None:
            raise
        logger.warning("a secret could not be read again", extra={"secret": arn, "error": str(error)})
        _retry_at[arn] = time.monotonic() + _RETRY_SECONDS
        return known


def read_secret(arn: str, max_age: int) -> str:
    """The text of a Secrets Manager secret or an SSM parameter, at most `max_age` seconds old.

    Raises GetParameterError.
    """
    service = arn.split(":")[2]
    options: dict[str, Any] = {"decrypt": True} if service == "ssm" else {}
    return str(_provider(service).get(arn, max_age=max_age, **options))


@cache
def _provider(service: str) -> Any:
    """Powertools' cache in front of a service, with timeouts that a waiting caller can bear."""
    from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "max_attempts": 2})
    provider = SSMProvider if service == "ssm" else SecretsProvider
    return provider(boto_config=config)
