"""Input and outputs are opened; signals are recorded from our first file on (contract, 4 and 7)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.core.audio.player_options import PlayerCommand
from lmnt_cli.core.value import replace
from lmnt_cli.errors import SayError, UsageError
from lmnt_cli.options import Flags
from lmnt_cli.run.opening import open_ends
from lmnt_cli.run.output import opens_at_once
from lmnt_cli.settings import Settings, resolve


class Owner:
    """Stands in for the signals: records which of our files existed when `hold` was called."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.found: list[list[str]] = []
        self.abandon: Callable[[], None] = lambda: None

    def hold(self) -> None:
        self.found.append(sorted(path.name for path in self._directory.iterdir()))

    def on_abandon(self, abandon: Callable[[], None]) -> None:
        self.abandon = abandon


def settings(**flags: Any) -> Settings:
    return resolve(
        Flags(text=("words",), **flags),
        {"LMNT_API_KEY": "a-key"},
        stdin_typed=False,
        stdout_terminal=False,
    )


def test_held_before_the_first_file(tmp_path: Path) -> None:
    """No file of ours exists while a signal would still kill; when abandoned, they are removed."""
    owner = Owner(tmp_path)
    files = settings(output=str(tmp_path / "a.mp3"), subtitles=(str(tmp_path / "a.srt"),))
    open_ends(files, frozenset(), owner, print)

    assert owner.found[0] == []
    assert owner.found[-1] == ["a.mp3.part"]
    owner.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_fifo_may_be_waited_for(tmp_path: Path) -> None:
    """Opening a FIFO waits for its reader, so signals are recorded only after that."""
    os.mkfifo(tmp_path / "audio")
    reader = os.open(tmp_path / "audio", os.O_RDONLY | os.O_NONBLOCK)
    owner = Owner(tmp_path)
    wanted = settings(output=str(tmp_path / "audio"))
    ends = open_ends(wanted, frozenset(), owner, print)

    assert not opens_at_once(wanted.audio)
    assert len(owner.found) == 1
    os.close(ends.output.sink.descriptor)
    os.close(reader)


@pytest.mark.parametrize("player", ["/nowhere", "/"])
def test_nothing_is_left_open(tmp_path: Path, player: str) -> None:
    """If one output cannot be opened, what was opened for the others is cleaned up."""
    found = settings(output=str(tmp_path / "a.mp3"), subtitles=(str(tmp_path / "a.srt"),))
    wanted = replace(found, audio=replace(found.audio, player=PlayerCommand((player,))))
    with pytest.raises(UsageError):
        open_ends(wanted, frozenset(), Owner(tmp_path), print)

    assert list(tmp_path.iterdir()) == []


class Program:
    """Stands in for a program that was started: records what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def stop(self) -> None:
        self.told.append("stop")

    def resume(self) -> None:
        self.told.append("resume")


def test_all_programs_stop_and_continue(tmp_path: Path) -> None:
    """The player and the embedded service are stopped and continued with this process."""
    ends = open_ends(settings(output=str(tmp_path / "a.mp3")), frozenset(), Owner(tmp_path), print)
    player, service = Program(), Program()
    ends.output.playback = player  # type: ignore[assignment]  # the part of it that is used
    ends.local = service  # type: ignore[assignment]  # as above

    ends.stop()
    ends.resume()

    assert player.told == service.told == ["stop", "resume"]
    ends.output.sink.keep(lambda _: [])


def test_input_before_output(tmp_path: Path) -> None:
    """An unreadable input is reported before any output is created."""
    found = settings(output=str(tmp_path / "a.mp3"))
    wanted = replace(found, text=replace(found.text, words=None, files=(str(tmp_path / "none"),)))
    owner = Owner(tmp_path)
    with pytest.raises(SayError):
        open_ends(wanted, frozenset(), owner, print)

    assert owner.found == []
