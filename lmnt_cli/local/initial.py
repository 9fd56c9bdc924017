"""A session's first message -> its settings.

The wording of refusals follows what the service was seen to say: the field, a colon, what should be there.
"""

from __future__ import annotations

from typing import Any

from .messages import LANGUAGES, SAMPLE_RATES, AudioFormat, ErrorType, Init, Refused


_NAMES = (
    "type X-API-Key lmnt-version protocol_version voice format language sample_rate speed model "
    "return_timestamps return_extras send_extras"
)


def read_init(message: dict[str, Any], *, coerce: bool) -> Init:
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
    return Init(
        key=_text(message, "X-API-Key", ""),
        voice=_text(message, "voice", None),
        format=_format(message, coerce),
        sample_rate=_sample_rate(message, coerce),
        language=_choice(message, "language", "auto", sorted(LANGUAGES)),
        timestamps=_timestamps(message, coerce),
        speed=_speed(message) if coerce else 1.0,
    )


def _invalid(field: str, problem: str) -> Refused:
    return Refused(ErrorType.INVALID_REQUEST, f"{field}: {problem}")


def _text(message: dict[str, Any], field: str, default: str | None) -> str:
    value = message.get(field, default)
    if value is None:
        raise _invalid(field, "Field required")
    if not isinstance(value, str):
        raise _invalid(field, "Input should be a valid string")
    return value


def _choice(message: dict[str, Any], field: str, default: str, choices: list[str]) -> str:
    value = message.get(field, default)
    if value not in choices:
        raise _invalid(field, f"Input should be {_either([repr(choice) for choice in choices])}")
    return str(value)


def _format(message: dict[str, Any], coerce: bool) -> AudioFormat:
    if coerce and message.get("format") == "raw":
        return AudioFormat.PCM_S16LE
    return AudioFormat(_choice(message, "format", "mp3", [str(format_) for format_ in AudioFormat]))


def _sample_rate(message: dict[str, Any], coerce: bool) -> int:
    # Sessions with ulaw and no rate: unknown; over HTTP the default is then 8000.
    default = 8000 if message.get("format") == AudioFormat.ULAW else 24000
    value = message.get("sample_rate", default)
    if coerce and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or value not in SAMPLE_RATES:
        raise _invalid("sample_rate", f"Input should be {_either([str(rate) for rate in SAMPLE_RATES])}")
    return int(value)


def _timestamps(message: dict[str, Any], coerce: bool) -> bool:
    names = ("return_extras", "send_extras") if coerce else ("return_timestamps",)
    return True in [_boolean(message, name, coerce) for name in names]


def _boolean(message: dict[str, Any], field: str, coerce: bool) -> bool:
    value = message.get(field, False)
    if coerce and isinstance(value, str) and value.lower() in ("true", "false"):
        value = value.lower() == "true"
    if not isinstance(value, bool):
        raise _invalid(field, "Input should be a valid boolean")
    return value


def _speed(message: dict[str, Any]) -> float:
    value = message.get("speed", 1.0)
    try:
        speed = float(value)
    except (TypeError, ValueError):
        raise _invalid("speed", "Input should be a valid number") from None
    if not 0.25 <= speed <= 2.0:
        raise _invalid("speed", "Input should be between 0.25 and 2")
    return speed


def _either(choices: list[str]) -> str:
    return " or ".join([", ".join(choices[:-1]), choices[-1]])
