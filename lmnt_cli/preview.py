"""Print the messages that would be sent, at the same moments (`--dry-run`). Needs no connection or key."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping

import anyio

from .configuration.layers import Configured, choose, stack
from .core.preview import Preview
from .core.value import replace, value
from .decisions import choose_urls, origins
from .errors import OutputError, ReaderLeft
from .options import Flags, OnDrop
from .settings import (
    AudioSettings,
    DisplaySettings,
    TextSettings,
    resolve_audio,
    resolve_display,
    resolve_text,
)
from .speak import Source


# Printed in place of the key, which is not read.
NO_KEY = "…"
# How often to check for a pause in the input, in seconds.
_TICK = 0.05


@value
class PreviewSettings:
    """The settings of a dry run. `resume` and `subtitles` decide whether word times are requested.

    `origins` has a line for each setting that is not a default.
    """

    text: TextSettings
    audio: AudioSettings
    display: DisplaySettings
    resume: bool
    subtitles: bool
    origins: tuple[str, ...] = ()


def resolve_preview(
    flags: Flags, environment: Mapping[str, str], configured: Configured, *, stdin_typed: bool
) -> PreviewSettings:
    """Return the settings of a dry run. Raises UsageError.

    This checks the URLs of the service and the proxy, but does not look for a key or a player.
    """
    choices = choose(stack(flags, environment, configured))
    choose_urls(choices, environment)
    chosen = choices.flags
    unplayed = replace(chosen, play=None, player=None, output=chosen.output or "-")
    return PreviewSettings(
        resolve_text(chosen, stdin_typed=stdin_typed),
        resolve_audio(unplayed, environment, stdout_terminal=False),
        resolve_display(chosen),
        resume=chosen.on_drop is not OnDrop.FAIL,
        subtitles=bool(chosen.subtitles),
        origins=tuple(origins(choices, None)),
    )


async def print_preview(preview: Preview, source: Source, text: TextSettings) -> str:
    """Print the messages of a run, one JSON object per line; return a line with its figures.

    Raises NothingToSay for text without a word, UsageError for unreadable text, OutputError, or ReaderLeft.
    """
    _print(preview.begin())
    async with anyio.create_task_group() as tasks:
        if text.flush_idle is not None:
            tasks.start_soon(_flush_when_idle, preview)
        while not preview.is_full and (block := await source.read()):
            _print(preview.read(block, time.monotonic()))
        tasks.cancel_scope.cancel()
    _print(preview.finish())
    return (
        f"{_count(preview.characters, 'character')}, {_count(preview.messages, 'message')}, "
        f"{_count(preview.utterances, 'utterance')}"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


async def _flush_when_idle(preview: Preview) -> None:
    while True:
        await anyio.sleep(_TICK)
        _print(preview.flush_if_idle(time.monotonic()))


def _print(messages: Iterable[str]) -> None:
    """Write each message as one line, at once and whole."""
    for message in messages:
        rest = memoryview(message.encode(errors="replace") + b"\n")
        try:
            while rest:
                rest = rest[os.write(1, rest) :]
        except BrokenPipeError as error:
            raise ReaderLeft from error
        except OSError as error:
            raise OutputError(f"could not write standard output: {error.strerror}") from error
