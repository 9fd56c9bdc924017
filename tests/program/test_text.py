"""How text is read: encodings, control strings, input that is not text (contract, 3)."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


@pytest.mark.parametrize("mark", ["]", "P", "X", "^", "_"])
def test_words_after_a_stray_esc(say: Say, service: FakeService, mark: str) -> None:
    """Words after an ESC that begins no control string are spoken, even at the end of the input."""
    result = say(stdin=f"hello \x1b{mark}these words stay".encode())

    assert result.status == 0
    assert service.session().text == "hello these words stay"


def test_an_image_between_words(say: Say, service: FakeService) -> None:
    """An inline terminal image is not spoken, however long; nor are BEL and other controls."""
    image = b"\x1b_Ga=T,f=100;" + b"QUJD" * 50_000 + b"\x1b\\"

    assert say(stdin=b"N\bNA\bA\x07ME " + image + b"and on\0.\r\rEnd.").status == 0
    assert service.session().text == "NAME and on.\n\nEnd."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_byte_order_mark(say: Say, service: FakeService, encoding: str) -> None:
    """Text with a byte order mark is spoken without it, in the encoding that it indicates."""
    assert say(stdin="Grüße 😀\r\n\r\nEnde.".encode(encoding)).status == 0
    assert service.session().text == "Grüße 😀\n\nEnde."


@pytest.mark.parametrize(
    ("data", "kind"), [(b"%PDF-1.7\n", "PDF"), (gzip.compress(b"text", mtime=0), "gzip"), (b"a\0b", "binary")]
)
def test_input_that_is_no_text(
    say: Say, service: FakeService, tmp_path: Path, data: bytes, kind: str
) -> None:
    """Input that is not text is exit 2, with its kind; a file before anything is connected."""
    (tmp_path / "input").write_bytes(data)

    for result in (say("-f", "input"), say(stdin=data)):
        assert (result.status, result.stdout) == (2, b"")
        assert kind in result.lines[0]
    assert all(session.text == "" for session in service.sessions)
