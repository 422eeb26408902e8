"""The facts of a result."""

from __future__ import annotations

import pytest

from stillframe.result import Target


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a%40b:c@example.com:8443/x?y#z", "https://example.com:8443/x?y#z"),
        ("https://a@[::1]/", "https://[::1]/"),
        ("https://example.com/@a?#", "https://example.com/@a?#"),
        (None, None),
    ],
)
def test_the_addresses_of_a_target_contain_no_credentials(url: str | None, kept: str | None) -> None:
    target = Target(url=url)
    target.final_url = url
    assert target.to_json() == {"url": kept, "final_url": kept, "status": None}
