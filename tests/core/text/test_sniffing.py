"""Input that is not text is recognised by its first block (contract, 3)."""

from __future__ import annotations

import gzip
import io
import sys
import wave
import zipfile
from pathlib import Path

from lmnt_cli.core.text.sniffing import FIRST_BLOCK, not_text
from tests.tools.each import each


def archive(**files: str) -> bytes:
    """Return a ZIP archive of these files; `__` in a name is a slash."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name, content in files.items():
            file.writestr(name.replace("__", "/"), content)
    return written.getvalue()


def recording() -> bytes:
    """Return a WAV file."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        file.writeframes(bytes(100))
    return written.getvalue()


EPUB = archive(mimetype="application/epub+zip", META_INF__container="<xml/>")
ODT = archive(mimetype="application/vnd.oasis.opendocument.text")
DOCX = archive(**{"[Content_Types].xml": "<Types/>", "word__document.xml": "<w/>"})

UTF_16 = "UTF-16 text without a byte order mark"
BINARY = {
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF document", "pdftotext {} -"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image", "tesseract {} -"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image", "tesseract {} -"),
    "gzip": (gzip.compress(b"text"), "a gzip file", "gzip -dc {}"),
    "zip": (archive(notes="text"), "a ZIP archive", "unzip -p {}"),
    "empty zip": (archive(), "an empty ZIP archive", None),
    "epub": (EPUB, "an EPUB book", "pandoc -t plain {}"),
    "odt": (ODT, "an OpenDocument text", "odt2txt {}"),
    "docx": (DOCX, "a Word document", "pandoc -t plain {}"),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16), "an old Word document", "catdoc {}"),
    "elf": (b"\x7fELF\x02\x01\x01" + bytes(9), "a program", None),
    "mp3": (b"ID3\x04\0\0\0\0\0#TSSE", "an MP3 file", None),
    "wav": (recording(), "a WAV file", None),
    "utf-16 le": ("Hello\r\n".encode("utf-16-le"), UTF_16, "iconv -f UTF-16LE -t UTF-8 {}"),
    "utf-16 be": ("Hello\r\n".encode("utf-16-be"), UTF_16, "iconv -f UTF-16BE -t UTF-8 {}"),
    "nul": (b"text\0text", "binary data", None),
    "only nuls": (bytes(10), "binary data", None),
    "utf-32": ("Hi".encode("utf-32-be"), "binary data", None),
}  # fmt: skip


@each("name", BINARY)
def test_binary(name: str) -> None:
    """The message names what the input looks like, and a command that extracts its text, if there is one."""
    data, kind, extractor = BINARY[name]
    found = not_text(data)

    assert found is not None
    assert (found.kind, found.extractor) == (kind, extractor)


def test_a_real_program() -> None:
    """The Python interpreter is not text."""
    with Path(sys.executable).open("rb") as file:
        assert not_text(file.read(100)) is not None


@each(
    "text",
    [
        b"plain",
        b"",
        b"P",
        b"PK is a way to say it",
        b"ID3 is a kind of tag",
        b"RIFF, she said",
        b"%PDF is what they call it",
        b"not UTF-8: \xff\xfe\x80",
        b"\xef\xbb\xbftext",
        "Grüße".encode("utf-16"),
        b"\xfe\xff\0H\0i",
        b"\xff\xfe",
        b"\x1b[31mred\x1b[0m",
        b"a" * FIRST_BLOCK + b"\0",
    ],
)
def test_text(text: bytes) -> None:
    """Anything else is text; a NUL after the first block is ignored."""
    assert not_text(text) is None
