"""The text: words, files in order, standard input by its name (contract, sections 2 and 7)."""

from __future__ import annotations

from pathlib import Path

from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


def test_files_in_order(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Several files, standard input among them, are one text, separated by blank lines.

    A byte order mark is not spoken; each file has the encoding that its mark indicates.
    """
    (tmp_path / "one").write_bytes(b"\xef\xbb\xbfOne.")
    (tmp_path / "three").write_bytes("\ufeffThree.".encode("utf-16-be"))
    result = say("-f", "one", "-f", "-", "-f", "three", stdin="Grüße 😀\r\n\r\nTwo.".encode("utf-16"))
    session = service.session()

    assert (result.status, result.stderr) == (0, "")
    assert session.text == "One.\n\nGrüße 😀\n\nTwo.\n\nThree."


def test_notices(say: Say, tmp_path: Path) -> None:
    """A format that contradicts the extension, and words that name files, cause a notice."""
    (tmp_path / "chapter").write_text("One.")
    result = say("-o", "a.wav", "--format", "MP3", "chapter")

    assert result.status == 0
    assert [line.split(":")[1] for line in result.lines] == [
        " writing mp3 to a.wav, as requested by --format",
        " speaking the word; to read the file of that name, use -f chapter",
    ]
    assert (tmp_path / "a.wav").read_bytes() == b"chapter"
