"""Pixashot's documented options are ours, with the same values."""

from __future__ import annotations

from typing import Any

MEANT: dict[str, tuple[Any, ...]] = {
    name: (value, {name: value})
    for name, value in {
        "url": "https://example.org/",
        "window_width": 800,
        "window_height": 600,
        "pixel_density": 2.0,
        "full_page": True,
        "selector": "#a",
        "format": "webp",
        "image_quality": 70,
        "omit_background": True,
        "response_type": "json",
        "wait_for_network": "mostly_idle",
        "wait_for_timeout": 9000,
        "wait_for_selector": "#a",
        "wait_for_animation": True,
        "delay_capture": 500,
        "dark_mode": True,
        "block_media": True,
        "custom_js": "a()",
        "custom_headers": {"X-A": "1"},
        "ignore_https_errors": False,
        "geolocation": {"latitude": 37.7, "longitude": -122.4, "accuracy": 100},
        "use_random_user_agent": True,
        "user_agent_device": "mobile",
        "user_agent_platform": "ios",
        "user_agent_browser": "safari",
        "pdf_format": "Letter",
        "pdf_width": "210mm",
        "pdf_height": "297mm",
        "pdf_scale": 0.5,
        "pdf_page_ranges": "1-5",
        "pdf_print_background": False,
        "background_color": "red",
        "interactions": [{"action": "click", "selector": "#a"}],
    }.items()
}
MEANT |= {
    "html_content": ("<p>x", {"html_content": "<p>x"}),
    "template": (
        "mobile",
        {
            "window_width": 375,
            "window_height": 667,
            "pixel_density": 2.0,
            "is_mobile": True,
            "has_touch": True,
            "user_agent_device": "mobile",
            "user_agent_platform": "ios",
        },
    ),
    "use_popup_blocker": (True, {"block_popups": True}),
    "use_cookie_blocker": (True, {"block_cookie_banners": "reject"}),
}
MEANT["html_content"] = ("<p>x", {"html_content": "<p>x"}, "no url")
GROUPS: dict[str, dict[str, Any]] = {}
REFUSED = {
    **dict.fromkeys(("proxy_server", "proxy_port", "proxy_username", "proxy_password"), "proxy: http://"),
    "signature": "POST /sign",
}
BAD: list[tuple[str, Any, str]] = []
