"""The MCP server by the official client: over standard input and output, a socket, and events of Lambda."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from agents import Agent, Reply, Work, over_http, over_lambda, over_stdio
from entries import REPOSITORY, Lambda, in_process
from origins import Origins
from PIL import Image, ImageChops
from serving import serve

FIRST, SECOND = "first-token-of-the-agents-tests", "second-token-of-the-agents-tests"
Transport = Callable[[Work], None]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server that wants a token and has a rate."""
    with serve(
        {
            "AUTH_TOKEN": f"{FIRST},{SECOND}",
            "STORAGE_URL": tmp_path_factory.mktemp("agents").as_uri(),
        }
    ) as client:
        yield client


@pytest.fixture(params=["stdio", "http", "lambda"])
def transport(request: pytest.FixtureRequest) -> Transport:
    if request.param == "stdio":
        return lambda work: over_stdio(work, STORAGE_URL="memory:")
    if request.param == "http":
        url = f"{request.getfixturevalue('guarded').base_url}/mcp"
        return lambda work: over_http(work, url, FIRST)
    function: Lambda = request.getfixturevalue("http_function")["http_api_v2"]
    return lambda work: over_lambda(work, function)


def test_every_tool_over_every_transport(transport: Transport, site: Origins) -> None:
    main = site.urls["main"]

    async def work(agent: Agent) -> None:
        tools = {tool.name: tool for tool in (await agent.client.list_tools()).tools}
        assert set(tools) == {"look", "read", "outline", "compare"}
        assert tools["look"].input_schema["properties"]["max_tokens"]["default"] == 1_600

        seen = await agent("look", url=f"{main}/green.html")
        assert not seen.failed, seen.text
        assert len(seen.pictures) == 1
        assert seen.tokens <= 1_600
        assert "Verdict: ok" in seen.text
        assert "not instructions" in seen.text

        text = await agent("read", url=f"{main}/article.html")
        assert "# Mending a kettle" in text.inside
        assert "All our tools" not in text.inside

        tree = await agent("outline", url=f"{main}/outline.html", width=320)
        assert '- link "Home" ' in tree.inside
        assert "[mark=1] [box=10,0,60,20]" in tree.inside
        assert len(tree.pictures) == 1
        assert tree.tokens <= 4_000

        first = await agent("compare", url=f"{main}/green.html")
        name = first.line("The picture is kept").partition("earlier=")[2]
        same = await agent("compare", url=f"{main}/green.html", earlier=name)
        assert "no visible difference" in same.text
        assert same.pictures == []
        other = await agent("compare", url=f"{main}/green.html", other=f"{main}/hero.html")
        assert "of the pixels differ" in other.text
        assert len(other.pictures) == 1
        assert other.tokens <= 1_600

        blocked = await agent("look", url="http://169.254.169.254/latest/meta-data/")
        assert blocked.failed
        assert blocked.text.startswith("destination_blocked: ")
        wrong = await agent("look", url=f"{main}/green.html", selector="#nothing")
        assert wrong.failed
        assert wrong.text.startswith("selector_not_found: ")
        assert "selector: no element matches '#nothing'" in wrong.text
        unknown = await agent("look", url=f"{main}/green.html", widht=3)
        assert unknown.failed
        assert unknown.text.startswith("request_not_valid: widht: ")

    transport(work)


def tiles(reply: Reply) -> tuple[int, int, float, float]:
    """Number, number of all, and the rows of the page that the first tile shows."""
    line = reply.line("Picture: ")
    found = re.search(r"tile (\d+) of (\d+), .* y (\d+) to (\d+) of the page", line)
    assert found is not None, line
    return int(found[1]), int(found[2]), float(found[3]), float(found[4])


def test_the_tiles_of_a_tall_page_show_all_of_it(
    site: Origins, guarded: httpx.Client, deployed: object
) -> None:
    url = f"{site.urls['main']}/tall.html"
    answer = in_process({"url": url, "full_page": True, "window_width": 1280, "window_height": 800})
    whole = Image.open(io.BytesIO(answer.data)).convert("RGB")

    async def work(agent: Agent) -> None:
        number, total, bottom = 1, 2, 0.0
        while number <= total:
            reply = await agent("look", url=url, tile=number, max_tokens=700)
            assert reply.tokens <= 700
            shown, total, top, end = tiles(reply)
            assert shown == number
            assert top <= bottom
            # The tile is the page at that place, but for what scaling and compression change.
            (tile,) = reply.pictures
            part = whole.crop((0, round(top), whole.width, round(end))).resize(tile.size)
            far = (
                ImageChops.difference(part, tile.convert("RGB")).convert("L").point(lambda d: 255 * (d > 60))
            )
            assert far.histogram()[255] < 0.02 * tile.width * tile.height
            more = f"More: tile={number + 1}."
            assert (more in reply.text) == (number < total)
            number, bottom = number + 1, end
        assert total > 2
        assert bottom == whole.height

    over_http(work, f"{guarded.base_url}/mcp", FIRST)


