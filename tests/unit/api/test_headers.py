"""Header values."""

from __future__ import annotations

from stillframe.api.headers import disposition, header_safe


def test_content_disposition_is_quoted_where_needed() -> None:
    assert disposition("screenshot.png") == "attachment; filename=screenshot.png"
    assert (
        disposition("Bild ü.png") == "attachment; filename=\"Bild ?.png\"; filename*=UTF-8''Bild%20%C3%BC.png"
    )


def test_header_values_are_ascii_without_line_breaks() -> None:
    assert header_safe("https://é.x/\r\nSet-Cookie: a") == "https://%C3%A9.x/%0D%0ASet-Cookie:%20a"
