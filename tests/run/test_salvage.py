"""What is done when a run has failed: audio kept, unspoken text saved and named (contract, 5)."""

from __future__ import annotations

import shlex
import stat
from pathlib import Path

import pytest

from lmnt_cli.cli import parse
from lmnt_cli.run.salvage import command
from lmnt_cli.settings import Flags
from tests.doubles.behaviours import Fails, HangsUp
from tests.doubles.fake_service import FakeService
from tests.tools.program import Result, Say


def saved(result: Result) -> Path:
    """The file that the command in the message goes on from."""
    command = next(line for line in result.lines if "lmnt-say " in line and " -f " in line)
    return Path(shlex.split(command[command.index("lmnt-say ", 9) :])[-1])


def test_cut_off(say: Say, service: FakeService) -> None:
    """Cut off, the text from the first that is owed is saved, and the command that goes on is named."""
    service.does(HangsUp(1011, at=2))
    result = say("--on-drop", "fail", stdin=b"One.\n\nTwo.\n\nThree.\n")

    assert result.status == 6
    assert saved(result).read_text().split() == ["Two.", "Three."]
    assert stat.S_IMODE(saved(result).stat().st_mode) == 0o600
    assert len(result.lines) == 2


def test_what_was_saved_can_be_spoken(say: Say, service: FakeService) -> None:
    """Going on from the saved text, nothing is missing."""
    service.does(HangsUp(1011, at=2), "speaks")
    first = say("--on-drop", "fail", "-o", "a.mp3", stdin=b"One.\n\nTwo.\n\nThree.\n")
    second = say("-f", saved(first), "-o", "b.mp3")

    assert second.status == 0
    heard = (say.directory / "a.mp3.part").read_bytes() + (say.directory / "b.mp3").read_bytes()
    assert heard.split() == [b"One.", b"Two.", b"Three."]


def test_what_was_not_read_yet(say: Say, service: FakeService) -> None:
    """What can be read without waiting is saved too; that input had not ended is told."""
    service.does(HangsUp(1011, at=1))
    running = say.start("--on-drop", "fail")
    running.type(b"One.\n\n" + b"More. " * 1000)
    result = say.end(running)

    assert result.status == 6
    assert saved(result).read_text().split() == ["One."] + ["More."] * 1000
    assert "not ended" in result.stderr


@pytest.mark.parametrize(("kind", "status"), [("payment_required_error", 4), ("not_found_error", 8)])
def test_when_it_is_saved(say: Say, service: FakeService, kind: str, status: int) -> None:
    """It is saved on 4, 6, 7 and 8, once text was sent."""
    service.does(Fails(kind, after_audio=True))
    result = say(stdin=b"One.\n\nTwo.")

    assert result.status == status
    assert "".join(saved(result).read_text().split()) == "One.Two."


def test_a_refused_key(say: Say, service: FakeService) -> None:
    """A key that is refused at once leaves nothing behind."""
    service.does("refuses the key")
    result = say(stdin=b"One.\n\nTwo.")

    assert result.status == 3
    assert " -f " not in result.stderr


def test_no_save(say: Say, service: FakeService, environment: dict[str, str]) -> None:
    """`--no-save` turns it off."""
    service.does(HangsUp(1011, at=1))
    result = say("--on-drop", "fail", "--no-save", stdin=b"One.\n\n")

    assert result.status == 6
    assert " -f " not in result.stderr
    assert not list(Path(environment["XDG_STATE_HOME"]).rglob("*.txt"))


def test_the_command_can_be_pasted() -> None:
    """A shell reads the command as it was meant."""
    words = shlex.split(command("/a dir/it's.txt", ["-v", "my voice", "-l", "de"]))

    assert words[0] == "lmnt-say"
    assert parse(words[1:]) == Flags(voice="my voice", language="de", file="/a dir/it's.txt")


def test_the_command_sounds_the_same(say: Say, service: FakeService) -> None:
    """The command has the options that make the rest sound like the beginning."""
    service.does(HangsUp(1011, at=1))
    result = say(
        "--on-drop",
        "fail",
        "-v",
        "ava",
        "-l",
        "en",
        "--format",
        "wav",
        "--flush-on",
        "newline",
        stdin=b"One.\n",
    )

    for part in ("-v ava", "-l en", "--format wav", "--flush-on newline"):
        assert part in result.stderr
