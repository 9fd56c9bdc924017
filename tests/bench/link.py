"""A network between client and service: a relay in its own process that delays everything.

On loopback the kernel answers the TCP handshake at once. Its round trip is simulated by passing nothing on to
the service earlier than one round trip after the connection was made.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Awaitable, Callable


async def carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, one_way: float, not_before: float
) -> None:
    """Pass on bytes and the end, each this many seconds after it arrived."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(1000)

    async def deliver() -> None:
        data = b"x"
        while data:
            due, data = await queue.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if data:
                writer.write(data)
                await writer.drain()
            elif writer.can_write_eof():
                writer.write_eof()

    delivering = asyncio.create_task(deliver())
    data = b"x"
    while data:
        try:
            data = await reader.read(1 << 18)
        except OSError:
            data = b""
        await queue.put((max(loop.time(), not_before) + one_way, data))
    try:
        await delivering
    except OSError:
        pass


def relay(
    port: int, one_way: float
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Return a function that accepts a connection and relays it to the service's port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened = asyncio.get_running_loop().time()
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(
                carry(reader, far_writer, one_way, opened + 2 * one_way),
                carry(far_reader, writer, one_way, 0.0),
            )
        except asyncio.CancelledError:
            pass  # the bench is done, and remaining connections do not matter
        for end in (writer, far_writer):
            end.close()

    return connected


async def main() -> None:
    """Relay to a port with a one-way delay in milliseconds, both given as arguments, until stdin ends."""
    port, one_way = int(sys.argv[1]), float(sys.argv[2]) / 1000
    server = await asyncio.start_server(relay(port, one_way), "127.0.0.1", 0)
    print(json.dumps({"link": server.sockets[0].getsockname()[1]}), flush=True)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True
    ).start()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main())
