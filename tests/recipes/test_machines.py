"""Chapters on many machines: each is a file in, a file out, and an exit status to trust (manual, RECIPES)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from completions.make.recipes import PARALLEL, SLURM
from tests.doubles.behaviours import Behaviour
from tests.doubles.fake_service import FakeService
from tests.doubles.fake_session import Session
from tests.tools.recipes import Desk
from tests.tools.sshd import machine


CHAPTERS = {'Chapter  1 "&"': "One.", "Chapter 2, it's $HOME": "Two."}


class RefusesOne(Behaviour):
    """Speaks everything but the text of one chapter, until it is allowed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.allowed = False

    async def answer(self, session: Session, kind: str, text: str, nonce: int) -> None:
        if text == self.text and not self.allowed:
            await session.fail("payment_required_error", "No credits are left.")
        else:
            await super().answer(session, kind, text, nonce)


@pytest.fixture
def far(desk: Desk, tmp_path: Path, needs: Callable[[str], str]) -> Iterator[Path]:
    """The home of a machine that ssh reaches as `east` and as `west`."""
    for tool in ("parallel", "rsync"):
        needs(tool)
    if os.geteuid() == 0 and not Path("/run/sshd").exists():
        reason = "sshd, run by root, needs the directory /run/sshd"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    home = tmp_path / "far"
    home.mkdir()
    ours = {
        name: value for name, value in desk.environment.items() if name.startswith(("LMNT_", "XDG_", "PATH"))
    }
    with machine("east west", home, ours, needs) as config:
        desk.program("ssh", f"exec {needs('ssh')} -F '{config}' \"$@\"")
        desk.environment["HOME"] = str(tmp_path)
        yield home


@pytest.mark.timeout(120)
def test_parallel(desk: Desk, service: FakeService, far: Path) -> None:
    """What fails is retried and reported; again, only that is spoken; nothing stays on the machine."""
    for name, text in CHAPTERS.items():
        desk.write(f"{name}.txt", text)
    one, two = CHAPTERS
    refusal = RefusesOne("One.")
    service.does(refusal)
    (script,) = PARALLEL.pastes

    first = desk.paste(script, limit=40)
    assert len(service.sessions) == 1 + 2
    assert first.stdout.decode() == f"missing: {one}.mp3\n"
    assert desk.names("*.mp3*") == {f"{two}.mp3"}
    assert "No credits are left." in first.stderr

    refusal.allowed = True
    second = desk.paste(script, limit=40)
    assert second.stdout == b""
    assert len(service.sessions) == 1 + 2 + 1
    for name, text in CHAPTERS.items():
        assert (desk.directory / f"{name}.mp3").read_text() == text
    log = [line.split("\t") for line in (desk.directory / "speech.log").read_text().splitlines()[1:]]
    assert sorted((row[0], row[6]) for row in log) == [("1", "0"), ("1", "4"), ("2", "0")]
    assert [path for path in far.rglob("*") if path.is_file()] == []


def test_slurm(desk: Desk, service: FakeService) -> None:
    """A task speaks its own chapter, and ends with the exit status of `lmnt-say`."""
    for name, text in CHAPTERS.items():
        desk.write(f"{name}.txt", text)
    one, _ = CHAPTERS
    (script,) = SLURM.pastes
    desk.write("chapters.sh", script)

    task = desk.paste("bash chapters.sh", SLURM_ARRAY_TASK_ID="0")
    assert (task.status, task.stderr, desk.names("*.mp3")) == (0, "", {f"{one}.mp3"})

    service.does("refuses the key")
    assert desk.paste("bash chapters.sh", SLURM_ARRAY_TASK_ID="1").status == 3
