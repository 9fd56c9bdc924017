"""How text is read: encodings, control strings, input that is not text (contract, 3)."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


def test_words_after_a_stray_esc(say: Say, service: FakeService) -> None:
    """Words after an ESC that begins no control string are spoken, even at the end of the input."""
    result = say(stdin="\n\n".join(f"hello \x1b{mark}these words stay" for mark in "]PX^_").encode())

    assert result.status == 0
    assert service.session().text == "\n\n".join(["hello these words stay"] * 5)


def test_an_image_between_words(say: Say, service: FakeService) -> None:
    """An inline terminal image is not spoken, however long; nor are BEL and other controls."""
    image = b"\x1b_Ga=T,f=100;" + b"QUJD" * 50_000 + b"\x1b\\"

    assert say(stdin=b"N\bNA\bA\x07ME " + image + b"and on\0.\r\rEnd.").status == 0
    assert service.session().text == "NAME and on.\n\nEnd."


def test_byte_order_mark(say: Say, service: FakeService) -> None:
    """Text with a byte order mark is spoken without it, in the encoding that it indicates."""
    assert say(stdin="Grüße 😀\r\n\r\nEnde.".encode("utf-16")).status == 0
    assert service.session().text == "Grüße 😀\n\nEnde."


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
