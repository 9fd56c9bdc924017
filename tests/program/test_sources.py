"""The text: words, files in order, standard input by its name (contract, sections 2 and 7)."""

from __future__ import annotations

from pathlib import Path

from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


def test_files_in_order(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Several files, standard input among them, are one text, separated by blank lines."""
    (tmp_path / "one").write_bytes(b"\xef\xbb\xbfOne.")
    (tmp_path / "three").write_bytes("Three.".encode("utf-16"))
    result = say("-f", "one", "-f", "-", "-f", "three", stdin=b"Two.")
    session = service.session()

    assert (result.status, result.stderr) == (0, "")
    assert session.text == "One.\n\nTwo.\n\nThree."


def test_notices(say: Say, tmp_path: Path) -> None:
    """A format that contradicts the extension, and words that name files, cause a notice, except with -q."""
    (tmp_path / "chapter").write_text("One.")
    loud = say("-o", "a.wav", "--format", "MP3", "chapter")
    quiet = say("-q", "-o", "a.wav", "--format", "mp3", "chapter")

    assert loud.status == quiet.status == 0
    assert [line.split(":")[1] for line in loud.lines] == [
        " writing mp3 to a.wav, as requested by --format",
        " speaking the word; to read the file of that name, use -f chapter",
    ]
    assert quiet.stderr == ""
    assert (tmp_path / "a.wav").read_bytes() == b"chapter"
