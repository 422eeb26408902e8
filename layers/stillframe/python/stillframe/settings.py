"""Every environment variable, once: name (the field's, in capitals), type, default, sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, NamedTuple, get_type_hints

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


class SettingNotValid(ValueError):
    """An environment variable cannot be read as its type."""


def _setting(default: Any, sentence: str, *, group: str, secret: bool = False, pixashot: bool = False) -> Any:
    return field(
        default=default,
        metadata={"sentence": sentence, "group": group, "secret": secret, "pixashot": pixashot},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The service's configuration; built from the environment once per process."""

    # Access
    auth_token: str = _setting("", "Bearer tokens that callers may use, separated by commas (several for rotation).", group="access", secret=True, pixashot=True)  # fmt: skip
    auth_token_secret_arn: str = _setting("", "ARN of a Secrets Manager secret or SSM parameter that holds AUTH_TOKEN.", group="access")  # fmt: skip
    url_signing_secret: str = _setting("", "Key for signed links, at least 32 characters; several as `kid=secret,kid=secret`, the first one signs.", group="access", secret=True, pixashot=True)  # fmt: skip
    url_signing_secret_arn: str = _setting("", "ARN of a Secrets Manager secret or SSM parameter that holds URL_SIGNING_SECRET.", group="access")  # fmt: skip
    signing_max_age: int = _setting(
        604_800, "Seconds that a signed link may at most be valid ahead.", group="access"
    )
    signing_compat: str = _setting("", "`pixashot` also accepts Pixashot's unescaped signature scheme, which is forgeable; see docs/compatibility.md.", group="access")  # fmt: skip
    allow_anonymous: bool = _setting(False, "Let a deployed API run without a token or signing key (behind an authoriser of your own).", group="access")  # fmt: skip
    rate_limit_enabled: bool = _setting(False, "Limit the captures of each caller with a token bucket.", group="access", pixashot=True)  # fmt: skip
    rate_limit_capture: str = _setting("1 per second", "Rate of one bearer token or address, as `N per second|minute|hour|day`.", group="access", pixashot=True)  # fmt: skip
    rate_limit_signed: str = _setting("5 per second", "Rate of signed links from one address, as `N per second|minute|hour|day`.", group="access", pixashot=True)  # fmt: skip
    webhook_secret: str = _setting("", "Key that signs webhook deliveries; the signing key when empty.", group="access", secret=True)  # fmt: skip

    # Network
    egress_allow: str = _setting("", "Internal targets that captures may reach: `host[:port]` and CIDR blocks, separated by commas.", group="network")  # fmt: skip
    egress_ports: str = _setting("80,443,8080,8443", "Ports that captures may reach on public addresses.", group="network")  # fmt: skip
    proxy_server: str = _setting("", "Upstream proxy host or `http://host:port` for all captures; the egress guard stays in front of it.", group="network", pixashot=True)  # fmt: skip
    proxy_port: int = _setting(
        0, "Port of PROXY_SERVER when it is a bare host.", group="network", pixashot=True
    )
    proxy_username: str = _setting("", "User name for PROXY_SERVER.", group="network", pixashot=True)
    proxy_password: str = _setting(
        "", "Password for PROXY_SERVER.", group="network", secret=True, pixashot=True
    )

    # Browser
    chromium_path: str = _setting("", "Path of the Chromium or headless shell to run; found by itself when empty.", group="browser")  # fmt: skip
    browser_isolation: str = _setting("auto", "`auto` shares a scrubbed context between captures without caller state; `fresh` gives every capture its own.", group="browser")  # fmt: skip
    workers: int = _setting(0, "Captures at once on the local server; 0 means the number of CPUs, at most 4. Lambda always has one.", group="browser", pixashot=True)  # fmt: skip
    queue_size: int = _setting(
        32, "Captures that may wait for a slot before the answer is 429.", group="browser"
    )
    max_requests: int = _setting(
        100, "Captures after which the browser is replaced.", group="browser", pixashot=True
    )
    memory_limit_mb: int = _setting(0, "Memory of the browser's processes together at which it is ended; 0 derives it from the function's memory.", group="browser")  # fmt: skip
    use_popup_blocker: bool = _setting(False, "Default of `block_popups`.", group="browser", pixashot=True)
    use_cookie_blocker: bool = _setting(False, "Default of `block_cookie_banners` (as `reject`).", group="browser", pixashot=True)  # fmt: skip
    settle_budget_ms: int = _setting(5_000, "Milliseconds of the page's own time that `wait_until: settled` lets pass.", group="browser")  # fmt: skip

    # Time
    default_timeout_ms: int = _setting(60_000, "Deadline of a capture that names no `timeout`; a door's own limit is kept as well.", group="time")  # fmt: skip
    max_timeout_ms: int = _setting(300_000, "Largest `timeout` that a request may ask for.", group="time")
    keep_alive: int = _setting(300, "Seconds that the local server keeps an idle connection.", group="time", pixashot=True)  # fmt: skip

    # Output
    storage_url: str = _setting("", "Where large and stored results go: `s3://bucket/prefix`, `file:///directory` or `memory:`.", group="output")  # fmt: skip
    presign_ttl: int = _setting(3_600, "Seconds that a link to a stored result works, unless the request says otherwise.", group="output")  # fmt: skip
    max_presign_ttl: int = _setting(
        604_800, "Largest `presign_ttl` that a request may ask for.", group="output"
    )
    storage_kms_key: str = _setting("", "KMS key that encrypts stored results; S3's own keys (SSE-S3) when empty.", group="output")  # fmt: skip
    cache_ttl: int = _setting(86_400, "Seconds that a cached result is served, unless the request says otherwise.", group="output", pixashot=True)  # fmt: skip
    templates_file: str = _setting("", "JSON file with templates of your own, merged over the packaged ones.", group="output")  # fmt: skip
    public_url: str = _setting("", "Address of the service as callers see it, for status and file links; taken from the request when empty.", group="output")  # fmt: skip

    # Queue and jobs
    queue_url: str = _setting("", "SQS queue of capture jobs; in the process when empty.", group="jobs")
    jobs_table: str = _setting("", "DynamoDB table of jobs; in the process when empty.", group="jobs")
    idempotency_table: str = _setting("", "DynamoDB table of Powertools idempotency records; in the process when empty.", group="jobs")  # fmt: skip
    job_ttl: int = _setting(86_400, "Seconds that a finished job can be asked for.", group="jobs")
    max_receives: int = _setting(3, "Times that a job is tried; the queue's `maxReceiveCount`.", group="jobs")  # fmt: skip
    max_batch: int = _setting(100, "Requests in one `POST /capture/batch`.", group="jobs")
    input_bucket: str = _setting("", "Bucket whose dropped objects are captured.", group="jobs")
    input_prefix: str = _setting("input/", "Prefix under which dropped objects are captured.", group="jobs")
    output_prefix: str = _setting("output/", "Prefix under which the results of dropped objects are written.", group="jobs")  # fmt: skip

    # Limits
    max_body_bytes: int = _setting(6_000_000, "Bytes of a request body.", group="limits")
    max_url_length: int = _setting(4_096, "Characters of `url`.", group="limits")
    max_html_bytes: int = _setting(2_000_000, "Bytes of `html_content` and `markdown`.", group="limits")
    max_js_bytes: int = _setting(65_536, "Bytes of `custom_js`, `init_js`, `custom_css` and each evaluated text.", group="limits")  # fmt: skip
    max_headers: int = _setting(32, "Entries of `custom_headers`.", group="limits")
    max_header_bytes: int = _setting(4_096, "Bytes of one header's name and value.", group="limits")
    max_interactions: int = _setting(50, "Steps of `interactions`.", group="limits")
    max_selector_length: int = _setting(1_000, "Characters of a selector.", group="limits")
    max_width: int = _setting(5_000, "Pixels of `window_width`.", group="limits")
    max_height: int = _setting(20_000, "Pixels of `window_height`.", group="limits")
    max_pixels: int = _setting(40_000_000, "Width × height × density² of one capture; taller full pages are clipped with a warning.", group="limits")  # fmt: skip
    max_pdf_pages: int = _setting(200, "Pages of a PDF.", group="limits")
    max_html_output_bytes: int = _setting(10_000_000, "Bytes of `html` and `mhtml` output.", group="limits")
    max_fetch_bytes: int = _setting(50_000_000, "Bytes that one capture may fetch.", group="limits")
    max_connections: int = _setting(1_000, "Connections that one capture may open in all.", group="limits")

    # Operation
    host: str = _setting("127.0.0.1", "Address of the local server.", group="operation")
    port: int = _setting(8080, "Port of the local server.", group="operation", pixashot=True)
    log_level: str = _setting("INFO", "Level of the log.", group="operation", pixashot=True)

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
    """The table, in the order of the class."""
    types = get_type_hints(Settings)
    for f in fields(Settings):
        m = f.metadata
        yield Row(f.name.upper(), f.name, types[f.name], f.default, m["sentence"], m["group"], m["secret"], m["pixashot"])  # fmt: skip


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
