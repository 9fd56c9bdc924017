"""Play audio as it arrives: feed a player, replace it to silence it, wait for it to end.

Playback is in one of three states, which only `_enter` changes:

    OPEN        audio may arrive    finish → FINISHING    silence → OPEN, with a new player
    FINISHING   no more arrives     silence → OVER        the player has played everything → OVER
    OVER        nothing is played, and audio that still arrives is discarded

A player that fails or quits, and `end`, lead to OVER from both of the others.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

import anyio

from ...core.audio.formats import NEW, AudioFormat, Start
from ...core.audio.player_options import PlayerCommand
from ...core.audio.playhead import Playhead
from ...errors import OutputError
from .player import Player
from .player_feed import MemoryFeed, PlayerFeed
from .regular_file import Patches


# How often an idle player is checked for having exited, in seconds.
_TICK = 0.1


class _State(enum.Enum):
    OPEN = "open"
    FINISHING = "finishing"
    OVER = "over"


class Playback:
    """Plays the audio of one run, with one player at a time. Players are fed inside `run`.

    As a writer, `backlog` is what waits in memory, and `length` is what was certainly heard, or skipped.
    """

    def __init__(
        self,
        command: PlayerCommand,
        audio_format: AudioFormat,
        sample_rate: int,
        clock: Callable[[], float],
        start: Start = NEW,
    ) -> None:
        """Start the player; it plays the audio after `start`. Raises UsageError or OutputError."""
        self.feed: PlayerFeed = MemoryFeed(start.length)
        self._command = command
        self._clock = clock
        self._head = Playhead(audio_format, sample_rate, start, takes_header=command.takes_header)
        self._player = Player(command)
        self._replaced: list[Player] = []  # asked to end, possibly still running
        self._state = _State.OPEN
        self._come = False  # whether anything has arrived since the feed was last checked
        self._taken = False  # whether the player has read everything received so far
        self._heard: int | None = None  # the length at which a player failed
        self._in_hand = 0  # bytes of a chunk taken from the feed and not yet written to the pipe whole
        self._changed = anyio.Event()
        self._feeding: anyio.CancelScope | None = None

    @property
    def backlog(self) -> int:
        """Bytes given to `put` and not yet taken by the player."""
        return self.feed.backlog

    @property
    def unsettled(self) -> int:
        """Bytes received and not certainly heard."""
        return self._head.received - self.length

    @property
    def length(self) -> int:
        """Bytes that were certainly heard, or skipped.

        Excludes what is still in the pipe, and what the player has read but, by the clock, not yet played.
        """
        if self._heard is not None:
            return self._heard
        read = self.feed.position - self._in_hand - self._player.unread
        return max(0, min(read, self._head.heard(self._clock())))

    @property
    def can_silence(self) -> bool:
        """Whether a new player could take over, which is impossible in the middle of WebM."""
        return self._head.can_skip

    @property
    def sounds(self) -> bool:
        """Whether audio is audible now, estimated from the number of bytes."""
        return self._state is not _State.OVER and self._head.sounds(self._clock())

    @property
    def seconds(self) -> tuple[float, float] | None:
        """The seconds heard and the seconds received; None for a format whose bytes are not time."""
        return self._head.seconds(self._clock())

    def put(self, chunk: bytes) -> None:
        """Add audio to play; return at once. Once playback is over it is discarded."""
        self._head.receive(chunk, self._clock())
        if self._state is _State.OVER:
            return
        self.feed.put(chunk)
        self._come, self._taken = True, False
        self._notify()

    def cut(self, offset: int) -> None:
        """Forget audio after this offset: it was removed from the recording and will arrive again."""
        self._head.cut(self.feed.position, offset)
        self.feed.cut(offset)
        self._come = True
        self._notify()

    async def drained(self) -> None:
        """Wait until the player has read everything or playback is over."""
        await self._until(lambda: self._taken or self._state is _State.OVER)

    async def complete(self, patches: Patches) -> None:
        """Do nothing: audio that is only played has no sizes to patch."""

    async def watch(self) -> None:
        """Wait forever: errors are raised by `run`."""
        await anyio.sleep_forever()

    async def finish(self) -> None:
        """End the input and wait until everything is played, or playback has failed."""
        if self._state is _State.OPEN:
            self._enter(_State.FINISHING)
        await self._until(lambda: self._state is _State.OVER)

    def silence(self) -> None:
        """Silence everything received so far; a new player plays what arrives next."""
        if not self.can_silence or self._state is _State.OVER:
            return
        self.feed.skip()
        self._head.replace_player()
        self._player.terminate()
        if self._state is _State.FINISHING:
            self._enter(_State.OVER)
        else:
            self._replaced.append(self._player)
            self._player = Player(self._command)
            self._in_hand = 0
        if self._feeding is not None:
            self._feeding.cancel()

    async def run(self) -> None:
        """Feed players until the last has played everything. Raises OutputError if one fails or quits."""
        try:
            while self._state is not _State.OVER:
                player = self._player
                failure = await self._use(player)
                if player is self._player:  # otherwise we replaced and ended it ourselves
                    if failure is not None:
                        self._heard = self.length
                        raise failure
                    self._enter(_State.OVER)
        finally:
            self._enter(_State.OVER)
            self.feed.skip()

    def stop(self) -> None:
        """Stop the player, because this process is about to be stopped."""
        self._head.pause(self._clock())
        self._player.stop()

    def resume(self) -> None:
        """Continue the player."""
        self._head.resume(self._clock())
        self._player.resume()

    async def end(self) -> None:
        """End every player; return when all have exited."""
        self._enter(_State.OVER)
        async with anyio.create_task_group() as tasks:
            for player in (*self._replaced, self._player):
                tasks.start_soon(player.end)

    def kill(self) -> None:
        """Kill every player at once. Safe in a signal handler."""
        for player in (*self._replaced, self._player):
            player.kill()

    async def _use(self, player: Player) -> OutputError | None:
        """Feed a player until it ends or is replaced; return its failure, if any."""
        failure = None
        async with anyio.create_task_group() as tasks:
            self._feeding = tasks.cancel_scope
            tasks.start_soon(player.collect)
            while self._replaced:
                tasks.start_soon(self._replaced.pop().end)
            failure = await self._feed(player)
            tasks.cancel_scope.cancel()
        return failure

    async def _feed(self, player: Player) -> OutputError | None:
        try:
            while chunk := await self._next(player):
                await player.write(chunk)
                self._in_hand = 0
        except OSError:
            return await player.failure(early=True)
        if not self._head.began:
            await player.end()  # most players report empty input as an error
            return None
        player.close_input()
        await player.ended()
        return await player.failure(early=False)

    async def _next(self, player: Player) -> bytes:
        """Return the next bytes for the player, b"" at the end. Raises OSError if the player has exited."""
        while True:
            self._come = False
            if chunk := await self.feed.take():
                fitting = self._head.fit(chunk, self.feed.position - len(chunk))
                if fitting:
                    self._in_hand = len(chunk)
                    return fitting
                continue
            if self._come:
                continue  # it arrived during `take`
            self._taken = True
            self._notify()
            if self._state is not _State.OPEN:
                return b""
            with anyio.move_on_after(_TICK):
                await self._until(lambda: self._state is not _State.OPEN or self._come)
            if player.status is not None:
                raise BrokenPipeError

    def _enter(self, state: _State) -> None:
        self._state = state
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await self._changed.wait()
