"""Playing while the audio comes: feeds a player, begins a new one to silence the old, waits for its end."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from ...core.audio.formats import AudioFormat
from ...core.audio.players import PlayerCommand
from ...core.audio.wav import header_length
from ...errors import OutputError
from .player import Player
from .player_feed import InMemory, Supply


# How often a player that is given nothing is asked whether it is still there, in seconds.
_TICK = 0.1
# What sounds later than it came: players keep some of it, in seconds.
_LATENCY = 0.3
_SAMPLE = {AudioFormat.PCM_S16LE: 2, AudioFormat.WAV: 2, AudioFormat.PCM_F32LE: 4}


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
        self._sounds_until = -_LATENCY
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
        return self._clock() < self._sounds_until + _LATENCY and not self._over.is_set()

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
        self._sounds_until = -_LATENCY
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
