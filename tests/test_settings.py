"""The settings: flags override environment overrides defaults, before anything else happens (contract, 2)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.configuration.layers import Configured, Layer
from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.core.text.strip.filters import Strip
from lmnt_cli.core.value import replace
from lmnt_cli.errors import ExitCode, MissingKey, SayError
from lmnt_cli.options import Flags, OnDrop, Progress
from lmnt_cli.settings import Settings, resolve
from tests.tools.each import each


KEY = {"LMNT_API_KEY": "a-key"}


def settings(
    environment: dict[str, str] | None = None, *, typed: bool = False, terminal: bool = False, **flags: Any
) -> Settings:
    """Return the settings of these flags, with a key in the environment unless it is given."""
    return resolve(
        Flags(**flags),
        KEY if environment is None else environment,
        stdin_typed=typed,
        stdout_terminal=terminal,
    )


def refusal(*, environment: dict[str, str] | None = None, **flags: Any) -> SayError:
    """Return the error of invalid flags."""
    with pytest.raises(SayError) as raised:
        settings(environment, **flags)
    return raised.value


def test_defaults() -> None:
    """Without flags: standard input to MP3 on standard output, with lily, flushed at blank lines."""
    found = settings()

    assert (found.text.words, found.text.files, found.audio.output) == (None, ("-",), None)
    assert (found.audio.voice, found.audio.language) == ("lily", None)
    assert (found.audio.format, found.audio.sample_rate) == (AudioFormat.MP3, 24000)
    assert found.text.flush_rule is FlushRule.BLANK_LINE
    assert (found.service.retries, found.service.connect_timeout, found.service.timeout) == (3, 10.0, 30.0)
    assert found.service.endpoint.session_url == "wss://api.lmnt.com/v1/ai/speech/stream"
    assert (found.audio.part, found.audio.clobber, found.display.progress) == (True, True, Progress.AUTO)


def test_words() -> None:
    """Words are joined by spaces."""
    assert settings(text=("Hello", "dear world")).text.words == b"Hello dear world"


def test_words_and_a_file() -> None:
    """Words and a file together are refused."""
    assert refusal(text=("a",), file=("b",)).code is ExitCode.USAGE
    assert refusal(text=("a",), file=("-",)).code is ExitCode.USAGE


@each(
    ("given", "expected"),
    [(None, ("-",)), (("-",), ("-",)), (("a.txt",), ("a.txt",)), (("b", "-", "a"), ("b", "-", "a"))],
)
def test_file(given: tuple[str, ...] | None, expected: tuple[str, ...]) -> None:
    """Files are read in order; `-` is standard input, which is the default."""
    assert settings(file=given).text.files == expected


@each(
    ("flags", "typed", "expected"),
    [
        ({}, True, FlushRule.NEWLINE),
        ({"file": ("-",)}, True, FlushRule.NEWLINE),
        ({"file": ("a.txt",)}, True, FlushRule.BLANK_LINE),
        ({"text": ("a",)}, True, FlushRule.BLANK_LINE),
        ({}, False, FlushRule.BLANK_LINE),
        ({"flush_on": FlushRule.SENTENCE}, True, FlushRule.SENTENCE),
        ({"flush_on": FlushRule.NEVER}, False, FlushRule.NEVER),
    ],
)
def test_flush_rule(flags: dict[str, Any], typed: bool, expected: FlushRule) -> None:
    """Typed text is flushed at each line, other text at blank lines, unless a rule is given."""
    assert settings(typed=typed, **flags).text.flush_rule is expected


def test_voice() -> None:
    """The flag overrides the environment, which overrides the default; an empty variable is unset."""
    assert settings({**KEY, "LMNT_VOICE": "ava"}, voice="leah").audio.voice == "leah"
    assert settings({**KEY, "LMNT_VOICE": "ava"}).audio.voice == "ava"
    assert settings({**KEY, "LMNT_VOICE": ""}).audio.voice == "lily"


@each(
    ("output", "expected"),
    [
        ("a.mp3", AudioFormat.MP3),
        ("a.WAV", AudioFormat.WAV),
        ("a.webm", AudioFormat.WEBM),
        ("a.ulaw", AudioFormat.ULAW),
        ("a.pcm", AudioFormat.PCM_S16LE),
        ("a.raw", AudioFormat.PCM_S16LE),
        ("a.f32", AudioFormat.PCM_F32LE),
        ("a.tar.wav", AudioFormat.WAV),
        ("speech", AudioFormat.MP3),
        (".hidden", AudioFormat.MP3),
        (".wav", AudioFormat.WAV),
        ("dir/.WAV", AudioFormat.WAV),
        ("Chapter 1. The Boy", AudioFormat.MP3),
        ("Chapter 1.wav", AudioFormat.WAV),
        ("1. Introduction", AudioFormat.MP3),
        ("a.backup", AudioFormat.MP3),
        ("a.", AudioFormat.MP3),
        ("dir.wav/speech", AudioFormat.MP3),
        ("-", AudioFormat.MP3),
        (None, AudioFormat.MP3),
        ("/dev/null", AudioFormat.MP3),
    ],
)
def test_format_of_the_output(output: str | None, expected: AudioFormat) -> None:
    """The format follows the extension; without one it is MP3."""
    assert settings(output=output).audio.format is expected


@each("output", ["a.ogg", "a.wav.gz", ".ogg", "a.w", "a.abcde"])
def test_unknown_extension(output: str) -> None:
    """Any other extension is refused, suggesting `--format`."""
    error = refusal(output=output)

    assert error.code is ExitCode.USAGE
    assert f".{output.rpartition('.')[2]}" in error.message
    assert "--format" in f"{error.message} {error.hint}"


def test_fifo_with_an_extension(tmp_path: Path) -> None:
    """A FIFO is MP3 whatever its name, unless its extension is a format."""
    os.mkfifo(tmp_path / "a.sock")
    os.mkfifo(tmp_path / "a.wav")

    assert settings(output=str(tmp_path / "a.sock")).audio.format is AudioFormat.MP3


@each("output", ["a.mp3", "a.ogg", None])
def test_explicit_format(output: str | None) -> None:
    """An explicit `--format` is used."""
    assert settings(output=output, format=AudioFormat.WAV).audio.format is AudioFormat.WAV


@each(
    ("audio_format", "asked", "expected"),
    [
        (AudioFormat.ULAW, None, 8000),
        (AudioFormat.ULAW, 24000, 24000),
        (AudioFormat.MP3, None, 24000),
        (AudioFormat.WAV, 16000, 16000),
    ],
)
def test_sample_rate(audio_format: AudioFormat, asked: int | None, expected: int) -> None:
    """The default rate is 24000, and 8000 for µ-law."""
    assert settings(format=audio_format, sample_rate=asked).audio.sample_rate == expected


MARKDOWN = (Strip.MARKDOWN,)


@each(
    ("flag", "rest", "profile", "strips", "configured"),
    [
        (None, None, None, (), False),
        (MARKDOWN, None, None, MARKDOWN, False),
        (None, MARKDOWN, None, MARKDOWN, True),
        (MARKDOWN, MARKDOWN, None, MARKDOWN, True),
        ((), MARKDOWN, None, (), True),
        (None, None, MARKDOWN, MARKDOWN, True),
        (None, MARKDOWN, (), (), False),
    ],
)
def test_stripping(
    flag: tuple[Strip, ...] | None,
    rest: tuple[Strip, ...] | None,
    profile: tuple[Strip, ...] | None,
    strips: tuple[Strip, ...],
    configured: bool,
) -> None:
    """The nearest list counts; whether a configuration would strip saved text again is known."""
    file = Configured(Layer(Flags(strip=profile)), Layer(Flags(strip=rest)))
    found = resolve(Flags(strip=flag), KEY, file, stdin_typed=False, stdout_terminal=False).text

    assert (found.strip, found.strip_configured) == (strips, configured)


@each(
    ("flags", "words"),
    [
        ({}, "name it with --output"),
        ({"output": "-"}, "name it with --output"),
        ({"play": True, "player": "sh"}, "name it with --output"),
        ({"output": "story.webm"}, "webm cannot be appended to"),
        ({"output": "story", "format": AudioFormat.WEBM}, "webm cannot be appended to"),
    ],
)
def test_nothing_to_append_to(flags: dict[str, Any], words: str) -> None:
    """Only a file can be continued, in a format that can be."""
    error = refusal(continue_=True, **flags)

    assert error.code is ExitCode.USAGE
    assert words in error.message


def test_terminal() -> None:
    """Audio is played instead of written to a terminal, except with `-o -`."""
    error = refusal(environment={**KEY, "PATH": "/nowhere"}, terminal=True)

    assert error.code is ExitCode.USAGE
    assert "-o FILE" in f"{error.hint}"
    assert settings(terminal=True, output="-").audio.output is None
    assert settings(terminal=True, output="a.mp3").audio.output == "a.mp3"
    assert settings(terminal=True, output="-").audio.player is None


@each(
    ("flags", "writes", "expected"),
    [
        ({}, True, AudioFormat.MP3),
        ({"play": True, "player": "sh"}, False, AudioFormat.MP3),
        ({"play": True, "player": "sh", "format": AudioFormat.WAV}, False, AudioFormat.WAV),
        ({"play": True, "player": "sh", "output": "a.ulaw"}, True, AudioFormat.ULAW),
        ({"play": True, "player": "sh", "output": "-"}, True, AudioFormat.MP3),
        ({"player": "sh"}, True, AudioFormat.MP3),
    ],
)
def test_playing(flags: dict[str, Any], writes: bool, expected: AudioFormat) -> None:
    """Audio that is played is written only with -o; a preferred player alone plays nothing."""
    found = settings(**flags)

    assert (found.audio.writes, found.audio.format) == (writes, expected)
    assert (found.audio.player is not None) == bool(flags.get("play"))


@each(
    ("flags", "words"),
    [
        ({"output": "x.wav", "format": AudioFormat.MP3}, "writing mp3 to x.wav"),
        ({"output": "x.RAW", "format": AudioFormat.PCM_F32LE}, "writing pcm_f32le to x.RAW"),
        ({"output": "x.ogg", "format": AudioFormat.MP3}, "writing mp3 to x.ogg"),
        ({"output": "x.wav", "format": AudioFormat.WAV}, None),
        ({"output": "Chapter 1. The Boy", "format": AudioFormat.WAV}, None),
        ({"output": "x", "format": AudioFormat.WAV}, None),
        ({"output": "/dev/null", "format": AudioFormat.WAV}, None),
        ({"language": "xx"}, "does not list the language xx"),
        ({"language": "de"}, None),
        ({"language": "auto"}, None),
        ({}, None),
    ],
)
def test_notices(flags: dict[str, Any], words: str | None) -> None:
    """A format that contradicts the extension, or an undocumented language, causes a notice."""
    notices = settings(**flags).notices

    assert len(notices) == (words is not None)
    assert words is None or words in notices[0]


def test_standard_input_by_its_name() -> None:
    """A lone `-` is standard input; among other words it is a word."""
    assert settings(text=("-",)).text == settings().text
    assert settings(text=("-", "-")).text.words == b"- -"
    assert refusal(text=("-",), file=("a",)).code is ExitCode.USAGE


def test_retry() -> None:
    """0 is a single attempt."""
    assert settings(retry=0).service.retries == 0


def test_key() -> None:
    """The key in a file overrides that of the environment, which is never shown."""
    assert settings().service.endpoint.api_key == "a-key"
    assert isinstance(refusal(environment={}), MissingKey)
    assert refusal(environment={}).code is ExitCode.AUTHENTICATION
    assert refusal(api_key_file="-").code is ExitCode.USAGE
    assert refusal(api_key_file="-", file=("a", "-")).code is ExitCode.USAGE


def test_voice_in_the_environment_that_is_not_text() -> None:
    """A variable that is not text is refused too."""
    assert refusal(environment={**KEY, "LMNT_VOICE": "\udcff"}).code is ExitCode.USAGE


def test_key_is_not_shown() -> None:
    """A key is never in the repr of the settings."""
    assert "a-key" not in repr(settings())


def test_base_url_order() -> None:
    """The flag overrides the environment; an empty variable is unset."""
    environment = {**KEY, "LMNT_BASE_URL": "https://b"}

    assert settings(environment, base_url="https://a").service.endpoint.name == "a"
    assert settings({**KEY, "LMNT_BASE_URL": ""}).service.endpoint.name == "api.lmnt.com"


@each("url", ["api.lmnt.com", "ftp://a.b", "http://a.b"])
def test_no_base_url(url: str) -> None:
    """An invalid base URL is reported with its source."""
    assert "--base-url" in refusal(base_url=url).message
    assert "LMNT_BASE_URL" in refusal(environment={**KEY, "LMNT_BASE_URL": url}).message


def test_insecure() -> None:
    """`--insecure-http` allows a URL that is otherwise refused, from flag or environment."""
    assert settings(base_url="http://a.b", insecure_http=True).service.endpoint.name == "a.b"
    assert settings({**KEY, "LMNT_BASE_URL": "ws://a.b"}, insecure_http=True).service.endpoint.name == "a.b"


def test_service_is_named_by_its_host() -> None:
    """Messages name the host, never a password, a path or a query."""
    found = settings(base_url="https://me:secret@a.b:444/p?token=x")

    assert found.service.endpoint.name == "a.b"


def test_local() -> None:
    """`--local` needs no key, never receives the real one, and overrides LMNT_BASE_URL."""
    found = settings({"LMNT_BASE_URL": "https://a.b", "LMNT_API_KEY": "real"}, local=True)

    assert found.service.endpoint.local
    assert "real" not in found.service.endpoint.api_key
    assert "local" in found.service.endpoint.name
    assert settings({}, local=True).service.endpoint.local


def test_quiet() -> None:
    """`-q` disables the status line."""
    assert settings(quiet=True, progress=Progress.ALWAYS).display.progress is Progress.NEVER


def test_nothing_is_touched(tmp_path: Path) -> None:
    """Options are checked without touching a file."""
    settings(output=str(tmp_path / "a.mp3"), file=(str(tmp_path / "none"),))

    assert list(tmp_path.iterdir()) == []


def test_frozen() -> None:
    """The settings of a run cannot be changed."""
    found = settings()

    with pytest.raises(AttributeError):
        found.audio.voice = "ava"  # type: ignore[misc]  # frozen, which is the point
    assert replace(found.audio, voice="ava").voice == "ava"


def test_ways_back() -> None:
    """A switch that is turned off is the same as one not given."""
    assert settings(part=True, clobber=True, save=True).audio == settings().audio
    assert settings(play=False, terminal=True, output="-").audio.player is None
    assert not settings(local=False).service.endpoint.local
    assert settings(on_drop=OnDrop.RESUME).service == settings().service
