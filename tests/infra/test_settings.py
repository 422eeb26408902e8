"""Every setting of the package can be given in template.yaml, or stands here with the reason why not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from stillframe.api.auth import AccessPolicy
from stillframe.aws import SECRETS
from stillframe.settings import Row, SettingNotValid, Settings, rows

from .conftest import walk

ROWS = {row.env: row for row in rows()}
# Settings that mean nothing on Lambda.
NOT_GIVEN = {
    "CHROMIUM_PATH": "the image has one Chromium and names it",
    "HOST": "of the local server",
    "KEEP_ALIVE": "of the local server",
    "MAX_BODY_BYTES": "Lambda refuses a larger event itself",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "of the local server; on Lambda CloudWatch has the metrics",
    "PORT": "of the local server",
    "PROMETHEUS": "of the local server; on Lambda CloudWatch has the metrics",
    "TRUSTED_PROXIES": "of the local server; on Lambda the event names the client",
    "WORKERS": "always 1 on Lambda",
}
# Settings that hardly anybody changes on Lambda; ExtraSettings takes them.
BY_EXTRA = {
    "FILTER_LISTS": "files that whoever builds the image has added to it",
    "MEMORY_LIMIT_MB": "derived from MemorySize",
    "QUEUE_SIZE": "an environment has one capture at a time, so nothing waits in it",
    "RATE_LIMIT_CAPTURE": "counted in each process, and Lambda starts one for every concurrent request",
    "RATE_LIMIT_ENABLED": "counted in each process, and Lambda starts one for every concurrent request",
    "RATE_LIMIT_SIGNED": "counted in each process, and Lambda starts one for every concurrent request",
    "TEMPLATES_FILE": "a file that whoever builds the image has added to it",
}
# Settings that the template decides: the names of its own resources, and what its policies and rules rest on.
DECIDED = {
    "ALLOW_ANONYMOUS",
    "AUTH_TOKEN",
    "INPUT_BUCKET",
    "INPUT_PREFIX",
    "JOBS_TABLE",
    "MAX_RECEIVES",
    "OUTPUT_PREFIX",
    "QUEUE_URL",
    "STORAGE_URL",
}
# A secret is given by its ARN.
BY_ARN = {"PROXY_PASSWORD", "URL_SIGNING_SECRET", "WEBHOOK_SECRET"}
# Defaults that differ from the package's, on purpose.
OTHER_DEFAULTS = {"PRESIGN_TTL", "MAX_PRESIGN_TTL"}
# Parameters whose description says what the setting means in this stack, in words of its own.
OWN_WORDS = OTHER_DEFAULTS | {
    "ALLOWED_HOSTS",
    "EXTRA_SETTINGS",
    "LINK_CACHE_SECONDS",
    "PROXY_PASSWORD_SECRET_ARN",
    "PROXY_SERVER",
    "PROXY_USERNAME",
    "RELEASE",
    "SIGNING_COMPAT",
    "STORAGE_KMS_KEY",
}


def variables(template: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every variable of every function."""
    yield from template["Globals"]["Function"]["Environment"]["Variables"].items()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            yield from resource["Properties"].get("Environment", {}).get("Variables", {}).items()


def parameters_of(value: Any, template: dict[str, Any]) -> set[str]:
    found = {node["Ref"] for _, node in walk(value) if isinstance(node, dict) and "Ref" in node}
    return found & set(template["Parameters"])


def test_every_setting_is_given_decided_or_excused(template: dict[str, Any]) -> None:
    given = {name for name, value in variables(template) if parameters_of(value, template)}
    decided = {name for name, _ in variables(template)} - given
    own = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_TRACE_DISABLED"}
    assert decided - own == DECIDED
    assert not (given | decided) & (set(NOT_GIVEN) | set(BY_EXTRA))
    assert given | decided | set(NOT_GIVEN) | set(BY_EXTRA) | BY_ARN == set(ROWS) | own
    assert all(SECRETS[name] in given for name in BY_ARN)


