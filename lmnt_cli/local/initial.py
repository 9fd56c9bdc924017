"""A session's first message -> its settings; and how one field of a request is read.

The wording of refusals follows what the service was seen to say: the field, a colon, what should be there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .messages import LANGUAGES, SAMPLE_RATES, AudioFormat, ErrorType, Init, Refused


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
            raise _invalid(name, "Input should be a valid value, not null")
    if not coerce and message.get("type", "init") != "init":
        raise _invalid("type", "The first message should be 'init'")
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


def read_text(fields: Mapping[str, Any], name: str, default: str | None) -> str:
    """Return a string; without a default it must be there."""
    value = fields.get(name, default)
    if value is None:
        raise _invalid(name, "Field required")
    if not isinstance(value, str):
        raise _invalid(name, "Input should be a valid string")
    return value


def choose(fields: Mapping[str, Any], name: str, default: str, choices: Sequence[str]) -> str:
    """Return one of the choices."""
    value = fields.get(name, default)
    if value not in choices:
        raise _invalid(name, f"Input should be {_either([repr(choice) for choice in choices])}")
    return str(value)


def read_sample_rate(fields: Mapping[str, Any], *, coerce: bool) -> int:
    """Return the sample rate; the default for ulaw is 8000, over HTTP documented, else likely."""
    default = 8000 if fields.get("format") == AudioFormat.ULAW else 24000
    value = fields.get("sample_rate", default)
    if coerce and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or value not in SAMPLE_RATES:
        raise _invalid("sample_rate", f"Input should be {_either([str(rate) for rate in SAMPLE_RATES])}")
    return int(value)


def read_flag(fields: Mapping[str, Any], name: str, *, coerce: bool) -> bool:
    """Return a boolean; false if it is not there."""
    value = fields.get(name, False)
    if coerce and isinstance(value, str) and value.lower() in ("true", "false"):
        value = value.lower() == "true"
    if not isinstance(value, bool):
        raise _invalid(name, "Input should be a valid boolean")
    return value


def read_speed(fields: Mapping[str, Any]) -> float:
    """Return how fast to speak: 0.25 to 2, where 1 is normal."""
    return read_number(fields, "speed", 1.0, 0.25, 2.0)


def read_number(fields: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    """Return a number between two others, written as a number or a string."""
    try:
        number = float(fields.get(name, default))
    except (TypeError, ValueError):
        raise _invalid(name, "Input should be a valid number") from None
    if not least <= number <= most:
        raise _invalid(name, f"Input should be between {least:g} and {most:g}")
    return number


def _format(message: Mapping[str, Any], coerce: bool) -> AudioFormat:
    if coerce and message.get("format") == "raw":
        return AudioFormat.PCM_S16LE
    return AudioFormat(choose(message, "format", "mp3", [str(format_) for format_ in AudioFormat]))


def _invalid(name: str, problem: str) -> Refused:
    return Refused(ErrorType.INVALID_REQUEST, f"{name}: {problem}")


def _either(choices: list[str]) -> str:
    return " or ".join([", ".join(choices[:-1]), choices[-1]])
