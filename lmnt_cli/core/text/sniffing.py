"""Decides from the first block of input whether it is text."""

from __future__ import annotations

import codecs
from typing import NamedTuple


# Only this much of the input is examined.
FIRST_BLOCK = 4096


class NotText(NamedTuple):
    """What an input looks like, with its article. `extractor` is a command to print the text of file {}."""

    kind: str
    extractor: str | None = None


_DOCUMENT = "pandoc -t plain {}"
# Each of these is sufficient by itself.
_SIGNATURES = {
    b"%PDF-": NotText("a PDF document", "pdftotext {} -"),
    b"PK\x05\x06": NotText("an empty ZIP archive"),
    b"\x89PNG\r\n\x1a\n": NotText("a PNG image", "tesseract {} -"),
    b"\xff\xd8\xff": NotText("a JPEG image", "tesseract {} -"),
    b"\x1f\x8b": NotText("a gzip file", "gzip -dc {}"),
    b"\x7fELF": NotText("a program"),
}
# These only name binary data, which a NUL indicates. A text may begin with "ID3" or "RIFF".
_NAMES = {
    b"ID3": NotText("an MP3 file"),
    b"RIFF": NotText("a WAV file"),
    b"\xd0\xcf\x11\xe0": NotText("an old Word document", "catdoc {}"),
}
_ZIP = b"PK\x03\x04"


def not_text(block: bytes) -> NotText | None:
    """Return what the input looks like if it is not text. `block` is its beginning, not empty."""
    block = block[:FIRST_BLOCK]
    for signature, found in _SIGNATURES.items():
        if block.startswith(signature):
            return found
    if block.startswith(_ZIP):
        return _in_zip(block)
    if b"\0" not in block or block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    for signature, found in _NAMES.items():
        if block.startswith(signature):
            return found
    return _utf_16(block) or NotText("binary data")


def _in_zip(block: bytes) -> NotText:
    """Identify a document by the first files in its archive."""
    if b"mimetypeapplication/epub+zip" in block:
        return NotText("an EPUB book", _DOCUMENT)
    if b"mimetypeapplication/vnd.oasis.opendocument.text" in block:
        return NotText("an OpenDocument text", "odt2txt {}")
    if b"[Content_Types].xml" in block and b"word/" in block:
        return NotText("a Word document", _DOCUMENT)
    return NotText("a ZIP archive", "unzip -p {}")


def _utf_16(block: bytes) -> NotText | None:
    """Recognise UTF-16 without a byte order mark: every other byte of ASCII text is NUL."""
    for name, zeros, letters in (("LE", block[1::2], block[0::2]), ("BE", block[0::2], block[1::2])):
        if len(zeros) > 1 and not any(zeros) and all(9 <= letter < 127 for letter in letters):
            return NotText("UTF-16 text without a byte order mark", f"iconv -f UTF-16{name} -t UTF-8 {{}}")
    return None
