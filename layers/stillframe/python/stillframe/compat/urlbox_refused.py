"""Options of Urlbox without a counterpart, and those that change nothing here."""

from __future__ import annotations

from .table import Row, Table, ignored, refuse_all

_NO_VIDEO = "no video is recorded; use format png"
_NO_LLM = "no language model is called; `format: md` gives the text of the page"
_BUCKET = "the operator chooses bucket and key (STORAGE_URL); the response has the link"
_UNKNOWN = "Urlbox does not document it; leave it out"

_IGNORED: tuple[Row, ...] = (
    ignored("full_page_mode", "parts are captured apart where a page needs it"),
    ignored("detect_full_height", "a full page never stretches elements of the viewport's height"),
    ignored("fix_full_height", "a full page never stretches elements of the viewport's height"),
    ignored("freeze_fixed", "fixed elements are drawn once in a full page"),
    ignored("lazyload", "a full page is scrolled through, so that lazy content loads"),
    ignored("max_section_height", "a page is captured in as few parts as possible"),
    ignored("max_section_width", "a page is captured in as few parts as possible"),
    ignored("scroll_increment", "scrolling goes window by window and misses no element"),
    ignored("scroll_delay", "scrolling waits for what it has started to load"),
    ignored("sharp_stitch", "parts are joined without a seam"),
    ignored("engine_version", "a deployment has one engine"),
    ignored("v", "a deployment has one engine"),
    ignored("use_chromium", "the engine is Chromium"),
    ignored("headless", "the browser has no window either way"),
    ignored("skip_final_delay", "there is no final delay"),
    ignored("retry_on_nav_error", "a capture that lost its browser or its page is tried again"),
    ignored("turbo", "nothing is left out for speed"),
    ignored("lightweight", "nothing is left out for speed"),
)
_REFUSED = (
    *refuse_all("gpu", "pages are drawn by the CPU; WebGL works without it"),
    *refuse_all("block_frames", "list the frames' URLs in block_urls"),
    *refuse_all("show_timestamp show_url watermark", "add it to the page with js"),
    *refuse_all("highlight highlightfg highlightbg", "mark the words with js"),
    *refuse_all("img_bg img_pad", "use `resize` with `fit: inside` at /capture and pad the picture yourself"),
    *refuse_all("pdf_auto_crop", "use pdf_page_height, or full_page for one page as high as the content"),
    *refuse_all("auto_crop auto_crop_bg auto_crop_threshold crop_width", "use clip or selector"),
    *refuse_all("readable", "use `format: markdown` with `content: main` at /capture"),
    *refuse_all("platform", "set user_agent; navigator.platform follows from it"),
    *refuse_all("certify", "the JSON report has time and options; hash the file yourself"),
    *refuse_all("allow_infinite", "set max_height to the height that you need"),
    *refuse_all("max_width max_sections max_xsections max_scroll_page_time", "set max_height"),
    *refuse_all("width_from height_from", "set width and height"),
    *refuse_all(
        "hide_selector_x click_x click_all_x hover_x wait_for_x wait_to_leave_x scroll_to_x", _UNKNOWN
    ),
    *refuse_all(
        "s3_bucket s3_endpoint s3_region s3_key s3_secret s3_storageclass s3_force_path_style", _BUCKET
    ),
    *refuse_all("s3_object_lock s3_part_size s3_private_bucket no_suffix cdn_host no_upload", _BUCKET),
    *refuse_all("s3_presigned_url s3_presigned_url_html s3_presigned_url_markdown", _BUCKET),
    *refuse_all("s3_presigned_url_metadata s3_presigned_url_mhtml", _BUCKET),
    *refuse_all("save_html save_markdown save_metadata save_mhtml", "use `outputs: [png, html]` at /capture"),
    *refuse_all("full_html from_html", "use `format: html`, or html for the page's source"),
    *refuse_all("jsx use_tailwind wrap fragment custom_data_variable", "send the rendered page as html"),
    *refuse_all(
        "use_llm llm_prompt llm_system_prompt llm_key llm_provider llm_model llm_temperature", _NO_LLM
    ),
    *refuse_all("llm_max_tokens llm_height llm_width llm_output llm_schema", _NO_LLM),
    *refuse_all("display_p3 hdr10 rec2020 scrgb_linear blend_mode", "pictures are sRGB; leave it out"),
    *refuse_all(
        "solve_captchas solve_cf_turnstile use_stealth hide_headless",
        "challenges are not solved; leave it out",
    ),
    *refuse_all("use_chrome browser flash allow_coin", "the engine is Chromium; leave it out"),
    *refuse_all("debug debug_url debug_video", "use `debug: true` at /capture"),
    *refuse_all("continue_on_nav_error", "a target that cannot be reached is an error"),
    *refuse_all("disable_web_security", "use `bypass_csp: true` at /capture"),
    *refuse_all("fail_on_metadata_error", "the report has what could not be read"),
    *refuse_all(
        "refresh refresh_after_scroll reload reload_after_scroll revisit revisit_after_scroll", _UNKNOWN
    ),
    *refuse_all(
        "minidelay redirect_after render_queue finalRetry secure_mode skip_webhooks scroll_height", _UNKNOWN
    ),
    *refuse_all("show_seams show_sections", "parts are joined without a seam; leave it out"),
    *refuse_all("json", "write response_type: json"),
    *refuse_all("pdf_dpi pdf_fit_to_page", "use pdf_scale"),
    *refuse_all(
        "video_aspect video_bitrate video_bits_per_second video_chrome_height video_codec", _NO_VIDEO
    ),
    *refuse_all(
        "video_crop_w video_dont_scroll_back video_ease video_ease_end video_ffmpeg video_fps", _NO_VIDEO
    ),
    *refuse_all("video_height video_jitter video_method video_postscroll_duration video_preset", _NO_VIDEO),
    *refuse_all(
        "video_prescroll_duration video_quality video_refs video_rest_duration video_scroll", _NO_VIDEO
    ),
    *refuse_all(
        "video_scroll_back_duration video_scroll_distance video_scroll_duration video_seek", _NO_VIDEO
    ),
    *refuse_all("video_time video_use_iscroll video_width", _NO_VIDEO),
)
WITHOUT_EFFECT = Table("Options that change nothing here", _IGNORED)
REFUSED = Table("Options without a counterpart", _REFUSED)
