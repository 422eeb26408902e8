"""The options of a capture as types, written by `scripts/client_options.py` (`make docs`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict


class BasicAuth(TypedDict):
    """A user name and password for HTTP authentication."""

    username: str
    password: str


class Clip(TypedDict):
    """A rectangle of the page in CSS pixels."""

    x: float
    y: float
    width: float
    height: float


class Cookie(TypedDict):
    """One cookie; without `url` or `domain` it belongs to the target's origin."""

    name: str
    value: str
    url: NotRequired[str | None]
    domain: NotRequired[str | None]
    path: NotRequired[str | None]
    expires: NotRequired[float | None]
    secure: NotRequired[bool | None]
    httpOnly: NotRequired[bool | None]
    sameSite: NotRequired[Literal["Strict", "Lax", "None"] | None]
    partitionKey: NotRequired[str | None]


class Geolocation(TypedDict):
    """A position in degrees; accuracy in metres."""

    latitude: float
    longitude: float
    accuracy: NotRequired[float]


class Interaction(TypedDict):
    """One interaction; `timeout` is in milliseconds, and one that is `optional` may fail with a
    warning.
    """

    action: Literal[
        "click", "type", "hover", "scroll", "wait_for", "press", "select", "check", "evaluate", "goto"
    ]
    selector: NotRequired[str | None]
    text: NotRequired[str | None]
    url: NotRequired[str | None]
    x: NotRequired[float | None]
    y: NotRequired[float | None]
    wait_for: NotRequired[WaitFor | None]
    timeout: NotRequired[int | None]
    optional: NotRequired[bool]


class Metadata(TypedDict):
    """Entries of the PDF's document information."""

    title: NotRequired[str | None]
    author: NotRequired[str | None]
    subject: NotRequired[str | None]
    keywords: NotRequired[str | None]


class OriginState(TypedDict):
    """The local storage of one origin."""

    origin: str
    localStorage: NotRequired[Sequence[Entry]]
    indexedDB: NotRequired[Sequence[Any]]


class Resize(TypedDict):
    """The size of the final image in pixels; a single side keeps the aspect ratio."""

    width: NotRequired[int | None]
    height: NotRequired[int | None]
    fit: NotRequired[Literal["cover", "contain", "fill", "inside"]]
    position: NotRequired[
        Literal[
            "center", "top", "bottom", "left", "right", "top left", "top right", "bottom left", "bottom right"
        ]
    ]


class StorageState(TypedDict):
    """`{cookies: […], origins: [{origin, localStorage: [{name, value}]}]}`."""

    cookies: NotRequired[Sequence[Cookie]]
    origins: NotRequired[Sequence[OriginState]]


class Tiles(TypedDict):
    """How a picture is cut from top to bottom; sizes are pixels of the finished tiles."""

    height: NotRequired[int]
    overlap: NotRequired[int]
    first: NotRequired[int]
    count: NotRequired[int]


class WaitFor(TypedDict):
    """Pixashot's `wait_for`: a selector, an idle network for up to `value` ms, or `value` ms."""

    type: Literal["selector", "network_idle", "network_mostly_idle", "timeout", "time"]
    value: NotRequired[str | int | None]
    timeout: NotRequired[int | None]


class Entry(TypedDict):
    name: str
    value: str


