"""What was decided: flags over environment over defaults, checked before anything is touched.

Nobody downstream reads a flag, an environment variable or sys.argv.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .core.audio.formats import SAMPLE_RATES, AudioFormat, format_of_extension
from .core.text.flush_rules import FlushRule
from .endpoint import choose_proxy, session_url
from .errors import MissingKey, UsageError


if TYPE_CHECKING:
    from .core.audio.players import Choice, PlayerCommand

DEFAULT_BASE_URL = "https://api.lmnt.com"
DEFAULT_VOICE = "lily"
# A key is a line of some dozens of characters; a file that is longer is not one.
_LONGEST_KEY = 4096


@dataclass(frozen=True)
class Flags:
    """The command line as given; None is not given."""

    text: Sequence[str] = ()
    file: str | None = None
    flush_on: FlushRule | None = None
    flush_idle: float | None = None
    voice: str | None = None
    language: str | None = None
    format: AudioFormat | None = None
    sample_rate: int | None = None
    output: str | None = None
    part: bool = True
    clobber: bool = True
    play: bool = False
    player: str | None = None
    list_voices: bool = False
    usage: bool = False
    json: bool = False
    api_key_file: str | None = None
    base_url: str | None = None
    insecure_http: bool = False
    proxy: str | None = None
    retry: int = 3
    connect_timeout: float = 10.0
    timeout: float = 30.0
    resume: bool = True
    save: bool = True
    local: bool = False
    progress: str = "auto"
    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    @property
    def asks(self) -> bool:
        """Whether something is asked of the service, and nothing is to be spoken."""
        return self.list_voices or self.usage or self.voice == "?"


@dataclass(frozen=True)
class Settings:
    """The choices of one run.

    `words` is the text of the command line, None if it is read from `file` (None: standard input). `output`
    None is standard output, unless `writes` is off, when audio is only played. `player` None plays nothing.
    `url` None is the embedded service. `proxy` None is none. Times are seconds.
    """

    words: bytes | None
    file: str | None
    flush_rule: FlushRule
    flush_idle: float | None
    voice: str
    language: str | None
    format: AudioFormat
    sample_rate: int
    output: str | None
    part: bool
    clobber: bool
    writes: bool
    player: PlayerCommand | None
    api_key: str = field(repr=False)
    url: str | None
    proxy: str | None
    retries: int
    connect_timeout: float
    timeout: float
    resume: bool
    save: bool
    progress: str
    quiet: bool
    verbose: bool
    debug: bool

    @property
    def reads_stdin(self) -> bool:
        """Whether standard input is what is spoken."""
        return self.words is None and self.file is None

    @property
    def service(self) -> str:
        """What messages call the service: its host, never a path or a query."""
        return "the local service" if self.url is None else urlsplit(self.url).hostname or self.url


def resolve(
    flags: Flags, environment: Mapping[str, str], *, stdin_typed: bool, stdout_terminal: bool
) -> Settings:
    """The settings these flags mean. Raises UsageError, or MissingKey."""
    if flags.text and flags.file is not None:
        raise UsageError("give the text as words or with --file, not both")
    for option, name in (("--file", flags.file), ("--output", flags.output)):
        if name == "":
            raise UsageError(f"{option} is empty")
    file = None if flags.file in (None, "-") else flags.file
    reads_stdin = not flags.text and file is None
    writes = flags.output is not None or not (flags.play or stdout_terminal)
    player = None if writes and not flags.play else _player(flags, environment, writes=writes)
    audio_format = player.audio_format if player else flags.format or _format_for(flags.output)
    sample_rate = _sample_rate(flags.sample_rate, audio_format)
    check_seconds("--flush-idle", flags.flush_idle)
    check_seconds("--connect-timeout", flags.connect_timeout)
    check_seconds("--timeout", flags.timeout)
    if flags.retry < 0:
        raise UsageError("--retry takes a number from 0 up")
    url = None if flags.local else choose_url(flags, environment)
    return Settings(
        words=os.fsencode(" ".join(flags.text)) if flags.text else None,
        file=file,
        flush_rule=flags.flush_on
        or (FlushRule.NEWLINE if reads_stdin and stdin_typed else FlushRule.BLANK_LINE),
        flush_idle=flags.flush_idle,
        voice=_given("--voice", flags.voice)
        or _given("LMNT_VOICE", environment.get("LMNT_VOICE") or None)
        or DEFAULT_VOICE,
        language=_given("--language", flags.language),
        format=audio_format,
        sample_rate=sample_rate,
        output=None if flags.output == "-" else flags.output,
        part=flags.part,
        clobber=flags.clobber,
        writes=writes,
        player=player.command(sample_rate) if player else None,
        # The embedded service wants none, and never receives the real one.
        api_key="local"
        if flags.local
        else read_api_key(flags.api_key_file, environment, reads_stdin=reads_stdin),
        url=url,
        proxy=choose_proxy(flags.proxy, environment, url, insecure=flags.insecure_http),
        retries=flags.retry,
        connect_timeout=flags.connect_timeout,
        timeout=flags.timeout,
        resume=flags.resume,
        save=flags.save,
        progress="never" if flags.quiet else flags.progress,
        quiet=flags.quiet,
        verbose=flags.verbose,
        debug=flags.debug,
    )


def _player(flags: Flags, environment: Mapping[str, str], *, writes: bool) -> Choice:
    """The player; where nothing is written, the format is its own choice, unless one was asked for."""
    import shutil

    from .core.audio.players import choose_player

    asked = flags.format or (_format_for(flags.output) if writes else None)
    return choose_player(
        flags.player, asked, lambda name: shutil.which(name, path=environment.get("PATH", os.defpath))
    )


def _given(option: str, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise UsageError(f"{option} is empty")
    if value is not None and not value.isprintable():
        raise UsageError(f"{option} holds characters that are not text")
    return value


def _format_for(output: str | None) -> AudioFormat:
    if output in (None, "-"):
        return AudioFormat.MP3
    assert output is not None, "checked above"
    extension = Path(output).suffix
    found = format_of_extension(extension)
    if found is not None:
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


def _sample_rate(asked: int | None, audio_format: AudioFormat) -> int:
    if asked is None:
        return audio_format.default_sample_rate
    if asked not in SAMPLE_RATES:
        raise UsageError(f"--sample-rate takes one of {', '.join(map(str, SAMPLE_RATES))}, not {asked}")
    return asked


def check_seconds(option: str, value: float | None) -> None:
    """Raise UsageError for what is no time to wait."""
    if value is not None and not (value > 0 and math.isfinite(value)):
        raise UsageError(f"{option} takes a number of seconds above 0")


def read_api_key(file: str | None, environment: Mapping[str, str], *, reads_stdin: bool) -> str:
    """The key, of a file or the environment. Raises MissingKey, or UsageError for what is no key."""
    if file is None:
        key = environment.get("LMNT_API_KEY", "").strip()
        if not key:
            raise MissingKey(
                "no API key: LMNT_API_KEY is not set", hint="set it, use --api-key-file FILE, or try --local"
            )
        if not key.isprintable():
            raise MissingKey("no API key: LMNT_API_KEY holds characters that are not text")
        return key
    if file == "-" and reads_stdin:
        raise UsageError("--api-key-file - cannot be read: standard input carries the text")
    try:
        with open(0 if file == "-" else file, "rb", closefd=file != "-") as stream:
            content = stream.read(_LONGEST_KEY + 1)
        key = content.decode().strip()
    except OSError as error:
        raise UsageError(f"could not read the key file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the key file {file} is not text") from error
    if not key:
        raise MissingKey(f"no API key: {file} is empty")
    if len(content) > _LONGEST_KEY or not key.isprintable():
        raise UsageError(f"the key file {file} holds more than a key in one line")
    return key


def choose_url(flags: Flags, environment: Mapping[str, str]) -> str:
    """The URL of speech sessions. Raises UsageError."""
    if flags.base_url:
        return session_url(flags.base_url, insecure=flags.insecure_http)
    base = environment.get("LMNT_BASE_URL") or DEFAULT_BASE_URL
    return session_url(base, name="LMNT_BASE_URL", insecure=flags.insecure_http)
