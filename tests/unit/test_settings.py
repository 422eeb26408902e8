"""Settings from environment variables."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stillframe.settings import SettingNotValid, Settings, rows


def test_every_setting_is_read_from_its_variable() -> None:
    values = {str: "x", int: "7", bool: "yes"}
    read = Settings.from_env({row.env: values[row.type] for row in rows()})
    for row in rows():
        assert getattr(read, row.name) == {str: "x", int: 7, bool: True}[row.type]
        assert row.sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "text"), [("PORT", "eighty"), ("RATE_LIMIT_ENABLED", "perhaps"), ("MAX_WIDTH", "1.5")]
)
def test_a_setting_of_the_wrong_type_names_its_variable(name: str, text: str) -> None:
    with pytest.raises(SettingNotValid, match=name):
        Settings.from_env({name: text})


def test_variables_of_pixashot_are_supported() -> None:
    supported = {row.env for row in rows() if row.pixashot}
    assert {
        "AUTH_TOKEN",
        "URL_SIGNING_SECRET",
        "PROXY_SERVER",
        "PROXY_PORT",
        "WORKERS",
        "MAX_REQUESTS",
        "KEEP_ALIVE",
        "PORT",
        "LOG_LEVEL",
        "CACHE_TTL",
        "RATE_LIMIT_ENABLED",
        "USE_POPUP_BLOCKER",
        "USE_COOKIE_BLOCKER",
    } <= supported


def test_settings_are_read_again_after_a_change(configure: Callable[..., Settings]) -> None:
    assert configure(PORT="9").port == 9
