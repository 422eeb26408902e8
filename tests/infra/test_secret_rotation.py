"""A running function takes over a changed secret; Secrets Manager and Parameter Store are moto's."""

from __future__ import annotations

import datetime
import importlib.util
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import GetParameterError, base
from moto import mock_aws

from stillframe import aws, telemetry
from stillframe.browser.runtime import Runtime, runtime
from stillframe.settings import Settings, settings
from stillframe.telemetry import captures
from stillframe.telemetry.invocation import Invocation

from .conftest import ROOT

FIRST, SECOND = "first-secret-of-24-letters", "second-secret-of-24-letters"


class Clock(datetime.datetime):
    """The clock by which Powertools expires what it has read."""

    late = 0

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return super().now(tz) + datetime.timedelta(seconds=cls.late)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Clock]]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name in ("AUTH_TOKEN", "URL_SIGNING_SECRET", "PROXY_PASSWORD"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(base, "datetime", Clock)
    monkeypatch.setattr(Clock, "late", 0)
    monkeypatch.setattr(aws, "_resolved", {})
    monkeypatch.setattr(aws, "_retry_at", {})
    # What a function leaves in the process when it starts and is called.
    monkeypatch.setattr(captures, "_invocation", Invocation())
    with mock_aws():
        aws._provider.cache_clear()
        yield Clock
    aws._provider.cache_clear()
    telemetry.sinks.clear()


def secret() -> tuple[str, Callable[[str], object], Callable[[], object]]:
    """A secret's ARN, how it is changed and how it is removed."""
    client = boto3.client("secretsmanager")
    arn = client.create_secret(Name="token", SecretString=FIRST)["ARN"]
    return (
        arn,
        lambda value: client.put_secret_value(SecretId=arn, SecretString=value),
        lambda: client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True),
    )


def parameter() -> tuple[str, Callable[[str], object], Callable[[], object]]:
    client = boto3.client("ssm")
    put: Any = {"Name": "/stillframe/token", "Type": "SecureString", "Overwrite": True}
    client.put_parameter(**put, Value=FIRST)
    arn = client.get_parameter(Name=put["Name"])["Parameter"]["ARN"]
    return (
        arn,
        lambda value: client.put_parameter(**put, Value=value),
        lambda: client.delete_parameter(Name=put["Name"]),
    )


@pytest.mark.parametrize("store", [secret, parameter])
def test_a_changed_secret_counts_after_the_maximum_age(
    store: Callable[[], tuple[str, Callable[[str], object], Callable[[], object]]],
    clock: type[Clock],
    configure: Callable[..., Settings],
) -> None:
    arn, change, remove = store()
    configure(AUTH_TOKEN_SECRET_ARN=arn, SECRETS_MAX_AGE="300")
    assert aws.renew_secrets()
    assert settings().auth_token == FIRST
    change(SECOND)
    clock.late = 299
    assert not aws.renew_secrets()
    assert settings().auth_token == FIRST
    clock.late = 301
    assert aws.renew_secrets()
    assert settings().auth_token == SECOND
    assert not aws.renew_secrets()
    remove()
    clock.late = 602
    assert not aws.renew_secrets(), "a secret that cannot be read leaves the known one"
    assert settings().auth_token == SECOND


