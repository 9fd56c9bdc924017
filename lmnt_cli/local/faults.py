"""The fault settings: what can go wrong, and what the protocol leaves open, with the most likely defaults.

A setting has one name: `--cut-after 3` sets it for the whole service; `?cut_after=3` in the URL, or the
header `LMNT-Local: cut_after=3&no_pong`, sets it for one session. Rule: every value has an upper bound,
because a client may choose it. The table below defines each setting completely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from .requests import ErrorType


HEADER = "lmnt-local"

AUDIO = "Audio"
MESSAGES = "Messages"
ENDS = "Ends"
HANDSHAKE = "Handshake"

GROUPS = {
    AUDIO: "How audio is sent.",
    MESSAGES: "Messages other than audio.",
    ENDS: "How a session ends early, or never. N counts audio messages; 0 is before the first.",
    HANDSHAKE: "Before the session begins.",
}

# A close frame holds 125 bytes, including two for the code (RFC 6455, 5.5).
_MAX_REASON = 123
_HOUR = 3600.0
# More pairs than there are settings: a longer query is rejected.
_MAX_PAIRS = 100


class _Kind(NamedTuple):
    """How to read a value, and a description of the values expected. `read` raises ValueError or KeyError."""

    read: Callable[[str], Any]
    expected: str


def _integer(least: int, most: int) -> _Kind:
    def read(text: str) -> int:
        # Not int() alone, which accepts signs, spaces, underscores and the digits of every script.
        number = int(text) if text.isascii() and text.isdigit() else -1
        if not least <= number <= most:
            raise ValueError
        return number

    return _Kind(read, f"an integer from {least} to {most}")


def _number(least: float, most: float, unit: str = "") -> _Kind:
    def read(text: str) -> float:
        number = float(text)
        if number != 0 and not least <= number <= most:
            raise ValueError
        return number

    span = f"from 0 to {most:g}" if not least else f"0 or a number from {least:g} to {most:g}"
    return _Kind(read, f"{unit} {span}".strip())


def _seconds(most: float) -> _Kind:
    return _number(0, most, "seconds")


def _read_close_code(text: str) -> int:
    number = _integer(1000, 4999).read(text)
    if number in (1004, 1005, 1006, 1015):
        raise ValueError
    return int(number)


def _read_status(text: str) -> int:
    return HTTPStatus(_integer(400, 599).read(text)).value


def _read_reason(text: str) -> str:
    if len(text.encode()) > _MAX_REASON:
        raise ValueError
    return text


def _read_header(text: str) -> str:
    if len(text) > 100 or not (text.isascii() and text.isprintable()) or text != text.strip():
        raise ValueError
    return text


_COUNT = _integer(0, 1_000_000)
_SWITCHES = {"": True, "1": True, "true": True, "0": False, "false": False}
_SWITCH = _Kind(lambda text: _SWITCHES[text.lower()], "nothing, true or false")
_CLOSE_CODE = _Kind(_read_close_code, "a WebSocket close code from 1000 to 4999")
_STATUS = _Kind(_read_status, "an HTTP status from 400 to 599")
_ERROR = _Kind(ErrorType, f"one of {', '.join(ErrorType)}")


def _setting(group: str, kind: _Kind, default: Any, metavar: str, help_: str) -> Any:
    return field(default=default, metadata={"group": group, "kind": kind, "metavar": metavar, "help": help_})


@dataclass(frozen=True)
class Faults:
    """The behaviour of one session where the protocol leaves a choice or is broken on purpose."""

    frame_bytes: int = _setting(
        AUDIO, _integer(0, 2**20), 0, "N",
        "send at most N bytes in an audio message (0: whole words, a quarter of a second or more); "
        "an odd N splits samples",
    )  # fmt: skip
    empty_frames: int = _setting(AUDIO, _COUNT, 0, "N", "send an empty audio message before every Nth one")
    fragments: int = _setting(
        AUDIO, _integer(1, 1000), 1, "N", "split each message into N WebSocket fragments"
    )
    pace: float = _setting(
        AUDIO,
        _number(0.01, 1000),
        0.0,
        "X",
        "send audio at X times real time (0: as fast as it is synthesized)",
    )
    first_sound: float = _setting(
        AUDIO, _seconds(_HOUR), 0.0, "S", "wait S seconds before the first audio of an utterance"
    )
    new_stream: bool = _setting(
        AUDIO, _SWITCH, False, "", "start a new stream, with its header, after each flush and reset"
    )
    late_times: float = _setting(
        MESSAGES, _seconds(60), 0.0, "S", "send timestamps S seconds late; nothing else waits for them"
    )
    no_ready: bool = _setting(MESSAGES, _SWITCH, False, "", "send no ready message")
    late_ready: float = _setting(MESSAGES, _seconds(_HOUR), 0.0, "S", "wait S seconds before ready")
    unknown_messages: bool = _setting(
        MESSAGES, _SWITCH, False, "", "send messages of an unknown type, and unknown fields in the others"
    )
    silent_reset: bool = _setting(
        MESSAGES, _SWITCH, False, "", "leave a flush pending at a reset unanswered (default: answer it)"
    )
    strict_finish: bool = _setting(
        MESSAGES, _SWITCH, False, "", "refuse text or a flush after finish (default: ignore it)"
    )
    error: str | None = _setting(
        MESSAGES, _ERROR, None, "TYPE", f"send an error of this type: {', '.join(ErrorType)}"
    )
    error_after: int = _setting(
        MESSAGES, _COUNT, 0, "N", "send the error after N audio messages (0: instead of ready)"
    )
    error_close: int = _setting(
        MESSAGES, _CLOSE_CODE, 1002, "CODE", "close code after an error (default: 1002)"
    )
    close_after: int | None = _setting(
        ENDS, _COUNT, None, "N", "close after N audio messages, without an error message"
    )
    close_code: int = _setting(
        ENDS, _CLOSE_CODE, 1011, "CODE", "close code for --close-after (default: 1011)"
    )
    close_reason: str = _setting(
        ENDS,
        _Kind(_read_reason, f"at most {_MAX_REASON} bytes of UTF-8"),
        "",
        "TEXT",
        "close reason for --close-after",
    )
    cut_after: int | None = _setting(
        ENDS, _COUNT, None, "N", "reset the TCP connection after N audio messages"
    )
    stall_after: int | None = _setting(
        ENDS, _COUNT, None, "N", "send nothing after N audio messages, but stay connected"
    )
    idle_close: float = _setting(
        ENDS, _seconds(_HOUR), 0.0, "S", "close (1000) after S seconds without a client message (0: never)"
    )
    no_close: bool = _setting(ENDS, _SWITCH, False, "", "do not close after finish")
    no_pong: bool = _setting(ENDS, _SWITCH, False, "", "leave pings unanswered")
    refuse: int = _setting(
        HANDSHAKE, _COUNT, 0, "K", "refuse the first K handshakes (counted per combination of settings)"
    )
    refuse_status: int = _setting(
        HANDSHAKE, _STATUS, 503, "CODE", "refuse them with this status (default: 503)"
    )
    retry_after: str = _setting(
        HANDSHAKE, _Kind(_read_header, "at most 100 printable ASCII characters"), "", "S",
        "refuse them with this Retry-After header",
    )  # fmt: skip
    late_handshake: float = _setting(
        HANDSHAKE, _seconds(_HOUR), 0.0, "S", "wait S seconds before answering the handshake"
    )
    only_first: int = _setting(
        HANDSHAKE, _COUNT, 0, "K", "apply the settings to the first K sessions only (0: to all)"
    )

    def with_values(self, texts: Iterable[tuple[str, str]]) -> Faults:
        """Return these settings with some replaced, by name. Raises ValueError with a message to show."""
        known = {setting.name: setting for setting in fields(self)}
        changes: dict[str, Any] = {}
        for name, text in texts:
            if name not in known:
                from difflib import get_close_matches

                near = get_close_matches(name[:50], known, 1)
                raise ValueError(
                    f"unknown setting {name!r}" + (f" (did you mean {near[0]!r}?)" if near else "")
                )
            changes[name] = read_setting(known[name], text)
        return replace(self, **changes)

    def for_request(self, query: str, headers: Mapping[str, str]) -> Faults:
        """Return these settings, changed by a request's header, then by its query. Raises ValueError."""
        return self.with_values([*_read_pairs(headers.get(HEADER, "")), *_read_pairs(query)])


def read_setting(setting: Field[Any], text: str) -> Any:
    """Return the value of a setting from its text. Raises ValueError with a message to show."""
    kind: _Kind = setting.metadata["kind"]
    try:
        return kind.read(text)
    except (ValueError, KeyError):
        raise ValueError(f"{setting.name}: invalid value {text!r}: expected {kind.expected}") from None


def _read_pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text.strip(), keep_blank_values=True, max_num_fields=_MAX_PAIRS)
