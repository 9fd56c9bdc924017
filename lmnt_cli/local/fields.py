"""How one field of a request is read, and refused.

The wording follows what the service was seen to say: the field, a colon, what should be there. With
`coerce`, as before API 1.1 and in forms, numbers and booleans may come as strings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .requests import SAMPLE_RATES, AudioFormat, ErrorType, Refused


def invalid(name: str, problem: str) -> Refused:
    """What to raise for a field with this problem."""
    return Refused(ErrorType.INVALID_REQUEST, f"{name}: {problem}")


def read_text(fields: Mapping[str, Any], name: str, default: str | None) -> str:
    """Return a string; without a default it must be there."""
    value = fields.get(name, default)
    if value is None:
        raise invalid(name, "Field required")
    if not isinstance(value, str):
        raise invalid(name, "Input should be a valid string")
    return value


def choose(fields: Mapping[str, Any], name: str, default: str, choices: Sequence[str]) -> str:
    """Return one of the choices."""
    value = fields.get(name, default)
    if value not in choices:
        raise invalid(name, f"Input should be {_either([repr(choice) for choice in choices])}")
    return str(value)


def read_sample_rate(fields: Mapping[str, Any], *, coerce: bool) -> int:
    """Return the sample rate; the default for ulaw is 8000, over HTTP documented, else likely."""
    default = 8000 if fields.get("format") == AudioFormat.ULAW else 24000
    value = fields.get("sample_rate", default)
    if coerce and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or value not in SAMPLE_RATES:
        raise invalid("sample_rate", f"Input should be {_either([str(rate) for rate in SAMPLE_RATES])}")
    return int(value)


def read_flag(fields: Mapping[str, Any], name: str, *, coerce: bool) -> bool:
    """Return a boolean; false if it is not there."""
    value = fields.get(name, False)
    if coerce and isinstance(value, str) and value.lower() in ("true", "false"):
        value = value.lower() == "true"
    if not isinstance(value, bool):
        raise invalid(name, "Input should be a valid boolean")
    return value


def read_speed(fields: Mapping[str, Any]) -> float:
    """Return how fast to speak: 0.25 to 2, where 1 is normal."""
    return read_number(fields, "speed", 1.0, 0.25, 2.0)


def read_number(fields: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    """Return a number between two others, written as a number or a string."""
    try:
        number = float(fields.get(name, default))
    except (TypeError, ValueError):
        raise invalid(name, "Input should be a valid number") from None
    if not least <= number <= most:
        raise invalid(name, f"Input should be between {least:g} and {most:g}")
    return number


def _either(choices: list[str]) -> str:
    return " or ".join([", ".join(choices[:-1]), choices[-1]])
