"""Every function has a handler, limits, a log group, alarms, and no secret it does not need."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stillframe.settings import rows

from .conftest import BROWSERS, FUNCTIONS, ROOT, of_type

NAMES = [f"{name}Function" for name in FUNCTIONS]
IMAGES = [f"{name}Function" for name in BROWSERS]
# Read by Powertools itself, so they are not settings of Stillframe.
POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_TRACE_DISABLED"}


def numbers(template: dict[str, Any], value: Any) -> list[int]:
    """Every number that a property can become, through the parameters' bounds."""
    if isinstance(value, dict) and "Ref" in value:
        parameter = template["Parameters"][value["Ref"]]
        assert parameter["Type"] == "Number"
        allowed = parameter.get("AllowedValues") or [parameter["MinValue"], parameter["MaxValue"]]
        assert parameter["Default"] in allowed or min(allowed) <= parameter["Default"] <= max(allowed)
        return [*allowed, parameter["Default"]]
    return [int(value)]


def property_of(template: dict[str, Any], name: str, key: str) -> Any:
    """A function's own property, or the one it inherits."""
    own = template["Resources"][name]["Properties"]
    return own.get(key, template["Globals"]["Function"].get(key))


def test_the_tests_know_every_function(functions: dict[str, Any]) -> None:
    assert sorted(functions) == sorted(NAMES)


def test_image_functions_share_one_image(template: dict[str, Any], functions: dict[str, Any]) -> None:
    metadata = [template["Resources"][name]["Metadata"] for name in IMAGES]
    assert metadata == [
        {
            "Dockerfile": "functions/Dockerfile",
            "DockerContext": ".",
            "DockerTag": "stillframe",
            "DockerBuildArgs": {"BASE_IMAGE": {"Ref": "BaseImage"}},
        }
    ] * len(IMAGES)
    assert (ROOT / metadata[0]["Dockerfile"]).is_file()
    dockerfile = (ROOT / metadata[0]["Dockerfile"]).read_text(encoding="utf-8")
    assert f"ARG BASE_IMAGE={template['Parameters']['BaseImage']['Default']}\n" in dockerfile
    assert all(functions[name]["PackageType"] == "Image" for name in IMAGES)
    assert not any("Layers" in functions[name] or "Handler" in functions[name] for name in IMAGES)


def test_the_image_holds_its_own_functions_and_no_others(functions: dict[str, Any]) -> None:
    """A function that runs from the layer would only make the image larger."""
    copied = re.findall(
        r"^COPY functions/(\S+) /image/var/task/functions/(\S+)$",
        (ROOT / "functions" / "Dockerfile").read_text(encoding="utf-8"),
        re.M,
    )
    commands = [p["ImageConfig"]["Command"][0] for p in functions.values() if p.get("PackageType") == "Image"]
    folders = sorted(command.split(".")[1] for command in commands)
    assert sorted(copied) == [(folder, folder) for folder in folders]


@pytest.mark.parametrize("name", NAMES)
def test_the_handler_exists(functions: dict[str, Any], name: str) -> None:
    properties = functions[name]
    if name in IMAGES:
        (command,) = properties["ImageConfig"]["Command"]
        module, attribute = command.rsplit(".", 1)
        path = ROOT / (module.replace(".", "/") + ".py")
    else:
        module, attribute = properties["Handler"].rsplit(".", 1)
        path = ROOT / properties["CodeUri"] / f"{module}.py"
    assert path.is_file(), f"{name} names {path.relative_to(ROOT)}"
    assert re.search(rf"^(def {attribute}\(|{attribute}\b.*=)", path.read_text(encoding="utf-8"), re.M)


