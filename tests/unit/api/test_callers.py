"""Who a request comes from: recorded events of every kind of authorizer, through Mangum."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mangum import Mangum

from stillframe.api import aws_identity
from stillframe.api.app import create_app, renew_access
from stillframe.api.routes import jobs as job_routes
from stillframe.doors import HTTP_API
from stillframe.settings import Settings

EVENTS = Path(__file__).parents[2] / "events"
TOKEN = "a-token-that-nobody-else-has"
IAM = "iam:123456789012:role/Reader"
pytestmark = pytest.mark.usefixtures("main_loop")


class Context:
    """The part of the Lambda context that names the function."""

    def __init__(self, account: str = "123456789012") -> None:
        self.invoked_function_arn = f"arn:aws:lambda:eu-west-1:{account}:function:http"


def event(name: str, *, path: str = "/jobs/abc", **headers: str) -> dict[str, Any]:
    """A recorded event as `GET /jobs/abc`."""
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    found["headers"] = {k.lower(): v for k, v in found["headers"].items()} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    found["body"], found["httpMethod"] = "", "GET"
    if "http" in found["requestContext"]:
        found["requestContext"]["http"] |= {"method": "GET", "path": path}
        found["rawPath"] = path
    found["path"] = path
    return found


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Send an event; the answer is the caller's identity, or the error's code."""

    def send(given: dict[str, Any], account: str = "123456789012", **settings: Any) -> str:
        def find(id: str, caller: str) -> None:
            seen.append(caller)
            raise job_routes.RequestNotValid("seen")

        seen: list[str] = []
        monkeypatch.setattr(job_routes.view, "find", find)
        app = create_app(HTTP_API, config=Settings(**{"auth_token": f"billing:{TOKEN}"} | settings))
        answer = Mangum(app, lifespan="off")(given, Context(account))  # type: ignore[arg-type]
        text = answer["body"]
        text = base64.b64decode(text).decode() if answer.get("isBase64Encoded") else text
        return seen[0] if seen else str(json.loads(text)["code"])

    return send


@pytest.mark.parametrize(
    ("name", "caller"),
    [
        ("function_url_iam", IAM),
        ("rest_api_v1_iam", IAM),
        ("http_api_v2_iam", "iam:123456789012:user/teams/jo"),
        ("http_api_v2_jwt", "jwt:https://login.example.com/#a1b2c3d4-example"),
    ],
)
def test_the_caller_whom_aws_identified_needs_no_token(
    ask: Callable[..., str], name: str, caller: str
) -> None:
    assert ask(event(name)) == caller
    assert ask(event(name), auth_token="") == caller
    assert ask(event(name), auth_token="", allow_anonymous=True) == caller
    assert ask(event(name), aws_callers="") in ("auth_required", "token_invalid")


@pytest.mark.parametrize(
    "name", ["function_url_iam", "rest_api_v1_iam", "http_api_v2_iam", "http_api_v2_jwt"]
)
def test_a_token_beside_an_authorizer_is_checked_and_names_the_caller(
    ask: Callable[..., str], name: str
) -> None:
    assert ask(event(name, x_api_key=TOKEN)) == "name:billing"
    assert ask(event(name, x_api_key=TOKEN), aws_callers="") == "name:billing"
    assert ask(event(name, x_api_key="of somebody else")) == "token_invalid"


@pytest.mark.parametrize("name", ["function_url", "http_api_v2", "rest_api_v1"])
def test_a_token_is_taken_from_either_header(ask: Callable[..., str], name: str) -> None:
    assert ask(event(name, x_api_key=TOKEN)) == "name:billing"
    assert ask(event(name, authorization=f"Bearer {TOKEN}")) == "name:billing"
    assert ask(event(name, authorization=f"Bearer {TOKEN}", x_api_key="wrong")) == "token_invalid"
    assert ask(event(name, authorization=f"Bearer {TOKEN}", x_api_key="")) == "name:billing"
    assert ask(event(name)) == "auth_required"
    assert ask(event(name, authorization="AWS4-HMAC-SHA256 Credential=x")) == "auth_required"


def test_the_key_of_a_usage_plan_is_no_token(ask: Callable[..., str]) -> None:
    """API Gateway takes its own key from the same header and reports it once it is checked."""
    key = "key-of-a-usage-plan-of-rest"
    given = event("rest_api_v1", x_api_key=key, authorization=f"Bearer {TOKEN}")
    assert ask(given) == "token_invalid"
    given["requestContext"]["identity"]["apiKey"] = key
    assert ask(given) == "name:billing"
    given["headers"].pop("authorization")
    assert ask(given) == "auth_required"


