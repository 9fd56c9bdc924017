"""The start of a run: open the input and output, start connecting, then load the rest of the program.

Little is imported before that, so the service has the first message before most of the program is loaded.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

from ..core.figures.redaction import Redaction
from ..io.source import DescriptorSource, WordsSource
from ..io.status import open_display
from ..io.terminal import is_terminal
from .opening import Ends, open_ends
from .source import hint


if TYPE_CHECKING:
    from ..core.session.requests import Init
    from ..io.background import Background
    from ..io.local_service import LocalService
    from ..io.opening import Greeting, Opened
    from ..io.status import Display
    from ..settings import Settings
    from .outcome import Kept
    from .signals import Signals


# Importing holds the GIL, which the dialing thread needs after each packet. On a short network path without
# TLS it is done within this many seconds; otherwise there is time to load the rest while it waits.
_HEAD_START = 0.01


def run(
    settings: Settings, closed: frozenset[int], signals: Signals, local: LocalService | None = None
) -> NoReturn:
    """Speak according to the settings and end the process. `closed` holds descriptors closed at start.

    `local` is the embedded service if it was started early.
    """
    display = _open_display(settings)
    ends: Ends | None = None

    def notice(line: str) -> None:
        if not settings.display.quiet:
            display.line(f"lmnt-say: {line}")

    try:
        ends = open_ends(settings, closed, signals, notice, display, local)
        for origin in settings.origins if settings.display.debug else ():
            display.line(f"= {origin}")
        for line in (*settings.notices, hint(settings.text, settings.flags.text)):
            if line:
                notice(line)
        opening, ahead = _open_session(settings, ends)
        # Loaded while the connection is being opened.
        import anyio

        from .run import Run, run_and_leave

        anyio.run(run_and_leave, Run(settings, display, ends, signals, opening, ahead=ahead))
    except BaseException as error:
        # An error from before the event loop ran: inside it, `run_and_leave` catches everything.
        signals.run_over()
        _fail(error, settings, display, signals, ends)
    raise AssertionError("the run ends the process")


def _open_display(settings: Settings) -> Display:
    endpoint = settings.service.endpoint
    return open_display(
        settings.display.progress.value,
        os.environ,
        typed=settings.text.reads_stdin,
        redact=Redaction.of(endpoint.secret, endpoint.base, endpoint.proxy),
        tee=settings.along.tee,
    )


def _fail(
    error: BaseException, settings: Settings, display: Display, signals: Signals, ends: Ends | None
) -> NoReturn:
    """End the process with this error; nothing was spoken."""
    if ends is not None:
        ends.abandon()
    from .outcome import Outcome, in_our_words
    from .run import end

    failure = in_our_words(error, was_ready=False)
    end(Outcome(failure, _save_unread(failure, settings, ends)), display, signals, settings)


def _save_unread(failure: BaseException, settings: Settings, ends: Ends | None) -> Kept:
    """Save the text on standard input, which was not spoken yet. Raises nothing."""
    from .outcome import NOTHING

    if not settings.text.reads_stdin:
        return NOTHING
    try:
        from .unread import save_unread
    except OSError:
        return NOTHING  # the system refuses even the descriptor for an import
    held = ends.source.held if ends is not None and isinstance(ends.source, DescriptorSource) else b""
    return save_unread(failure, settings.text, settings.flags, held, typed=is_terminal(0))


def _open_session(settings: Settings, ends: Ends) -> tuple[Background[Opened] | None, bool]:
    """Start opening the first session. Also return whether the first text will be sent with its greeting.

    The embedded service is None here: its port is not known before it runs.
    """
    if ends.local is not None:
        return None, False
    from ..core.session.requests import encode
    from ..io.opening import Greeting, start_opening
    from .greeting import first_message, session_route

    endpoint = settings.service.endpoint
    init = first_message(settings, endpoint.api_key)
    greeting = Greeting(encode(init))
    route = session_route(endpoint)
    opening = start_opening(route, settings.service.connect_timeout, greeting)
    is_open = not route.secure and opening.has_ended(_HEAD_START)
    return opening, not is_open and _send_ahead(settings, ends, init, greeting)


def _send_ahead(settings: Settings, ends: Ends, init: Init, greeting: Greeting) -> bool:
    """Add the first text to the greeting if it is available already; return whether it was added.

    On a long network path the connection is open before the rest of the program is loaded.
    """
    if settings.text.flush_idle is not None or not isinstance(ends.source, DescriptorSource | WordsSource):
        return False
    block = ends.source.read_ahead()
    if not block:
        return False
    from .conversation import first_messages, new_conversation

    texts = first_messages(new_conversation(settings, init), block)[1:]
    return bool(texts) and greeting.add(*texts)
