"""Places in a DynamoDB table, which is moto's: never more than the limit, whoever asks at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from moto import mock_aws

from stillframe.jobs.dynamodb import DynamoJobs
from stillframe.site_limits import dynamodb
from stillframe.site_limits.dynamodb import DynamoPlaces


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoPlaces]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="jobs",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        yield DynamoPlaces("jobs")


def test_many_at_once_get_no_more_places_than_there_are(places: DynamoPlaces) -> None:
    _ = places.client
    with ThreadPoolExecutor(8) as threads:
        taken = [t for t in threads.map(lambda _: places.take("example.com", 3, 60), range(24)) if t]
    assert len(set(taken)) == 3
    assert places.take("example.org", 3, 60) is not None


def test_a_place_that_is_freed_or_ran_out_can_be_taken(
    places: DynamoPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(dynamodb.time, "time", lambda: now)
    first = places.take("example.com", 1, 60)
    assert first is not None
    assert places.take("example.com", 1, 60) is None
    places.free(first)
    second = places.take("example.com", 1, 60)
    assert second is not None
    places.free(first)
    assert places.take("example.com", 1, 60) is None, "a place is freed by its holder only"
    now += 62
    third = places.take("example.com", 1, 60)
    assert third is not None, "the place of an environment that died"
    places.free(second)
    assert places.take("example.com", 1, 60) is None


def test_a_place_is_no_job(places: DynamoPlaces) -> None:
    taken = places.take("example.com", 1, 60)
    assert taken is not None
    assert DynamoJobs("jobs").get(taken.rpartition("#")[0]) is None
