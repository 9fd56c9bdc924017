"""The conversation of a run, as its settings ask for it."""

from __future__ import annotations

from collections.abc import Callable

from ..core.audio.formats import AudioFormat
from ..core.conversation import Conversation
from ..core.session.happenings import Happening
from ..core.session.messages import Init
from ..core.session.session import Limits
from ..settings import Settings


def new_conversation(
    settings: Settings, api_key: str, emit: Callable[[float, Happening], None] | None = None
) -> Conversation:
    """Return a conversation that has not begun, with this key; `emit` listens to what happens in it."""
    return Conversation(
        Init(
            api_key=api_key,
            voice=settings.audio.voice,
            format=settings.audio.format.on_the_wire,
            sample_rate=settings.audio.sample_rate,
            language=settings.audio.language,
            # Word times let a lost session resume at a word; where none can resume, they are not asked for.
            return_timestamps=settings.service.resume and settings.audio.format is not AudioFormat.WEBM,
        ),
        settings.text.flush_rule,
        Limits(
            connect=settings.service.connect_timeout,
            silence=settings.service.timeout,
            retries=settings.service.retries,
            idle_flush=settings.text.flush_idle,
            resume=settings.service.resume,
        ),
        settings.audio.format,
        service=settings.service.endpoint.name,
        emit=emit,
    )
