"""What only Lambda has: Powertools' logger, the deadline of the invocation, secrets by ARN."""

from __future__ import annotations

import logging
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import utils
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

# Kept from the function's own timeout to answer in.
MARGIN_SECONDS = 2.0

logger = Logger(service="stillframe", logger_formatter=LambdaPowertoolsFormatter(utc=True))
utils.copy_config_to_registered_loggers(source_logger=logger, include={"stillframe"})
logging.getLogger("stillframe").propagate = False


class LambdaContext(Protocol):
    """What we use of the invocation's context."""

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


def seconds_left(context: Any) -> float | None:
    """Seconds of the invocation that a capture may use; None where there is no context."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return None if remaining is None else max(0.0, remaining() / 1000 - MARGIN_SECONDS)
