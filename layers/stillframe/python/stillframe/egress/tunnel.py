"""Carrying bytes both ways, counted, until either side or the capture ends."""

import asyncio

from stillframe.egress.dial import READ_SIZE, Connection
from stillframe.egress.report import Refusal
from stillframe.egress.session import Session


async def splice(session: Session, client: Connection, origin: Connection) -> None:
    """Copy both directions until both have ended."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_copy(session, client, origin, outgoing=True))
        group.create_task(_copy(session, origin, client, outgoing=False))


async def _copy(session: Session, source: Connection, sink: Connection, *, outgoing: bool) -> None:
    try:
        while data := await source.reader.read(READ_SIZE):
            session.count(**{"sent" if outgoing else "received": len(data)})
            sink.writer.write(data)
            await sink.writer.drain()
        if sink.writer.can_write_eof():
            sink.writer.write_eof()
    except (OSError, Refusal):
        # One end is gone without a goodbye, or the budget is; the other learns it in the same way.
        sink.abort()
        source.abort()
