"""Decide what `--continue` appends to a recording, and where."""

from __future__ import annotations

import os

from ..core.audio.formats import AudioFormat
from ..errors import UsageError
from ..io.audio.appending import Appending
from ..io.state_files import Continuation, continuation_of
from ..settings import STDIN, Settings


def appending(settings: Settings) -> Appending | None:
    """Return how to append to the recording, None without --continue.

    Text that was saved when this recording failed continues it at the offset where the text begins; any other
    text at the end. Raises UsageError if the saved text belongs to a recording of another format or rate.
    """
    audio = settings.audio
    if not audio.appends:
        return None
    found = _saved(settings)
    if found is None:
        return Appending(audio.format, audio.sample_rate)
    if (found.format, found.sample_rate) != (audio.format.value, audio.sample_rate):
        rate = "" if found.sample_rate == audio.sample_rate else f" at {found.sample_rate} Hz"
        wanted = f"--format {found.format} --sample-rate {found.sample_rate}"
        raise UsageError(f"{audio.output} is {found.format}{rate}", hint=f"append to it with {wanted}")
    return Appending(audio.format, audio.sample_rate, found.offset, found.mid_utterance)


def continuation(settings: Settings, offset: int, *, mid_utterance: bool) -> Continuation | None:
    """Return where text that is saved now continues the recording of this run, None if that is impossible.

    `mid_utterance` states that the text continues an utterance.
    """
    audio = settings.audio
    if audio.output is None or audio.format is AudioFormat.WEBM:
        return None
    return Continuation(
        os.path.realpath(audio.output), offset, audio.format.value, audio.sample_rate, mid_utterance
    )


def _saved(settings: Settings) -> Continuation | None:
    files = settings.text.files
    if not files or files[0] == STDIN or settings.audio.output is None:
        return None
    found = continuation_of(files[0])
    # Never cut a different recording at this offset: its audio would be lost.
    same = found is not None and found.output == os.path.realpath(settings.audio.output)
    return found if same else None
