"""What each option of Urlbox means here: name, value, our options, and options that it needs."""

from __future__ import annotations

from typing import Any

STILL = "*, *::before, *::after { animation: none !important; transition: none !important }"
ESCAPE = {"action": "press", "text": "Escape"}
MEANT: dict[str, tuple[Any, ...]] = {
    "url": ("example.org", {"url": "http://example.org"}),
    "html": ("<p>x", {"html_content": "<p>x"}, "no url"),
    "base_url": ("https://example.org/", {"base_url": "https://example.org/"}, "html"),
    "format": ("md", {"format": "markdown"}),
    "width": (800, {"window_width": 800}),
    "height": ("700", {"window_height": 700}),
    "full_page": (True, {"full_page": True}),
    "selector": ("#a", {"selector": "#a"}),
    "clip": ("1,2,30,40", {"clip": {"x": 1, "y": 2, "width": 30, "height": 40}}),
    "response_type": ("binary", {"response_type": None}),
    "block_ads": (True, {"block_ads": True}),
    "hide_cookie_banners": (True, {"block_cookie_banners": "hide"}),
    "click_accept": (True, {"block_cookie_banners": "accept"}),
    "accept_cookies": (True, {"block_cookie_banners": "accept"}),
    "kill_popups": (True, {"block_popups": True}),
    "press_escape": (True, {"interactions": [ESCAPE]}),
    "block_urls": (
        ["*.ads.example", "x.example/a"],
        {"block_urls": ["/^[a-z]+://([^/]*\\.)?ads\\.example([:/?#]|$)/", "x.example/a"]},
    ),
    "block_images": (True, {"block_resources": ["image"]}),
    "block_fonts": (True, {"block_resources": ["font"]}),
    "block_medias": (True, {"block_resources": ["media"]}),
    "block_styles": (True, {"block_resources": ["stylesheet"]}),
    "block_scripts": (True, {"block_resources": ["script"]}),
    "block_fetch": (True, {"block_resources": ["fetch"]}),
    "block_xhr": (True, {"block_resources": ["xhr"]}),
    "block_sockets": (True, {"block_resources": ["websocket"]}),
    "block_manifests": (True, {"block_resources": ["manifest"]}),
    "block_pings": (True, {"block_resources": ["ping"]}),
    "block_other": (True, {"block_resources": ["other"]}),
    "hide_selector": (".a, .b", {"remove_selectors": [".a", ".b"]}),
    "js": ("await a()", {"custom_js": "await a()"}),
    "css": ("a{}", {"custom_css": "a{}"}),
    "dark_mode": (True, {"dark_mode": True}),
    "reduced_motion": ("true", {"reduced_motion": True}),
    "disable_animations": (True, {"custom_css": STILL}),
    "disable_ligatures": (True, {"custom_css": "* { font-variant-ligatures: none !important }"}),
    "retina": (True, {"pixel_density": 2.0}),
    "dpr": (1.5, {"pixel_density": 1.5}),
    "thumb_width": (300, {"resize": {"width": 300}}),
    "thumb_height": (200, {"resize": {"height": 200}}),
    "img_fit": ("contain", {"resize": {"width": 300, "fit": "contain"}}, {"thumb_width": 300}),
    "img_position": ("northeast", {"resize": {"width": 300, "position": "top right"}}, {"thumb_width": 300}),
    "quality": (60, {"image_quality": 60}),
    "transparent": (True, {"omit_background": True}),
    "bg_color": ("#fff", {"background_color": "#fff"}),
    "max_height": (4000, {"full_page_max_height": 4000}),
    "download": ("x.png", {"filename": "x.png"}),
    "color_profile": ("srgb", {}),
    "pdf_page_size": ("a3", {"pdf_format": "A3"}),
    "pdf_page_range": ("1-3", {"pdf_page_ranges": "1-3"}),
    "pdf_page_width": (600, {"pdf_width": "600px"}),
    "pdf_page_height": (900, {"pdf_height": "900px"}),
    "pdf_margin": ("none", {"pdf_margin": "0px"}),
    "pdf_margin_top": (10, {"pdf_margin_top": "10px"}),
    "pdf_margin_right": (11, {"pdf_margin_right": "11px"}),
    "pdf_margin_bottom": (12, {"pdf_margin_bottom": "12px"}),
    "pdf_margin_left": (13, {"pdf_margin_left": "13px"}),
    "pdf_scale": (0.5, {"pdf_scale": 0.5}),
    "pdf_orientation": ("landscape", {"pdf_landscape": True}),
    "pdf_background": (False, {"pdf_print_background": False}),
    "media": ("screen", {"media_type": "screen"}),
    "pdf_show_header": (
        True,
        {"pdf_header": '<span class="date"></span> <span class="title"></span>'},
    ),
    "pdf_header": ("<b>h</b>", {"pdf_header": "<b>h</b>"}, {"pdf_show_header": True}),
    "pdf_show_footer": (
        True,
        {
            "pdf_footer": '<span class="url"></span> <span class="pageNumber"></span>/'
            '<span class="totalPages"></span>'
        },
    ),
    "pdf_footer": ("<b>f</b>", {"pdf_footer": "<b>f</b>"}, {"pdf_show_footer": True}),
    "force": (True, {"cache": True, "cache_mode": "refresh"}),
    "unique": ("v1", {"cache": True, "cache_key": "v1"}),
    "ttl": (60, {"cache": True, "cache_ttl": 60}),
    "proxy": ("u:p@proxy.example:8080", {"proxy": "http://u:p@proxy.example:8080"}),
    "header": (["X-A=1", "X-B=2"], {"custom_headers": {"X-A": "1", "X-B": "2"}}),
    "headers": ("X-A=1", {"custom_headers": {"X-A": "1"}}),
    "cookie": (
        "a=b;Domain=.example.com",
        {"cookies": [{"name": "a", "value": "b", "domain": ".example.com"}]},
    ),
    "cookies": (["a=b"], {"cookies": [{"name": "a", "value": "b"}]}),
    "user_agent": ("mobile", {"use_random_user_agent": True, "user_agent_device": "mobile"}),
    "accept_lang": ("de-DE", {"locale": "de-DE"}),
    "authorization": ("Bearer x", {"custom_headers": {"Authorization": "Bearer x"}}),
    "tz": ("Europe/London", {"timezone": "Europe/London"}),
    "disable_js": (True, {"javascript": False}),
    "latitude": (1.5, {"geolocation": {"latitude": 1.5, "longitude": 2, "accuracy": 3}}, "place"),
    "longitude": (1.5, {"geolocation": {"latitude": 1, "longitude": 1.5, "accuracy": 3}}, "place"),
    "accuracy": (50, {"geolocation": {"latitude": 1, "longitude": 2, "accuracy": 50}}, "place"),
    "webhook_url": ("https://hooks.example/x", {"webhook_url": "https://hooks.example/x"}),
    "use_s3": (True, {"store": True}),
    "s3_path": ("a/b/shot", {"filename": "shot"}),
    "metadata": (True, {"metadata": ["title", "description", "open_graph"]}),
    "delay": (1500, {"delay_capture": 1500}),
    "timeout": (45000, {"wait_for_timeout": 45000}),
    "wait_timeout": (50000, {"wait_for_timeout": 50000}, {"timeout": 45000}),
    "wait_until": ("mostrequestsfinished", {"wait_until": "load", "wait_for_network": "mostly_idle"}),
    "wait_for": ("#a", {"wait_for_selector": "#a"}),
    "wait_to_leave": ("#a", {"wait_for_hidden": "#a"}),
    "fail_if_selector_missing": (True, {"fail_on": ["wait_timeout"]}),
    "fail_if_selector_present": (True, {"fail_on": ["wait_timeout"]}),
    "fail_if_captcha": (True, {"fail_on": ["challenge"]}),
    "fail_if_cf_turnstile": (True, {"fail_on": ["challenge"]}),
    "fail_on_4xx": (True, {"fail_on_status": ["4xx"]}),
    "fail_on_5xx": (True, {"fail_on_status": ["4xx", "5xx"]}, {"fail_on_4xx": True}),
    "scroll_to": (300, {"interactions": [{"action": "scroll", "x": 0, "y": 300}]}),
    "click": (
        ["#a", "#b"],
        {
            "interactions": [
                {"action": "click", "selector": "#a", "optional": True},
                {"action": "click", "selector": "#b", "optional": True},
            ]
        },
    ),
    "click_all": (
        ".a",
        {
            "interactions": [
                {"action": "evaluate", "text": 'for (const it of document.querySelectorAll(".a")) it.click()'}
            ]
        },
    ),
    "hover": ("#a", {"interactions": [{"action": "hover", "selector": "#a", "optional": True}]}),
    "full_width": (True, {"full_page_width": "content"}),
    "skip_scroll": (True, {"scroll_page": False}),
}
WITHOUT_EFFECT = (
    "full_page_mode detect_full_height fix_full_height freeze_fixed lazyload max_section_height"
    " max_section_width scroll_increment scroll_delay sharp_stitch engine_version v use_chromium"
    " headless skip_final_delay retry_on_nav_error turbo lightweight"
)
MEANT |= {name: (True, {}) for name in WITHOUT_EFFECT.split()}
GROUPS = {
    "place": {"latitude": 1, "longitude": 2, "accuracy": 3},
    "html": {"url": None, "html": "<p>x"},
}
_VIDEO = (
    "aspect bitrate bits_per_second chrome_height codec crop_w dont_scroll_back ease ease_end ffmpeg"
    " fps height jitter method postscroll_duration preset prescroll_duration quality refs"
    " rest_duration scroll scroll_back_duration scroll_distance scroll_duration seek time use_iscroll"
    " width"
)
_BUCKET = (
    "s3_bucket s3_endpoint s3_region s3_key s3_secret s3_storageclass s3_force_path_style"
    " s3_object_lock s3_part_size s3_private_bucket no_suffix cdn_host no_upload s3_presigned_url"
    " s3_presigned_url_html s3_presigned_url_markdown s3_presigned_url_metadata s3_presigned_url_mhtml"
)
_UNDOCUMENTED = (
    "hide_selector_x click_x click_all_x hover_x wait_for_x wait_to_leave_x scroll_to_x refresh"
    " refresh_after_scroll reload reload_after_scroll revisit revisit_after_scroll minidelay"
    " redirect_after render_queue finalRetry secure_mode skip_webhooks scroll_height"
)
_LLM = "use_llm " + " ".join(
    f"llm_{name}"
    for name in (
        *("prompt", "system_prompt", "key", "provider", "model", "temperature", "max_tokens"),
        *("height", "width", "output", "schema"),
    )
)
REFUSED = {
    **{f"video_{name}": "use format png" for name in _VIDEO.split()},
    **dict.fromkeys(_BUCKET.split(), "STORAGE_URL"),
    **dict.fromkeys(_UNDOCUMENTED.split(), "leave it out"),
    **dict.fromkeys(_LLM.split(), "format: md"),
    **dict.fromkeys(("show_timestamp", "show_url", "watermark"), "with js"),
    **dict.fromkeys(("highlight", "highlightfg", "highlightbg"), "with js"),
    **dict.fromkeys(("img_bg", "img_pad"), "fit: inside"),
    **dict.fromkeys(("auto_crop", "auto_crop_bg", "auto_crop_threshold", "crop_width"), "clip or selector"),
    **dict.fromkeys(("max_width", "max_sections", "max_xsections", "max_scroll_page_time"), "max_height"),
    **dict.fromkeys(("width_from", "height_from"), "set width and height"),
    **dict.fromkeys(("save_html", "save_markdown", "save_metadata", "save_mhtml"), "outputs: [png, html]"),
    **dict.fromkeys(("full_html", "from_html"), "format: html"),
    **dict.fromkeys(("jsx", "use_tailwind", "wrap", "fragment", "custom_data_variable"), "as html"),
    **dict.fromkeys(("display_p3", "hdr10", "rec2020", "scrgb_linear", "blend_mode"), "sRGB"),
    **dict.fromkeys(("solve_captchas", "solve_cf_turnstile", "use_stealth", "hide_headless"), "not solved"),
    **dict.fromkeys(("use_chrome", "browser", "flash", "allow_coin"), "Chromium"),
    **dict.fromkeys(("debug", "debug_url", "debug_video"), "debug: true"),
    **dict.fromkeys(("pdf_dpi", "pdf_fit_to_page"), "pdf_scale"),
    **dict.fromkeys(("show_seams", "show_sections"), "leave it out"),
    "json": "response_type: json",
    "gpu": "WebGL works without it",
    "block_frames": "block_urls",
    "pdf_auto_crop": "pdf_page_height",
    "readable": "content: main",
    "platform": "user_agent",
    "certify": "hash the file",
    "allow_infinite": "max_height",
    "continue_on_nav_error": "is an error",
    "disable_web_security": "bypass_csp: true",
    "fail_on_metadata_error": "report",
}
BAD = [
    ("format", "mp4", "no video is recorded"),
    ("format", "svg", "use png"),
    ("response_type", "base64", "response_type json at /capture"),
    ("response_type", "jsondebug", "debug: true"),
    ("clip", "1,2,3", "x,y,width,height"),
    ("img_fit", "outside", "cover, contain, fill, inside"),
    ("img_position", "entropy", "name the side"),
    ("pdf_margin", "minimum", "four margins"),
    ("pdf_header", "<b>x</b>", "pdf_show_header"),
    ("pdf_footer", "<b>x</b>", "pdf_show_footer"),
    ("color_profile", "dp3", "srgb"),
    ("timeout", 0, "milliseconds"),
    ("wait_until", "networkidle0", "domloaded, loaded"),
    ("header", "X-A: 1", "Name=value"),
    ("pdf_page_width", "8in", "number"),
    ("delay", "1s", "milliseconds"),
]
