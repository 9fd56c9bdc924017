"""Save the text of a run that failed before reading it, as without a key: a pipe cannot be read again."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING

from ..commandline.resume import resume_command
from ..core.text.plaintext import PlainText
from ..core.text.segmenter import has_word
from ..errors import SayError
from ..io.source import STANDARD_INPUT, refuse_binary
from ..io.state_files import save_text
from ..settings import STDIN, TextSettings
from .outcome import NOTHING, Kept
from .salvage import LONGEST_READ, MOMENT, MOST_READ, NOT_SAVED, SAVES, saved


if TYPE_CHECKING:
    from ..options import Flags

_BLOCK = 1 << 16


def save_unread(
    failure: BaseException, text: TextSettings, flags: Flags, held: bytes = b"", *, typed: bool
) -> Kept:
    """Save what can be read from standard input without waiting, if it is the text; return a remark.

    `flags` are the options as given on the command line. `held` was read already. `typed` states that
    standard input is a terminal, on which nothing has been typed yet.
    """
    unread = isinstance(failure, SayError) and failure.code in SAVES and text.files == (STDIN,)
    if not unread or typed or not text.save:
        return NOTHING
    try:
        rest, ended = _read(held)
    except (SayError, OSError):
        return NOTHING  # it is not text, or cannot be read
    if not has_word(rest):
        return NOTHING
    try:
        path = save_text(rest)
    except OSError:
        return Kept(text=NOT_SAVED)
    command = resume_command(flags, path, output=flags.output, appends=bool(flags.continue_))
    return Kept(text=saved(command, ended=ended))


def _read(held: bytes) -> tuple[str, bool]:
    """Return the text that is available now, and whether that is all. Raises UsageError or OSError.

    There is no event loop here: the failure may be that the system refuses one.
    """
    plain = PlainText()
    refuse_binary(held, STANDARD_INPUT)
    pieces = [plain.feed(held)]
    read = len(held)
    last = time.monotonic() + LONGEST_READ
    while read < MOST_READ and time.monotonic() < last and select.select([0], [], [], MOMENT)[0]:
        block = os.read(0, _BLOCK)
        if not block:
            return "".join([*pieces, plain.finish()]), True
        if not read:
            refuse_binary(block, STANDARD_INPUT)
        read += len(block)
        pieces.append(plain.feed(block))
    return "".join(pieces), False
