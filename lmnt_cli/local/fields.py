"""Reads and checks the fields of a request; `read_init` reads those of a session's first message.

Refusals are worded as by the service: the field, a colon, the value expected. With `coerce`, as before API
1.1 and in forms, numbers and booleans may be strings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .requests import LANGUAGES, SAMPLE_RATES, ErrorType, Init, Refused, SessionFormat


_INIT_FIELDS = frozenset(
    {"type", "X-API-Key", "lmnt-version", "protocol_version", "voice", "format", "language", "sample_rate"}
    | {"speed", "model", "return_timestamps", "return_extras", "send_extras"}
)


def read_init(message: Mapping[str, Any], *, coerce: bool) -> Init:
    """Return the settings of a session, or raise `Refused`. Unknown fields are ignored.

    With `coerce`, `raw` is also a format. The key and the voice are not checked here.
    """
    for name, value in message.items():
        if value is None and name in _INIT_FIELDS:
            # Observed for `model`: an option must be omitted or have a value.
            raise invalid_field(name, "Input should be a valid value, not null")
    if not coerce and message.get("type", "init") != "init":
        raise invalid_field("type", "The first message should be 'init'")
    switches = ("return_extras", "send_extras") if coerce else ("return_timestamps",)
    return Init(
        key=read_text(message, "X-API-Key", ""),
        voice=read_text(message, "voice", None),
        format=_read_format(message, coerce),
        sample_rate=read_sample_rate(message, coerce=coerce),
        language=read_choice(message, "language", "auto", sorted(LANGUAGES)),
        timestamps=True in [read_flag(message, name, coerce=coerce) for name in switches],
        speed=read_speed(message) if coerce else 1.0,
    )


def invalid_field(name: str, problem: str) -> Refused:
    """Return the refusal of a field with this problem."""
    return Refused(ErrorType.INVALID_REQUEST, f"{name}: {problem}")


def read_text(fields: Mapping[str, Any], name: str, default: str | None) -> str:
    """Return a string. The field is required if the default is None."""
    value = fields.get(name, default)
    if value is None:
        raise invalid_field(name, "Field required")
    if not isinstance(value, str):
        raise invalid_field(name, "Input should be a valid string")
    return value


def read_choice(fields: Mapping[str, Any], name: str, default: str, choices: Sequence[str]) -> str:
    """Return one of the choices."""
    value = fields.get(name, default)
    if value not in choices:
        raise invalid_field(name, f"Input should be {_either([repr(choice) for choice in choices])}")
    return str(value)


def read_sample_rate(fields: Mapping[str, Any], *, coerce: bool) -> int:
    """Return the sample rate. The default for ulaw is 8000: documented for HTTP, assumed for sessions."""
    default = 8000 if fields.get("format") == SessionFormat.ULAW else 24000
    value = fields.get("sample_rate", default)
    if coerce and isinstance(value, str) and value.isdecimal() and len(value) < 6:
        value = int(value)
    if isinstance(value, bool) or value not in SAMPLE_RATES:
        raise invalid_field("sample_rate", f"Input should be {_either([str(rate) for rate in SAMPLE_RATES])}")
    return int(value)


def read_flag(fields: Mapping[str, Any], name: str, *, coerce: bool) -> bool:
    """Return a boolean, false by default."""
    value = fields.get(name, False)
    if coerce and isinstance(value, str) and value.lower() in ("true", "false"):
        value = value.lower() == "true"
    if not isinstance(value, bool):
        raise invalid_field(name, "Input should be a valid boolean")
    return value


def read_speed(fields: Mapping[str, Any]) -> float:
    """Return the speed of speech, 0.25 to 2; 1 is normal."""
    return read_number(fields, "speed", 1.0, 0.25, 2.0)


def read_number(fields: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    """Return a number within a range, from a number or a string."""
    try:
        number = float(fields.get(name, default))
    except (TypeError, ValueError, OverflowError):
        raise invalid_field(name, "Input should be a valid number") from None
    if not least <= number <= most:
        raise invalid_field(name, f"Input should be between {least:g} and {most:g}")
    return number


def _read_format(message: Mapping[str, Any], coerce: bool) -> SessionFormat:
    if coerce and message.get("format") == "raw":
        return SessionFormat.PCM_S16LE
    return SessionFormat(read_choice(message, "format", "mp3", [str(format_) for format_ in SessionFormat]))


def _either(choices: list[str]) -> str:
    return " or ".join([", ".join(choices[:-1]), choices[-1]])
