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
from ..errors import OutputError
from ..players import PlayerCommand
from .player import Player
from .writer import AudioWriter


_AT_ONCE = 64 << 10
# How often a player that is given nothing is asked whether it is still there, in seconds.
_TICK = 0.1
_SAMPLE = {AudioFormat.PCM_S16LE: 2, AudioFormat.WAV: 2, AudioFormat.PCM_F32LE: 4}


class Supply(Protocol):
    """Where the player's audio waits. `position` is how much of it was taken or passed over."""

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
        """What comes again is heard again."""


class InFile:
    """A recording that grows, read from its first byte on at the player's pace."""

    backlog = 0

    def __init__(self, descriptor: int, writer: AudioWriter) -> None:
        self.position = 0
        self._descriptor = descriptor
        self._writer = writer
        self._come = 0
        self._stale = False

    def put(self, chunk: bytes) -> None:
        """It is on its way to the file."""
        self._come += len(chunk)
        self._stale = True

    async def take(self) -> bytes:
        """Read on, up to what is written by now."""
        while self._stale:
            # Again, if the file was cut while we waited: what is read must be what will stay.
            self._stale = False
            await self._writer.drained()
        size = min(_AT_ONCE, self._come - self.position)
        chunk = os.pread(self._descriptor, size, self.position) if size > 0 else b""
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

    As a writer, its `backlog` is what waits in memory, its `length` what players were given or spared.
    `can_silence` is off for WebM: nobody can join it in the middle.
    """

    def __init__(
        self, command: PlayerCommand, audio_format: AudioFormat, sample_rate: int, clock: Callable[[], float]
    ) -> None:
        """Start the player. Raises UsageError if it cannot be."""
        self.supply: Supply = InMemory()
        self.can_silence = audio_format is not AudioFormat.WEBM
        self._command = command
        self._sample = _SAMPLE.get(audio_format, 1)
        self._has_header = audio_format in (AudioFormat.WAV, AudioFormat.ULAW)
        self._bytes_per_second = audio_format.bytes_per_second(sample_rate)
        self._clock = clock
        self._player = Player(command)
        self._was_fed = False
        self._header: bytes | None = None
        self._filling = b""
        self._sounds_until = 0.0
        self._stopped_at = 0.0
        self._ending = False
        self._come = anyio.Event()
        self._drained = anyio.Event()
        self._over = anyio.Event()
        self._feeding: anyio.CancelScope | None = None

    @property
    def backlog(self) -> int:
        """Bytes given and not yet taken by the player."""
        return self.supply.backlog

    @property
    def length(self) -> int:
        """Bytes of audio that were given to players, or passed over."""
        return self.supply.position

    @property
    def sounds(self) -> bool:
        """Whether there is something to hear, as far as bytes tell the time."""
        return self._clock() < self._sounds_until and not self._over.is_set()

    def put(self, chunk: bytes) -> None:
        """Give audio to play; returns at once. Without a player it is let go."""
        if self._over.is_set():
            return
        if self._header is None:
            self._header = chunk[: header_length(chunk) or 0] if self._has_header else b""
        if self._bytes_per_second is not None:
            now = self._clock()
            self._sounds_until = max(self._sounds_until, now) + len(chunk) / self._bytes_per_second
        if self._drained.is_set():
            self._drained = anyio.Event()
        self.supply.put(chunk)
        self._come.set()

    def cut(self, offset: int) -> None:
        """What came behind this offset was taken back from the recording, and comes again."""
        if self.supply.position > offset:
            # The player has had part of a sample; the rest of it will not come.
            self._filling = bytes(-(self.supply.position - len(self._header or b"")) % self._sample)
        self.supply.cut(offset)
        self._come.set()

    async def drained(self) -> None:
        """Wait until a player has taken everything, or none is there to take it."""
        while not self._drained.is_set() and not self._over.is_set():
            await self._drained.wait()

    async def watch(self) -> None:
        """Never returns: trouble is raised by `run`."""
        await anyio.sleep_forever()

    async def run(self) -> None:
        """Feed players until `finish` and the end of the last. Raises OutputError if one fails or is quit."""
        try:
            while not self._over.is_set():
                player = self._player
                try:
                    with anyio.CancelScope() as self._feeding:
                        await self._feed(player)
                        break
                except OutputError:
                    if player is self._player:
                        raise
        finally:
            self._over.set()
            self._drained.set()
            self.supply.skip()

    async def finish(self) -> None:
        """No more audio comes: wait until all is played. Returns also if playing has failed."""
        self._ending = True
        self._come.set()
        await self._over.wait()

    def silence(self) -> None:
        """Let nothing that has come be heard; a new player waits for what comes next."""
        if not self.can_silence or self._over.is_set():
            return
        self.supply.skip()
        self._sounds_until = 0.0
        self._player.end()
        if self._ending:
            self._over.set()
        else:
            self._player = Player(self._command)
            self._was_fed, self._filling = False, b""
        if self._feeding is not None:
            self._feeding.cancel()

    def stop(self) -> None:
        """Stop the player, as we are about to be."""
        self._stopped_at = self._clock()
        self._player.stop()

    def go_on(self) -> None:
        """Let it go on."""
        if self._stopped_at < self._sounds_until:
            self._sounds_until += self._clock() - self._stopped_at
        self._player.go_on()

    def end(self) -> None:
        """End the player now."""
        self._over.set()
        self._player.end()

    async def _feed(self, player: Player) -> None:
        try:
            while chunk := await self._next(player):
                await player.write(chunk)
        except OSError as error:
            raise await player.why(early=True) or OutputError(f"the player {player.name} ended") from error
        if not self._was_fed:
            player.end()  # to most of them no audio at all is an error
            return
        player.no_more()
        await player.ended()
        if failure := await player.why(early=False):
            raise failure

    async def _next(self, player: Player) -> bytes:
        """What the player gets next; b"" when nothing more will come. Raises OSError if it has ended."""
        while True:
            self._come = anyio.Event()
            if chunk := await self.supply.take():
                if chunk := self._fit(chunk):
                    return chunk
                continue
            self._drained.set()
            if self._ending:
                return b""
            with anyio.move_on_after(_TICK):
                await self._come.wait()
            if not player.is_alive:
                raise BrokenPipeError

    def _fit(self, chunk: bytes) -> bytes:
        """The chunk as the player can go on with it: behind a header, on a whole sample."""
        header = self._header or b""
        if self._was_fed:
            filling, self._filling = self._filling, b""
            return filling + chunk
        start = self.supply.position - len(chunk)
        audio = chunk[len(header) :] if start == 0 else chunk[-(start - len(header)) % self._sample :]
        if audio:
            self._was_fed = True
        return header + audio if audio and self._command.takes_header else audio
