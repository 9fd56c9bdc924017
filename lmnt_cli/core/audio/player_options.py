"""The known players, and the options that describe the audio on their standard input. Starts nothing.

The options are chosen for immediate sound, and for short words between long silences. By default players
wait: mpv probes seconds of audio at the start, waits for another second of it after each silence, and with a
WAVE header waits for more than a hundred kilobytes. So formats are named rather than probed, and a player
that accepts bare samples gets no header. afplay is missing because it only reads files.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Protocol

from ...errors import UsageError
from ..value import value
from .formats import AudioFormat


_MP3, _WAV, _WEBM = AudioFormat.MP3, AudioFormat.WAV, AudioFormat.WEBM
_S16, _F32, _ULAW = AudioFormat.PCM_S16LE, AudioFormat.PCM_F32LE, AudioFormat.ULAW

# FFmpeg's names for formats without a container.
_RAW = {_WAV: "s16le", _S16: "s16le", _F32: "f32le", _ULAW: "mulaw"}
_CONTAINED = {_MP3: "mp3", _WEBM: "matroska"}

WAYS_OUT = "write a file with -o FILE, pipe into a player (| player), or name one with --player CMD"


class Programs(Protocol):
    """The programs installed on this machine."""

    def expand(self, name: str) -> str:
        """Return the name with a leading `~` replaced by the home directory."""
        ...

    def find(self, name: str) -> str | None:
        """Return the path of an executable program, given its name or path; None if there is none."""
        ...

    def exists(self, name: str) -> bool:
        """Return whether a file of this name exists."""
        ...


@value
class PlayerCommand:
    """The command that starts a player. `takes_header` is false if it expects bare samples."""

    words: tuple[str, ...]
    takes_header: bool = True
    is_known: bool = False

    @property
    def name(self) -> str:
        """The player's name for messages."""
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
        # The user's mpv.conf may contain settings for films that would stop, repeat or truncate the speech.
        *("--pause=no", "--loop-playlist=no", "--merge-files=no", "--start=none", "--end=none"),
        *("--length=none", "--ab-loop-a=no", "--ab-loop-b=no", "--frames=all", "--aid=auto"),
        "--lavfi-complex=",
        *("--demuxer=lavf", "--demuxer-lavf-probe-info=no"),
        f"--demuxer-lavf-format={raw or _CONTAINED[audio_format]}",
        f"--demuxer-lavf-o={f'sample_rate={rate}' if raw else ''}",
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


@value
class _Player:
    """A known player. `formats` are those it is known to play, the best one first.

    `options` returns the options for a format and sample rate, `stdin` makes it read standard
    input. `headers` are the formats whose header it expects.
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


@value
class Choice:
    """The player chosen and its format. `words` are its command, from --player if that was given."""

    audio_format: AudioFormat
    player: _Player | None
    words: tuple[str, ...]

    def command(self, sample_rate: int) -> PlayerCommand:
        """Return the command that plays the format at this sample rate."""
        if self.player is None:
            return PlayerCommand(self.words)
        own = self.words[1:]
        stdin = () if "-" in own else self.player.stdin
        # The user's options follow ours, and so override them.
        words = (self.words[0], *self.player.options(self.audio_format, sample_rate), *own, *stdin)
        return PlayerCommand(words, takes_header=self.audio_format in self.player.headers, is_known=True)


def choose_player(asked: str | None, audio_format: AudioFormat | None, programs: Programs) -> Choice:
    """Return the player to use for a format; if that is None, a player with the format that suits it best.

    `asked` is the command given by --player, if any. Raises UsageError if that player is missing or does not
    play the format, or if no installed player does.
    """
    if asked is not None:
        return _choose_asked(_split(asked), audio_format, programs)
    found = [player for player in _PLAYERS if programs.find(player.name) is not None]
    if not found:
        names = ", ".join(player.name for player in _PLAYERS)
        raise UsageError(f"no player found: looked for {names}", hint=WAYS_OUT)
    for player in found:
        if audio_format is None or audio_format in player.formats:
            return Choice(audio_format or player.formats[0], player, (player.name,))
    raise _refusal(found[0], audio_format)


def _choose_asked(words: tuple[str, ...], audio_format: AudioFormat | None, programs: Programs) -> Choice:
    words = (programs.expand(words[0]), *words[1:])
    if programs.find(words[0]) is None:
        trouble = "cannot be executed" if programs.exists(words[0]) else "was not found"
        raise UsageError(f"the player {words[0]} {trouble}", hint=WAYS_OUT)
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
    assert audio_format is not None, "a player chosen without a format gets its own"
    return UsageError(
        f"the player {player.name} does not take {audio_format.value}",
        hint=f"use --format {player.formats[0].value}, or another player with --player CMD",
    )
