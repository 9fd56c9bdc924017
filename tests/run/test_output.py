"""The output of a run: which files and players are opened, and when (contract, 2 and 4)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.errors import OutputError
from lmnt_cli.io.audio.playback import Playback
from lmnt_cli.io.audio.record_and_play import RecordAndPlayWriter
from lmnt_cli.io.audio.writer import AudioWriter
from lmnt_cli.io.same_file import End
from lmnt_cli.options import Flags
from lmnt_cli.run.output import Output, ends_written, format_notice, open_audio_sink, start_playback
from lmnt_cli.settings import Settings, resolve
from tests.doubles.loudspeaker import Loudspeaker


pytestmark = pytest.mark.anyio


def settings(**flags: Any) -> Settings:
    return resolve(
        Flags(text=("words",), **flags),
        {"LMNT_API_KEY": "a-key"},
        stdin_typed=False,
        stdout_terminal=False,
    )


def open_output(wanted: Settings, closed: frozenset[int]) -> Output:
    return Output(open_audio_sink(wanted.audio, closed), start_playback(wanted.audio))


async def close(output: Output) -> None:
    await output.end_playing()
    output.sink.keep(lambda _: [])


async def test_standard_output() -> None:
    """By default audio is written to standard output, and nothing is played."""
    output = open_output(settings(), frozenset())

    assert (output.sink.descriptor, output.playback) == (1, None)
    assert isinstance(output.writer(), AudioWriter)


async def test_closed_standard_output(loudspeaker: Loudspeaker) -> None:
    """A closed standard output is an error only if audio is to be written there."""
    with pytest.raises(OutputError):
        open_output(settings(), frozenset({1}))

    await close(open_output(settings(play=True, player=loudspeaker.player), frozenset({1})))


async def test_played_only(loudspeaker: Loudspeaker) -> None:
    """Audio that is only played is written nowhere, and leaves nothing to keep or patch."""
    output = open_output(settings(play=True, player=loudspeaker.player), frozenset())

    writer = output.writer()
    assert isinstance(writer, Playback)
    assert (output.sink.can_cut, output.sink.keep(lambda _: [])) == (False, None)
    await writer.complete(lambda _: [(4, b"size")])
    await close(output)


async def test_both(loudspeaker: Loudspeaker, tmp_path: Path) -> None:
    """With a file, both file and player get the audio; a file left unused is removed."""
    target = tmp_path / "a.mp3"
    output = open_output(settings(play=True, player=loudspeaker.player, output=str(target)), frozenset())

    assert isinstance(output.writer(), RecordAndPlayWriter)
    assert target.with_name("a.mp3.part").exists()
    await close(output)
    assert list(tmp_path.iterdir()) == []


def test_what_is_written(tmp_path: Path) -> None:
    """Every path that the output may write is known in advance."""
    path = str(tmp_path / "a.mp3")
    (with_part,) = ends_written(settings(output=path).audio)
    (in_place,) = ends_written(settings(output=path, part=False).audio)

    assert (with_part.name, in_place.places) == (path, (path,))
    assert set(with_part.places) > {path, f"{path}.part"}
    assert ends_written(settings().audio) == [End("standard output", (1,))]


def test_another_formats_name(tmp_path: Path) -> None:
    """A file on standard output has the extension of its format, or another's, which causes a notice."""
    before = os.dup(1)
    with (tmp_path / "story.wav").open("wb") as file:
        os.dup2(file.fileno(), 1)
        try:
            found = [
                format_notice(settings(format=each).audio) for each in (AudioFormat.WAV, AudioFormat.MP3)
            ]
        finally:
            os.dup2(before, 1)
            os.close(before)

    assert found == [None, "standard output is story.wav, but the audio is mp3; use --format wav"]