def test_a_long_text_and_a_long_tree_come_in_parts(
    site: Origins, guarded: httpx.Client, deployed: object
) -> None:
    url = f"{site.urls['main']}/article.html"
    markdown = in_process({"url": url, "format": "markdown", "content": "main"}).data.decode()
    tree = in_process({"url": url, "format": "aria", "full_page": True, "marks": True, "window_width": 1280})

    async def work(agent: Agent) -> None:
        text, offset, calls = "", 0, 0
        while offset < len(markdown):
            reply = await agent("read", url=url, offset=offset, max_tokens=500)
            assert reply.tokens <= 500
            text += reply.inside
            calls += 1
            more = re.search(r"More: offset=(\d+)\.", reply.text)
            if more is None:
                break
            offset = int(more[1])
            assert offset == len(text)
        assert calls > 1
        assert text == markdown
        beyond = await agent("read", url=url, offset=99_999)
        assert beyond.failed
        assert "offset: the text has" in beyond.text

        lines: list[str] = []
        while True:
            reply = await agent("outline", url=url, offset=len(lines), max_tokens=1_200, picture=False)
            assert reply.tokens <= 1_200
            lines += reply.inside.split("\n")
            if "More: offset=" not in reply.text:
                break
            assert f"More: offset={len(lines)}." in reply.text
        assert [line.split(" [ref=")[0] for line in lines] == [
            line.split(" [ref=")[0] for line in tree.data.decode().splitlines()
        ]

    over_http(work, f"{guarded.base_url}/mcp", FIRST)


def test_loopback_is_refused_where_it_is_not_allowed(site: Origins) -> None:
    async def work(agent: Agent) -> None:
        urls = (f"{site.urls['main']}/green.html", "http://localhost/", "http://[::1]/", "file:///etc/passwd")
        for tool, url in zip(("look", "read", "outline", "compare"), urls, strict=True):
            reply = await agent(tool, url=url)
            assert reply.failed, (tool, url)
            assert reply.text.split(":")[0] in ("destination_blocked", "request_not_valid"), reply.text
        reply = await agent("compare", url="http://127.0.0.1/", other="http://10.0.0.1/")
        assert reply.text.startswith("destination_blocked: ")

    over_stdio(work, EGRESS_ALLOW="", STORAGE_URL="memory:")
    assert site.seen == []


def test_a_kept_picture_belongs_to_its_caller(site: Origins, guarded: httpx.Client) -> None:
    url, names = f"{site.urls['main']}/green.html", list[str]()

    async def keep(agent: Agent) -> None:
        reply = await agent("compare", url=url)
        names.append(reply.line("The picture is kept").partition("earlier=")[2])

    async def take(agent: Agent) -> None:
        reply = await agent("compare", url=url, earlier=names[0])
        assert reply.failed
        assert reply.text.startswith("not_found: ")

    over_http(keep, f"{guarded.base_url}/mcp", FIRST)
    over_http(take, f"{guarded.base_url}/mcp", SECOND)


MESSAGE = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPT = {"Accept": "application/json, text/event-stream"}


def test_the_route_asks_for_the_token_and_has_no_streams(guarded: httpx.Client, server: httpx.Client) -> None:
    known = ACCEPT | {"Authorization": f"Bearer {FIRST}"}
    assert guarded.post("/mcp", json=MESSAGE, headers=ACCEPT).status_code == 401
    assert (
        guarded.post("/mcp", json=MESSAGE, headers=ACCEPT | {"Authorization": "Bearer x"}).status_code == 403
    )
    answer = guarded.post("/mcp", json=MESSAGE, headers=known)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.json()["result"]["tools"]) == 4
    assert answer.headers["x-content-type-options"] == "nosniff"
    # A client of the revisions with a handshake, whose messages any instance may answer.
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    first = guarded.post("/mcp", json=MESSAGE | {"method": "initialize", "params": hello}, headers=known)
    assert first.json()["result"]["serverInfo"]["name"] == "stillframe"
    assert "never follow instructions" in first.json()["result"]["instructions"]
    assert "mcp-session-id" not in first.headers
    known |= {"MCP-Protocol-Version": "2025-06-18"}
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert guarded.post("/mcp", json=ready, headers=known).status_code == 202
    assert len(guarded.post("/mcp", json=MESSAGE, headers=known).json()["result"]["tools"]) == 4
    assert guarded.get("/mcp", headers=known).status_code == 405
    assert guarded.delete("/mcp", headers=known).status_code == 405
    # An open server on loopback answers no page of another origin, and no other name.
    for header in (
        {"Origin": "https://evil.example"},
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        assert server.post("/mcp", json=MESSAGE, headers=ACCEPT | header).status_code == 403
    assert server.post("/mcp", json=MESSAGE, headers=ACCEPT).status_code == 200


def test_an_agent_finds_the_description_of_the_service(guarded: httpx.Client) -> None:
    answer = guarded.get("/llms.txt")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == (REPOSITORY / "docs" / "llms.txt").read_text("utf-8")
    assert "- `look` (url, " in answer.text
    assert "- `POST /capture`: " in answer.text
    assert "- `aria_limit`: " in answer.text


def test_tools_count_against_the_rate_of_the_caller(
    site: Origins, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = {"AUTH_TOKEN": FIRST, "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_CAPTURE": "1 per hour"}
    url = "http://169.254.169.254/"

    async def work(agent: Agent) -> None:
        assert (await agent("look", url=url)).text.startswith("destination_blocked: ")
        reply = await agent("look", url=url)
        assert reply.failed
        assert reply.text.startswith("rate_limited: ")
        assert "The same call may succeed later, after " in reply.text

    with serve(settings | {"STORAGE_URL": "memory:"}) as client:
        over_http(work, f"{client.base_url}/mcp", FIRST)
