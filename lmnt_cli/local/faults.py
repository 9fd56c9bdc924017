"""What can be made to go wrong, and what the protocol leaves open, each with the likeliest default.

Every setting has one name: `--cut-after 3` for a whole service; `?cut_after=3` in the URL, or the header
`LMNT-Local: cut_after=3&no_pong`, for one connection. The table below is all there is to each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from .requests import ErrorType


HEADER = "lmnt-local"

AUDIO = "Audio"
MESSAGES = "Messages"
ENDS = "Ends"
HANDSHAKE = "Handshake"

GROUPS = {
    AUDIO: "How audio comes, where the protocol says nothing, or more awkwardly than usual.",
    MESSAGES: "What is said beside the audio.",
    ENDS: "How a session ends before its time, or does not. N counts audio messages; 0 is before the first.",
    HANDSHAKE: "What happens before there is a session.",
}


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError
    return number


def _flag(text: str) -> bool:
    return {"": True, "1": True, "true": True, "0": False, "false": False}[text.lower()]


def _close_code(text: str) -> int:
    number = int(text)
    if number not in range(1000, 5000) or number in (1004, 1005, 1006, 1015):
        raise ValueError
    return number


def _status(text: str) -> int:
    status = HTTPStatus(int(text))
    if status < 400:
        raise ValueError
    return status.value


def _setting(group: str, read: Callable[[str], Any], default: Any, metavar: str, help_: str) -> Any:
    return field(default=default, metadata={"group": group, "read": read, "metavar": metavar, "help": help_})


@dataclass(frozen=True)
class Faults:
    """How the service behaves where it may choose, or should not have."""

    frame_bytes: int = _setting(
        AUDIO, _count, 0, "N",
        "at most N bytes in an audio message (0: whole words, a quarter of a second or more); "
        "an odd N splits samples",
    )  # fmt: skip
    empty_frames: int = _setting(AUDIO, _count, 0, "N", "an empty audio message before every N-th one")
    fragments: int = _setting(AUDIO, _count, 1, "N", "every message in N WebSocket fragments")
    pace: float = _setting(AUDIO, _seconds, 0.0, "X", "audio at X times real time (0: as fast as it is made)")
    first_sound: float = _setting(AUDIO, _seconds, 0.0, "S", "S seconds before an utterance's first audio")
    new_stream: bool = _setting(
        AUDIO, _flag, False, "", "a new stream, header and all, after every flush and reset"
    )
    late_times: float = _setting(
        MESSAGES, _seconds, 0.0, "S", "timestamps S seconds late; neither audio nor flush_complete waits"
    )
    no_ready: bool = _setting(MESSAGES, _flag, False, "", "no ready message")
    late_ready: float = _setting(MESSAGES, _seconds, 0.0, "S", "S seconds before ready")
    unknown_messages: bool = _setting(
        MESSAGES, _flag, False, "", "messages of a type unknown to all, and unknown fields in the others"
    )
    silent_reset: bool = _setting(
        MESSAGES, _flag, False, "", "a flush pending at a reset is not answered (default: it is)"
    )
    strict_finish: bool = _setting(
        MESSAGES, _flag, False, "", "text or a flush after finish is an error (default: ignored)"
    )
    error: str | None = _setting(MESSAGES, ErrorType, None, "TYPE", f"an error: {', '.join(ErrorType)}")
    error_after: int = _setting(MESSAGES, _count, 0, "N", "that error after N audio messages (0: no ready)")
    error_close: int = _setting(MESSAGES, _close_code, 1002, "CODE", "close code after an error (1002)")
    close_after: int | None = _setting(
        ENDS, _count, None, "N", "close after N audio messages, without an error message"
    )
    close_code: int = _setting(ENDS, _close_code, 1011, "CODE", "with this code (1011)")
    close_reason: str = _setting(ENDS, str, "", "TEXT", "and this reason")
    cut_after: int | None = _setting(ENDS, _count, None, "N", "reset the TCP connection after N")
    stall_after: int | None = _setting(ENDS, _count, None, "N", "say nothing more after N, but stay")
    idle_close: float = _setting(
        ENDS, _seconds, 0.0, "S", "close (1000) after S seconds without a client message"
    )
    no_close: bool = _setting(ENDS, _flag, False, "", "never close after finish")
    no_pong: bool = _setting(ENDS, _flag, False, "", "leave pings unanswered")
    refuse: int = _setting(
        HANDSHAKE, _count, 0, "K", "refuse the first K handshakes (with the same settings)"
    )
    refuse_status: int = _setting(HANDSHAKE, _status, 503, "CODE", "with this status (503)")
    retry_after: str = _setting(HANDSHAKE, str, "", "S", "and this Retry-After")
    late_handshake: float = _setting(
        HANDSHAKE, _seconds, 0.0, "S", "S seconds before the handshake is answered"
    )
    only_first: int = _setting(
        HANDSHAKE, _count, 0, "K", "all that was asked for, for the first K sessions only (0: for all)"
    )

    def with_values(self, texts: Iterable[tuple[str, str]]) -> Faults:
        """Return these settings with some changed by name. Raises ValueError, saying what is wrong."""
        known = {setting.name: setting for setting in fields(self)}
        changes: dict[str, Any] = {}
        for name, text in texts:
            if name not in known:
                near = get_close_matches(name, known, 1)
                raise ValueError(f"no setting {name!r}" + (f"; perhaps {near[0]!r}" if near else ""))
            changes[name] = read(known[name], text)
        return replace(self, **changes)

    def for_request(self, query: str, headers: Mapping[str, str]) -> Faults:
        """Return these settings as one connection asks for them. Raises ValueError."""
        pairs = [pair for texts in (headers.get(HEADER, ""), query) for pair in _pairs(texts)]
        return self.with_values(pairs)


def read(setting: Field[Any], text: str) -> Any:
    """Return the value of a setting written as text. Raises ValueError."""
    try:
        return setting.metadata["read"](text)
    except (ValueError, KeyError):
        raise ValueError(f"{setting.name}: {text!r} will not do") from None


def _pairs(texts: str) -> list[tuple[str, str]]:
    return parse_qsl(texts.strip(), keep_blank_values=True)
