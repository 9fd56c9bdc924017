"""The decoded requests of a speech session, and the refusal of one.

Every generation of the protocol is decoded to these types.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum


class ErrorType(StrEnum):
    """The values of `error.type` in API 1.1 and later."""

    INVALID_REQUEST = "invalid_request_error"
    AUTHENTICATION = "authentication_error"
    PERMISSION = "permission_error"
    NOT_FOUND = "not_found_error"
    PAYMENT_REQUIRED = "payment_required_error"
    RATE_LIMIT = "rate_limit_error"
    INTERNAL = "internal_server_error"


class Refused(Exception):
    """The request cannot be served. The message is addressed to its sender."""

    def __init__(self, type: ErrorType, message: str) -> None:  # noqa: A002 - the wire's own name
        super().__init__(message)
        self.type = type
        self.message = message


class SessionFormat(StrEnum):
    """The audio formats of a session."""

    MP3 = "mp3"
    PCM_S16LE = "pcm_s16le"
    PCM_F32LE = "pcm_f32le"
    ULAW = "ulaw"
    WEBM = "webm"


SAMPLE_RATES = (24000, 16000, 8000)

_LANGUAGES = (
    "auto ar as bn cs da de en es fi fr hi id it ja ko ml mr nl pl pt ru sk sv ta te th tr uk ur vi zh"
)
LANGUAGES = frozenset(_LANGUAGES.split())

# Without letters and digits that look alike.
_ID_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True)
class Init:
    """The settings of a session. They cannot change after the first message."""

    key: str
    voice: str
    format: SessionFormat = SessionFormat.MP3
    sample_rate: int = 24000
    language: str = "auto"
    timestamps: bool = False
    speed: float = 1.0


@dataclass(frozen=True)
class Text:
    """More text. Message boundaries have no meaning."""

    text: str


@dataclass(frozen=True)
class Flush:
    """Speak all text received so far. Generation 1 sends no nonce."""

    nonce: int | None = None


@dataclass(frozen=True)
class Reset:
    """Drop all text that has not been spoken."""

    nonce: int


@dataclass(frozen=True)
class Finish:
    """No more text follows: speak the rest, then close."""


Request = Text | Flush | Reset | Finish


def new_request_id() -> str:
    """Return an unused request id: `req_` and 22 random characters."""
    return "req_" + "".join(_ID_ALPHABET[byte % len(_ID_ALPHABET)] for byte in os.urandom(22))
