"""What a user might write today: standard input to standard output with the official SDK."""

from __future__ import annotations

import asyncio
import os
import sys

from lmnt import AsyncLmnt


async def main() -> None:
    session = await AsyncLmnt().speech.sessions.create(voice="lily", format="mp3")

    async def feed() -> None:
        loop = asyncio.get_running_loop()
        while text := await loop.run_in_executor(None, os.read, 0, 65536):
            await session.send_text(text.decode())
        await session.send_finish()

    feeding = asyncio.create_task(feed())
    async for message in session:
        if message.type == "audio":
            sys.stdout.buffer.write(message.audio)
            sys.stdout.buffer.flush()
    await feeding


asyncio.run(main())
