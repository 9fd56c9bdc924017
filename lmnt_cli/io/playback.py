"""Playing while the audio comes: feeds a player, begins a new one to silence the old, waits for its end.

Without a recording the audio waits in memory for the player, and the session goes at its pace. Beside a
recording in a regular file the player is fed from that file: a recording never waits for a player, however
slow, and nothing waits in memory. Where a recording cannot be read back (a FIFO, a device, standard output)
both go at the pace of the slower one, as with tee.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from typing import Protocol

import anyio

from ..core.formats import AudioFormat
from ..core.riff import header_length
from ..players import PlayerCommand
from .player import Player
from .writer import AudioWriter


_AT_ONCE = 64 << 10
_SAMPLE = {AudioFormat.PCM_S16LE: 2, AudioFormat.WAV: 2, AudioFormat.PCM_F32LE: 4}


class Supply(Protocol):
    """Where the player's audio waits. `position` counts from the first byte behind the header."""

    position: int

    @property
    def backlog(self) -> int:
        """Bytes that wait in memory."""
        ...

    def put(self, chunk: bytes) -> None:
        """More has come."""
        ...

    async def take(self) -> bytes:
        """The next bytes, b"" if there are none now."""
        ...

    def skip(self) -> None:
        """Pass over everything that has come."""
        ...

    def cut(self, position: int) -> None:
        """What has come behind this position was taken back, and comes again."""
        ...


class InMemory:
    """Audio that only the player gets, or that cannot be read back."""

    def __init__(self) -> None:
        self.position = 0
        self._chunks: deque[bytes] = deque()
        self._size = 0

    @property
    def backlog(self) -> int:
        """Bytes that wait."""
        return self._size

    def put(self, chunk: bytes) -> None:
        """Keep it."""
        self._chunks.append(chunk)
        self._size += len(chunk)

    async def take(self) -> bytes:
        """The oldest of what waits."""
        chunk = self._chunks.popleft() if self._chunks else b""
        self._size -= len(chunk)
        self.position += len(chunk)
        return chunk

    def skip(self) -> None:
        """Let it go."""
        self.position += self._size
        self._chunks.clear()
        self._size = 0

    def cut(self, position: int) -> None:
        """Nothing can be taken back from a player."""


class InFile:
    """A recording that grows, read from behind its header at the player's pace."""

    backlog = 0

    def __init__(self, descriptor: int, writer: AudioWriter) -> None:
        self.position = 0
        self._descriptor = descriptor
        self._writer = writer
        self._header = 0
        self._come = 0
        self._stale = False

    def put(self, chunk: bytes) -> None:
        """It is on its way to the file."""
        if not self._come:
            self._header = self._writer.length + self._writer.backlog - len(chunk)
        self._come += len(chunk)
        self._stale = True

    async def take(self) -> bytes:
        """Read on, up to what is written by now."""
        while self._stale:
            # Again, if the file was cut while we waited: what is read must be what will stay.
            self._stale = False
            await self._writer.drained()
        size = min(_AT_ONCE, self._come - self.position)
        chunk = os.pread(self._descriptor, size, self._header + self.position) if size > 0 else b""
        self.position += len(chunk)
        return chunk

    def skip(self) -> None:
        """Read on behind all that has come."""
        self.position = self._come

    def cut(self, position: int) -> None:
        """Go back, if more was read than stays."""
        self._come = min(self._come, position)
        self.position = min(self.position, position)
        self._stale = True


class Playback:
    """One run's playing, by one player after another. Feeding happens in `run`.

    `can_silence` is off for WebM: nobody can join it in the middle.
    """

    def __init__(
        self,
        command: PlayerCommand,
        audio_format: AudioFormat,
        sample_rate: int,
        clock: Callable[[], float],
    ) -> None:
        """Start the player. Raises UsageError if it cannot be."""
        self.can_silence = audio_format is not AudioFormat.WEBM
        self.supply: Supply = InMemory()
        self._command = command
        self._sample = _SAMPLE.get(audio_format, 1)
        self._has_header = audio_format in (AudioFormat.WAV, AudioFormat.ULAW)
        self._bytes_per_second = audio_format.bytes_per_second(sample_rate)
        self._clock = clock
        self._player = Player(command)
        self._header: bytes | None = None
        self._to_begin = True
        self._filling = b""
        self._sounds_until = 0.0
        self._stopped_at = 0.0
        self._come = anyio.Event()
        self._ending = False
        self._over = anyio.Event()
        self._fed = anyio.Event()
        self._feeding = anyio.CancelScope()
        self._is_feeding = False

    @property
    def sounds(self) -> bool:
        """Whether there is something to hear, as far as bytes tell the time."""
        return self._clock() < self._sounds_until and not self._over.is_set()

    def put(self, chunk: bytes) -> None:
        """Give audio to play; returns at once."""
        if self._header is None:
            length = (header_length(chunk) or 0) if self._has_header else 0
            self._header, chunk = chunk[:length], chunk[length:]
        if self._bytes_per_second is not None:
            now = self._clock()
            self._sounds_until = max(self._sounds_until, now) + len(chunk) / self._bytes_per_second
        self.supply.put(chunk)
        self._come.set()

    def cut(self, offset: int) -> None:
        """What came behind this offset, counted from the header's first byte, comes again."""
        position = offset - len(self._header or b"")
        if self.supply.position > position:
            # The player has had part of a sample; the rest of it will not come.
            self._filling = bytes(-self.supply.position % self._sample)
        self.supply.cut(position)
        self._come.set()

    def silence(self) -> None:
        """Let nothing that has come be heard any more; a new player waits for what comes next."""
        if not self.can_silence or self._over.is_set():
            return
        self.supply.skip()
        self._sounds_until = 0.0
        self._player.end()
        self._player = Player(self._command)
        self._to_begin = True
        if self._is_feeding:
            self._feeding.cancel()

    async def run(self) -> None:
        """Feed players until `finish` and the end of the last. Raises OutputError if one fails or is quit."""
        try:
            while not self._over.is_set():
                with anyio.CancelScope() as self._feeding:
                    self._is_feeding = True
                    await self._feed(self._player)
                    break
        finally:
            self._is_feeding = False
            self._over.set()

    async def _feed(self, player: Player) -> None:
        try:
            while (chunk := await self._next(player)) is not None:
                await player.write(chunk)
            player.no_more()
            await player.ended()
        except OSError as error:
            raise await player.why(early=True) or AssertionError("ended early") from error
        if failure := await player.why(early=False):
            raise failure

    async def _next(self, player: Player) -> bytes | None:
        """What the player gets next; None when there will be nothing more."""
        while True:
            self._come = anyio.Event()
            if chunk := await self.supply.take():
                return self._begin() + chunk[self._lead(len(chunk)) :]
            self._fed.set()
            if self._ending:
                return None
            with anyio.move_on_after(0.1):
                await self._come.wait()
            if await player.ended(0):
                raise BrokenPipeError