def test_the_count_of_settings_that_an_operator_reaches(template: dict[str, Any]) -> None:
    """Fewer than these would be a setting that only an edit of the template changes."""
    unreachable = set(ROWS) - set(NOT_GIVEN) - DECIDED
    unreachable -= {name for name, value in variables(template) if parameters_of(value, template)}
    unreachable -= BY_ARN
    extra = json.dumps(dict.fromkeys(sorted(unreachable), "1"))
    Settings.from_env({"EXTRA_SETTINGS": extra})
    assert unreachable == set(BY_EXTRA)
    assert template["Parameters"]["ExtraSettings"]["Default"] == ""


def test_a_stack_has_no_switch_that_its_own_token_makes_void(template: dict[str, Any]) -> None:
    """Anonymous access needs a service without secrets, and a stack has both from the start."""
    variables = template["Resources"]["HttpApiFunction"]["Properties"]["Environment"]["Variables"]
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    for name, made in (("AUTH_TOKEN", "AuthTokenSecret"), ("URL_SIGNING_SECRET", "UrlSigningSecret")):
        assert made in str(variables[SECRETS[name]])
    assert not AccessPolicy.from_settings(Settings(auth_token="t" * 48, allow_anonymous=True)).anonymous
    assert shared["ALLOW_ANONYMOUS"] == "false"
    with pytest.raises(SettingNotValid, match="variable of this function already"):
        Settings.from_env({"ALLOW_ANONYMOUS": "false", "EXTRA_SETTINGS": '{"ALLOW_ANONYMOUS": true}'})


def settable(template: dict[str, Any]) -> dict[str, tuple[Row, dict[str, Any]]]:
    """Settings that are one parameter each."""
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    return {
        name: (ROWS[name], template["Parameters"][value["Ref"]])
        for name, value in shared.items()
        if isinstance(value, dict) and value.get("Ref") in template["Parameters"] and name in ROWS
    }


@pytest.mark.parametrize(
    "name", sorted(set(ROWS) - set(NOT_GIVEN) - set(BY_EXTRA) - DECIDED - BY_ARN - OTHER_DEFAULTS)
)
def test_a_parameter_has_the_default_of_its_setting(template: dict[str, Any], name: str) -> None:
    if name.endswith("_ARN"):
        return  # the stack makes the secret when none is given
    row, parameter = settable(template)[name]
    default = parameter["Default"]
    if row.type is bool:
        assert parameter["AllowedValues"] == ["true", "false"]
        assert default == str(row.default).lower()
    elif row.type is int:
        assert parameter["Type"] == "Number"
        assert int(default) == row.default
        # CloudFormation may write a long number as 4.0E7.
        assert isinstance(default, str) or default < 1_000_000
    else:
        assert parameter["Type"] == "String"
        assert default == row.default


def test_a_parameter_is_described_as_its_setting_is(template: dict[str, Any]) -> None:
    """A setting whose meaning changes must not keep its old one here."""

    def words(text: str) -> str:
        plain = re.sub(r"\b[A-Z]+(?:_[A-Z]+)+\b", lambda m: m[0].title().replace("_", ""), text)
        return " ".join(plain.replace("`", "").split())

    found = settable(template)
    told = {name: (words(p["Description"]), words(row.sentence)) for name, (row, p) in found.items()}
    assert {name for name, (ours, theirs) in told.items() if ours != theirs} == OWN_WORDS


def test_the_variables_fit_into_lambda(template: dict[str, Any]) -> None:
    """Lambda takes 4 KB of variables; a list of allowed targets needs room too."""
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    size = 0
    for name, value in shared.items():
        reference = value.get("Ref") if isinstance(value, dict) else None
        text = (
            str(template["Parameters"].get(reference, {}).get("Default", "x" * 90)) if reference else "x" * 90
        )
        size += len(name) + len(text) + 2
    assert size < 2_500


def test_templates_hold_no_more_parameters_than_cloudformation_takes(template: dict[str, Any]) -> None:
    assert len(template["Parameters"]) <= 200
    grouped = [
        name
        for group in template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        for name in group["Parameters"]
    ]
    assert sorted(grouped) == sorted(template["Parameters"])
