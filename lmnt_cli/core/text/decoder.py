"""Bytes, cut anywhere, to characters: UTF-8, or UTF-16 when the input starts with its byte order mark.

A byte order mark at the start is dropped. What is invalid becomes U+FFFD, one for each maximal subpart, as
Unicode recommends, and is counted. A character cut in two by a read waits for its second part.
"""

from __future__ import annotations

import codecs


# Stands for what was invalid until it is counted; valid text can never hold it, unlike U+FFFD.
_INVALID = "\udc80"
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError), "registered for decoding only"
    return _INVALID, error.end


# The registry of error handlers belongs to the whole process, hence the prefix. The handler "replace" would
# not do: what it puts in cannot be told from a U+FFFD that somebody wrote.
codecs.register_error("lmnt_cli.mark", _mark)


class Decoder:
    """An incremental decoder. `replaced` counts the U+FFFD that stand for what was invalid."""

    def __init__(self) -> None:
        self.replaced = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._start = b""
        self._at_start = True

    def feed(self, data: bytes, *, final: bool = False) -> str:
        """Take more bytes; return the characters they completed."""
        if self._decoder is None:
            data, self._start = self._start + data, b""
            if data in (b"", b"\xff", b"\xfe") and not final:
                self._start = data  # perhaps half a byte order mark
                return ""
            encoding = _UTF_16.get(data[:2])
            data = data[2:] if encoding else data
            self._at_start = encoding is None
            self._decoder = codecs.getincrementaldecoder(encoding or "utf-8")("lmnt_cli.mark")
        text = self._decoder.decode(data, final)
        if self._at_start and text:
            text, self._at_start = text.removeprefix("\ufeff"), False
        if not text.isascii():
            self.replaced += text.count(_INVALID)
            text = text.replace(_INVALID, "\ufffd")
        return text
