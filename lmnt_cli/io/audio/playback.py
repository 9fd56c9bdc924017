"""Playing audio as it arrives: feeds a player, replaces it to silence it, waits for its end.

Playing is in one of three states, and only `_enter` changes them:

    OPEN        audio may come    finish → FINISHING    silence → OPEN, with a new player
    FINISHING   no more comes     silence → OVER        the player has played everything → OVER
    OVER        nothing is played; what still comes is let go

A player that fails or is quit, and `end`, lead to OVER from both.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

import anyio

from ...core.audio.formats import NEW, AudioFormat, Start
from ...core.audio.players import PlayerCommand
from ...core.audio.playhead import Playhead
from ...errors import OutputError
from .player import Player
from .player_feed import MemoryFeed, PlayerFeed
from .regular_file import Patches


# How often a player that is given nothing is checked to be still there, in seconds.
_TICK = 0.1


class _State(enum.Enum):
    OPEN = "open"
    FINISHING = "finishing"
    OVER = "over"


class Playback:
    """The playing of one run, by one player after another. Players are fed inside `run`.

    As a writer, its `backlog` is what waits in memory, and its `length` what was surely heard or passed over.
    """

    def __init__(
        self,
        command: PlayerCommand,
        audio_format: AudioFormat,
        sample_rate: int,
        clock: Callable[[], float],
        start: Start = NEW,
    ) -> None:
        """Start the player; it plays what comes after `start`. Raises UsageError or OutputError."""
        self.feed: PlayerFeed = MemoryFeed(start.length)
        self._command = command
        self._clock = clock
        self._head = Playhead(audio_format, sample_rate, start, takes_header=command.takes_header)
        self._player = Player(command)
        self._replaced: list[Player] = []  # asked to end, and not yet gone
        self._state = _State.OPEN
        self._come = False  # whether something has come since the feed was last looked at
        self._taken = False  # whether the player has taken everything that has come
        self._heard: int | None = None  # where a player that failed has left off
        self._in_hand = 0  # bytes taken from the feed that the pipe has not taken whole
        self._changed = anyio.Event()
        self._feeding: anyio.CancelScope | None = None

    @property
    def backlog(self) -> int:
        """Bytes put and not yet taken by the player."""
        return self.feed.backlog

    @property
    def unsettled(self) -> int:
        """Bytes put and not surely heard."""
        return self._head.received - self.length

    @property
    def length(self) -> int:
        """Bytes that were surely heard, or passed over.

        What lies in the pipe was not heard; nor was, by the clock, what a player read ahead of its time.
        """
        if self._heard is not None:
            return self._heard
        read = self.feed.position - self._in_hand - self._player.unread
        return max(0, min(read, self._head.heard(self._clock())))

    @property
    def can_silence(self) -> bool:
        """Whether a new player could take over: nobody can join WebM in the middle."""
        return self._head.can_skip

    @property
    def sounds(self) -> bool:
        """Whether there is something to hear, as far as bytes tell the time."""
        return self._state is not _State.OVER and self._head.sounds(self._clock())

    @property
    def seconds(self) -> tuple[float, float] | None:
        """The seconds heard and those that have come in all; None where bytes are not time."""
        return self._head.seconds(self._clock())

    def put(self, chunk: bytes) -> None:
        """Take audio to play; returns at once. Without a player it is let go."""
        self._head.receive(chunk, self._clock())
        if self._state is _State.OVER:
            return
        self.feed.put(chunk)
        self._come, self._taken = True, False
        self._notify()

    def cut(self, offset: int) -> None:
        """What came after this offset was taken back from the recording, and comes again."""
        self._head.cut(self.feed.position, offset)
        self.feed.cut(offset)
        self._come = True
        self._notify()

    async def drained(self) -> None:
        """Wait until a player has taken everything, or none is there to take it."""
        await self._until(lambda: self._taken or self._state is _State.OVER)

    async def complete(self, patches: Patches) -> None:
        """Do nothing: what was only played has no sizes to patch."""

    async def watch(self) -> None:
        """Never returns: trouble is raised by `run`."""
        await anyio.sleep_forever()

    async def finish(self) -> None:
        """No more audio comes: wait until all is played. Returns also if playing has failed."""
        if self._state is _State.OPEN:
            self._enter(_State.FINISHING)
        await self._until(lambda: self._state is _State.OVER)

    def silence(self) -> None:
        """Let nothing that has come be heard; a new player waits for what comes next."""
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
        """Feed players until the last has played everything. Raises OutputError if one fails or is quit."""
        try:
            while self._state is not _State.OVER:
                player = self._player
                failure = await self._use(player)
                if player is self._player:  # else it was replaced, and its end was our doing
                    if failure is not None:
                        self._heard = self.length
                        raise failure
                    self._enter(_State.OVER)
        finally:
            self._enter(_State.OVER)
            self.feed.skip()

    def stop(self) -> None:
        """Stop the player, as we are about to be stopped."""
        self._head.pause(self._clock())
        self._player.stop()

    def resume(self) -> None:
        """Continue it."""
        self._head.resume(self._clock())
        self._player.resume()

    async def end(self) -> None:
        """End every player, and return when they are gone."""
        self._enter(_State.OVER)
        async with anyio.create_task_group() as tasks:
            for player in (*self._replaced, self._player):
                tasks.start_soon(player.end)

    def kill(self) -> None:
        """Kill every player at once. Safe in a signal handler."""
        for player in (*self._replaced, self._player):
            player.kill()

    async def _use(self, player: Player) -> OutputError | None:
        """Feed this player until it has ended or was replaced; return why it failed, if it did."""
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
            await player.end()  # to most of them no audio at all is an error
            return None
        player.close_input()
        await player.ended()
        return await player.failure(early=False)

    async def _next(self, player: Player) -> bytes:
        """Return what the player gets next, b"" at the end. Raises OSError if the player has ended."""
        while True:
            self._come = False
            if chunk := await self.feed.take():
                fitting = self._head.fit(chunk, self.feed.position - len(chunk))
                if fitting:
                    self._in_hand = len(chunk)
                    return fitting
                continue
            if self._come:
                continue  # while we took
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
