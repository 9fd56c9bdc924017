"""The settings, resolved from options, environment and configuration before anything else happens.

They are grouped, and each group is resolved separately: a listing needs only the service (see `inquiry`), a
dry run only the text and the audio. No other module reads an option, an environment variable or sys.argv
afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .configuration.layers import Chosen, Configured, choose, stack
from .core.audio.formats import AudioFormat
from .core.text.flush_rules import FlushRule
from .core.text.strip.filters import Strip
from .core.value import field, replace, value
from .decisions import check_subtitles, choose_endpoint, choose_format, choose_playing, notices, origins
from .endpoint import Endpoint
from .errors import UsageError
from .options import Flags, OnDrop, Progress


if TYPE_CHECKING:
    from .configuration.key import ApiKey
    from .core.audio.player_options import PlayerCommand

DEFAULT_VOICE = "lily"
STDIN = "-"


@value
class TextSettings:
    """The text to speak: `words` from the command line, or else `files` in order, `-` being standard input.

    `flush_idle` is in seconds, None for off. `strip` lists what to remove from the text. The input ends after
    `max_chars` characters, None for no limit. `save` allows saving unspoken text. `strip_configured` states
    that a layer other than the command line sets `strip`.
    """

    words: bytes | None
    files: tuple[str, ...]
    flush_rule: FlushRule
    flush_idle: float | None
    strip: tuple[Strip, ...]
    max_chars: int | None
    save: bool
    strip_configured: bool = False

    @property
    def reads_stdin(self) -> bool:
        """Whether standard input is spoken."""
        return STDIN in self.files


@value
class AudioSettings:
    """The audio and where it is written.

    An `output` of None is standard output, or nothing if `writes` is False and audio is only played. A
    `player` of None plays nothing. `part` writes to FILE.part first, `clobber` allows replacing a file, and
    `appends` continues one. `voice_below` is the voice that would speak without the option, None if unset.
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
    voice_below: str | None = None


@value
class ServiceSettings:
    """The service, with retries and time limits in seconds.

    `resume` allows starting a new session after a lost connection.
    """

    endpoint: Endpoint
    retries: int
    connect_timeout: float
    timeout: float
    resume: bool


@value
class DisplaySettings:
    """What to report during the run and at its end."""

    progress: Progress
    quiet: bool
    verbose: bool
    debug: bool


@value
class ReadingAlong:
    """What is written besides the audio.

    `subtitles` are file names, whose extension gives the format. `events` is a file or `fd:N`, None for none.
    `tee` is the descriptor to copy the text to, None for none.
    """

    subtitles: tuple[str, ...] = ()
    events: str | None = None
    stats: bool = False
    tee: int | None = None


@value
class Settings:
    """The settings of one run.

    `flags` are the options as given on the command line, for a resume command. `notices` are remarks about
    the settings; `origins` has a line for each setting that is not a default, with its source.
    """

    text: TextSettings
    audio: AudioSettings
    service: ServiceSettings
    display: DisplaySettings
    along: ReadingAlong = ReadingAlong()
    flags: Flags = field(default=Flags(), hidden=True)
    notices: tuple[str, ...] = ()
    origins: tuple[str, ...] = field(default=(), hidden=True)


def resolve(
    flags: Flags,
    environment: Mapping[str, str],
    configured: Configured | None = None,
    *,
    stdin_typed: bool,
    stdout_terminal: bool,
) -> Settings:
    """Return the settings of a run. Raises UsageError or MissingKey."""
    layers = stack(flags, environment, configured or Configured())
    chosen = choose(layers)
    text = resolve_text(chosen.flags, stdin_typed=stdin_typed)
    below = choose(layers[1:]).flags
    text = replace(text, strip_configured=bool(below.strip))
    audio = resolve_audio(chosen.flags, environment, stdout_terminal=stdout_terminal)
    audio = replace(audio, voice_below=below.voice)
    service, key = resolve_service(chosen, environment, reads_stdin=text.reads_stdin)
    place = chosen.place("format")
    remarks = [*notices(audio.output, audio.format, audio.language, place=place), *key_notices(key)]
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
    """Return the settings of the audio. This looks for the player, but opens nothing. Raises UsageError."""
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
    """Return the settings of the service and the key in them. Raises UsageError or MissingKey."""
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
    """Return the settings of what is written besides the audio. Raises UsageError."""
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
    """Return the settings of the reports."""
    return DisplaySettings(
        progress=Progress.NEVER if flags.quiet else flags.progress or Progress.AUTO,
        quiet=bool(flags.quiet),
        verbose=bool(flags.verbose),
        debug=bool(flags.debug),
    )


def key_notices(key: ApiKey | None) -> list[str]:
    """Return the notice about where the key comes from, if there is one."""
    return [key.notice] if key is not None and key.notice is not None else []
