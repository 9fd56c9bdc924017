"""The beginning of a session: the route to the service, and the first message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.audio.formats import AudioFormat
from ..core.session.requests import Init
from ..io.route import Route, route_to


if TYPE_CHECKING:
    from ..endpoint import Endpoint
    from ..settings import AudioSettings, Settings


def init_for(audio: AudioSettings, api_key: str, *, resume: bool, subtitles: bool) -> Init:
    """Return the message that begins every session of a run, with this key.

    Word times are requested for subtitles, and for a format in which a lost session can resume at a word.
    """
    resumable = resume and audio.format is not AudioFormat.WEBM
    return Init(
        api_key=api_key,
        voice=audio.voice,
        format=audio.format.on_the_wire,
        sample_rate=audio.sample_rate,
        language=audio.language,
        return_timestamps=resumable or subtitles,
    )


def first_message(settings: Settings, api_key: str) -> Init:
    """Return the message that begins every session of this run, with this key."""
    subtitles = bool(settings.along.subtitles)
    return init_for(settings.audio, api_key, resume=settings.service.resume, subtitles=subtitles)


def session_route(endpoint: Endpoint) -> Route:
    """Return the route to the endpoint's sessions. Raises UsageError for an invalid proxy URL."""
    return route_to(
        endpoint.session_url, proxy=endpoint.proxy, insecure=endpoint.insecure, local=endpoint.local
    )
