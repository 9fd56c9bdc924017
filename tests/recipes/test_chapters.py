"""A directory of chapters becomes a book, whatever the chapters are called (README, Recipes)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest

from completions.make.recipes import BATCH
from tests.doubles.behaviours import Fails
from tests.doubles.fake_service import FakeService
from tests.tools.recipes import Desk, command, recipe


MAKEFILE, BOOK = recipe("A directory of chapters.")
JOIN = command(BOOK, "printf ") + "\n" + command(BOOK, "ffmpeg ")
MAKE = command(BOOK, "chapters=") + "\n" + command(BOOK, "make ")
CHAPTERS = ["Chapter 1, it's $HOME", 'Chapter  10 "(a; b)" & c: `id` %d #1 [x]* ~', "-x"]


def test_chapters(desk: Desk, service: FakeService, needs: Callable[[str], str]) -> None:
    """One that fails leaves the others alone; again, only that one is spoken; then there is nothing to do."""
    needs("make")
    desk.write("Makefile", MAKEFILE)
    for name in CHAPTERS:
        desk.write(f"{name}.txt", f"This is {name}.")
    service.does("speaks", Fails("payment_required_error"), "speaks")

    first = desk.paste(MAKE)
    made = desk.names("*.mp3")
    assert first.status == 2
    assert re.search(r"^make: \*\*\* .* Error 4$", first.stderr, re.MULTILINE)
    assert len(made) == len(CHAPTERS) - 1

    second = desk.paste(MAKE)
    assert (second.status, second.stderr) == (0, "")
    assert len(service.sessions) == len(CHAPTERS) + 1
    assert desk.names("*.mp3*") == {f"{name}.mp3" for name in CHAPTERS}
    for name in CHAPTERS:
        assert (desk.directory / f"{name}.mp3").read_text() == f"This is {name}."

    third = desk.paste(MAKE)
    assert (third.status, third.stderr) == (0, "")
    assert len(service.sessions) == len(CHAPTERS) + 1


@pytest.mark.timeout(120)
def test_an_offline_batch_and_its_book(desk: Desk, needs: Callable[[str], str]) -> None:
    """One service speaks every chapter and ends; the book is all of them, the tenth after the second."""
    needs("ffmpeg")
    for module in ("av", "h11", "hibari"):
        if os.environ.get("CI") != "true":
            pytest.importorskip(module)
    from tests.tools.decoding import decode

    texts = {"Chapter 2, it's": "Go.", "Chapter 10": "She was gone for a very long time."}
    for name, text in texts.items():
        desk.write(f"{name}.txt", text)
    (batch,) = BATCH.pastes

    run = desk.paste(batch + "wait $! ; echo $?", limit=40)
    joined = desk.paste("set -o pipefail\n" + JOIN, limit=20)

    assert run.stdout == b"143\n"
    assert "lmnt-say" not in run.stderr
    assert (joined.status, desk.names("*.mp3")) == (0, {f"{name}.mp3" for name in texts})
    listed = (desk.directory / "book.ffconcat").read_text().splitlines()
    assert listed == [r"file 'Chapter 2, it'\''s.mp3'", "file 'Chapter 10.mp3'"]
    seconds = [decode(path.read_bytes(), "mp3", 24000).seconds for path in desk.directory.glob("*.mp3")]
    book = decode((desk.directory.parent / "book.mp3").read_bytes(), "mp3", 24000)
    assert book.seconds == pytest.approx(sum(seconds), abs=0.1)
