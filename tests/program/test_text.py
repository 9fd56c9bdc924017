"""How text is read: encodings, control strings, input that is not text (contract, 3)."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


# Paragraphs with control characters, and what is spoken.
CONTROLS = {
    "colour": (b"So \x1b[1;31mred\x1b[0m it is.", "So red it is."),
    "link": (b"So \x1b]8;;http://a.b/c\x1b\\red\x1b]8;;\x1b\\ it is.", "So red it is."),
    "title": (b"So \x1b]0;title\x07red it is.", "So red it is."),
    "cursor and character set": (b"So \x1b[?25lr\x1b[Ked\x1b(B it is.", "So red it is."),
    "backspace and BEL": (b"N\bNA\bA\x07ME", "NAME"),
    "inline image": (b"One \x1b_Ga=T,f=100;" + b"QUJD" * 50_000 + b"\x1b\\and on\0.", "One and on."),
    "two CRs": (b"One.\r\rEnd.", "One.\n\nEnd."),
    # An ESC that begins no control string, even at the end of the input.
    **{f"stray ESC {mark}": (f"hello \x1b{mark}these stay".encode(), "hello these stay") for mark in "]PX^_"},
}


def test_controls_are_not_spoken(say: Say, service: FakeService) -> None:
    """Terminal colours, links, titles, images of any length and control characters are not text.

    Words after an ESC that begins no control string are.
    """
    result = say(stdin=b"\n\n".join(written for written, _ in CONTROLS.values()))

    assert result.status == 0
    assert service.session().text == "\n\n".join(spoken for _, spoken in CONTROLS.values())


def test_input_that_is_no_text(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Input that is not text is exit 2, with its kind; a file before anything is connected."""
    (tmp_path / "input").write_bytes(gzip.compress(b"text", mtime=0))

    file = say("-f", "input")
    assert service.handshakes == []
    pipe = say(stdin=b"a\0b")

    assert (file.status, file.stdout) == (pipe.status, pipe.stdout) == (2, b"")
    assert "gzip" in file.lines[0]
    assert "binary" in pipe.lines[0]
    assert all(session.text == "" for session in service.sessions)
