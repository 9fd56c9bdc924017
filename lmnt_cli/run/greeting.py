"""How a session begins: where to, and with which first message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.audio.formats import AudioFormat
from ..core.session.messages import Init
from ..io.route import Route, route_to


if TYPE_CHECKING:
    from ..endpoint import Endpoint
    from ..settings import Settings


def first_message(settings: Settings, api_key: str) -> Init:
    """Return the message that every session of a run begins with, with this key."""
    return Init(
        api_key=api_key,
        voice=settings.audio.voice,
        format=settings.audio.format.on_the_wire,
        sample_rate=settings.audio.sample_rate,
        language=settings.audio.language,
        # Word times let a lost session resume at a word; where none can resume, they are not asked for.
        return_timestamps=settings.service.resume and settings.audio.format is not AudioFormat.WEBM,
    )


def session_route(endpoint: Endpoint) -> Route:
    """Return the route to the endpoint's sessions. Raises UsageError for a proxy that is no URL."""
    return route_to(
        endpoint.session_url, proxy=endpoint.proxy, insecure=endpoint.insecure, local=endpoint.local
    )
