"""Error mapping for AWS calls: botocore's exceptions become StorageUnavailable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import StorageUnavailable

_RETRY_SECONDS = 2


@contextmanager
def map_botocore_errors(message: str) -> Iterator[None]:
    """Raise StorageUnavailable with `message` in place of an exception of botocore."""
    # Imported here: modules that name a back end must not load botocore before it is used.
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable(message, retry_after=_RETRY_SECONDS) from error