class Options(TypedDict, total=False):
    """One capture: flat options in snake_case, times in milliseconds, sizes in CSS pixels."""

    cache: bool
    """Return an earlier result of the same request if there is one, and cache this one; error pages,
    unfinished pages and several `outputs` are never cached.
    """
    cache_ttl: int | None
    """Seconds for which a cached result is valid."""
    cache_key: str | None
    """Distinguishes cached results of otherwise equal requests."""
    cache_mode: Literal["use", "refresh", "only"]
    """`use` a cached result, `refresh` it, or accept `only` a cached one."""
    webhook_url: str | None
    """The http or https address that the finished job is posted to, signed."""
    external_id: str | None
    """The caller's name for the capture, returned in results and webhooks."""
    debug: bool
    """Store an HTML file next to the result that shows picture, phases, requests, console, DOM,
    options and verdict; also when the capture fails.
    """
    format: Literal[
        "png", "jpeg", "webp", "avif", "pdf", "html", "mhtml", "markdown", "text", "aria", "metadata"
    ]
    """Format of the result."""
    response_type: Literal["by_format", "json", "empty", "redirect", "url"]
    """`by_format` returns the bytes, `json` base64 and facts, `empty` 204, `redirect` 303 to the
    stored result, `url` its link as JSON.
    """
    filename: str | None
    """Name of the file that a browser saves; a missing extension is added."""
    store: bool
    """Store the result and return a link to it."""
    presign_ttl: int | None
    """Seconds for which the link to a stored result is valid."""
    metadata: Sequence[str] | None
    """Facts about the page that JSON results include: title, description, canonical, language, icon,
    open_graph, twitter, headings, links, fonts, page_size, text, status, final_url.
    """
    outputs: (
        Sequence[
            Literal[
                "png", "jpeg", "webp", "avif", "pdf", "html", "mhtml", "markdown", "text", "aria", "metadata"
            ]
            | Mapping[str, Any]
        ]
        | None
    )
    """Several artifacts of one page load: format names, or objects `{format, …options of that
    format}`.
    """
    timeout: int | None
    """Milliseconds that the whole request may take."""
    template: str | None
    """Name of a set of options; the request's own values take precedence."""
    fail_if_contains: Sequence[str] | None
    """Fail when the page contains one of these texts."""
    fail_if_missing: Sequence[str] | None
    """Fail when the page lacks one of these texts."""
    fail_on_console_error: bool
    """Fail when the page logs an error or throws."""
    fail_on: (
        Sequence[
            Literal[
                "blank",
                "challenge",
                "login_wall",
                "banner",
                "http_error",
                "redirected",
                "broken_image",
                "unloaded_image",
                "failed_font",
                "missing_glyph",
                "failed_request",
                "pending_request",
                "blocked_request",
                "console_error",
                "wait_timeout",
                "truncated",
                "animation",
                "retried",
                "partial",
            ]
        ]
        | None
    )
    """Fail when the verdict has one of these findings, a notice included; `partial` is any warning."""
    interactions: Sequence[Interaction] | None
    """Actions performed before the capture: click, type, hover, scroll, wait_for, press, select,
    check, evaluate, goto.
    """
    custom_js: str | None
    """JavaScript to run after the page has loaded; it may use `await`, and the capture waits for it."""
    custom_css: str | None
    """CSS to add after the page has loaded, in every frame and open shadow tree."""
    init_js: str | None
    """JavaScript to run in every frame before the page's own scripts."""
    custom_headers: Mapping[str, str] | None
    """Request headers, sent to the target's origin only."""
    cookies: Sequence[Cookie] | None
    """Cookies as Playwright or a browser extension exports them: `{name, value, url | domain, path,
    expires, secure, http_only, same_site}`, or `"name=value"` for the target's origin.
    """
    basic_auth: BasicAuth | None
    """Credentials `{username, password}` for HTTP authentication, sent to the target's origin only."""
    local_storage: Mapping[str, str] | None
    """`localStorage` entries of the target's origin."""
    session_storage: Mapping[str, str] | None
    """`sessionStorage` entries of the target's origin."""
    storage_state: StorageState | None
    """Cookies and local storage as Playwright's `storageState` exports them: `{cookies, origins}`."""
    block_cookie_banners: Literal["reject", "accept", "hide"] | bool
    """Answer cookie consent banners: `reject` (the same as true), `accept`, or `hide` them."""
    block_media: bool
    """Block image, video and audio requests."""
    block_ads: bool
    """Block advertisements by EasyList: their requests, and the elements that they would fill."""
    block_trackers: bool
    """Block analytics and trackers by EasyPrivacy."""
    block_popups: bool
    """Block newsletter and other pop-ups by AdGuard's list, and close dialogs that cover the page."""
    block_chats: bool
    """Block chat and support widgets by AdGuard's list and one of this service."""
    block_annoyances: bool
    """Block pop-ups, banners of mobile applications and other annoyances by AdGuard's lists."""
    block_socials: bool
    """Block buttons and widgets of social networks by AdGuard's list."""
    block_resources: (
        Sequence[
            Literal[
                "document",
                "stylesheet",
                "image",
                "media",
                "font",
                "script",
                "texttrack",
                "xhr",
                "fetch",
                "prefetch",
                "eventsource",
                "websocket",
                "manifest",
                "ping",
                "other",
            ]
        ]
        | None
    )
    """Resource types to block."""
    block_urls: Sequence[str] | None
    """URLs to block: a substring, wildcards (`*://ads.example/*`) or a `/regular expression/` of RE2."""
    hide_selectors: Sequence[str] | None
    """Selectors of elements to make invisible; their layout space is kept."""
    remove_selectors: Sequence[str] | None
    """Selectors of elements to remove from the layout."""
    content: Literal["page", "main"]
    """Part of the page in `markdown` and `text`: all of it, or the `main` content without navigation,
    where Markdown begins with title, author, date, canonical address and language.
    """
    html_self_contained: bool
    """Put styles, images, fonts and frames of the page's origin into the HTML, and leave its scripts
    out.
    """
    pdf_format: (
        Literal[
            "Letter",
            "Legal",
            "Tabloid",
            "Ledger",
            "A0",
            "A1",
            "A2",
            "A3",
            "A4",
            "A5",
            "A6",
            "B4",
            "B5",
            "JIS-B4",
            "JIS-B5",
        ]
        | None
    )
    """Paper size, A4 when no size is given; also `A4 landscape`, or two lengths such as `210mm 297mm`."""
    pdf_width: str | float | None
    """Paper width as `pdf_margin_top` is written; overrides `pdf_format`."""
    pdf_height: str | float | None
    """Paper height as `pdf_margin_top` is written; overrides `pdf_format`."""
    pdf_print_background: bool
    """Print background colours and images."""
    pdf_scale: float
    """Scale factor of the content."""
    pdf_page_ranges: str | None
    """Pages to print, such as `1-3,5`."""
    pdf_margin: str | float | Mapping[str, str | float] | None
    """Margins: a length, up to four in the order of CSS (`1cm 2cm`), or `{top, right, bottom, left}`."""
    pdf_margin_top: str | float | None
    """Top margin, a length in px, in, cm, mm, Q, pt or pc; a number is in px; overrides `pdf_margin`."""
    pdf_margin_right: str | float | None
    """Right margin; overrides `pdf_margin`."""
    pdf_margin_bottom: str | float | None
    """Bottom margin; overrides `pdf_margin`."""
    pdf_margin_left: str | float | None
    """Left margin; overrides `pdf_margin`."""
    pdf_landscape: bool
    """Print in landscape orientation."""
    pdf_header: str | None
    """HTML of the page header; the classes date, title, url, pageNumber and totalPages are filled in.
    The top margin grows to its height.
    """
    pdf_footer: str | None
    """HTML of the page footer, with the classes of `pdf_header`."""
    pdf_single_page: bool
    """Print everything on one page as high as the content, and as wide as the paper that the request
    names, else as the viewport.
    """
    pdf_prefer_css_page_size: bool
    """Use the page's `@page` size instead of the paper size. Margins of `@page` apply where the
    request names none.
    """
    pdf_outline: bool
    """Add bookmarks for the headings; implies `pdf_tagged`."""
    pdf_tagged: bool
    """Add structure tags for accessibility."""
    pdf_metadata: Metadata | None
    """Document information `{title, author, subject, keywords}`."""
    marks: bool
    """Draw a numbered mark on every link, button, field and other operable element of the picture;
    `report.marks` lists them, and `format: aria` has the same numbers.
    """
    aria_limit: int
    """Characters of `format: aria`; a longer tree is cut at a line, with the warning `truncated`."""
    max_pixels: int | None
    """Scale the picture down to at most so many pixels; with `tiles`, each tile."""
    tiles: Tiles | None
    """Cut a picture that is higher than `{height}` pixels into numbered tiles, which are returned as
    several `outputs` are: `count` of them from number `first`, each beginning with the last
    `overlap` pixels of the one before. A picture that fits `max_pixels` in one piece is not cut.
    """
    full_page: bool
    """Capture the full height of the page instead of the viewport."""
    scroll_page: bool | None
    """Scroll through the page first so that lazy content loads; enabled by `full_page` and for a PDF."""
    full_page_max_height: int | None
    """Maximum height of a full-page capture in CSS pixels; a taller page is truncated with a warning."""
    fixed_elements: Literal["once", "keep", "hide"]
    """Fixed and sticky elements of a full page: `once` shows each once, those at the lower edge of the
    window at the end of the page, `keep` shows them where the first window does, `hide` hides them.
    """
    full_page_width: Literal["window", "content"]
    """Width of a full page: that of the `window`, with a warning when the page is wider, or that of
    its `content`.
    """
    expand_scrollers: bool
    """Expand the tallest inner scroll area also where the page itself scrolls; `full_page` expands the
    areas of a page that does not scroll by itself.
    """
    image_quality: int
    """Compression quality of jpeg, webp and avif."""
    png_effort: Literal["fast", "small"]
    """`fast` encodes about twice as fast; `small` spends time on a smaller file."""
    omit_background: bool
    """Transparent background instead of the default white, in png, webp and avif."""
    background_color: str | None
    """Background colour instead of the default white: `#rgb`, `#rrggbb[aa]`, `rgb()`, `hsl()` or a
    name.
    """
    clip: Clip | None
    """Rectangle `{x, y, width, height}` of the page to capture, in CSS pixels."""
    resize: Resize | None
    """Size `{width, height, fit, position}` of the final image in pixels."""
    selector: str | None
    """Capture only the first element that matches the selector and can be seen, whole, in the page or
    its frames; CSS and `>>>` enter open shadow trees.
    """
    padding: int
    """CSS pixels around the element of `selector` to include."""
    oversize: Literal["scale", "truncate", "error"]
    """What happens to a capture with a side that the format cannot hold (webp 16,383 px, avif 32,768
    px, jpeg 65,500 px).
    """
    dark_mode: bool
    """Emulate `prefers-color-scheme: dark`."""
    reduced_motion: bool
    """Emulate `prefers-reduced-motion: reduce`."""
    forced_colors: bool
    """Emulate `forced-colors: active`, the high-contrast mode of Windows."""
    contrast: Literal["more", "less", "custom"] | None
    """Emulate `prefers-contrast`."""
    media_type: Literal["screen", "print"] | None
    """CSS media type; a PDF uses `print` by default."""
    window_width: int
    """Width of the viewport in CSS pixels."""
    window_height: int
    """Height of the viewport in CSS pixels."""
    pixel_density: float
    """Device pixels per CSS pixel."""
    device: str | None
    """A device of Playwright's registry, such as `iPhone 13`: sets size, density, user agent and
    touch; explicit options take precedence.
    """
    is_mobile: bool
    """Lay out the page as a mobile browser does (viewport meta tag, overlay scroll bars)."""
    has_touch: bool
    """Enable touch events."""
    landscape: bool
    """Swap width and height when the height is larger."""
    use_random_user_agent: bool
    """Choose a common user agent at random, among those that match the `user_agent_…` options."""
    user_agent_device: Literal["desktop", "mobile"] | None
    """Device type of the user agent."""
    user_agent_platform: Literal["windows", "macos", "linux", "android", "ios"] | None
    """Platform of the user agent."""
    user_agent_browser: Literal["chrome", "edge", "firefox", "safari"] | None
    """Browser of the user agent."""
    user_agent: str | None
    """User agent string of the header and of `navigator`; client hints are derived from it."""
    locale: str | None
    """Locale such as `de-DE`: sets `navigator.language`, `Accept-Language` and number formats."""
    timezone: str | None
    """IANA time zone such as `Europe/Berlin`."""
    geolocation: Geolocation | None
    """Position `{latitude, longitude, accuracy}` that the page is given; the permission is granted."""
    javascript: bool
    """Run the page's scripts."""
    bypass_csp: bool
    """Ignore the page's Content-Security-Policy, also for what injected scripts and styles load."""
    ignore_https_errors: bool
    """Accept invalid TLS certificates of the target."""
    proxy: str | None
    """Upstream proxy of this capture, `http://[user:password@]host:port`; not allowed in a signed
    link.
    """
    archive: str | None
    """Zip archive, as base64, of HTML or Markdown with its files, to render instead of a URL."""
    archive_page: str | None
    """File of `archive` that is the page; `index.html`, or the only page in it, by default."""
    url: str | None
    """URL of the page, http or https."""
    html_content: str | None
    """HTML to render instead of a URL."""
    markdown: str | None
    """Markdown to render instead of a URL."""
    s3_uri: str | None
    """`s3://bucket/key` of an HTML or Markdown object in the input bucket, to render instead of a URL."""
    base_url: str | None
    """Address that `html_content` or `markdown` is given: its origin and the base of relative URLs.
    The address itself is not requested.
    """
    wait_until: Literal["settled", "commit", "domcontentloaded", "load", "networkidle"]
    """When the page counts as loaded: `settled` waits for load, fonts, images, animations and late
    requests; the others are Playwright's load states.
    """
    wait_for_timeout: int
    """Timeout in milliseconds of the navigation, and of each wait after it."""
    fail_on_status: Sequence[str] | None
    """HTTP statuses of the target that are errors: `404`, `4xx`, `500-599`."""
    wait_for_network: Literal["idle", "mostly_idle"] | None
    """Wait until no (`idle`) or at most two (`mostly_idle`) requests have been in flight for 500 ms."""
    wait_for_animation: bool
    """Wait until CSS animations and transitions have ended."""
    delay_capture: int
    """Milliseconds to wait before the capture."""
    wait_for_selector: str | None
    """Wait until an element that matches the selector is visible."""
    wait_for_hidden: str | None
    """Wait until no element that matches the selector is visible."""
    wait_for_function: str | None
    """Wait until this JavaScript expression or function returns a true value."""
