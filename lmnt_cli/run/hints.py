"""Suggest voices with similar names if the service does not know the voice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import anyio

from ..errors import SayError, ServiceError


if TYPE_CHECKING:
    from ..io.local_service import LocalService
    from ..settings import Settings

# The end of a failed run is delayed by at most this many seconds.
_LONGEST = 1.5
_ALL = "lmnt-say --list-voices lists the voices"


async def suggest_voice(
    failure: BaseException | None, settings: Settings, local: LocalService | None
) -> None:
    """Add a hint to the error of a run that failed because of an unknown voice. Raises nothing."""
    if not isinstance(failure, ServiceError) or failure.hint or "voice" not in failure.message.lower():
        return
    if failure.type not in ("not_found_error", "invalid_request_error"):
        return
    failure.hint = _ALL
    with anyio.move_on_after(_LONGEST):
        try:
            failure.hint = await _nearest(settings, local)
        except SayError:
            pass  # the hint is optional; the failure itself is reported


async def _nearest(settings: Settings, local: LocalService | None) -> str:
    # Imported only when needed, which is rare.
    import anyio.to_thread

    from ..io.rest import list_voices, similar

    endpoint = settings.service.endpoint
    if local is not None:
        endpoint = endpoint.located_at(await local.url(_LONGEST), local.key)
    ask: Callable[[], list[dict[str, object]]] = partial(list_voices, endpoint, _LONGEST)
    # If this takes too long the thread is abandoned: the program exits without waiting for threads.
    voices = await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)
    names = similar(settings.audio.voice, voices)
    if not names:
        return _ALL
    choice = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"did you mean {choice}? {_ALL}"
