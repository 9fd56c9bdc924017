"""Parse and check option values from arguments, environment variables and configurations.

The same rules apply to all of them. `where` names the source in messages: `--timeout`, `LMNT_VOICE`, or file,
line and key.
"""

from __future__ import annotations

import enum
import math
import re
from typing import Any

from ..errors import UsageError
from ..options import Option


def read_value(option: Option, text: str, where: str) -> Any:
    """Return the option value that a text represents. Raises UsageError."""
    if option.listed:
        return _members(option, text.split(","), where)
    if issubclass(option.type, enum.Enum):
        return _member(option, text, where)
    if option.type is int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text.strip()):
            raise _wrong(option, text, where)
        return _number(option, int(text), where)
    if option.type is float:
        try:
            return _seconds(option, float(text), text, where)
        except ValueError:
            raise _wrong(option, text, where) from None
    return _text(option, text, where)


def read_typed_value(option: Option, value: object, where: str) -> Any:
    """Return the option value that a typed value (from TOML) represents. Raises UsageError."""
    if option.type is bool:
        if not isinstance(value, bool):
            raise _wrong(option, in_toml(value), where)
        return value
    if option.listed and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return _members(option, value, where)
    if option.type is int and isinstance(value, int) and not isinstance(value, bool):
        return _number(option, value, where)
    if option.type is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _seconds(option, float(value), value, where)
    if option.type in (int, float) or not isinstance(value, str):
        raise _wrong(option, in_toml(value), where)
    return read_value(option, value, where)


def in_toml(value: object) -> str:
    """Return a value as it is written in TOML, for messages: 5 and "5" differ."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return str(value)


def _members(option: Option, texts: list[str], where: str) -> tuple[enum.Enum, ...]:
    """Return the members named, each once. `none` must be alone; an empty list means the same."""
    if [text.strip().lower() for text in texts] in ([], ["none"]):
        return ()
    if option.listed and "none" in [text.strip().lower() for text in texts]:
        raise UsageError(f"{where} takes none only on its own")
    return tuple(dict.fromkeys(_member(option, text, where) for text in texts))


def _member(option: Option, text: str, where: str) -> enum.Enum:
    for member in option.type:
        if member.value == text.strip().lower():
            assert isinstance(member, enum.Enum), "the type is an enumeration"
            return member
    raise _wrong(option, text, where)


def _number(option: Option, number: int, where: str) -> int:
    if number < option.least or (option.values and str(number) not in option.values):
        raise _wrong(option, number, where)
    return number


def _seconds(option: Option, seconds: float, given: object, where: str) -> float:
    if not (seconds > 0 and math.isfinite(seconds)):
        raise _wrong(option, given, where)
    return seconds


def _text(option: Option, text: str, where: str) -> str:
    if option.metavar in ("FILE", "CMD"):
        if not text:
            raise UsageError(f"{where} is empty")
        return text
    if not text.strip():
        raise UsageError(f"{where} is empty")
    if not text.isprintable():
        raise UsageError(f"{where} contains characters that are not text")
    return _language(text.strip(), where) if option.name == "language" else text.strip()


def _language(code: str, where: str) -> str:
    """Return a language code in lower case. The documentation need not list it."""
    if code.lower() == "auto" or re.fullmatch("[A-Za-z]{2,3}", code):
        return code.lower()
    from ..catalogue import code_of_language

    nearest = code_of_language(code)
    meant = f"; did you mean {nearest}?" if nearest else ", such as en"
    raise UsageError(f"{where} takes auto or a code of two or three letters, not {code}{meant}")


def _wrong(option: Option, value: object, where: str) -> UsageError:
    shown = str(value)
    near = _nearest(option, shown.strip('"'))
    return UsageError(f"{where} takes {_takes(option)}, not {shown or 'nothing'}{near}")


def _takes(option: Option) -> str:
    if option.choices:
        *others, last = option.choices
        return f"{', '.join(others)} or {last}"
    return {
        bool: "true or false",
        int: f"a number of at least {option.least}",
        float: "a number of seconds above 0",
    }.get(option.type, "text")


def _nearest(option: Option, text: str) -> str:
    from difflib import get_close_matches

    if option.type is int:
        # 16k and 16kHz mean 16000.
        thousands = re.fullmatch(r"([0-9]+) ?k(hz)?", text.lower())
        near = [f"{thousands[1]}000"] if thousands and f"{thousands[1]}000" in option.choices else []
    else:
        near = get_close_matches(text.lower(), option.choices, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""
