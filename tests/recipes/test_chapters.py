"""A directory of chapters becomes a book, whatever the chapters are called (README, Recipes)."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.doubles.behaviours import Fails
from tests.doubles.fake_service import FakeService
from tests.tools.recipes import Desk, command, recipe


MAKEFILE, BOOK = recipe("A directory of chapters.")
MAKE = command(BOOK, "chapters=") + "\n" + command(BOOK, "make ")
CHAPTERS = ["Chapter 1, it's $HOME", 'Chapter  2 "(a; b)" & c', "Chapter 10: `id` %d #1 [x]* ~", "-x"]


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
