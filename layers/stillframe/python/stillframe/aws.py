"""Parts that run on Lambda only: Powertools' logger, the time left, secrets by ARN."""

from __future__ import annotations

import logging
import os
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
    "WEBHOOK_SECRET": "WEBHOOK_SECRET_ARN",
    "PROXY_PASSWORD": "PROXY_PASSWORD_SECRET_ARN",
}

# Reserved at the end of the function's timeout for the response.
MARGIN_SECONDS = 2.0

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


def _resolve_secrets() -> None:
    """Read each secret that an ARN is given for; once per environment."""
    for name, variable in SECRETS.items():
        arn = os.environ.get(variable, "")
        if arn and not os.environ.get(name):
            os.environ[name] = read_secret(arn)
            settings.cache_clear()


def read_secret(arn: str) -> str:
    """The text of a Secrets Manager secret or an SSM parameter."""
    import boto3

    if arn.split(":")[2] == "ssm":
        found = boto3.client("ssm").get_parameter(Name=arn, WithDecryption=True)
        return str(found["Parameter"]["Value"])
    return str(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
