"""Settings of access to the service, and of what captures may reach."""

from dataclasses import dataclass

from .declaration import Group, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class AccessSettings(Group, group="access"):
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
class NetworkSettings(Group, group="network"):
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
