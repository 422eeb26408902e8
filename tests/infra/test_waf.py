"""What infra/waf.yaml blocks, on legitimate captures and on attacks against the service's own paths.

AWS publishes what each rule of its common set reads and a few examples, and keeps the patterns to itself
(https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html). The patterns
here are those examples: enough to show that a rule would meet a capture, not that it would meet every one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

import pytest

from .conftest import ROOT, load, of_type


@dataclass(frozen=True)
class Request:
    """A request as the firewall sees it."""

    path: str = "/capture"
    query: str = ""
    body: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"user-agent": "curl/8"})

    def part(self, name: str) -> list[str]:
        """The texts of one component that a rule may read."""
        return {
            "BODY": [self.body],
            "QUERYARGUMENTS": [value for _, value in parse_qsl(self.query)],
            "QUERYSTRING": [self.query],
            "URIPATH": [self.path],
            "COOKIE": [self.headers.get("cookie", "")],
        }[name]


def matching(pattern: str, component: str) -> Callable[[Request], bool]:
    return lambda request: any(re.search(pattern, text, re.I) for text in request.part(component))


def longer(size: int, component: str) -> Callable[[Request], bool]:
    return lambda request: any(len(text.encode()) > size for text in request.part(component))


LFI = r"\.\./"
RFI = r"://\d{1,3}(\.\d{1,3}){3}"
XSS = r"<script|javascript:|onerror="
METADATA = r"169\.254\.169\.254"
ENDING = r"\.(log|ini|bak|conf)$"
# The whole common set, by name, with what each rule reads.
RULES: dict[str, Callable[[Request], bool]] = {
    "NoUserAgent_HEADER": lambda request: "user-agent" not in request.headers,
    "UserAgent_BadBots_HEADER": lambda request: bool(
        re.search("nessus|nmap", request.headers.get("user-agent", ""))
    ),
    "SizeRestrictions_QUERYSTRING": longer(2_048, "QUERYSTRING"),
    "SizeRestrictions_Cookie_HEADER": longer(10_240, "COOKIE"),
    "SizeRestrictions_BODY": longer(8_192, "BODY"),
    "SizeRestrictions_URIPATH": longer(1_024, "URIPATH"),
    **{
        f"EC2MetaDataSSRF_{p}": matching(METADATA, p) for p in ("BODY", "COOKIE", "URIPATH", "QUERYARGUMENTS")
    },
    **{f"GenericLFI_{p}": matching(LFI, p) for p in ("QUERYARGUMENTS", "URIPATH", "BODY")},
    **{f"RestrictedExtensions_{p}": matching(ENDING, p) for p in ("URIPATH", "QUERYARGUMENTS")},
    **{f"GenericRFI_{p}": matching(RFI, p) for p in ("QUERYARGUMENTS", "BODY", "URIPATH")},
    **{f"CrossSiteScripting_{p}": matching(XSS, p) for p in ("COOKIE", "QUERYARGUMENTS", "BODY", "URIPATH")},
}


def get(**options: str) -> Request:
    return Request(query=urlencode(options))


def post(**options: object) -> Request:
    return Request(body=json.dumps(options))


CAPTURES = {
    "a log file": get(url="https://example.com/today/app.log"),
    "a configuration file": get(url="https://example.com/php.ini"),
    "a relative path in the address": get(url="https://example.com/a/../b"),
    "an address by number": get(url="http://192.0.2.7/"),
    "a long address": get(url="https://example.com/?q=" + "x" * 4_000),
    "a script in the query": get(url="https://example.com", custom_js="document.write('<script>1</script>')"),
    "relative links in HTML": post(html_content='<link rel="stylesheet" href="../style.css">'),
    "relative links in Markdown": post(markdown="![logo](../../logo.png)"),
    "a page with scripts": post(html_content="<script>go()</script><img onerror=x>"),
    "a large page": post(html_content="<p>" * 20_000),
    "an address by number in a body": post(url="https://198.51.100.4:8443/"),
    "a page about the metadata service": post(html_content="<p>curl http://169.254.169.254/</p>"),
    "a log file in a body": post(url="https://example.com/app.log"),
    "a batch": Request(
        "/capture/batch", body=json.dumps({"requests": [{"url": "https://a.example/../x.log"}]})
    ),
    "a signed file": Request("/files/output/2026/11/page.png", "expires=1795237200&signature=" + "a" * 64),
    "a client without a name": Request(query="url=https%3A%2F%2Fexample.com", headers={}),
}
ATTACKS = {
    "a way out of the files": Request("/files/../../etc/passwd"),
    "a script in the path": Request("/files/<script>alert(1)</script>"),
    "a scanner": Request("/", headers={"user-agent": "nmap"}),
    "a configuration of the service": Request("/app.ini"),
}


def blocking() -> set[str]:
    """Rules of the common set that still block."""
    acl = of_type(load(ROOT / "infra" / "waf.yaml"), "AWS::WAFv2::WebACL")["WebAcl"]
    (group,) = [r["Statement"]["ManagedRuleGroupStatement"] for r in acl["Rules"] if r["Name"] == "common"]
    assert all(o["ActionToUse"] == {"Count": {}} for o in group["RuleActionOverrides"])
    counted = {o["Name"] for o in group["RuleActionOverrides"]}
    assert counted <= set(RULES), "WAF refuses the name of a rule that the group lacks"
    return set(RULES) - counted


def blocked_by(request: Request) -> set[str]:
    return {name for name in blocking() if RULES[name](request)}


@pytest.mark.parametrize("name", CAPTURES)
def test_a_legitimate_capture_passes(name: str) -> None:
    assert not blocked_by(CAPTURES[name])


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_the_service_is_blocked(name: str) -> None:
    assert blocked_by(ATTACKS[name])


def test_every_rule_about_what_a_capture_carries_only_counts() -> None:
    """Body and arguments hold a page, scripts and addresses, so no pattern in them tells an attack."""
    assert not {name for name in blocking() if name.endswith(("_BODY", "_QUERYARGUMENTS", "_QUERYSTRING"))}
