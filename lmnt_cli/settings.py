"""What was decided: options over environment over defaults, checked before anything is touched.

The settings come in groups, each resolved by itself: a listing needs the service only, a dry run the text
and the audio. Nothing below reads an option, an environment variable or sys.argv.
"""

from __future__ import annotations

import enum
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .core.audio.formats import AudioFormat, extension_of, format_of_extension
from .core.text.flush_rules import FlushRule
from .endpoint import DEFAULT_BASE_URL, Endpoint, check_base_url, choose_proxy
from .errors import UsageError
from .key import read_api_key
from .layers import Chosen, Layer, choose, environment_layer
from .options import Flags, OnDrop, Progress


if TYPE_CHECKING:
    from .core.audio.players import Choice, PlayerCommand

DEFAULT_VOICE = "lily"
STDIN = "-"


@dataclass(frozen=True)
class TextSettings:
    """The text: `words` of the command line, or else the `files` in their order, `-` being standard input.

    `flush_idle` is in seconds, None for off. `save` allows saving unspoken text.
    """

    words: bytes | None
    files: tuple[str, ...]
    flush_rule: FlushRule
    flush_idle: float | None
    save: bool

    @property
    def reads_stdin(self) -> bool:
        """Whether standard input is spoken."""
        return STDIN in self.files


@dataclass(frozen=True)
class AudioSettings:
    """The audio and where it goes.

    `output` None is standard output, unless `writes` is off, when audio is only played. `player` None plays
    nothing. `part` writes a file beside its final name first, `clobber` allows replacing a file.
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
class Settings:
    """The choices of one run.

    `flags` are the options as given on the command line, for a resume command. `notices` are remarks on the
    choices, a line each.
    """

    text: TextSettings
    audio: AudioSettings
    service: ServiceSettings
    display: DisplaySettings
    flags: Flags = field(default_factory=Flags, repr=False)
    notices: tuple[str, ...] = ()


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


def resolve(
    flags: Flags, environment: Mapping[str, str], *, stdin_typed: bool, stdout_terminal: bool
) -> Settings:
    """Return the settings these flags mean. Raises UsageError, or MissingKey."""
    chosen = choose([Layer(flags), environment_layer(environment)])
    text = resolve_text(chosen.flags, stdin_typed=stdin_typed)
    audio = resolve_audio(chosen.flags, environment, stdout_terminal=stdout_terminal)
    service = resolve_service(chosen, environment, reads_stdin=text.reads_stdin)
    return Settings(text, audio, service, resolve_display(chosen.flags), flags, tuple(_notices(audio)))


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
        save=flags.save is not False,
    )


def resolve_audio(flags: Flags, environment: Mapping[str, str], *, stdout_terminal: bool) -> AudioSettings:
    """Return the settings of the audio; looks the player up, opens nothing. Raises UsageError."""
    writes = flags.output is not None or not (flags.play or stdout_terminal)
    player = None if writes and not flags.play else _player(flags, environment, writes=writes)
    audio_format = player.audio_format if player else flags.format or _format_for(flags.output)
    sample_rate = flags.sample_rate or audio_format.default_sample_rate
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
    )


def resolve_service(chosen: Chosen, environment: Mapping[str, str], *, reads_stdin: bool) -> ServiceSettings:
    """Return the settings of the service. Raises UsageError, or MissingKey."""
    flags = chosen.flags
    return ServiceSettings(
        endpoint=_endpoint(chosen, environment, reads_stdin=reads_stdin),
        retries=3 if flags.retry is None else flags.retry,
        connect_timeout=flags.connect_timeout or 10.0,
        timeout=flags.timeout or 30.0,
        resume=flags.on_drop is not OnDrop.FAIL,
    )


def resolve_display(flags: Flags) -> DisplaySettings:
    """Return the settings of what is reported."""
    return DisplaySettings(
        progress=Progress.NEVER if flags.quiet else flags.progress or Progress.AUTO,
        quiet=bool(flags.quiet),
        verbose=bool(flags.verbose),
        debug=bool(flags.debug),
    )


def resolve_inquiry(flags: Flags, environment: Mapping[str, str]) -> Inquiry:
    """Return the listing these flags mean. Raises UsageError, or MissingKey."""
    chosen = choose([Layer(flags), environment_layer(environment)])
    lists = flags.list_voices or flags.voice == "?"
    if lists and flags.usage:
        raise UsageError("--list-voices and --usage cannot be used together")
    asked = "--list-voices" if flags.list_voices else "--usage" if flags.usage else "-v '?'"
    for option, given in (("--file", flags.file), ("--output", flags.output), ("--play", flags.play or None)):
        if given is not None:
            raise UsageError(f"{asked} and {option} cannot be used together: nothing is spoken")
    if flags.usage and flags.text:
        raise UsageError(f"--usage takes no words: {' '.join(flags.text)}")
    return Inquiry(
        subject=Subject.VOICES if lists else Subject.ACCOUNT,
        words=flags.text or (),
        json=bool(flags.json),
        service=resolve_service(chosen, environment, reads_stdin=False),
    )


def _endpoint(chosen: Chosen, environment: Mapping[str, str], *, reads_stdin: bool) -> Endpoint:
    flags = chosen.flags
    if flags.local:
        if flags.proxy is not None:
            choose_proxy(flags.proxy, environment, None)  # checked, though nothing goes through it
        # The embedded service has a key of its own, and never receives the real one.
        return Endpoint(base="", api_key="", local=True)
    insecure = bool(flags.insecure_http)
    base = check_base_url(
        flags.base_url or DEFAULT_BASE_URL, name=chosen.place("base_url"), insecure=insecure
    )
    proxy = choose_proxy(flags.proxy, environment, base, insecure=insecure)
    return Endpoint(base, read_api_key(flags.api_key_file, environment, reads_stdin=reads_stdin), proxy)


def _notices(audio: AudioSettings) -> Iterator[str]:
    if audio.language not in (None, "auto"):
        from .catalogue import LANGUAGES

        if audio.language not in LANGUAGES:
            yield f"LMNT's documentation does not list the language {audio.language}"
    if audio.output is not None:
        named = extension_of(audio.output)
        if named and not _is_device(audio.output) and format_of_extension(named) is not audio.format:
            yield f"writing {audio.format.value} to {audio.output}, as --format asks"


def _player(flags: Flags, environment: Mapping[str, str], *, writes: bool) -> Choice:
    """Return the player; where nothing is written it chooses the format, unless one was asked for."""
    import shutil

    from .core.audio.players import choose_player

    asked = flags.format or (_format_for(flags.output) if writes else None)
    return choose_player(
        flags.player, asked, lambda name: shutil.which(name, path=environment.get("PATH", os.defpath))
    )


def _format_for(output: str | None) -> AudioFormat:
    if output is None or output == "-":
        return AudioFormat.MP3
    extension = extension_of(output)
    if found := format_of_extension(extension):
        return found
    if not extension or _is_device(output):
        return AudioFormat.MP3
    names = ", ".join(each.value for each in AudioFormat)
    raise UsageError(f"no audio format goes with the extension {extension}", hint=f"use --format: {names}")


def _is_device(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
