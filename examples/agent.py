"""Uses the tools as an agent does: starts `stillframe mcp` and calls it over standard input and output."""

import asyncio
import base64
import os
import sys
from pathlib import Path

from mcp import Client, StdioServerParameters


async def main(url: str) -> list[bytes]:
    """The pictures of a page that an agent would see."""
    # The protocol's own client passes on hardly any variable; settings of the service are among the others.
    command = StdioServerParameters(command="stillframe", args=["mcp"], env=dict(os.environ))
    async with Client(command) as client:
        print("tools:", *(tool.name for tool in (await client.list_tools()).tools))
        read = await client.call_tool("read", {"url": url, "max_tokens": 1000})
        print(read.content[0].text)
        look = await client.call_tool("look", {"url": url})
        print(look.content[0].text)
        return [base64.b64decode(part.data) for part in look.content if part.type == "image"]


for number, picture in enumerate(asyncio.run(main(sys.argv[1])), 1):
    Path(f"look-{number}.webp").write_bytes(picture)
