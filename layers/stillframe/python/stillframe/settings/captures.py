"""Settings of the browser, and the bounds of one capture."""

from dataclasses import dataclass

from .declaration import Group, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class BrowserSettings(Group, group="browser"):
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
class TimeSettings(Group, group="time"):
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
class LimitSettings(Group, group="limits"):
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
