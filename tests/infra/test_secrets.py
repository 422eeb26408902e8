"""Every secret of the package reaches a function by its ARN."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from stillframe import aws
from stillframe.browser.runtime import runtime
from stillframe.settings import Settings, rows, settings

TEXT = "a secret of thirty-two characters and more"


@pytest.fixture
def account(configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account with both stores of secrets, and a function in it without a browser."""
    configure(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="eu-west-1")
    monkeypatch.setattr(runtime, "warm", lambda: None)
    monkeypatch.setattr(aws, "_resolved", {})
    aws._provider.cache_clear()
    # What `start` writes is taken back.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    with mock_aws():
        yield


def stored(kind: str, text: str) -> str:
    """The ARN of a new secret."""
    if kind == "ssm":
        store = boto3.client("ssm")
        store.put_parameter(Name="/stillframe/secret", Type="SecureString", Value=text)
        return store.get_parameter(Name="/stillframe/secret")["Parameter"]["ARN"]
    return boto3.client("secretsmanager").create_secret(Name="secret", SecretString=text)["ARN"]


def test_every_secret_has_a_form_by_arn() -> None:
    assert set(aws.SECRETS) == {row.env for row in rows() if row.secret}
    assert set(aws.SECRETS.values()) == {row.env for row in rows() if row.env.endswith("_ARN")}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("kind", ["secretsmanager", "ssm"])
@pytest.mark.parametrize("name", sorted(aws.SECRETS))
def test_a_secret_is_read_when_a_function_starts(name: str, kind: str) -> None:
    os.environ[aws.SECRETS[name]] = stored(kind, TEXT)
    settings.cache_clear()
    aws.start()
    assert getattr(settings(), name.lower()) == TEXT
    settings.cache_clear()
