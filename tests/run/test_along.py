"""Open what is written besides the audio: `lmnt_cli.run.along`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.errors import UsageError
from lmnt_cli.io.status import Display
from lmnt_cli.options import Flags
from lmnt_cli.run.along import open_observers, open_tee, side_ends
from lmnt_cli.settings import Settings, resolve


def settings(**flags: Any) -> Settings:
    return resolve(
        Flags(text=("words",), **{"output": "-", **flags}),
        {"LMNT_API_KEY": "a-key"},
        stdin_typed=False,
        stdout_terminal=False,
    )


def test_nothing_is_opened_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without such options there are no files and no tee, and no word times are waited for."""
    monkeypatch.chdir(tmp_path)
    observers = open_observers(settings(), Display(), can_cut=False)

    assert not observers.lacks_times
    assert open_tee(object(), settings()) is None  # type: ignore[arg-type]  # never read
    assert side_ends(settings()) == []
    assert list(tmp_path.iterdir()) == []


def test_what_was_opened_is_given_up(tmp_path: Path) -> None:
    """If the second file cannot be opened, nothing is left of the first."""
    (tmp_path / "b.srt").write_text("old")
    names = (str(tmp_path / "a.srt"), str(tmp_path / "b.srt"))

    with pytest.raises(UsageError, match="--no-clobber"):
        open_observers(settings(subtitles=names, clobber=False), Display(), can_cut=False)
    assert [path.name for path in tmp_path.iterdir()] == ["b.srt"]


def test_ends() -> None:
    """Subtitles with their `.part`, events and the tee are compared with the inputs."""
    ends = side_ends(settings(subtitles=("a.srt",), events="fd:5", tee=True))

    assert [end.name for end in ends] == ["a.srt", "fd:5", "the tee"]
    assert ends[1].places == (5,)
    assert ends[2].places == (2,)