def function(name: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The handler of a function, started without its browser."""
    monkeypatch.setattr(Runtime, "warm", lambda self: None)
    spec = importlib.util.spec_from_file_location(f"{name}_rotated", ROOT / "functions" / name / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[[dict[str, Any], Any], dict[str, Any]] = module.handler
    return handler


@pytest.mark.usefixtures("main_loop")
def test_the_http_function_admits_the_next_token_and_refuses_the_revoked_one(
    clock: type[Clock], configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    arn, change, _ = secret()
    configure(AUTH_TOKEN_SECRET_ARN=arn, SECRETS_MAX_AGE="300")
    handler = function("http_api", monkeypatch)
    event = json.loads((ROOT / "tests" / "events" / "function_url.json").read_text("utf-8"))
    event["rawPath"], event["body"] = "/jobs/none", ""
    event["requestContext"]["http"] |= {"method": "GET", "path": "/jobs/none"}

    def ask(token: str) -> int:
        event["headers"]["authorization"] = f"Bearer {token}"
        return int(handler(event, None)["statusCode"])

    assert (ask(FIRST), ask(SECOND)) == (404, 403)
    change(f"app:{SECOND}")
    clock.late = 301
    assert (ask(FIRST), ask(SECOND)) == (403, 404)


def test_the_worker_signs_webhooks_with_the_next_key(
    clock: type[Clock], configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    arn, change, _ = secret()
    configure(URL_SIGNING_SECRET_ARN=arn, SECRETS_MAX_AGE="300")
    handler = function("sqs_worker", monkeypatch)
    assert settings().url_signing_secret == FIRST
    change(SECOND)
    clock.late = 301
    event = json.loads((ROOT / "tests" / "events" / "sqs.json").read_text("utf-8"))
    event["Records"] = event["Records"][:1]
    event["Records"][0]["body"] = '{"webhook": "of-no-job"}'
    handler(event, None)  # whatever becomes of the message
    assert settings().url_signing_secret == SECOND


@pytest.mark.usefixtures("main_loop")
@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("http_api", "http_api_v2"),
        ("direct_invoke", "direct"),
        ("s3_event", "s3_test"),
        ("sqs_worker", "sqs"),
    ],
)
def test_every_function_with_a_browser_takes_over_the_next_password_of_the_proxy(
    name: str,
    event: str,
    clock: type[Clock],
    configure: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arn, change, _ = secret()
    configure(
        PROXY_SERVER="proxy.example.com",
        PROXY_USERNAME="jo",
        PROXY_PASSWORD="",
        PROXY_PASSWORD_SECRET_ARN=arn,
        STORAGE_URL="memory:",
        INPUT_BUCKET="drops",
    )
    handler = function(name, monkeypatch)

    def password() -> str:
        upstream = runtime.upstream()
        assert upstream is not None
        return upstream.password

    assert password() == FIRST
    change(SECOND)
    clock.late = 301
    given = json.loads((ROOT / "tests" / "events" / f"{event}.json").read_text("utf-8"))
    if name == "direct_invoke":
        given = {"no": "request"}
    for record in given.get("Records", []):
        record["body"] = '{"webhook": "of-no-job"}'
    handler(given, None)  # whatever the answer is
    assert password() == SECOND


def test_a_secret_that_cannot_be_read_is_not_asked_for_by_every_request(
    clock: type[Clock], configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    arn, _, remove = secret()
    configure(AUTH_TOKEN_SECRET_ARN=arn)
    aws.renew_secrets()
    remove()
    clock.late = 301
    asked: list[str] = []

    def read(arn: str, max_age: int) -> str:
        asked.append(arn)
        raise GetParameterError("down")

    monkeypatch.setattr(aws, "read_secret", read)
    for _ in range(3):
        aws.renew_secrets()
    assert asked == [arn]


def test_the_first_reading_must_succeed(clock: type[Clock], configure: Callable[..., Settings]) -> None:
    configure(AUTH_TOKEN_SECRET_ARN="arn:aws:secretsmanager:eu-west-1:123456789012:secret:missing")
    with pytest.raises(GetParameterError):
        aws.renew_secrets()


def test_a_plain_value_is_not_replaced_and_zero_reads_once(
    clock: type[Clock], configure: Callable[..., Settings]
) -> None:
    arn, change, _ = secret()
    configure(AUTH_TOKEN_SECRET_ARN=arn, AUTH_TOKEN=SECOND)
    assert not aws.renew_secrets()
    assert settings().auth_token == SECOND
    configure(AUTH_TOKEN="", SECRETS_MAX_AGE="0")
    aws._resolve_secrets()
    change(SECOND)
    assert not aws.renew_secrets()
    assert settings().auth_token == FIRST
