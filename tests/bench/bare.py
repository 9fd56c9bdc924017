"""The job in as few lines as possible, without anything that makes it robust."""

from __future__ import annotations

import asyncio
import json
import os
import sys

from websockets.asyncio.client import ClientConnection, connect


async def feed(socket: ClientConnection) -> None:
    loop = asyncio.get_running_loop()
    while text := await loop.run_in_executor(None, os.read, 0, 65536):
        await socket.send(json.dumps({"type": "text", "text": text.decode()}))
    await socket.send('{"type":"finish"}')


async def main() -> None:
    url = os.environ["LMNT_BASE_URL"].replace("http", "ws", 1) + "/v1/ai/speech/stream"
    async with connect(url, compression=None, max_size=None) as socket:
        key = os.environ["LMNT_API_KEY"]
        await socket.send(
            json.dumps({"X-API-Key": key, "lmnt-version": "1.2", "voice": "lily", "format": "mp3"})
        )
        feeding = asyncio.create_task(feed(socket))
        async for message in socket:
            if isinstance(message, bytes):
                sys.stdout.buffer.write(message)
                sys.stdout.buffer.flush()
        await feeding


asyncio.run(main())
