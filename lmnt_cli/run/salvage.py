"""Salvage a failed run: write and keep the received audio, and save the unspoken text, in bounded time."""

from __future__ import annotations

import errno

import anyio

from ..commandline.resume import resume_command
from ..core.audio.formats import NEW, AudioFormat
from ..core.conversation import Conversation
from ..core.session.speech import Unspoken
from ..core.text.flush_rules import FlushRule
from ..core.text.segmenter import has_word
from ..core.value import replace
from ..errors import ExitCode, Killed, NothingToSay, OutputError, ReaderLeft, SayError, ServiceError
from ..io.audio.sinks import Sink
from ..io.state_files import Continuation, remove_text, save_text
from ..options import Flags
from ..settings import DEFAULT_VOICE, Settings
from ..speak import Source
from .continuing import continuation
from .outcome import Kept
from .output import Tape


# How long the received audio may take to be written, in seconds.
_GRACE = 0.5
# Limits on reading the rest of the text: bytes, seconds in total, and seconds for each read.
MOST_READ = 16 << 20
LONGEST_READ = 1.0
MOMENT = 0.05

# After a signal everything has to end within one second, the player included.
_GRACE_WHEN_KILLED = 0.2
_LONGEST_READ_WHEN_KILLED = 0.2

NOT_SAVED = "the unspoken text could not be saved"
# The exit statuses on which unspoken text is saved.
SAVES = {
    ExitCode.AUTHENTICATION,
    ExitCode.QUOTA,
    ExitCode.CONNECT,
    ExitCode.CUT_OFF,
    ExitCode.OUTPUT,
    ExitCode.REFUSED,
}


async def salvage(
    failure: BaseException,
    settings: Settings,
    conversation: Conversation,
    source: Source,
    sink: Sink,
    writer: Tape,
) -> Kept:
    """Keep the audio and save the unspoken text of a failed run; return what was kept."""
    if not isinstance(failure, ReaderLeft | OutputError):
        with anyio.move_on_after(_GRACE_WHEN_KILLED if isinstance(failure, Killed) else _GRACE):
            await writer.drained()
    length = writer.length
    saves = settings.text.save and _leaves_text(failure, settings, conversation, length)
    if saves:
        longest = _LONGEST_READ_WHEN_KILLED if isinstance(failure, Killed) else LONGEST_READ
        await _read_rest(conversation, source, longest)
    unspoken = conversation.unspoken(length)
    if not saves or (unspoken.text is not None and not has_word(unspoken.text)):
        return Kept(sink.keep(conversation.patches))
    if unspoken.text is None:
        return Kept(sink.keep(conversation.patches), "the unspoken text was too long to save")
    path, appends = _save_up_to(unspoken.text, unspoken, settings, sink, length)
    audio = sink.keep(conversation.patches)
    if path is None:
        return Kept(audio, NOT_SAVED)
    # The rest cannot be spoken with a voice that was refused.
    refused = isinstance(failure, ServiceError) and failure.type == "not_found_error"
    appends = appends and (audio is not None or sink.start is not NEW)
    flags = _resumed(settings, refused=refused)
    command = resume_command(flags, path, output=settings.audio.output, appends=appends)
    # The same words would be refused again.
    note = "; remove its first words, which produced no audio" if unspoken.refused else ""
    return Kept(audio, saved(command, ended=conversation.input_ended, note=note))


def _save_up_to(
    text: str, unspoken: Unspoken, settings: Settings, sink: Sink, length: int
) -> tuple[str | None, bool]:
    """Save the text and cut the audio where it begins, so that a continued recording has every word once.

    Return the path of the text, None if it could not be saved, and whether the recording can be continued.
    Audio received before anything was confirmed is kept all the same: there is no other.
    """
    whole = max(unspoken.audio_end, sink.start.length)
    continued = continuation(settings, whole, mid_utterance=unspoken.mid_utterance) if sink.can_cut else None
    path, full = _save(text, continued)
    if sink.can_cut and 0 < whole < length and (path is not None or full):
        try:
            sink.cut(whole)
        except OSError:
            continued = None  # cut short by another program, or impossible to cut
        path = path or _save(text, continued)[0]  # cutting has made room on a full disk
    return path, continued is not None and whole > 0


def saved(command: str, *, ended: bool, note: str = "") -> str:
    """Return the remark on saved text that this command speaks; `ended` states that the input had ended."""
    more = "" if ended else " (the input had not ended)"
    return f"unspoken text{more} saved{note}; resume with: {command}"


def forget_spoken(settings: Settings, conversation: Conversation) -> None:
    """Remove saved text that this run has spoken completely: none was dropped, or left by --max-chars."""
    figures = conversation.figures()
    if not (figures.dropped_bytes or figures.full):
        for file in settings.text.files:
            remove_text(file)


def _save(text: str, continued: Continuation | None) -> tuple[str | None, bool]:
    """Save the text; return its path, None if that failed, and whether the disk was full."""
    try:
        return save_text(text, continued), False
    except OSError as error:
        return None, error.errno in (errno.ENOSPC, errno.EDQUOT)


def _leaves_text(failure: BaseException, settings: Settings, conversation: Conversation, length: int) -> bool:
    """Return whether to save text: if it cannot be read again, or if part of it has been spoken."""
    if isinstance(failure, Killed):
        ended_so = settings.audio.output is not None and length > 0
    else:
        ended_so = isinstance(failure, SayError) and failure.code in SAVES
    return ended_so and (settings.text.reads_stdin or conversation.figures().confirmed_bytes > 0)


async def _read_rest(conversation: Conversation, source: Source, longest: float) -> None:
    """Read the rest of the text that is available now."""
    read = 0
    with anyio.move_on_after(longest):
        while read < MOST_READ and not conversation.input_ended:
            block = None
            try:
                with anyio.move_on_after(MOMENT):
                    block = await source.read()
                if block is None:
                    return
                if block:
                    conversation.read(block, 0.0)
                    read += len(block)
                else:
                    conversation.end_of_text()
            except (SayError, NothingToSay):
                return  # save what was read before the error


def _resumed(settings: Settings, *, refused: bool) -> Flags:
    """Return the options of the run, with those it inferred from what the resume command does not repeat.

    Options set by the environment are not added: the environment will set them again.
    """
    flags = settings.flags
    voice = flags.voice
    if refused:
        # Without the option, the environment or the configuration may name another voice, or the same.
        voice = None if settings.audio.voice_below != settings.audio.voice else DEFAULT_VOICE
    # The extension of a file gives the format again. With --no-part, the file exists by now.
    inferred = settings.audio.format if settings.audio.writes else AudioFormat.MP3
    in_place = settings.audio.output is not None and not settings.audio.part
    rule = settings.text.flush_rule
    return replace(
        flags,
        voice=voice,
        # The saved text is already stripped; a configuration must not strip it again.
        strip=() if settings.text.strip_configured else None,
        format=flags.format or (None if inferred is AudioFormat.MP3 or settings.audio.output else inferred),
        clobber=None if in_place else flags.clobber,
        flush_on=flags.flush_on or (None if rule is FlushRule.BLANK_LINE else rule),
    )
