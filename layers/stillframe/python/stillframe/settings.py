"""The settings: one attribute for each environment variable, with type, default and one sentence.

The variable's name is the attribute's in capitals.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, NamedTuple, get_type_hints

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


class SettingNotValid(ValueError):
    """An environment variable has a value that cannot be used; the message names the variable."""


def setting(default: Any, sentence: str, *, secret: bool = False, pixashot: bool = False) -> Any:
    """Declare a setting; `secret` marks a value that must not be shown, `pixashot` a name from Pixashot."""
    return field(default=default, metadata={"sentence": sentence, "secret": secret, "pixashot": pixashot})


class _Group:
    """Base of the groups; the group's name is a class argument."""

    group: ClassVar[str]

    def __init_subclass__(cls, group: str = "") -> None:
        cls.group = group


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class AccessSettings(_Group, group="access"):
    """Who may use the service."""

    auth_token: str = setting(
        "",
        "Bearer tokens that callers may use, separated by commas: `token`, `name:token` or `name:token:rate`,"
        " such as `billing:<token>:5 per minute`. Tokens of one name are one caller.",
        secret=True,
        pixashot=True,
    )
    auth_token_secret_arn: str = setting(
        "",
        "ARN of a Secrets Manager secret or SSM parameter that holds AUTH_TOKEN.",
    )
    url_signing_secret: str = setting(
        "",
        "Key that signs links, at least 32 characters. Several keys are written `kid=secret,kid=secret`;"
        " the first one signs.",
        secret=True,
        pixashot=True,
    )
    url_signing_secret_arn: str = setting(
        "",
        "ARN of a Secrets Manager secret or SSM parameter that holds URL_SIGNING_SECRET.",
    )
    secrets_max_age: int = setting(
        300,
        "Seconds after which a running function reads secrets given by ARN again; 0 reads them once.",
    )
    aws_callers: str = setting(
        "iam,jwt",
        "Callers that AWS identifies and that need no token, separated by commas: `iam` (users and roles of"
        " the function's own account), numbers of further accounts, `jwt` (a JWT or Cognito authorizer),"
        " `authorizer` (a Lambda authorizer).",
    )
    signing_max_age: int = setting(
        604_800,
        "How far ahead a signed link may expire, in seconds.",
    )
    signing_compat: str = setting(
        "",
        "`pixashot` also accepts Pixashot's unescaped signature scheme, which can be forged; see"
        " docs/compatibility.md.",
    )
    link_cache_seconds: int = setting(
        0,
        "Seconds for which a shared cache such as CloudFront may keep the file that a signed link returns, at"
        " most until the link expires; 0 forbids it.",
    )
    allow_anonymous: bool = setting(
        False,
        "Let a deployed API run without a token or signing key, for example behind your own authoriser.",
    )
    allowed_hosts: str = setting(
        "",
        "Hosts (`host[:port]`, separated by commas) that links in answers may take from the Host header of a"
        " request; PUBLIC_URL takes precedence.",
    )
    trusted_proxies: str = setting(
        "",
        "Addresses and CIDR blocks of proxies whose X-Forwarded-For the local server believes.",
    )
    rate_limit_enabled: bool = setting(
        False,
        "Limit the captures of each caller with a token bucket.",
        pixashot=True,
    )
    rate_limit_capture: str = setting(
        "1 per second",
        "Rate for each bearer token or client address, as `N per second|minute|hour|day`.",
        pixashot=True,
    )
    rate_limit_signed: str = setting(
        "5 per second",
        "Rate of signed links for each client address, as `N per second|minute|hour|day`.",
        pixashot=True,
    )
    webhook_secret: str = setting(
        "",
        "Key that signs webhook deliveries; if empty, the signing key.",
        secret=True,
    )
    webhook_secret_arn: str = setting(
        "",
        "ARN of a Secrets Manager secret or SSM parameter that holds WEBHOOK_SECRET.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class NetworkSettings(_Group, group="network"):
    """Network access of captures."""

    egress_allow: str = setting(
        "",
        "Internal targets that captures may reach: `host[:port]` and CIDR blocks, separated by commas.",
    )
    egress_deny: str = setting(
        "",
        "Hosts that no page may reach: names, `*.domain` and CIDR blocks, separated by commas; wins over"
        " EGRESS_ALLOW.",
    )
    target_allow: str = setting(
        "",
        "The only hosts whose pages may be captured: names, `*.domain` and CIDR blocks, separated by commas;"
        " empty for every host. Pages may load from elsewhere.",
    )
    https_only: bool = setting(
        False,
        "Capture only https:// addresses, after redirects too.",
    )
    egress_ports: str = setting(
        "80,443,8080,8443",
        "Ports that captures may reach on public addresses, separated by commas.",
    )
    proxy_server: str = setting(
        "",
        "Upstream proxy for all captures: `host`, `host:port` or `http[s]://[user:password@]host[:port]`."
        " The egress policy still applies.",
        pixashot=True,
    )
    proxy_port: int = setting(
        0,
        "Port of the upstream proxy if PROXY_SERVER has none; 0 means the default port of its scheme.",
        pixashot=True,
    )
    proxy_username: str = setting(
        "",
        "User name for the upstream proxy if PROXY_SERVER has none; not URL-encoded.",
        pixashot=True,
    )
    proxy_password: str = setting(
        "",
        "Password for PROXY_USERNAME; not URL-encoded.",
        secret=True,
        pixashot=True,
    )
    proxy_password_secret_arn: str = setting(
        "",
        "ARN of a Secrets Manager secret or SSM parameter that holds PROXY_PASSWORD.",
    )
    filter_lists: str = setting(
        "",
        "Files of filter lists (EasyList's syntax, plain or gzip), separated by commas; they apply to"
        " captures that ask for a packaged list.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class BrowserSettings(_Group, group="browser"):
    """Browser and capture slots."""

    chromium_path: str = setting(
        "",
        "Path of the Chromium or headless shell to run; if empty, it is searched for.",
    )
    browser_isolation: str = setting(
        "caller",
        "`caller` reuses a cleared browser context for captures of one caller; `fresh` gives each capture a"
        " new one; `shared` reuses one for all callers, who must trust each other.",
    )
    workers: int = setting(
        0,
        "Concurrent captures on the local server; 0 means the number of CPUs, at most 4. On Lambda it is"
        " always 1.",
        pixashot=True,
    )
    queue_size: int = setting(
        32,
        "Captures that may wait for a slot; further ones get status 429.",
    )
    max_requests: int = setting(
        100,
        "Number of captures after which the browser is replaced.",
        pixashot=True,
    )
    memory_limit_mb: int = setting(
        0,
        "Private memory that the browser's processes, Playwright's driver and the service's own process may"
        " take together, in megabytes; above it the capture ends with `memory_limit`. 0 means the function's"
        " memory less 200 MiB, or 2200 outside Lambda.",
    )
    use_popup_blocker: bool = setting(
        False,
        "Default of `block_popups`.",
        pixashot=True,
    )
    use_cookie_blocker: bool = setting(
        False,
        "Use `reject` as the default of `block_cookie_banners`.",
        pixashot=True,
    )
    settle_budget_ms: int = setting(
        5_000,
        "Limit of the page's virtual time for `wait_until: settled`, in milliseconds.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class TimeSettings(_Group, group="time"):
    """Timeouts."""

    default_timeout_ms: int = setting(
        60_000,
        "Timeout of a capture without `timeout`, in milliseconds; the limit of the entry point also applies.",
    )
    max_timeout_ms: int = setting(
        300_000,
        "Largest `timeout` that a request may set, in milliseconds.",
    )
    max_request_time: int = setting(
        0,
        "Seconds after which every capture ends, whatever it asks for; 0 leaves that to MAX_TIMEOUT_MS.",
    )
    keep_alive: int = setting(
        300,
        "Seconds after which the local server closes an idle connection.",
        pixashot=True,
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class OutputSettings(_Group, group="output"):
    """Storage and cache of results."""

    storage_url: str = setting(
        "",
        "Storage for stored, cached and large results: `s3://bucket/prefix`, `file:///directory` or"
        " `memory:`.",
    )
    presign_ttl: int = setting(
        3_600,
        "Lifetime of a link to a stored result without `presign_ttl`, in seconds.",
    )
    max_presign_ttl: int = setting(
        604_800,
        "Largest `presign_ttl` that a request may set, in seconds. A link that a role signed ends with the"
        " role's session, after twelve hours at most.",
    )
    storage_kms_key: str = setting(
        "",
        "KMS key that encrypts stored results; if empty, keys managed by S3 (SSE-S3).",
    )
    cache_ttl: int = setting(
        86_400,
        "Age up to which a cached result is returned without `cache_ttl`, in seconds.",
        pixashot=True,
    )
    cache_scope: str = setting(
        "caller",
        "`caller` keeps the cached results of each caller apart; `shared` serves them to every caller.",
    )
    templates_file: str = setting(
        "",
        "JSON file with additional templates; they override packaged ones of the same name.",
    )
    public_url: str = setting(
        "",
        "Public address of the service, used in status and file links; if empty, taken from the request.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class JobSettings(_Group, group="jobs"):
    """Queue, jobs and objects dropped into a bucket."""

    queue_url: str = setting(
        "",
        "URL of the SQS queue of capture jobs; if empty, jobs are queued in the process.",
    )
    jobs_table: str = setting(
        "",
        "DynamoDB table of jobs; if empty, jobs are stored in the process.",
    )
    job_ttl: int = setting(
        86_400,
        "Seconds for which a finished job can be retrieved; one that failed and may be sent again, 15 days.",
    )
    max_receives: int = setting(
        3,
        "Number of attempts for a job; must equal the queue's `maxReceiveCount`.",
    )
    max_per_site: int = setting(
        5,
        "Captures of one site (registrable domain, such as example.co.uk) that run at once from the queue,"
        " drops, bulk runs and `stillframe batch`; 0 means no limit.",
    )
    max_batch: int = setting(
        100,
        "Largest number of requests in one `POST /capture/batch`.",
    )
    input_bucket: str = setting(
        "",
        "Bucket whose new objects are captured.",
    )
    input_prefix: str = setting(
        "input/",
        "Prefix of the objects to capture in INPUT_BUCKET.",
    )
    output_prefix: str = setting(
        "output/",
        "Prefix of the results of captured objects.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class LimitSettings(_Group, group="limits"):
    """Limits of one request."""

    max_body_bytes: int = setting(
        6_000_000,
        "Largest request body, in bytes.",
    )
    max_url_length: int = setting(
        4_096,
        "Longest `url`, in characters.",
    )
    max_html_bytes: int = setting(
        2_000_000,
        "Largest `html_content` or `markdown`, in bytes.",
    )
    max_archive_bytes: int = setting(
        20_000_000,
        "Largest `archive` when it is unpacked, in bytes.",
    )
    max_js_bytes: int = setting(
        65_536,
        "Largest `custom_js`, `init_js`, `custom_css` or evaluated expression, in bytes.",
    )
    max_headers: int = setting(
        32,
        "Largest number of `custom_headers`.",
    )
    max_header_bytes: int = setting(
        4_096,
        "Largest name and value of one header together, in bytes.",
    )
    max_interactions: int = setting(
        50,
        "Largest number of steps in `interactions`.",
    )
    max_selector_length: int = setting(
        1_000,
        "Longest selector, in characters.",
    )
    max_width: int = setting(
        5_000,
        "Largest `window_width`, in pixels.",
    )
    max_height: int = setting(
        20_000,
        "Largest `window_height`, in pixels.",
    )
    max_pixels: int = setting(
        40_000_000,
        "Largest width × height × density² of one picture from the browser; taller full pages are tiled.",
    )
    max_page_pixels: int = setting(
        100_000_000,
        "Largest width × height × density² of a full page; taller pages are clipped with a warning.",
    )
    max_pdf_pages: int = setting(
        200,
        "Largest number of pages in a PDF.",
    )
    max_html_output_bytes: int = setting(
        10_000_000,
        "Largest `html` or `mhtml` output, in bytes.",
    )
    max_fetch_bytes: int = setting(
        50_000_000,
        "Bytes that one capture may receive, and bytes that it may send.",
    )
    max_connections: int = setting(
        1_000,
        "Number of connections that one capture may open.",
    )


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class OperationSettings(_Group, group="operation"):
    """The process."""

    host: str = setting(
        "127.0.0.1",
        "Address on which the local server listens.",
    )
    port: int = setting(
        8080,
        "Port on which the local server listens.",
        pixashot=True,
    )
    log_level: str = setting(
        "INFO",
        "Log level.",
        pixashot=True,
    )
    prometheus: bool = setting(
        False,
        "Serve `GET /metrics` for Prometheus on the local server; needs the extra `telemetry`.",
    )
    otel_exporter_otlp_endpoint: str = setting(
        "",
        "Address of an OpenTelemetry collector, such as `http://localhost:4318`, to which the local server"
        " sends metrics and traces; needs the extra `telemetry`.",
    )
    release: str = setting(
        "",
        "Name of the deployment, which `GET /version` shows.",
    )
    extra_settings: str = setting(
        "",
        'Further settings as a JSON object, such as `{"QUEUE_SIZE": 8}`; for settings without a parameter in'
        " template.yaml.",
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
    """The configuration of the service, read from the environment once per process."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the environment. Raises SettingNotValid, which names the variable."""
        source = os.environ if environ is None else environ
        if text := source.get("EXTRA_SETTINGS", "").strip():
            source = {**source, **_extra(text, source)}
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
    """All settings, group by group."""
    types = get_type_hints(Settings)
    for group in GROUPS:
        for f in fields(group):
            facts = {key: f.metadata[key] for key in ("sentence", "secret", "pixashot")}
            yield Row(f.name.upper(), f.name, types[f.name], f.default, group=group.group, **facts)


def _extra(text: str, given: Mapping[str, str]) -> dict[str, str]:
    """The settings of EXTRA_SETTINGS. Raises SettingNotValid for a name that may not be set there."""
    import json

    try:
        found = json.loads(text)
    except ValueError as error:
        raise SettingNotValid(f"EXTRA_SETTINGS is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise SettingNotValid("EXTRA_SETTINGS is not a JSON object of names and values.")
    known = {row.env: row for row in rows() if row.env != "EXTRA_SETTINGS"}
    for name, value in found.items():
        if name not in known:
            raise SettingNotValid(f"EXTRA_SETTINGS: there is no setting {name!r}.")
        if known[name].secret:
            raise SettingNotValid(f"EXTRA_SETTINGS: {name} is a secret; give the ARN of one.")
        if name in given:
            raise SettingNotValid(f"EXTRA_SETTINGS: {name} is a variable of this function already.")
        if isinstance(value, dict | list | None):
            raise SettingNotValid(f"EXTRA_SETTINGS: {name} is not a text, number, true or false.")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}


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
    """The settings of the process, read on the first call."""
    return Settings.from_env()
