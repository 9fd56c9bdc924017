"""The players that are known, and how each is told what comes on its standard input (contract, 2 and 4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lmnt_cli.core.formats import AudioFormat
from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.players import choose_player


def on_path(*names: str) -> Callable[[str], str | None]:
    """A PATH that holds these programs."""
    return lambda name: f"/usr/bin/{name}" if name in names else None


EVERYTHING = on_path("mpv", "ffplay", "pw-play", "paplay", "aplay")
ORDER = ["mpv", "ffplay", "pw-play", "paplay", "aplay"]


@pytest.mark.parametrize("first", range(5))
def test_order(first: int) -> None:
    """The first that is found is taken, in the order of the contract; it picks the format it likes best."""
    choice = choose_player(None, None, on_path(*ORDER[first:]))

    assert choice.command(24000).name == ORDER[first]
    assert choice.audio_format is (AudioFormat.MP3 if first < 2 else choice.audio_format)


@pytest.mark.parametrize("audio_format", list(AudioFormat))
def test_it_must_take_the_format(audio_format: AudioFormat) -> None:
    """The first that takes the format is taken, not the first of all."""
    choice = choose_player(None, audio_format, on_path("pw-play", "aplay", "ffplay"))

    assert choice.audio_format is audio_format
    assert choice.command(24000).words


def test_compressed_sound_needs_a_decoder() -> None:
    """Players of samples are not given MP3 or WebM."""
    for audio_format in (AudioFormat.MP3, AudioFormat.WEBM):
        with pytest.raises(UsageError) as raised:
            choose_player(None, audio_format, on_path("paplay", "aplay"))

        assert raised.value.code is ExitCode.USAGE
        assert audio_format.value in raised.value.message


def test_no_player() -> None:
    """Without any it is exit status 2, saying what was looked for and what to do instead."""
    with pytest.raises(UsageError, match="mpv") as raised:
        choose_player(None, None, on_path())

    assert raised.value.code is ExitCode.USAGE
    assert "-o FILE" in str(raised.value.hint)


def test_a_player_that_is_asked_for() -> None:
    """`--player` is split like a shell word list; a player that is not known gets just that."""
    choice = choose_player("my-player --name 'two words' -", AudioFormat.WAV, on_path("my-player"))

    assert choice.command(8000).words == ("my-player", "--name", "two words", "-")
    assert choice.audio_format is AudioFormat.WAV


def test_a_known_player_that_is_asked_for() -> None:
    """A known one is told the format, and the user's own options win by standing behind ours."""
    words = choose_player("mpv --volume=50", AudioFormat.PCM_S16LE, EVERYTHING).command(16000).words

    assert words[0] == "mpv"
    assert any("s16le" in word for word in words)
    assert any("16000" in word for word in words)
    assert words.index("--volume=50") > max(n for n, word in enumerate(words) if "s16le" in word)
    assert words[-1] == "-"


@pytest.mark.parametrize("asked", ["", " ", "mpv 'open", "missing --x"])
def test_no_such_player(asked: str) -> None:
    """What cannot be split or found is exit status 2, before anything is touched."""
    with pytest.raises(UsageError) as raised:
        choose_player(asked, None, on_path("mpv"))

    assert raised.value.code is ExitCode.USAGE


@pytest.mark.parametrize("name", ORDER)
@pytest.mark.parametrize("rate", [8000, 16000, 24000])
def test_samples_are_named(name: str, rate: int) -> None:
    """Whoever gets bare samples is told their rate: none of it is guessed."""
    choice = choose_player(name, None, EVERYTHING)
    command = choose_player(name, AudioFormat.WAV, EVERYTHING).command(rate)

    assert choice.command(rate).words[0] == name
    assert command.takes_header or any(str(rate) in word for word in command.words)