def test_the_zip_function_gets_the_package_as_a_layer(
    template: dict[str, Any], functions: dict[str, Any]
) -> None:
    assert functions["ScheduleFunction"]["Layers"] == [{"Ref": "StillframeLayer"}]
    layer = template["Resources"]["StillframeLayer"]
    assert layer["Metadata"]["BuildMethod"] == functions["ScheduleFunction"]["Runtime"] == "python3.13"
    assert layer["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}
    assert (ROOT / layer["Properties"]["ContentUri"] / "stillframe" / "__init__.py").is_file()
    assert (ROOT / layer["Properties"]["ContentUri"] / "requirements.txt").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_every_function_is_limited(template: dict[str, Any], name: str) -> None:
    # cfn-lint lets a timeout of 1,200 s and a /tmp of 100 MB pass.
    timeouts = numbers(template, property_of(template, name, "Timeout"))
    assert all(1 <= seconds <= 900 for seconds in timeouts)
    assert all(128 <= mb <= 10_240 for mb in numbers(template, property_of(template, name, "MemorySize")))
    reserved = property_of(template, name, "ReservedConcurrentExecutions")["Fn::If"]
    assert reserved[0] == "Reserve"
    assert reserved[2] == {"Ref": "AWS::NoValue"}
    assert min(numbers(template, reserved[1])) >= 1
    assert template["Parameters"]["ReserveConcurrency"]["Default"] == "false"  # a new account has 10
    if name in IMAGES:
        assert min(numbers(template, property_of(template, name, "MemorySize"))) >= 1024
        assert all(
            512 <= mb <= 10_240
            for mb in numbers(template, property_of(template, name, "EphemeralStorage")["Size"])
        )


@pytest.mark.parametrize("name", NAMES)
def test_every_function_has_a_log_group_that_expires(
    template: dict[str, Any], functions: dict[str, Any], name: str
) -> None:
    group = functions[name]["LoggingConfig"]["LogGroup"]["Ref"]
    assert template["Resources"][group]["Properties"]["RetentionInDays"] == {"Ref": "LogDays"}
    assert group == name.replace("Function", "LogGroup")


def test_every_log_group_expires(template: dict[str, Any]) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup")
    assert set(groups) == {f"{name}LogGroup" for name in FUNCTIONS} | {"ApiLogGroup"}
    assert all(p["RetentionInDays"] == {"Ref": "LogDays"} for p in groups.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_function_is_alarmed(
    template: dict[str, Any], observability: dict[str, Any], name: str
) -> None:
    passed = template["Resources"]["Observability"]["Properties"]["Parameters"]
    assert passed[name] == {"Ref": name}
    watched = {
        alarm["MetricName"]
        for alarm in of_type(observability, "AWS::CloudWatch::Alarm").values()
        if alarm.get("Dimensions") == [{"Name": "FunctionName", "Value": {"Ref": name}}]
    }
    # What a capture needs of its time is alarmed by its own metric, on every door.
    assert watched == {"Errors", "Throttles"} | ({"Duration"} if name == "ScheduleFunction" else set())


def test_every_variable_is_a_setting(template: dict[str, Any], functions: dict[str, Any]) -> None:
    known = {row.env for row in rows()} | POWERTOOLS
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    for name, properties in functions.items():
        own = properties.get("Environment", {}).get("Variables", {})
        assert set(shared) | set(own) <= known, name


def test_a_secret_is_never_a_value(template: dict[str, Any], functions: dict[str, Any]) -> None:
    secret = {row.env for row in rows() if row.secret}
    for properties in [template["Globals"]["Function"], *functions.values()]:
        variables = properties.get("Environment", {}).get("Variables", {})
        assert all(variables[name] == "" for name in secret & set(variables))
    for name in ("AuthTokenSecret", "UrlSigningSecret"):
        generated = template["Resources"][name]["Properties"]["GenerateSecretString"]
        assert generated["PasswordLength"] >= 32


def test_only_functions_that_authenticate_or_sign_know_a_secret(functions: dict[str, Any]) -> None:
    knows = {
        name: {v for v in p.get("Environment", {}).get("Variables", {}) if v.endswith("_ARN")}
        for name, p in functions.items()
    }
    assert {name: found for name, found in knows.items() if found} == {
        "HttpApiFunction": {"AUTH_TOKEN_SECRET_ARN", "URL_SIGNING_SECRET_ARN", "WEBHOOK_SECRET_ARN"},
        "SqsWorkerFunction": {"URL_SIGNING_SECRET_ARN", "WEBHOOK_SECRET_ARN"},
    }


def test_a_parameter_switches_tracing_on_everywhere_and_otherwise_nowhere(template: dict[str, Any]) -> None:
    assert template["Globals"]["Function"]["Tracing"] == {"Ref": "Tracing"}
    assert template["Parameters"]["Tracing"]["Default"] == "PassThrough"
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    assert shared["POWERTOOLS_TRACE_DISABLED"] == {"Fn::If": ["WithTracing", "false", "true"]}
    for name in FUNCTIONS:
        (policy,) = template["Resources"][f"{name}Role"]["Properties"]["Policies"]
        granted = [s for s in policy["PolicyDocument"]["Statement"] if "xray:PutTraceSegments" in str(s)]
        assert [s["Fn::If"][::2] for s in granted] == [["WithTracing", {"Ref": "AWS::NoValue"}]]
