"""Create the conversation of a run from its settings, and predict its first messages."""

from __future__ import annotations

from collections.abc import Callable

from ..core.audio.formats import NEW, Start
from ..core.conversation import Conversation
from ..core.session.happenings import Happening
from ..core.session.requests import Init
from ..core.session.session import Limits
from ..errors import NothingToSay
from ..settings import Settings


# Characters. Any socket accepts this much at once.
_MOST = 8 << 10


def new_conversation(
    settings: Settings,
    init: Init,
    emit: Callable[[float, Happening], None] | None = None,
    lacks_times: Callable[[], bool] | None = None,
    *,
    start: Start = NEW,
) -> Conversation:
    """Return a conversation that has not started. Each of its sessions begins with `init`.

    `emit` is called with the time and each happening. While `lacks_times` returns True, the last session is
    kept open a little longer for word times. The recording continues after `start`.
    """
    return Conversation(
        init,
        settings.text.flush_rule,
        Limits(
            connect=settings.service.connect_timeout,
            silence=settings.service.timeout,
            retries=settings.service.retries,
            idle_flush=settings.text.flush_idle,
            resume=settings.service.resume,
            characters=settings.text.max_chars,
        ),
        settings.audio.format,
        service=settings.service.endpoint.name,
        strip=settings.text.strip,
        emit=emit,
        lacks_times=lacks_times,
        start=start,
    )


def first_messages(conversation: Conversation, block: bytes) -> list[str]:
    """Return the first messages, `init` included, of a new conversation whose text begins with this block.

    Given the same text, every conversation makes the same decisions. This one is thrown away afterwards; that
    of the run decides the same.
    """
    messages: list[str] = []
    try:
        conversation.read(block, 0.0)
        conversation.begin(0.0)
        while sum(map(len, messages)) < _MOST and (message := conversation.next_message(0.0, 0)) is not None:
            messages.append(message)
    except NothingToSay:
        pass  # the run will report it
    return messages
