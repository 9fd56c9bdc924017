"""The choice of a player and its format, and its command line (contract, 2 and 4)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.audio.player_options import Choice, choose_player
from lmnt_cli.errors import ExitCode, UsageError
from tests.tools.each import each


class installed:  # noqa: N801 - read as a phrase: "installed mpv"
    """A machine with these programs, on which every path but those under /bad can be executed."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def expand(self, name: str) -> str:
        return name.replace("~", "/home/me", 1) if name.startswith("~") else name

    def find(self, name: str) -> str | None:
        return name if name in self._names or ("/" in name and not name.startswith("/bad")) else None

    def exists(self, name: str) -> bool:
        return name.startswith("/bad")


def refusal(asked: str | None, audio_format: AudioFormat | None, *names: str) -> UsageError:
    with pytest.raises(UsageError) as raised:
        choose_player(asked, audio_format, installed(*names))
    assert raised.value.code is ExitCode.USAGE
    return raised.value


@each(
    ("names", "expected", "audio_format"),
    [
        (("aplay", "ffplay", "mpv"), "mpv", AudioFormat.MP3),
        (("aplay", "ffplay"), "ffplay", AudioFormat.MP3),
        (("aplay", "paplay", "pw-play"), "pw-play", AudioFormat.WAV),
        (("aplay", "paplay"), "paplay", AudioFormat.PCM_S16LE),
        (("aplay",), "aplay", AudioFormat.PCM_S16LE),
    ],
)
def test_the_first_found_picks_the_format(
    names: tuple[str, ...], expected: str, audio_format: AudioFormat
) -> None:
    """Without a format, the first player found gets the format that suits it best."""
    choice = choose_player(None, None, installed(*names))

    assert (choice.command(24000).name, choice.audio_format) == (expected, audio_format)


@each(
    ("audio_format", "expected"),
    [
        (AudioFormat.MP3, "ffplay"),
        (AudioFormat.WEBM, "ffplay"),
        (AudioFormat.WAV, "ffplay"),
        (AudioFormat.ULAW, "ffplay"),
    ],
)
def test_the_first_that_takes_the_format(audio_format: AudioFormat, expected: str) -> None:
    """With a format, the first player that takes it is chosen."""
    choice = choose_player(None, audio_format, installed("aplay", "ffplay"))

    assert (choice.command(8000).name, choice.audio_format) == (expected, audio_format)


def test_aplay_is_passed_over_for_what_it_does_not_take() -> None:
    """A player that cannot take the format is passed over if another can."""
    assert choose_player(None, AudioFormat.PCM_F32LE, installed("pw-play", "aplay")).command(24000).words[
        :1
    ] == ("aplay",)


def test_none_found() -> None:
    """Without any player, the error names the alternatives."""
    error = refusal(None, None)

    assert "mpv" in error.message
    assert all(way in f"{error.hint}" for way in ("-o FILE", "|", "--player"))


@each(("asked", "names"), [(None, ("aplay",)), ("aplay", ("aplay", "mpv"))])
def test_none_takes_the_format(asked: str | None, names: tuple[str, ...]) -> None:
    """A format that no player takes is refused with a hint at --format and another player."""
    error = refusal(asked, AudioFormat.MP3, *names)

    assert "aplay" in error.message
    assert "mp3" in error.message
    assert "--format" in f"{error.hint}"
    assert "--player" in f"{error.hint}"


@each("asked", ["nowhere", "nowhere -x"])
def test_one_that_is_missing(asked: str) -> None:
    """The requested player is used, or none."""
    assert "nowhere" in refusal(asked, None, "mpv").message


@each("asked", ["", "  ", "'mpv"])
def test_no_command(asked: str) -> None:
    """A command that cannot be split into words is refused."""
    assert "--player" in refusal(asked, None, "mpv").message


def test_words_are_split_like_a_shells() -> None:
    """Quotes group words as in a shell, and nothing is expanded."""
    choice = choose_player("/opt/my-player --to 'my device' $HOME *", None, installed())

    assert choice.command(24000).words == ("/opt/my-player", "--to", "my device", "$HOME", "*")
    assert (choice.command(24000).name, choice.audio_format) == ("my-player", AudioFormat.MP3)
    assert choice.command(24000).takes_header


def words(choice: Choice, rate: int = 24000) -> str:
    return " ".join(choice.command(rate).words)


@each("audio_format", list(AudioFormat))
def test_mpv_and_ffplay_are_told_the_format(audio_format: AudioFormat) -> None:
    """mpv and ffplay do not probe: samples are fed without a header, with format and rate as options."""
    names = {"mp3": "mp3", "webm": "matroska", "ulaw": "mulaw", "pcm_f32le": "f32le"}
    name = names.get(audio_format.value, "s16le")
    for player in ("mpv", "ffplay"):
        choice = choose_player(player, audio_format, installed(player))
        raw = name.endswith(("le", "law"))

        assert f"format={name}" in words(choice) or f"-f {name}" in words(choice)
        assert ("sample_rate" in words(choice, 8000) and "8000" in words(choice, 8000)) == raw
        assert choice.command(24000).takes_header == (not raw)
        assert words(choice).endswith(" -")


def test_own_options_of_a_known_player() -> None:
    """The user's options follow ours, and so override them; standard input is named once."""
    for asked in ("mpv --volume=50", "mpv --volume=50 -"):
        said = choose_player(asked, None, installed("mpv")).command(24000).words

        assert said.count("-") == 1
        assert said.index("--volume=50") > said.index("--cache=no")


def test_samples_for_aplay() -> None:
    """aplay and paplay get the sample format as options."""
    aplay = choose_player(None, AudioFormat.ULAW, installed("aplay"))
    paplay = choose_player(None, AudioFormat.PCM_F32LE, installed("paplay"))

    assert "-f MU_LAW -r 8000 -c 1" in words(aplay, 8000)
    assert "--format=float32le --rate=16000 --channels=1" in words(paplay, 16000)
    assert not aplay.command(8000).takes_header


def test_a_home_directory() -> None:
    """A ~ at the start of the player's name is the home directory, as in a shell; elsewhere it is literal."""
    choice = choose_player("~/bin/p ~/x", None, installed())

    assert choice.command(24000).words == ("/home/me/bin/p", "~/x")


def test_one_that_cannot_be_executed() -> None:
    """The error for an existing file that cannot be executed is not "not found"."""
    assert refusal("/bad/p", None).message == "the player /bad/p cannot be executed"
    assert refusal("nowhere", None).message == "the player nowhere was not found"
