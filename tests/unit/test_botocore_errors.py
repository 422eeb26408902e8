"""botocore's exceptions become StorageUnavailable; others pass."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from stillframe.botocore_errors import map_botocore_errors
from stillframe.errors import StorageUnavailable
from stillframe.storage import KeyTaken


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        ClientError({"Error": {"Code": "SlowDown", "Message": "x"}}, "PutObject"),
    ],
)
def test_errors_of_botocore_are_retryable_storage_errors(error: Exception) -> None:
    with pytest.raises(StorageUnavailable, match="No answer") as caught, map_botocore_errors("No answer."):
        raise error
    assert caught.value.__cause__ is error
    assert (caught.value.retryable, caught.value.retry_after) == (True, 2)


@pytest.mark.parametrize("error", [KeyTaken("The key is taken."), ValueError("x")])
def test_other_errors_pass(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, map_botocore_errors("No answer."):
        raise error
    assert caught.value is error
