"""Decodes bytes, cut anywhere: UTF-8, or UTF-16 if the input starts with its byte order mark.

A byte order mark at the start is dropped. Invalid bytes become U+FFFD, one for each maximal subpart as
Unicode recommends, and are counted. A character split by a read waits for its second part.
"""

from __future__ import annotations

import codecs


# Marks invalid bytes until they are counted. Unlike U+FFFD, it never occurs in valid text.
_INVALID = "\udc80"
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError), "registered for decoding only"
    return _INVALID, error.end


# The registry of error handlers is global to the process, hence the prefix. The standard handler "replace" is
# not enough: its U+FFFD looks the same as one in the input.
codecs.register_error("lmnt_cli.mark", _mark)


class Decoder:
    """An incremental decoder. `replaced` counts the U+FFFD that replace invalid bytes."""

    def __init__(self) -> None:
        self.replaced = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._start = b""
        self._at_start = True

    def feed(self, data: bytes, *, final: bool = False) -> str:
        """Take more bytes; return the characters they complete."""
        if self._decoder is None:
            data, self._start = self._start + data, b""
            if data in (b"", b"\xff", b"\xfe") and not final:
                self._start = data  # possibly half of a byte order mark
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
