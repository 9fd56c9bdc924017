"""What is done when a run has failed: audio written and kept, unspoken text saved, all within a bound."""

from __future__ import annotations

import errno
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

import anyio

from ..core.audio.formats import AudioFormat
from ..core.conversation import Conversation
from ..core.text.flush_rules import FlushRule
from ..core.text.segmenter import has_word
from ..errors import ExitCode, NothingToSay, OutputError, ReaderLeft, SayError, ServiceError
from ..io.audio.sinks import Sink
from ..io.state_files import save_text
from ..settings import DEFAULT_VOICE, Settings
from ..speak import Source
from .output import Tape


# What was received is written to the end if that takes no longer, in seconds; a signal's end has a second.
_GRACE = 0.5
# What is read of the rest of the text: so much, for so long, and never waiting for more than a moment.
_MOST_READ = 16 << 20
_LONGEST_READ = 1.0
_MOMENT = 0.05

_SAVES = {ExitCode.QUOTA, ExitCode.CUT_OFF, ExitCode.OUTPUT, ExitCode.REFUSED}


@dataclass(frozen=True)
class Salvage:
    """What is left of a failed run: the file with the audio so far, and what became of the unspoken text."""

    audio: str | None = None
    text: str | None = None


async def salvage(
    failure: BaseException,
    settings: Settings,
    conversation: Conversation,
    source: Source,
    sink: Sink,
    writer: Tape,
) -> Salvage:
    """Save what can be saved."""
    if not isinstance(failure, ReaderLeft | OutputError):
        with anyio.move_on_after(_GRACE):
            await writer.drained()
    length = writer.length
    if not (settings.save and _leaves_text(failure, conversation)):
        return Salvage(sink.keep(conversation.patches(length)))
    await _read_rest(conversation, source)
    unspoken = conversation.unspoken(length)
    if (text := unspoken.text) is None:
        audio = sink.keep(conversation.patches(length))
        return Salvage(audio, "the unspoken text was too long to be kept")
    if not has_word(text):
        return Salvage(sink.keep(conversation.patches(length)))
    path, full = _save(text)
    whole = unspoken.audio_end
    if sink.can_cut and 0 < whole < length and (path is not None or full):
        # The saved text begins where this ends: whoever goes on hears every word once. What came before
        # anything was confirmed is kept all the same: it is all the audio there is.
        sink.cut(whole)
        length = whole
        path = path or _save(text)[0]  # a full disk has room again
    audio = sink.keep(conversation.patches(length))
    if path is None:
        return Salvage(audio, "the unspoken text could not be saved")
    # A voice that was refused is not what the rest will be spoken with.
    refused = isinstance(failure, ServiceError) and failure.type == "not_found_error"
    known = replace(settings, voice=DEFAULT_VOICE) if refused else settings
    return Salvage(audio, _way_on(path, known, ended=conversation.input_ended))


def _save(text: str) -> tuple[str | None, bool]:
    """The file the text is saved in, None if it cannot be, and whether that is for want of room."""
    try:
        return save_text(text), False
    except OSError as error:
        return None, error.errno in (errno.ENOSPC, errno.EDQUOT)


def _leaves_text(failure: BaseException, conversation: Conversation) -> bool:
    return isinstance(failure, SayError) and failure.code in _SAVES and conversation.figures().began


async def _read_rest(conversation: Conversation, source: Source) -> None:
    """Read what is there to be read, without waiting for it."""
    read = 0
    with anyio.move_on_after(_LONGEST_READ):
        while read < _MOST_READ and not conversation.input_ended:
            block = None
            try:
                with anyio.move_on_after(_MOMENT):
                    block = await source.read()
                if block is None:
                    return
                if block:
                    conversation.read(block, 0.0)
                    read += len(block)
                else:
                    conversation.end_of_text()
            except (SayError, NothingToSay):
                return  # it cannot be read: what was read before is saved


def _way_on(path: str, settings: Settings, *, ended: bool) -> str:
    more = "" if ended else " (the input had not ended)"
    return f"the unspoken text{more} is saved, go on with: {command(path, _options(settings))}"


def command(path: str, options: Sequence[str]) -> str:
    """Return the command that speaks a saved text with these options, quoted for a shell."""
    return shlex.join(["lmnt-say", *options, "-f", path])


def _options(settings: Settings) -> list[str]:
    """The options that make the rest sound like the beginning."""
    options: list[str] = []
    if settings.url is None:
        options.append("--local")
    if settings.voice != DEFAULT_VOICE:
        options += ["-v", settings.voice]
    if settings.language is not None:
        options += ["-l", settings.language]
    if settings.flush_rule is not FlushRule.BLANK_LINE:
        options += ["--flush-on", settings.flush_rule.value]
    if settings.format is not AudioFormat.MP3:
        options += ["--format", settings.format.value]
    if settings.sample_rate != settings.format.default_sample_rate:
        options += ["--sample-rate", str(settings.sample_rate)]
    return options
