"""Parts that run on Lambda only: Powertools' logger and metrics, the invocation, the time left, secrets."""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import utils
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from . import telemetry
from .settings import settings
from .telemetry import captures
from .telemetry.invocation import Invocation

# Pydantic would read the metadata of every installed package for plugins that a function does not have.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

# Each secret with the variable that holds the ARN to read it from.
SECRETS = {
    "AUTH_TOKEN": "AUTH_TOKEN_SECRET_ARN",
    "URL_SIGNING_SECRET": "URL_SIGNING_SECRET_ARN",
    "WEBHOOK_SECRET": "WEBHOOK_SECRET_ARN",
    "PROXY_PASSWORD": "PROXY_PASSWORD_SECRET_ARN",
}

# Reserved at the end of the function's timeout for the response.
MARGIN_SECONDS = 2.0

# Seconds before a secret that could not be read again is asked for once more.
_RETRY_SECONDS = 30
# The secrets that were read from their ARNs, by variable, and when a failed reading may be repeated, by ARN.
_resolved: dict[str, str] = {}
_retry_at: dict[str, float] = {}

# The template gives the name of the stack, which tells the logs and metrics of two stacks apart.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "stillframe")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Stillframe")
logger = Logger(logger_formatter=LambdaPowertoolsFormatter(utc=True))
utils.copy_config_to_registered_loggers(source_logger=logger, include={"stillframe"})
logging.getLogger("stillframe").propagate = False


def seconds_left(context: Any) -> float | None:
    """Seconds of the invocation that a capture may use; None where there is no context."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return None if remaining is None else max(0.0, remaining() / 1000 - MARGIN_SECONDS)


# Milliseconds of the initialisation until the first invocation has taken them, then None.
_init_ms: float | None = 0.0


def start() -> None:
    """End the initialisation of a function with a browser: read secrets, write metrics from now on."""
    global _init_ms
    from .telemetry.emf import EmfSink

    _resolve_secrets()
    if not any(isinstance(sink, EmfSink) for sink in telemetry.sinks):
        telemetry.sinks.append(EmfSink())
        if os.environ.get("POWERTOOLS_TRACE_DISABLED", "true").lower() == "false":
            from .telemetry.xray import XRaySink

            telemetry.sinks.append(XRaySink())
    _init_ms = _process_age_ms()


def invocation(handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Give the log lines and receipts of a handler the invocation that they belong to."""

    @functools.wraps(handler)
    def invoked(event: Any, context: Any) -> Any:
        global _init_ms
        # Provisioned concurrency is initialised, and billed, before anyone calls.
        ahead = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency"
        cold, init_ms = _init_ms is not None and not ahead, 0.0 if ahead else _init_ms or 0.0
        _init_ms = None
        captures.begin(Invocation(cold, time.perf_counter(), init_ms))
        logger.append_keys(
            function_request_id=getattr(context, "aws_request_id", None),
            api_request_id=_api_request_id(event),
        )
        return handler(event, context)

    return invoked


def _api_request_id(event: Any) -> str | None:
    """The id of API Gateway or a function URL, by which the access log is joined."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    return context.get("requestId") if isinstance(context, dict) else None


def _process_age_ms() -> float:
    """How long this process has run, which is Lambda's initialisation so far; 0 without /proc."""
    try:
        ticks = int(Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()[19])
    except OSError:
        return 0.0
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")) * 1000


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
        known, now = _resolved.get(name), os.environ.get(name, "")
        if not arn or now not in ("", known):
            continue
        value = _resolved[name] = _read_or_keep(arn, known)
        if value != now:
            os.environ[name] = value
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
