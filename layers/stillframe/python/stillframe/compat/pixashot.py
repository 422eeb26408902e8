"""Pixashot: its requests are ours; the table says so for each documented option."""

from __future__ import annotations

from typing import Any

from .service import Route, Service
from .table import Row, Table, Translation, applied, refused, to


def _same(value: Any) -> Any:
    return value


def _options(names: str) -> tuple[Row, ...]:
    return tuple(to(name, name, _same) for name in names.split())


def _proxy(t: Translation, value: Any) -> None:
    raise ValueError("write one address: `proxy: http://user:password@host:port`")


_CAPTURE = Table(
    "`/capture`",
    (
        *_options("url html_content window_width window_height pixel_density full_page selector format"),
        *_options("image_quality omit_background response_type template"),
        *_options("wait_for_network wait_for_timeout wait_for_selector wait_for_animation delay_capture"),
        *_options("dark_mode block_media custom_js custom_headers ignore_https_errors geolocation"),
        *_options("use_random_user_agent user_agent_device user_agent_platform user_agent_browser"),
        *_options("pdf_format pdf_width pdf_height pdf_scale pdf_page_ranges pdf_print_background"),
        *_options("background_color interactions"),
        to("use_popup_blocker", "block_popups", _same),
        to("use_cookie_blocker", "block_cookie_banners", _same),
        *(
            applied(
                name,
                (),
                _proxy,
                "write one address: `proxy: http://user:password@host:port`",
                "refused",
            )
            for name in ("proxy_server", "proxy_port", "proxy_username", "proxy_password")
        ),
        refused("signature", "links are signed by POST /sign; SIGNING_COMPAT=pixashot accepts the old ones"),
    ),
)
SERVICE = Service(
    "pixashot",
    "Pixashot",
    "`pixashot/docs`: `api-reference`; `pixashot/pixashot`: `src/capture_request.py`",
    (_CAPTURE,),
    (Route("capture", (_CAPTURE,), ("GET", "POST"), shape="bytes"),),
    {},
    "Pixashot's requests are accepted by `/capture` itself, with the same names, defaults and responses;"
    " `/compat/pixashot/capture` is the same address under another name.",
    (
        "capture",
        {"url": "https://example.com/", "window_width": 1280, "full_page": True, "wait_for_network": "idle"},
    ),
)
