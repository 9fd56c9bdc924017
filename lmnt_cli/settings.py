"""What was decided: options, environment and configuration, checked before anything is touched.

The settings come in groups, each resolved by itself: a listing needs the service only, a dry run the text
and the audio. Nothing below reads an option, an environment variable or sys.argv.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .configuration.layers import Chosen, Configured, choose, stack
from .core.audio.formats import AudioFormat
from .core.text.flush_rules import FlushRule
from .core.text.strip.filters import Strip
from .decisions import check_subtitles, choose_endpoint, choose_format, choose_playing, notices, origins
from .endpoint import Endpoint
from .errors import UsageError
from .options import Flags, OnDrop, Progress


if TYPE_CHECKING:
    from .configuration.key import ApiKey
    from .core.audio.players import PlayerCommand

DEFAULT_VOICE = "lily"
STDIN = "-"


@dataclass(frozen=True)
class TextSettings:
    """The text: `words` of the command line, or else the `files` in their order, `-` being standard input.

    `flush_idle` is in seconds, None for off. `strip` is taken out of the text before it is spoken. The input
    ends after `max_chars` characters, None for no limit. `save` allows saving unspoken text.
    """

    words: bytes | None
    files: tuple[str, ...]
    flush_rule: FlushRule
    flush_idle: float | None
    strip: tuple[Strip, ...]
    max_chars: int | None
    save: bool

    @property
    def reads_stdin(self) -> bool:
        """Whether standard input is spoken."""
        return STDIN in self.files


@dataclass(frozen=True)
class AudioSettings:
    """The audio and where it goes.

    `output` None is standard output, unless `writes` is off, when audio is only played. `player` None plays
    nothing. `part` writes a file beside its final name first, `clobber` allows replacing a file, `appends`
    continues one.
    """

    voice: str
    language: str | None
    format: AudioFormat
    sample_rate: int
    output: str | None
    part: bool
    clobber: bool
    writes: bool
    player: PlayerCommand | None
    appends: bool = False


@dataclass(frozen=True)
class ServiceSettings:
    """The service and how patiently it is asked. Times are in seconds.

    `resume` starts a new session after a lost connection.
    """

    endpoint: Endpoint
    retries: int
    connect_timeout: float
    timeout: float
    resume: bool


@dataclass(frozen=True)
class DisplaySettings:
    """What is reported on the way and at the end."""

    progress: Progress
    quiet: bool
    verbose: bool
    debug: bool


@dataclass(frozen=True)
class ReadingAlong:
    """What is written beside the audio.

    `subtitles` are names of files whose extension says the format, `events` a file or `fd:N`, None for none.
    `tee` is the descriptor that the text is passed on to, None for none.
    """

    subtitles: tuple[str, ...] = ()
    events: str | None = None
    stats: bool = False
    tee: int | None = None


@dataclass(frozen=True)
class Settings:
    """The choices of one run.

    `flags` are the options as given on the command line, for a resume command. `notices` are remarks on the
    choices, and `origins` what is not a default and where it comes from, a line each.
    """

    text: TextSettings
    audio: AudioSettings
    service: ServiceSettings
    display: DisplaySettings
    along: ReadingAlong = field(default_factory=ReadingAlong)
    flags: Flags = field(default_factory=Flags, repr=False)
    notices: tuple[str, ...] = ()
    origins: tuple[str, ...] = field(default=(), repr=False)


class Subject(enum.Enum):
    """What a listing is about."""

    VOICES = "voices"
    ACCOUNT = "account"


@dataclass(frozen=True)
class Inquiry:
    """The choices of a listing. `words` narrow a list of voices."""

    subject: Subject
    words: Sequence[str]
    json: bool
    service: ServiceSettings
    display: DisplaySettings
    notices: tuple[str, ...] = ()
    origins: tuple[str, ...] = field(default=(), repr=False)


def resolve(
    flags: Flags,
    environment: Mapping[str, str],
    configured: Configured | None = None,
    *,
    stdin_typed: bool,
    stdout_terminal: bool,
) -> Settings:
    """Return the settings these flags mean. Raises UsageError, or MissingKey."""
    chosen = choose(stack(flags, environment, configured or Configured()))
    text = resolve_text(chosen.flags, stdin_typed=stdin_typed)
    audio = resolve_audio(chosen.flags, environment, stdout_terminal=stdout_terminal)
    service, key = resolve_service(chosen, environment, reads_stdin=text.reads_stdin)
    place = chosen.place("format")
    remarks = [*notices(audio.output, audio.format, audio.language, place=place), *_notice(key)]
    display = resolve_display(chosen.flags)
    along = resolve_reading_along(chosen.flags, audio)
    return Settings(text, audio, service, display, along, flags, tuple(remarks), tuple(origins(chosen, key)))


def resolve_text(flags: Flags, *, stdin_typed: bool) -> TextSettings:
    """Return the settings of the text. Raises UsageError."""
    words = flags.text if flags.text != (STDIN,) else None
    if flags.text and flags.file:
        raise UsageError("words and --file cannot be used together")
    files = () if words else flags.file or (STDIN,)
    typed = stdin_typed and STDIN in files
    return TextSettings(
        words=os.fsencode(" ".join(words)) if words else None,
        files=files,
        flush_rule=flags.flush_on or (FlushRule.NEWLINE if typed else FlushRule.BLANK_LINE),
        flush_idle=flags.flush_idle,
        strip=flags.strip or (),
        max_chars=flags.max_chars,
        save=flags.save is not False,
    )


def resolve_audio(flags: Flags, environment: Mapping[str, str], *, stdout_terminal: bool) -> AudioSettings:
    """Return the settings of the audio; looks the player up, opens nothing. Raises UsageError."""
    writes = flags.output is not None or not (flags.play or stdout_terminal)
    player = None if writes and not flags.play else choose_playing(flags, environment, writes=writes)
    audio_format = player.audio_format if player else flags.format or choose_format(flags.output)
    sample_rate = flags.sample_rate or audio_format.default_sample_rate
    if flags.continue_ and flags.output in (None, "-"):
        raise UsageError("--continue appends to a file: name it with --output")
    if flags.continue_ and audio_format is AudioFormat.WEBM:
        raise UsageError("webm cannot be appended to")
    return AudioSettings(
        voice=flags.voice or DEFAULT_VOICE,
        language=flags.language,
        format=audio_format,
        sample_rate=sample_rate,
        output=None if flags.output == "-" else flags.output,
        part=flags.part is not False,
        clobber=flags.clobber is not False,
        writes=writes,
        player=player.command(sample_rate) if player else None,
        appends=bool(flags.continue_),
    )


def resolve_service(
    chosen: Chosen, environment: Mapping[str, str], *, reads_stdin: bool
) -> tuple[ServiceSettings, ApiKey | None]:
    """Return the settings of the service and the key they hold. Raises UsageError, or MissingKey."""
    flags = chosen.flags
    endpoint, key = choose_endpoint(chosen, environment, reads_stdin=reads_stdin)
    settings = ServiceSettings(
        endpoint=endpoint,
        retries=3 if flags.retry is None else flags.retry,
        connect_timeout=flags.connect_timeout or 10.0,
        timeout=flags.timeout or 30.0,
        resume=flags.on_drop is not OnDrop.FAIL,
    )
    return settings, key


def resolve_reading_along(flags: Flags, audio: AudioSettings) -> ReadingAlong:
    """Return the settings of what is written beside the audio. Raises UsageError."""
    subtitles = flags.subtitles or ()
    if subtitles:
        check_subtitles(subtitles, audio.format)
    to_stdout = audio.output is not None or not audio.writes
    return ReadingAlong(
        subtitles=subtitles,
        events=flags.events,
        stats=bool(flags.stats),
        tee=None if not flags.tee else 1 if to_stdout else 2,
    )


def resolve_display(flags: Flags) -> DisplaySettings:
    """Return the settings of what is reported."""
    return DisplaySettings(
        progress=Progress.NEVER if flags.quiet else flags.progress or Progress.AUTO,
        quiet=bool(flags.quiet),
        verbose=bool(flags.verbose),
        debug=bool(flags.debug),
    )


def resolve_inquiry(
    flags: Flags, environment: Mapping[str, str], configured: Configured | None = None
) -> Inquiry:
    """Return the listing these flags mean. Raises UsageError, or MissingKey."""
    lists = flags.list_voices or flags.voice == "?"
    if lists and flags.usage:
        raise UsageError("--list-voices and --usage cannot be used together")
    asked = "--list-voices" if flags.list_voices else "--usage" if flags.usage else "-v '?'"
    for option, given in (("--file", flags.file), ("--output", flags.output), ("--play", flags.play or None)):
        if given is not None:
            raise UsageError(f"{asked} and {option} cannot be used together: nothing is spoken")
    if flags.usage and flags.text:
        raise UsageError(f"--usage takes no words: {' '.join(flags.text)}")
    chosen = choose(stack(flags, environment, configured or Configured()))
    service, key = resolve_service(chosen, environment, reads_stdin=False)
    return Inquiry(
        subject=Subject.VOICES if lists else Subject.ACCOUNT,
        words=flags.text or (),
        json=bool(flags.json),
        service=service,
        display=resolve_display(chosen.flags),
        notices=tuple(_notice(key)),
        origins=tuple(origins(chosen, key)),
    )


def _notice(key: ApiKey | None) -> list[str]:
    return [key.notice] if key is not None and key.notice is not None else []