def test_a_lambda_authorizer_may_name_its_texts_as_aws_names_its_objects(ask: Callable[..., str]) -> None:
    """The context of a REST API's authorizer holds texts only, often a JSON of claims."""
    given = event("rest_api_v1")
    texts = dict.fromkeys(("claims", "jwt", "iam", "lambda"), '{"sub": "x", "claims": {"sub": "x"}}')
    given["requestContext"]["authorizer"] = texts | {"principalId": "jo"}
    assert ask(given) == "auth_required"
    assert ask(given, aws_callers="iam,jwt,authorizer") == "authorizer:jo"


def test_the_identity_with_which_cloudfront_signs_is_no_caller(ask: Callable[..., str]) -> None:
    """It is the same for every viewer of a distribution with origin access control."""
    assert ask(event("function_url_oac")) == "auth_required"
    assert ask(event("function_url_oac"), auth_token="") == "not_configured"
    assert ask(event("function_url_oac", x_api_key=TOKEN)) == "name:billing"


@pytest.mark.parametrize("name", ["function_url_iam", "rest_api_v1_iam"])
def test_an_identity_of_another_account_is_no_caller(ask: Callable[..., str], name: str) -> None:
    """CloudFront's origin access control signs every viewer's request with an identity of its own."""
    assert ask(event(name), account="210987654321") == "auth_required"
    assert ask(event(name), account="210987654321", aws_callers="iam,123456789012") == IAM
    assert ask(event(name, x_api_key=TOKEN), account="210987654321") == "name:billing"


@pytest.mark.parametrize(
    ("arn", "caller"),
    [
        ("arn:aws:iam::123456789012:user/jo", "iam:123456789012:user/jo"),
        ("arn:aws-cn:sts::123456789012:assumed-role/Reader/x", IAM),
        ("arn:aws:sts::123456789012:assumed-role/Reader/y", IAM),
        ("arn:aws:iam::123456789012:root", "iam:123456789012:root"),
        ("", None),
        ("cloudfront.amazonaws.com", None),
        ("arn:aws:cloudfront::123456789012:distribution/X", None),
        ("arn:aws:sts::123456789013:assumed-role/OriginAccessControlRole/Edge", None),
        ("arn:aws:iam::123456789012:", None),
    ],
)
def test_an_arn_names_a_user_or_a_role_and_not_its_session(arn: str, caller: str | None) -> None:
    context = {"authorizer": {"iam": {"userArn": arn}}}
    assert aws_identity.identify(context, "123456789012", frozenset({"iam"})) == caller
    assert aws_identity.identify(context, "", frozenset({"iam"})) is None, "the own account is not known"


def test_a_lambda_authorizer_counts_only_where_it_is_named() -> None:
    rest = {"authorizer": {"principalId": "jo", "integrationLatency": 3}}
    http = {"authorizer": {"lambda": {"principalId": "jo"}}}
    for context in (rest, http):
        assert aws_identity.identify(context, "1", frozenset({"iam", "jwt"})) is None
        assert aws_identity.identify(context, "1", frozenset({"authorizer"})) == "authorizer:jo"
    cognito = {"authorizer": {"claims": {"sub": "jo", "iss": "https://pool"}}}
    assert aws_identity.identify(cognito, "1", frozenset({"jwt"})) == "jwt:https://pool#jo"
    assert aws_identity.identify({"authorizer": {"claims": {}}}, "1", frozenset({"jwt"})) is None


def test_whom_aws_identifies_must_be_spelled_as_documented() -> None:
    with pytest.raises(ValueError, match="AWS_CALLERS: 'everyone' is not one of iam, jwt, authorizer"):
        aws_identity.read_trusted("iam, everyone")
    assert aws_identity.read_trusted(" iam, 123456789012,") == {"iam", "123456789012"}


def test_renewed_tokens_count_at_once_and_unusable_ones_do_not() -> None:
    app = create_app(HTTP_API, config=Settings(auth_token=f"old:{TOKEN}:1 per day"))
    assert app.state.limiter.take("name:old").remaining == 0
    renew_access(app, Settings(auth_token=f"new:{TOKEN}:2 per day"))
    assert [t.caller for t in app.state.access.tokens] == ["name:new"]
    assert app.state.limiter.take("name:new").remaining == 1
    assert app.state.limiter.take("name:old") is None
    renew_access(app, Settings(auth_token="short"))
    assert [t.caller for t in app.state.access.tokens] == ["name:new"]
