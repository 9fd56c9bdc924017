"""Where the audio of a run goes: a sink, a player, or both (contract, 2 and 4)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lmnt_cli.errors import ExitCode, OutputError
from lmnt_cli.io.part_file import PartFile
from lmnt_cli.io.sinks import StandardOutput
from lmnt_cli.io.writer import AudioWriter
from lmnt_cli.output import Output, Unrecorded, open_output
from lmnt_cli.settings import Flags, Settings, resolve


pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The program runs on asyncio."""
    return "asyncio"


def settings(output: str | None = None) -> Settings:
    """Settings that write there."""
    return resolve(Flags(output=output), {"LMNT_API_KEY": "a-key"}, stdin_typed=False, stdout_terminal=False)


def test_standard_output() -> None:
    """Without `-o`, audio goes to standard output."""
    assert isinstance(open_output(settings(), frozenset()).sink, StandardOutput)


def test_closed_standard_output(tmp_path: Path) -> None:
    """Closed at start, it is exit status 7, unless audio goes elsewhere."""
    with pytest.raises(OutputError, match="it is closed") as raised:
        open_output(settings(), frozenset({1}))

    assert raised.value.code is ExitCode.OUTPUT
    sink = open_output(settings(str(tmp_path / "a.mp3")), frozenset({1})).sink
    assert isinstance(sink, PartFile)
    os.close(sink.descriptor)


async def test_the_writer_of_a_sink() -> None:
    """With nothing to play, one writer writes to the sink."""
    assert isinstance(Output(StandardOutput(), None).writer(), AudioWriter)


def test_nothing_recorded() -> None:
    """A run that only plays leaves nothing behind and has nothing to complete."""
    sink = Unrecorded()
    sink.begin()
    sink.cut(3)
    sink.complete([(0, b"a")])

    assert sink.keep([(0, b"a")]) is None
    assert not sink.can_cut
