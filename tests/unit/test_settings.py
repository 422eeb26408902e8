"""Settings from environment variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_type_hints

import pytest

from stillframe.settings import SettingNotValid, Settings, rows


def test_every_setting_is_read_from_its_variable() -> None:
    values = {str: "x", int: "7", bool: "yes"}
    read = Settings.from_env({row.env: values[row.type] for row in rows() if row.name != "extra_settings"})
    for row in rows():
        if row.name == "extra_settings":
            continue
        assert getattr(read, row.name) == {str: "x", int: 7, bool: True}[row.type]
        assert row.sentence.endswith(".")


def test_the_default_of_a_setting_has_the_type_that_is_declared() -> None:
    declared = get_type_hints(Settings)
    assert {row.name: row.type for row in rows()} == {row.name: declared[row.name] for row in rows()}


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


def test_further_settings_come_as_one_json_object() -> None:
    read = Settings.from_env({"EXTRA_SETTINGS": '{"QUEUE_SIZE": 8, "HTTPS_ONLY": true, "HOST": "::1"}'})
    assert (read.queue_size, read.https_only, read.host) == (8, True, "::1")


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ('{"QUEUE_SIZE": 8', "not JSON"),
        ('["QUEUE_SIZE"]', "not a JSON object"),
        ('{"QUEUE_LENGTH": 8}', "no setting 'QUEUE_LENGTH'"),
        ('{"PROXY_PASSWORD": "x"}', "PROXY_PASSWORD is a secret"),
        ('{"MAX_WIDTH": 8}', "MAX_WIDTH is a variable"),
        ('{"QUEUE_SIZE": null}', "QUEUE_SIZE is not a text"),
        ('{"QUEUE_SIZE": "many"}', "QUEUE_SIZE: 'many'"),
    ],
)
def test_a_further_setting_that_cannot_be_used_is_named(extra: str, why: str) -> None:
    with pytest.raises(SettingNotValid, match=why):
        Settings.from_env({"MAX_WIDTH": "7", "EXTRA_SETTINGS": extra})
