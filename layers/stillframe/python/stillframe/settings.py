"""Every environment variable, once: name (the attribute's, in capitals), type, default, sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, NamedTuple, get_type_hints

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


class SettingNotValid(ValueError):
    """An environment variable cannot be read as its type."""


def setting(default: Any, sentence: str, *, secret: bool = False, pixashot: bool = False) -> Any:
    """A setting: its default, one sentence, whether its value is a secret, whether Pixashot has it."""
    return field(default=default, metadata={"sentence": sentence, "secret": secret, "pixashot": pixashot})


class _Group:
    """Settings of one group; the group's name is an argument of the class."""

    group: ClassVar[str]

    def __init_subclass__(cls, group: str = "") -> None:
        cls.group = group


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class AccessSettings(_Group, group="access"):
    """Who may use the service."""

    auth_token: str = setting(
        "",
        "Bearer tokens that callers may use, separated by commas (several for rotation).",
        secret=True,
        pixashot=True,
    )
    auth_token_secret_arn: str = setting(
        "",
        "ARN of a Secrets Manager secret or SSM parameter that holds AUTH_TOKEN.",
    )
    url_signing_secret: str = setting(
        "",
        "Key for signed links, at least 32 characters; several as `kid=secret,kid=secret`, the first one"
        " signs.",
        secret=True,
        pixashot=True,
    )
    url_signing_secret_arn: str = setting(
        "",
        "ARN of a Secrets Manager secret or SSM parameter that holds URL_SIGNING_SECRET.",
    )
    signing_max_age: int = setting(
        604_800,
        "Seconds that a signed link may at most be valid ahead.",
    )
    signing_compat: str = setting(
        "",
        "`pixashot` also accepts Pixashot's unescaped signature scheme, which is forgeable; see"
        " docs/compatibility.md.",
    )
    allow_anonymous: bool = setting(
        False,
        "Let a deployed API run without a token or signing key (behind an authoriser of your own).",
    )
    rate_limit_enabled: bool = setting(
        False,
        "Limit the captures of each caller with a token bucket.",
        pixashot=True,
    )
    rate_limit_capture: str = setting(
        "1 per second",
        "Rate of one bearer token or address, as `N per second|minute|hour|day`.",
        pixashot=True,
    )
    rate_limit_signed: str = setting(
        "5 per second",
        "Rate of signed links from one address, as `N per second|minute|hour|day`.",
        pixashot=True,
    )
    webhook_secret: str = setting(
        "",
        "Key that signs webhook deliveries; the signing key when empty.",
        secret=True,
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class NetworkSettings(_Group, group="network"):
    """Where captures may connect."""

    egress_allow: str = setting(
        "",
        "Internal targets that captures may reach: `host[:port]` and CIDR blocks, separated by commas.",
    )
    egress_ports: str = setting(
        "80,443,8080,8443",
        "Ports that captures may reach on public addresses.",
    )
    proxy_server: str = setting(
        "",
        "Upstream proxy host or `http://host:port` for all captures; the egress guard stays in front of it.",
        pixashot=True,
    )
    proxy_port: int = setting(
        0,
        "Port of PROXY_SERVER when it is a bare host.",
        pixashot=True,
    )
    proxy_username: str = setting(
        "",
        "User name for PROXY_SERVER.",
        pixashot=True,
    )
    proxy_password: str = setting(
        "",
        "Password for PROXY_SERVER.",
        secret=True,
        pixashot=True,
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class BrowserSettings(_Group, group="browser"):
    """The browser and its captures."""

    chromium_path: str = setting(
        "",
        "Path of the Chromium or headless shell to run; found by itself when empty.",
    )
    browser_isolation: str = setting(
        "auto",
        "`auto` shares a scrubbed context between captures without caller state; `fresh` gives every capture"
        " its own.",
    )
    workers: int = setting(
        0,
        "Captures at once on the local server; 0 means the number of CPUs, at most 4. Lambda always has one.",
        pixashot=True,
    )
    queue_size: int = setting(
        32,
        "Captures that may wait for a slot before the answer is 429.",
    )
    max_requests: int = setting(
        100,
        "Captures after which the browser is replaced.",
        pixashot=True,
    )
    memory_limit_mb: int = setting(
        0,
        "Memory of the browser's processes together at which it is ended; 0 derives it from the function's"
        " memory.",
    )
    use_popup_blocker: bool = setting(
        False,
        "Default of `block_popups`.",
        pixashot=True,
    )
    use_cookie_blocker: bool = setting(
        False,
        "Default of `block_cookie_banners` (as `reject`).",
        pixashot=True,
    )
    settle_budget_ms: int = setting(
        5_000,
        "Milliseconds of the page's own time that `wait_until: settled` lets pass.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class TimeSettings(_Group, group="time"):
    """How long things may take."""

    default_timeout_ms: int = setting(
        60_000,
        "Deadline of a capture that names no `timeout`; a door's own limit is kept as well.",
    )
    max_timeout_ms: int = setting(
        300_000,
        "Largest `timeout` that a request may ask for.",
    )
    keep_alive: int = setting(
        300,
        "Seconds that the local server keeps an idle connection.",
        pixashot=True,
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class OutputSettings(_Group, group="output"):
    """Where results go."""

    storage_url: str = setting(
        "",
        "Where large and stored results go: `s3://bucket/prefix`, `file:///directory` or `memory:`.",
    )
    presign_ttl: int = setting(
        3_600,
        "Seconds that a link to a stored result works, unless the request says otherwise.",
    )
    max_presign_ttl: int = setting(
        604_800,
        "Largest `presign_ttl` that a request may ask for.",
    )
    storage_kms_key: str = setting(
        "",
        "KMS key that encrypts stored results; S3's own keys (SSE-S3) when empty.",
    )
    cache_ttl: int = setting(
        86_400,
        "Seconds that a cached result is served, unless the request says otherwise.",
        pixashot=True,
    )
    templates_file: str = setting(
        "",
        "JSON file with templates of your own, merged over the packaged ones.",
    )
    public_url: str = setting(
        "",
        "Address of the service as callers see it, for status and file links; taken from the request when"
        " empty.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class JobSettings(_Group, group="jobs"):
    """Queue, jobs and drops."""

    queue_url: str = setting(
        "",
        "SQS queue of capture jobs; in the process when empty.",
    )
    jobs_table: str = setting(
        "",
        "DynamoDB table of jobs; in the process when empty.",
    )
    job_ttl: int = setting(
        86_400,
        "Seconds that a finished job can be asked for.",
    )
    max_receives: int = setting(
        3,
        "Times that a job is tried; the queue's `maxReceiveCount`.",
    )
    max_batch: int = setting(
        100,
        "Requests in one `POST /capture/batch`.",
    )
    input_bucket: str = setting(
        "",
        "Bucket whose dropped objects are captured.",
    )
    input_prefix: str = setting(
        "input/",
        "Prefix under which dropped objects are captured.",
    )
    output_prefix: str = setting(
        "output/",
        "Prefix under which the results of dropped objects are written.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class LimitSettings(_Group, group="limits"):
    """What one request may ask for."""

    max_body_bytes: int = setting(
        6_000_000,
        "Bytes of a request body.",
    )
    max_url_length: int = setting(
        4_096,
        "Characters of `url`.",
    )
    max_html_bytes: int = setting(
        2_000_000,
        "Bytes of `html_content` and `markdown`.",
    )
    max_js_bytes: int = setting(
        65_536,
        "Bytes of `custom_js`, `init_js`, `custom_css` and each evaluated text.",
    )
    max_headers: int = setting(
        32,
        "Entries of `custom_headers`.",
    )
    max_header_bytes: int = setting(
        4_096,
        "Bytes of one header's name and value.",
    )
    max_interactions: int = setting(
        50,
        "Steps of `interactions`.",
    )
    max_selector_length: int = setting(
        1_000,
        "Characters of a selector.",
    )
    max_width: int = setting(
        5_000,
        "Pixels of `window_width`.",
    )
    max_height: int = setting(
        20_000,
        "Pixels of `window_height`.",
    )
    max_pixels: int = setting(
        40_000_000,
        "Width × height × density² of one capture; taller full pages are clipped with a warning.",
    )
    max_pdf_pages: int = setting(
        200,
        "Pages of a PDF.",
    )
    max_html_output_bytes: int = setting(
        10_000_000,
        "Bytes of `html` and `mhtml` output.",
    )
    max_fetch_bytes: int = setting(
        50_000_000,
        "Bytes that one capture may fetch.",
    )
    max_connections: int = setting(
        1_000,
        "Connections that one capture may open in all.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class OperationSettings(_Group, group="operation"):
    """The process itself."""

    host: str = setting(
        "127.0.0.1",
        "Address of the local server.",
    )
    port: int = setting(
        8080,
        "Port of the local server.",
        pixashot=True,
    )
    log_level: str = setting(
        "INFO",
        "Level of the log.",
        pixashot=True,
    )


GROUPS = (
    AccessSettings,
    NetworkSettings,
    BrowserSettings,
    TimeSettings,
    OutputSettings,
    JobSettings,
    LimitSettings,
    OperationSettings,
)


@dataclass(frozen=True, kw_only=True)
class Settings(
    OperationSettings,
    LimitSettings,
    JobSettings,
    OutputSettings,
    TimeSettings,
    BrowserSettings,
    NetworkSettings,
    AccessSettings,
):
    """The service's configuration; built from the environment once per process."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the environment; raises SettingNotValid naming the variable."""
        source = os.environ if environ is None else environ
        values = {row.name: _parse(row, source[row.env]) for row in rows() if row.env in source}
        return cls(**values)


class Row(NamedTuple):
    """One setting, as the documentation shows it."""

    env: str
    name: str
    type: type
    default: Any
    sentence: str
    group: str
    secret: bool
    pixashot: bool


def rows() -> Iterator[Row]:
    """The table, group by group."""
    types = get_type_hints(Settings)
    for group in GROUPS:
        for f in fields(group):
            facts = {key: f.metadata[key] for key in ("sentence", "secret", "pixashot")}
            yield Row(f.name.upper(), f.name, types[f.name], f.default, group=group.group, **facts)


def _parse(row: Row, text: str) -> Any:
    if row.type is bool:
        lowered = text.strip().lower()
        if lowered in _TRUE | _FALSE:
            return lowered in _TRUE
        raise SettingNotValid(f"{row.env}: {text!r} is not a boolean; use true or false.")
    if row.type is int:
        try:
            return int(text)
        except ValueError:
            if not text.strip():
                return row.default
            raise SettingNotValid(f"{row.env}: {text!r} is not a whole number.") from None
    return text


@cache
def settings() -> Settings:
    """The process's settings, read once."""
    return Settings.from_env()
