"""Powertools' idempotency on a DynamoDB table: a delivery that comes twice is worked on once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError

from .settings import settings

__all__ = ["IdempotencyAlreadyInProgressError", "once"]

# As long as the queue keeps a message and the dead letters keep it after that.
_SECONDS = 18 * 86_400


def once(work: Callable[..., None]) -> Callable[..., None]:
    """`work(context, name, …)` at most once per name: again only after it raised, or was cut off and its time is over.

    Without IDEMPOTENCY_TABLE every call works. Raises IdempotencyAlreadyInProgressError while another one works.
    """
    table = settings().idempotency_table
    if not table:
        return work
    config = IdempotencyConfig(expires_after_seconds=_SECONDS)
    store = DynamoDBPersistenceLayer(table_name=table)

    def named(*, name: str, context: Any, rest: tuple[Any, ...]) -> None:
        work(context, name, *rest)

    guarded = idempotent_function(
        named,
        data_keyword_argument="name",
        persistence_store=store,
        config=config,
        key_prefix=f"{work.__module__}.{work.__qualname__}",
    )

    def call(context: Any, name: str, *rest: Any) -> None:
        # The context tells Powertools until when an unfinished record holds.
        config.register_lambda_context(context)
        guarded(name=name, context=context, rest=rest)

    return call
