"""User agents and their client hints."""

from __future__ import annotations

import pytest

from stillframe.page import user_agents
from stillframe.request import parse

URL = {"url": "https://example.com/"}


@pytest.mark.parametrize(("platform", "browser"), user_agents.combinations(None, None, None))
def test_the_string_of_a_user_agent_agrees_with_its_client_hints(platform: str, browser: str) -> None:
    request = parse(URL | {"user_agent_platform": platform, "user_agent_browser": browser})
    agent = user_agents.choose(request, "156.0.1.2")
    assert agent is not None
    assert "Headless" not in agent.string
    chromium = browser in ("chrome", "edge") and platform != "ios"
    assert (agent.metadata is not None) == chromium
    if agent.metadata is not None:
        assert "Chrome/156.0.0.0" in agent.string
        assert ("Mobile" in agent.string) == agent.metadata["mobile"]
        assert (
            agent.metadata["platform"]
            == {"windows": "Windows", "macos": "macOS", "linux": "Linux", "android": "Android"}[platform]
        )
        assert {b["brand"] for b in agent.metadata["brands"]} >= {
            "Chromium",
            "Microsoft Edge" if browser == "edge" else "Google Chrome",
        }


def test_a_random_user_agent_is_chosen_once() -> None:
    """The context, which gives pop-ups their user agent, and the page must use the same one."""
    random_agent = parse(URL | {"use_random_user_agent": True, "user_agent_device": "mobile"})
    seen = set()
    for _ in range(50):
        request = random_agent.model_copy(update=user_agents.resolve_random(random_agent))
        agents = {user_agents.choose(request, "156.0").string for _ in range(5)}  # type: ignore[union-attr]
        assert len(agents) == 1
        seen |= agents
    assert len(seen) > 1
    assert all("Mobile" in agent for agent in seen)
    assert (
        user_agents.resolve_random(parse(URL | {"use_random_user_agent": True, "user_agent": "Robot/1.0"}))
        == {}
    )


def test_without_a_choice_the_default_agent_is_used() -> None:
    assert user_agents.choose(parse(URL), "156.0") is None
    assert user_agents.default("156.0").string.startswith("Mozilla/5.0 (X11; Linux x86_64)")


@pytest.mark.parametrize(
    ("string", "platform", "mobile"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", "Windows", False),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.1 Mobile Safari/537.36",
            "Android",
            True,
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/x Safari", "Linux", False),
        ("Robot/1.0", None, None),
        ("Mozilla/5.0 (iPhone) CriOS/120 Mobile", None, None),
    ],
)
def test_client_hints_follow_from_the_callers_user_agent(
    string: str, platform: str | None, mobile: bool | None
) -> None:
    agent = user_agents.choose(parse(URL | {"user_agent": string}), "156.0")
    assert agent is not None
    assert agent.string == string
    found = agent.metadata and (agent.metadata["platform"], agent.metadata["mobile"])
    assert found == ((platform, mobile) if platform else None)
