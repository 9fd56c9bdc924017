"""A session's first message -> its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .fields import choose, invalid, read_flag, read_sample_rate, read_speed, read_text
from .requests import LANGUAGES, AudioFormat, Init


_NAMES = (
    "type X-API-Key lmnt-version protocol_version voice format language sample_rate speed model "
    "return_timestamps return_extras send_extras"
)


def read_init(message: Mapping[str, Any], *, coerce: bool) -> Init:
    """Return the settings, or raise `Refused`.

    With `coerce`, as before API 1.1, numbers and booleans may come as strings, and `raw` is a format.
    Whether key and voice exist is for others to say. Fields we do not know are ignored.
    """
    for name, value in message.items():
        if value is None and name in _NAMES.split():
            # Measured for `model`: leave an option out, or give it a value.
            raise invalid(name, "Input should be a valid value, not null")
    if not coerce and message.get("type", "init") != "init":
        raise invalid("type", "The first message should be 'init'")
    switches = ("return_extras", "send_extras") if coerce else ("return_timestamps",)
    return Init(
        key=read_text(message, "X-API-Key", ""),
        voice=read_text(message, "voice", None),
        format=_format(message, coerce),
        sample_rate=read_sample_rate(message, coerce=coerce),
        language=choose(message, "language", "auto", sorted(LANGUAGES)),
        timestamps=True in [read_flag(message, name, coerce=coerce) for name in switches],
        speed=read_speed(message) if coerce else 1.0,
    )


def _format(message: Mapping[str, Any], coerce: bool) -> AudioFormat:
    if coerce and message.get("format") == "raw":
        return AudioFormat.PCM_S16LE
    return AudioFormat(choose(message, "format", "mp3", [str(format_) for format_ in AudioFormat]))
