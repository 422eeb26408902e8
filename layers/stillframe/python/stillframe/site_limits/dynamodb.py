"""Places in the table of jobs: one item for each place of a site, written under a condition."""

from __future__ import annotations

import secrets
import time
from functools import cached_property
from typing import TYPE_CHECKING

from ..botocore_errors import map_botocore_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_UNAVAILABLE = "The table of places does not answer."


class DynamoPlaces:
    """One table. Its role needs PutItem only; the TTL of the table removes places that nobody took again."""

    def __init__(self, table: str) -> None:
        self.table = table

    @cached_property
    def client(self) -> DynamoDBClient:
        import boto3
        from botocore.config import Config

        # Short: a capture goes on without a place when the table is slow.
        config = Config(retries={"mode": "standard", "max_attempts": 2}, connect_timeout=2, read_timeout=3)
        return boto3.client("dynamodb", config=config)

    def take(self, site: str, limit: int, seconds: float) -> str | None:
        start, holder = secrets.randbelow(limit), secrets.token_hex(8)
        for number in range(limit):
            name = f"site#{site}#{(start + number) % limit}"
            now = int(time.time())
            condition = "attribute_not_exists(id) OR expires_at <= :now"
            if self._put(name, holder, now + int(seconds) + 1, condition, {":now": {"N": str(now)}}):
                return f"{name}#{holder}"
        return None

    def free(self, place: str) -> None:
        name, _, holder = place.rpartition("#")
        # Only the holder: a place that ran out may be somebody else's.
        self._put(name, holder, int(time.time()) - 1, "holder = :holder", {":holder": {"S": holder}})

    def _put(
        self, name: str, holder: str, until: int, condition: str, values: dict[str, dict[str, str]]
    ) -> bool:
        """Whether the condition held."""
        item = {"id": {"S": name}, "holder": {"S": holder}, "expires_at": {"N": str(until)}}
        with map_botocore_errors(_UNAVAILABLE):
            try:
                self.client.put_item(
                    TableName=self.table,
                    Item=item,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                )
            except self.client.exceptions.ConditionalCheckFailedException:
                return False
        return True
