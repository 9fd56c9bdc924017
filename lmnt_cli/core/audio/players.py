"""The players that are known, and how each is told what comes on its standard input. Starts nothing.

Every line was chosen for sound at once and for short words in long silences. Left to themselves players wait:
mpv for seconds of audio to probe, and after a silence for a second's supply before it goes on; with a WAVE
header in front it waits for more than a hundred kilobytes. So formats are named, never probed, and where a
player takes samples as they are, the header is kept from it.
afplay is not among them: it reads files only.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import UsageError
from .formats import AudioFormat


_MP3, _WAV, _WEBM = AudioFormat.MP3, AudioFormat.WAV, AudioFormat.WEBM
_S16, _F32, _ULAW = AudioFormat.PCM_S16LE, AudioFormat.PCM_F32LE, AudioFormat.ULAW

# FFmpeg's names for streams without a container.
_RAW = {_WAV: "s16le", _S16: "s16le", _F32: "f32le", _ULAW: "mulaw"}
_CONTAINED = {_MP3: "mp3", _WEBM: "matroska"}

WAYS_OUT = "write a file with -o FILE, pipe into a player (| player), or name one with --player CMD"


@dataclass(frozen=True)
class PlayerCommand:
    """A player as it is to be started. `takes_header` is off where bare samples are fed."""

    words: tuple[str, ...]
    takes_header: bool = True
    is_known: bool = False

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.words[0].rpartition("/")[2]


def _mpv(audio_format: AudioFormat, rate: int) -> tuple[str, ...]:
    raw = _RAW.get(audio_format)
    return (
        *(
            "--no-input-terminal",
            "--msg-level=all=error",
            "--no-video",
            "--force-window=no",
            "--idle=no",
            "--keep-open=no",
        ),
        *("--loop-file=no", "--no-resume-playback", "--load-scripts=no", "--cache=no", "--cache-pause=no"),
        *("--demuxer=lavf", "--demuxer-lavf-probe-info=no"),
        f"--demuxer-lavf-format={raw or _CONTAINED[audio_format]}",
        *((f"--demuxer-lavf-o=sample_rate={rate}",) if raw else ()),
    )


def _ffplay(audio_format: AudioFormat, rate: int) -> tuple[str, ...]:
    raw = _RAW.get(audio_format)
    return (
        *("-nodisp", "-autoexit", "-hide_banner", "-loglevel", "error"),
        *("-probesize", "32", "-analyzeduration", "0", "-f", raw or _CONTAINED[audio_format]),
        *(("-sample_rate", str(rate)) if raw else ()),
    )


def _pw_play(_format: AudioFormat, _rate: int) -> tuple[str, ...]:
    return ("--latency=50ms",)


def _paplay(audio_format: AudioFormat, rate: int) -> tuple[str, ...]:
    sample = {_F32: "float32le", _ULAW: "ulaw"}.get(audio_format, "s16le")
    return ("--raw", f"--format={sample}", f"--rate={rate}", "--channels=1", "--latency-msec=50")


def _aplay(audio_format: AudioFormat, rate: int) -> tuple[str, ...]:
    sample = {_F32: "FLOAT_LE", _ULAW: "MU_LAW"}.get(audio_format, "S16_LE")
    return ("-q", "-t", "raw", "-f", sample, "-r", str(rate), "-c", "1")


@dataclass(frozen=True)
class _Player:
    """A known player. `formats` are those it takes for sure, the one it likes best first.

    `options` tell it the format and the rate, `stdin` to read its standard input.
    """

    name: str
    formats: tuple[AudioFormat, ...]
    options: Callable[[AudioFormat, int], tuple[str, ...]]
    stdin: tuple[str, ...]
    headers: frozenset[AudioFormat] = frozenset({_MP3, _WEBM})


_PLAYERS = (
    _Player("mpv", (_MP3, _WAV, _S16, _F32, _ULAW, _WEBM), _mpv, ("-",)),
    _Player("ffplay", (_MP3, _WAV, _S16, _F32, _ULAW, _WEBM), _ffplay, ("-i", "-")),
    _Player("pw-play", (_WAV,), _pw_play, ("-",), frozenset({_WAV})),
    _Player("paplay", (_S16, _WAV, _F32, _ULAW), _paplay, ()),
    _Player("aplay", (_S16, _WAV, _F32, _ULAW), _aplay, ("-",)),
)


@dataclass(frozen=True)
class Choice:
    """A player that was chosen, and the format it gets; `words` are those of --player, if any."""

    audio_format: AudioFormat
    player: _Player | None
    words: tuple[str, ...]

    def command(self, sample_rate: int) -> PlayerCommand:
        """The command that plays this format at this rate."""
        if self.player is None:
            return PlayerCommand(self.words)
        own = self.words[1:]
        stdin = () if "-" in own else self.player.stdin
        # The user's own options stand behind ours, and so win.
        words = (self.words[0], *self.player.options(self.audio_format, sample_rate), *own, *stdin)
        return PlayerCommand(words, takes_header=self.audio_format in self.player.headers, is_known=True)


def choose_player(
    asked: str | None, audio_format: AudioFormat | None, find: Callable[[str], str | None]
) -> Choice:
    """The player for a format, or with the format it likes best for None; `find` looks a program up on PATH.

    Raises UsageError if the player asked for, or any that takes the format, is missing.
    """
    if asked is not None:
        return _choose_asked(_split(asked), audio_format, find)
    found = [player for player in _PLAYERS if find(player.name) is not None]
    if not found:
        names = ", ".join(player.name for player in _PLAYERS)
        raise UsageError(f"no player found: looked for {names}", hint=WAYS_OUT)
    for player in found:
        if audio_format is None or audio_format in player.formats:
            return Choice(audio_format or player.formats[0], player, (player.name,))
    raise _refusal(found[0], audio_format)


def _choose_asked(
    words: tuple[str, ...], audio_format: AudioFormat | None, find: Callable[[str], str | None]
) -> Choice:
    if find(words[0]) is None:
        raise UsageError(f"the player {words[0]} was not found", hint=WAYS_OUT)
    player = next((each for each in _PLAYERS if each.name == words[0].rpartition("/")[2]), None)
    if player is None:
        return Choice(audio_format or _MP3, None, words)
    if audio_format is not None and audio_format not in player.formats:
        raise _refusal(player, audio_format)
    return Choice(audio_format or player.formats[0], player, words)


def _split(asked: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(asked))
    except ValueError as error:
        raise UsageError(f"--player cannot be split into words: {str(error).lower()}") from error
    if not words:
        raise UsageError("--player is empty")
    return words


def _refusal(player: _Player, audio_format: AudioFormat | None) -> UsageError:
    assert audio_format is not None, "without one asked for, a player gets its own"
    return UsageError(
        f"the player {player.name} does not take {audio_format.value}",
        hint=f"use --format {player.formats[0].value}, or another player with --player CMD",
    )
