"""What is done when a run has failed: audio written and kept, unspoken text saved, all within a bound."""

from __future__ import annotations

import errno
from dataclasses import replace

import anyio

from ..commandline.resume import resume_command
from ..core.audio.formats import AudioFormat
from ..core.conversation import Conversation
from ..core.text.flush_rules import FlushRule
from ..core.text.segmenter import has_word
from ..errors import ExitCode, NothingToSay, OutputError, ReaderLeft, SayError, ServiceError
from ..io.audio.sinks import Sink
from ..io.state_files import save_text
from ..options import Flags
from ..settings import DEFAULT_VOICE, Settings
from ..speak import Source
from .outcome import Kept
from .output import Tape


# What was received is written to the end if that takes no longer, in seconds; a signal's end has a second.
_GRACE = 0.5
# What is read of the rest of the text: so much, for so long, and never waiting for more than a moment.
_MOST_READ = 16 << 20
_LONGEST_READ = 1.0
_MOMENT = 0.05

_SAVES = {ExitCode.CONNECT, ExitCode.QUOTA, ExitCode.CUT_OFF, ExitCode.OUTPUT, ExitCode.REFUSED}


async def salvage(
    failure: BaseException,
    settings: Settings,
    conversation: Conversation,
    source: Source,
    sink: Sink,
    writer: Tape,
) -> Kept:
    """Save what can be saved."""
    if not isinstance(failure, ReaderLeft | OutputError):
        with anyio.move_on_after(_GRACE):
            await writer.drained()
    length = writer.length
    if not (settings.text.save and _leaves_text(failure, conversation)):
        return Kept(sink.keep(conversation.patches))
    await _read_rest(conversation, source)
    unspoken = conversation.unspoken(length)
    if (text := unspoken.text) is None:
        audio = sink.keep(conversation.patches)
        return Kept(audio, "the unspoken text was too long to be kept")
    if not has_word(text):
        return Kept(sink.keep(conversation.patches))
    path, full = _save(text)
    whole = unspoken.audio_end
    if sink.can_cut and 0 < whole < length and (path is not None or full):
        # The saved text begins where this ends: whoever goes on hears every word once. What came before
        # anything was confirmed is kept all the same: it is all the audio there is.
        try:
            sink.cut(whole)
        except OSError:
            pass  # words heard twice are the lesser trouble
        path = path or _save(text)[0]  # a full disk has room again
    audio = sink.keep(conversation.patches)
    if path is None:
        return Kept(audio, "the unspoken text could not be saved")
    # A voice that was refused is not what the rest will be spoken with.
    refused = isinstance(failure, ServiceError) and failure.type == "not_found_error"
    more = "" if conversation.input_ended else " (the input had not ended)"
    command = resume_command(_resumed(settings, refused=refused), path)
    # Spoken again as they are, they would be refused again.
    note = "; take out its first words, for which no audio came" if unspoken.refused else ""
    return Kept(audio, f"unspoken text{more} saved{note}; resume with: {command}")


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


def _resumed(settings: Settings, *, refused: bool) -> Flags:
    """Return the options as given, and those that the run inferred from what the command does not repeat.

    What the environment chose, it chooses again.
    """
    flags = settings.flags
    voice = flags.voice
    if refused:
        voice = None if voice is not None else DEFAULT_VOICE
    inferred = settings.audio.format if settings.audio.writes else AudioFormat.MP3
    rule = settings.text.flush_rule
    return replace(
        flags,
        voice=voice,
        format=flags.format or (None if inferred is AudioFormat.MP3 else inferred),
        flush_on=flags.flush_on or (None if rule is FlushRule.BLANK_LINE else rule),
    )
