"""Jobs in a DynamoDB table: `id`, `version`, `expires_at` (the TTL), and the rest as one JSON text."""

from __future__ import annotations

import json
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..botocore_errors import map_botocore_errors
from .model import Job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_UNAVAILABLE = "The table of jobs does not answer."
_COLUMNS = ("id", "version", "expires_at")


class DynamoJobs:
    """One table. Its role needs GetItem and PutItem only."""

    def __init__(self, table: str) -> None:
        self.table = table

    @cached_property
    def client(self) -> DynamoDBClient:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "dynamodb",
            config=Config(
                retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=10
            ),
        )

    def add(self, job: Job) -> Job | None:
        job.version = 1
        # DynamoDB removes an expired item days late, so an expired item counts as absent.
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html
        condition = "attribute_not_exists(id) OR expires_at < :now"
        with map_botocore_errors(_UNAVAILABLE):
            try:
                self.client.put_item(
                    TableName=self.table,
                    Item=_item(job),
                    ConditionExpression=condition,
                    ExpressionAttributeValues={":now": {"N": str(int(time.time()))}},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self.client.exceptions.ConditionalCheckFailedException as error:
                item: Any = error.response.get("Item")  # type: ignore[typeddict-item,unused-ignore]
                return _job(item) if item else self.get(job.id)
        return None

    def get(self, id: str) -> Job | None:
        with map_botocore_errors(_UNAVAILABLE):
            found = self.client.get_item(TableName=self.table, Key={"id": {"S": id}}, ConsistentRead=True)
        # The table also holds the places of `site_limits`, which have no body.
        job = _job(found["Item"]) if "body" in found.get("Item", {}) else None
        return job if job is not None and job.expires_at > time.time() else None

    def save(self, job: Job) -> bool:
        read = job.version
        job.version = read + 1
        with map_botocore_errors(_UNAVAILABLE):
            try:
                self.client.put_item(
                    TableName=self.table,
                    Item=_item(job),
                    ConditionExpression="version = :read",
                    ExpressionAttributeValues={":read": {"N": str(read)}},
                )
            except self.client.exceptions.ConditionalCheckFailedException:
                job.version = read
                return False
        return True


def _item(job: Job) -> dict[str, Any]:
    body = {k: v for k, v in job.to_dict().items() if k not in _COLUMNS}
    return {
        "id": {"S": job.id},
        "version": {"N": str(job.version)},
        "expires_at": {"N": str(int(job.expires_at))},
        "body": {"S": json.dumps(body)},
    }


def _job(item: dict[str, Any]) -> Job:
    body = json.loads(item["body"]["S"])
    return Job.from_dict(
        body
        | {
            "id": item["id"]["S"],
            "version": int(item["version"]["N"]),
            "expires_at": float(item["expires_at"]["N"]),
        }
    )
