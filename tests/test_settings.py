"""What was decided: flags over environment over defaults, before anything is touched (contract, 2)."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.errors import ExitCode, MissingKey, SayError, UsageError
from lmnt_cli.settings import Flags, Settings, resolve


KEY = {"LMNT_API_KEY": "a-key"}


def settings(
    environment: dict[str, str] | None = None, *, typed: bool = False, terminal: bool = False, **flags: Any
) -> Settings:
    """The settings of these flags, with a key in the environment unless it is given."""
    return resolve(
        Flags(**flags),
        KEY if environment is None else environment,
        stdin_typed=typed,
        stdout_terminal=terminal,
    )


def refusal(*, environment: dict[str, str] | None = None, **flags: Any) -> SayError:
    """The error of flags that cannot be."""
    with pytest.raises(SayError) as raised:
        settings(environment, **flags)
    return raised.value


def test_defaults() -> None:
    """Without flags: standard input to MP3 on standard output, by lily, flushed at blank lines."""
    found = settings()

    assert (found.words, found.file, found.output) == (None, None, None)
    assert (found.voice, found.language) == ("lily", None)
    assert (found.format, found.sample_rate) == (AudioFormat.MP3, 24000)
    assert found.flush_rule is FlushRule.BLANK_LINE
    assert (found.retries, found.connect_timeout, found.timeout) == (3, 10.0, 30.0)
    assert found.url == "wss://api.lmnt.com/v1/ai/speech/stream"
    assert (found.part, found.clobber, found.progress) == (True, True, "auto")


def test_words() -> None:
    """Words are joined by spaces."""
    assert settings(text=("Hello", "dear world")).words == b"Hello dear world"


def test_words_and_a_file() -> None:
    """Together they are refused."""
    assert refusal(text=("a",), file="b").code is ExitCode.USAGE
    assert refusal(text=("a",), file="-").code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("given", "expected"), [(None, None), ("-", None), ("a.txt", "a.txt"), ("./-", "./-")]
)
def test_file(given: str | None, expected: str | None) -> None:
    """`-` is standard input."""
    assert settings(file=given).file == expected


@pytest.mark.parametrize(
    ("flags", "typed", "expected"),
    [
        ({}, True, FlushRule.NEWLINE),
        ({"file": "-"}, True, FlushRule.NEWLINE),
        ({"file": "a.txt"}, True, FlushRule.BLANK_LINE),
        ({"text": ("a",)}, True, FlushRule.BLANK_LINE),
        ({}, False, FlushRule.BLANK_LINE),
        ({"flush_on": FlushRule.SENTENCE}, True, FlushRule.SENTENCE),
        ({"flush_on": FlushRule.NEVER}, False, FlushRule.NEVER),
    ],
)
def test_flush_rule(flags: dict[str, Any], typed: bool, expected: FlushRule) -> None:
    """Text that is typed is flushed at each line, any other at blank lines, unless it is said how."""
    assert settings(typed=typed, **flags).flush_rule is expected


def test_voice() -> None:
    """The flag beats the environment beats the default; empty in the environment is unset."""
    assert settings({**KEY, "LMNT_VOICE": "ava"}, voice="leah").voice == "leah"
    assert settings({**KEY, "LMNT_VOICE": "ava"}).voice == "ava"
    assert settings({**KEY, "LMNT_VOICE": ""}).voice == "lily"


@pytest.mark.parametrize("option", ["voice", "language"])
@pytest.mark.parametrize("value", ["", "  "])
def test_empty_values(option: str, value: str) -> None:
    """An option given without a value is a mistake, not a default."""
    assert f"--{option}" in refusal(**dict[str, Any]({option: value})).message


@pytest.mark.parametrize("option", ["output", "file"])
def test_empty_names(option: str) -> None:
    """So is a file without a name."""
    assert f"--{option}" in refusal(**dict[str, Any]({option: ""})).message


@pytest.mark.parametrize(
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
        ("dir.wav/speech", AudioFormat.MP3),
        ("-", AudioFormat.MP3),
        (None, AudioFormat.MP3),
        ("/dev/null", AudioFormat.MP3),
    ],
)
def test_format_of_the_output(output: str | None, expected: AudioFormat) -> None:
    """The format follows the extension; without one it is MP3."""
    assert settings(output=output).format is expected


def test_unknown_extension() -> None:
    """Any other extension is refused, naming `--format`."""
    error = refusal(output="a.ogg")

    assert error.code is ExitCode.USAGE
    assert ".ogg" in error.message
    assert "--format" in f"{error.message} {error.hint}"


def test_fifo_with_an_extension(tmp_path: Path) -> None:
    """A FIFO is MP3 whatever it is called, unless its name says a format."""
    os.mkfifo(tmp_path / "a.sock")
    os.mkfifo(tmp_path / "a.wav")

    assert settings(output=str(tmp_path / "a.sock")).format is AudioFormat.MP3


@pytest.mark.parametrize("output", ["a.mp3", "a.ogg", None])
def test_explicit_format(output: str | None) -> None:
    """An explicit `--format` wins."""
    assert settings(output=output, format=AudioFormat.WAV).format is AudioFormat.WAV


@pytest.mark.parametrize(
    ("audio_format", "asked", "expected"),
    [
        (AudioFormat.ULAW, None, 8000),
        (AudioFormat.ULAW, 24000, 24000),
        (AudioFormat.MP3, None, 24000),
        (AudioFormat.WAV, 16000, 16000),
    ],
)
def test_sample_rate(audio_format: AudioFormat, asked: int | None, expected: int) -> None:
    """The rate is 24000, 8000 for µ-law, unless asked for."""
    assert settings(format=audio_format, sample_rate=asked).sample_rate == expected


@pytest.mark.parametrize("rate", [0, -1, 22050, 44100, 48000])
def test_other_sample_rates(rate: int) -> None:
    """The service has no others."""
    error = refusal(sample_rate=rate)

    assert error.code is ExitCode.USAGE
    assert "24000" in error.message


def test_terminal() -> None:
    """Audio is not written to a terminal, unless it is asked for with `-o -`: it is played."""
    error = refusal(environment={**KEY, "PATH": "/nowhere"}, terminal=True)

    assert error.code is ExitCode.USAGE
    assert "-o FILE" in f"{error.hint}"
    assert settings(terminal=True, output="-").output is None
    assert settings(terminal=True, output="a.mp3").output == "a.mp3"
    assert settings(terminal=True, output="-").player is None


@pytest.mark.parametrize(
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
    """What is played is written only beside -o; a player that is merely preferred plays nothing."""
    found = settings(**flags)

    assert (found.writes, found.format) == (writes, expected)
    assert (found.player is not None) == bool(flags.get("play"))


@pytest.mark.parametrize("option", ["flush_idle", "connect_timeout", "timeout"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_times(option: str, value: float) -> None:
    """Times are seconds above 0."""
    error = refusal(**dict[str, Any]({option: value}))

    assert error.code is ExitCode.USAGE
    assert "--" + option.replace("_", "-") in error.message


def test_retry() -> None:
    """0 is a single attempt; less is no number of attempts."""
    assert settings(retry=0).retries == 0
    assert "--retry" in refusal(retry=-1).message


@pytest.mark.parametrize("environment", [{}, {"LMNT_API_KEY": ""}, {"LMNT_API_KEY": " \n"}])
def test_no_key(environment: dict[str, str]) -> None:
    """A missing key is exit status 3, naming LMNT_API_KEY; empty is unset."""
    error = refusal(environment=environment)

    assert isinstance(error, MissingKey)
    assert error.code is ExitCode.AUTHENTICATION
    assert "LMNT_API_KEY" in error.message
    assert "--local" in str(error.hint)


def test_key_in_a_file(tmp_path: Path) -> None:
    """The file beats the environment; the line end is not part of the key."""
    (tmp_path / "key").write_text("from-file\n")

    assert settings(api_key_file=str(tmp_path / "key")).api_key == "from-file"


@pytest.mark.parametrize(
    "content",
    [b"s3cr3t\n0ther\n", b"s3cr3t\xff", b"s3cr3t\x00b", b"s3cr3t" * 1000],
    ids=["two lines", "not text", "nul", "too long"],
)
def test_no_key_in_the_file(tmp_path: Path, content: bytes) -> None:
    """What cannot be a key is refused rather than sent, and not shown."""
    (tmp_path / "key").write_bytes(content)

    error = refusal(api_key_file=str(tmp_path / "key"))

    assert error.code in (ExitCode.USAGE, ExitCode.AUTHENTICATION)
    assert "s3cr3t" not in f"{error.message} {error.hint}"


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_empty_key_file(tmp_path: Path, content: bytes) -> None:
    """An empty file holds no key."""
    (tmp_path / "key").write_bytes(content)

    assert isinstance(refusal(api_key_file=str(tmp_path / "key")), MissingKey)


def test_unreadable_key_file(tmp_path: Path) -> None:
    """A file that cannot be read is named, with the reason."""
    error = refusal(api_key_file=str(tmp_path / "none"))

    assert isinstance(error, UsageError)
    assert str(tmp_path / "none") in error.message
    assert "No such file" in error.message


def test_key_from_standard_input() -> None:
    """`-` is refused when standard input carries the text."""
    assert refusal(api_key_file="-").code is ExitCode.USAGE
    assert refusal(api_key_file="-", file="-").code is ExitCode.USAGE


@pytest.mark.parametrize("key", ["s3cr3t\nb", "s3cr3t\udcff", "s3cr3t\x00b"])
def test_no_key_in_the_environment(key: str) -> None:
    """What cannot be sent is refused before anything is touched."""
    error = refusal(environment={"LMNT_API_KEY": key})

    assert error.code in (ExitCode.USAGE, ExitCode.AUTHENTICATION)
    assert "s3cr3t" not in f"{error.message} {error.hint}"


@pytest.mark.parametrize("option", ["voice", "language"])
def test_not_text(option: str) -> None:
    """Arguments that are not UTF-8 are refused where they have to be sent."""
    assert refusal(**dict[str, Any]({option: "\udcff"})).code is ExitCode.USAGE


def test_voice_in_the_environment_that_is_not_text() -> None:
    """So is the environment."""
    assert refusal(environment={**KEY, "LMNT_VOICE": "\udcff"}).code is ExitCode.USAGE


def test_key_is_not_shown() -> None:
    """A key never stands in the representation of the settings."""
    assert "a-key" not in repr(settings())


def test_base_url_order() -> None:
    """The flag beats the environment; empty in the environment is unset."""
    environment = {**KEY, "LMNT_BASE_URL": "https://b"}

    assert settings(environment, base_url="https://a").service == "a"
    assert settings({**KEY, "LMNT_BASE_URL": ""}).service == "api.lmnt.com"


@pytest.mark.parametrize("url", ["api.lmnt.com", "ftp://a.b", "http://a.b"])
def test_no_base_url(url: str) -> None:
    """A base URL that cannot be is told with the place where it stood."""
    assert "--base-url" in refusal(base_url=url).message
    assert "LMNT_BASE_URL" in refusal(environment={**KEY, "LMNT_BASE_URL": url}).message


def test_insecure() -> None:
    """`--insecure-http` allows what is refused without it, for flag and environment."""
    assert settings(base_url="http://a.b", insecure_http=True).service == "a.b"
    assert settings({**KEY, "LMNT_BASE_URL": "ws://a.b"}, insecure_http=True).service == "a.b"


def test_service_is_named_by_its_host() -> None:
    """Messages name the host, never a password, a path or a query."""
    found = settings(base_url="https://me:secret@a.b:444/p?token=x")

    assert found.service == "a.b"


def test_local() -> None:
    """`--local` needs no key, never receives the real one, and beats LMNT_BASE_URL."""
    found = settings({"LMNT_BASE_URL": "https://a.b", "LMNT_API_KEY": "real"}, local=True)

    assert found.url is None
    assert "real" not in found.api_key
    assert "local" in found.service
    assert settings({}, local=True).url is None


def test_quiet() -> None:
    """`-q` shows no status."""
    assert settings(quiet=True, progress="always").progress == "never"


def test_nothing_is_touched(tmp_path: Path) -> None:
    """Options are checked without touching a file."""
    settings(output=str(tmp_path / "a.mp3"), file=str(tmp_path / "none"))

    assert list(tmp_path.iterdir()) == []


def test_frozen() -> None:
    """Nobody changes the settings of a run."""
    found = settings()

    with pytest.raises(AttributeError):
        found.voice = "ava"  # type: ignore[misc]  # frozen, which is the point
    assert replace(found, voice="ava").voice == "ava"
