"""What is appended to a recording, and where: `lmnt_cli.run.continuing`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.errors import UsageError
from lmnt_cli.io.audio.appending import Appending
from lmnt_cli.io.state_files import save_text
from lmnt_cli.options import Flags
from lmnt_cli.run.continuing import appending, continuation
from lmnt_cli.settings import Settings, resolve


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a state directory of the test, and names relative to the test's directory."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def settings(**flags: Any) -> Settings:
    return resolve(Flags(**flags), {"LMNT_API_KEY": "a-key"}, stdin_typed=False, stdout_terminal=False)


def saved(offset: int, output: str = "a.wav", *, mid_utterance: bool = False) -> str:
    """Text saved by a failed run that wrote to this output."""
    return save_text("rest", continuation(settings(output=output), offset, mid_utterance=mid_utterance))


def test_not_asked_for() -> None:
    """Without --continue nothing is appended, even with saved text."""
    assert appending(settings(output="a.wav", file=(saved(100),))) is None


@pytest.mark.parametrize("text", [{"file": ("-",)}, {"text": ("words",)}, {"file": ("a.txt",)}], ids=range(3))
def test_other_text(text: dict[str, Any]) -> None:
    """Any other text is appended after the last whole frame."""
    assert appending(settings(output="a.wav", continue_=True, **text)) == Appending(AudioFormat.WAV, 24000)


@pytest.mark.parametrize("offset", [0, 100])
@pytest.mark.parametrize("more", [(), ("more.txt", "-")], ids=["alone", "more"])
def test_saved_text(offset: int, more: tuple[str, ...]) -> None:
    """Saved text is appended where it continues the recording, even if more text follows."""
    os.symlink("a.wav", "link.wav")
    for output in ("a.wav", "./a.wav", "link.wav"):
        files = (saved(offset), *more)
        asked = appending(settings(output=output, continue_=True, file=files))
        assert asked == Appending(AudioFormat.WAV, 24000, offset)


def test_amid_an_utterance() -> None:
    """Whether it begins mid-utterance is kept with it."""
    asked = appending(settings(output="a.wav", continue_=True, file=(saved(100, mid_utterance=True),)))

    assert asked == Appending(AudioFormat.WAV, 24000, 100, mid_utterance=True)


def test_another_recording() -> None:
    """For another recording, saved text is treated like any other text."""
    asked = appending(settings(output="b.wav", continue_=True, file=(saved(100),)))

    assert asked == Appending(AudioFormat.WAV, 24000)


@pytest.mark.parametrize("flags", [{"format": AudioFormat.PCM_S16LE}, {"sample_rate": 8000}], ids=range(2))
def test_another_format_or_rate(flags: dict[str, Any]) -> None:
    """Another format or rate is refused, naming the right ones."""
    with pytest.raises(UsageError, match=r"a\.wav is wav") as raised:
        appending(settings(output="a.wav", continue_=True, file=(saved(100),), **flags))
    assert raised.value.hint is not None
    assert "--format wav --sample-rate 24000" in raised.value.hint


def test_what_a_saved_text_continues() -> None:
    """A file is continued whatever its directory is called later; other outputs are not."""
    found = continuation(settings(output="a.wav"), 100, mid_utterance=True)

    assert found is not None
    assert (found.output, found.offset, found.mid_utterance) == (os.path.realpath("a.wav"), 100, True)
    assert continuation(settings(output="a.webm"), 100, mid_utterance=False) is None
    assert continuation(settings(), 100, mid_utterance=False) is None
