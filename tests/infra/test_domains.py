"""A domain for the API, and CloudFront before the function URL."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ROOT, load, of_type

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
# A function URL refuses a request whose Host is not its own.
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@pytest.fixture(scope="module")
def cdn() -> dict[str, Any]:
    return load(ROOT / "infra" / "cdn.yaml")


@pytest.fixture(scope="module")
def behaviours(cdn: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (distribution,) = of_type(cdn, "AWS::CloudFront::Distribution").values()
    config = distribution["DistributionConfig"]
    return {"*": config["DefaultCacheBehavior"]} | {b["PathPattern"]: b for b in config["CacheBehaviors"]}


def test_only_links_are_kept_and_only_if_the_answer_says_so(
    cdn: dict[str, Any], behaviours: dict[str, dict[str, Any]]
) -> None:
    assert set(behaviours) == {"*", "/capture"}
    assert behaviours["*"]["CachePolicyId"] == CACHING_DISABLED
    assert behaviours["/capture"]["CachePolicyId"] == {"Ref": "LinkCache"}
    policy = cdn["Resources"]["LinkCache"]["Properties"]["CachePolicyConfig"]
    assert (policy["MinTTL"], policy["DefaultTTL"]) == (0, 0)  # more would keep what says no-store
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    assert key["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["X-Api-Key"]}


def test_errors_are_not_kept(cdn: dict[str, Any]) -> None:
    (distribution,) = of_type(cdn, "AWS::CloudFront::Distribution").values()
    kept = {
        e["ErrorCode"]: e["ErrorCachingMinTTL"]
        for e in distribution["DistributionConfig"]["CustomErrorResponses"]
    }
    assert kept == dict.fromkeys((403, 404, 500, 502, 503, 504), 0)


def test_every_request_is_signed_and_reaches_the_function_by_its_own_name(
    cdn: dict[str, Any], behaviours: dict[str, dict[str, Any]]
) -> None:
    access = cdn["Resources"]["AccessControl"]["Properties"]["OriginAccessControlConfig"]
    # A token in Authorization would take the place of the signature with any other behaviour.
    assert (access["SigningBehavior"], access["OriginAccessControlOriginType"]) == ("always", "lambda")
    for behaviour in behaviours.values():
        assert behaviour["OriginRequestPolicyId"] == ALL_BUT_HOST
        assert behaviour["ViewerProtocolPolicy"] == "https-only"
        assert "POST" in behaviour["AllowedMethods"]


def test_no_other_distribution_may_call_the_function(cdn: dict[str, Any]) -> None:
    permissions = of_type(cdn, "AWS::Lambda::Permission")
    assert {p["Action"] for p in permissions.values()} == {
        "lambda:InvokeFunctionUrl",
        "lambda:InvokeFunction",
    }
    for permission in permissions.values():
        assert permission["Principal"] == "cloudfront.amazonaws.com"
        assert permission["SourceArn"]["Fn::Sub"].endswith(":distribution/${Distribution}")
    assert permissions["InvokePermission"]["InvokedViaFunctionUrl"] is True


def test_the_host_of_a_function_url_is_its_second_part(cdn: dict[str, Any]) -> None:
    (distribution,) = of_type(cdn, "AWS::CloudFront::Distribution").values()
    (origin,) = distribution["DistributionConfig"]["Origins"]
    index, split = origin["DomainName"]["Fn::Select"]
    assert split == {"Fn::Split": ["/", {"Ref": "FunctionUrl"}]}
    url = "https://abc.lambda-url.eu-west-1.on.aws/"
    assert url.split("/")[index] == "abc.lambda-url.eu-west-1.on.aws"
    assert origin["CustomOriginConfig"]["OriginReadTimeout"] <= 60


def test_an_api_keeps_its_paths_under_its_domain(template: dict[str, Any]) -> None:
    domain = load(ROOT / "infra" / "domain.yaml")
    mapping = domain["Resources"]["Mapping"]["Properties"]
    assert "ApiMappingKey" not in mapping
    assert domain["Parameters"]["ApiStage"]["AllowedValues"] == ["$default", "live"]
    assert template["Outputs"]["ApiStage"]["Value"] == {"Fn::If": ["WithRestApi", "live", "$default"]}
    assert template["Resources"]["RestApi"]["Properties"]["StageName"] == "live"
    (configuration,) = domain["Resources"]["Domain"]["Properties"]["DomainNameConfigurations"]
    assert configuration["SecurityPolicy"] == "TLS_1_2"


@pytest.mark.parametrize("name", ["domain", "cdn"])
def test_what_a_stack_is_told_comes_from_the_outputs(template: dict[str, Any], name: str) -> None:
    """A parameter without a default names the output it is filled from."""
    for key, parameter in load(ROOT / "infra" / f"{name}.yaml")["Parameters"].items():
        if parameter["Description"].startswith("Output "):
            assert parameter["Description"].split()[1] in template["Outputs"], key
