"""What the service accepts and what it refuses, message by message (protocol.md sections 4 and 15)."""

from __future__ import annotations

import json
from typing import Any


KEY = "test-key-0123456789"
REQUEST_ID = "req_K5kw6MKtCL83A9bNGcrV3w"

VOICES = ("lily", "leah", "elowen", "ansel", "amy", "morgan", "ava", "curtis", "mara-wilson")
FORMATS = ("mp3", "pcm_s16le", "pcm_f32le", "ulaw", "webm")
RATES = (24000, 16000, 8000)
LANGUAGES = (
    "auto ar as bn cs da de en es fi fr hi id it ja ko ml mr nl pl pt ru sk sv ta te th tr uk ur vi zh"
)


class Refused(Exception):
    """The client sent something that the service does not accept; answered by an error and a close."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def parsed(message: str | bytes) -> dict[str, Any]:
    """Return the JSON object of a message. Raises `Refused` for anything else."""
    if isinstance(message, bytes):
        raise Refused("invalid_request_error", "binary messages are not part of this protocol")
    try:
        parsed = json.loads(message)
    except ValueError:
        raise Refused("invalid_request_error", "not JSON") from None
    if not isinstance(parsed, dict):
        raise Refused("invalid_request_error", "not a JSON object")
    return parsed


def check_init(init: dict[str, Any], key: str) -> None:
    """Raise `Refused` for a first message that the service would not accept (protocol.md 4.1)."""
    if init.get("type", "init") != "init":
        raise Refused("invalid_request_error", "the first message must be init")
    if init.get("X-API-Key") != key:
        raise Refused("authentication_error", "Invalid API key")
    for name, value in init.items():
        if value is None:
            raise Refused("invalid_request_error", f"{name}: Input should not be null")
    if init.get("lmnt-version") not in ("1.1", "1.2"):
        raise Refused("invalid_request_error", "lmnt-version: this double speaks 1.1 and 1.2")
    if init.get("voice") not in VOICES:
        raise Refused("not_found_error", f"Voice '{init.get('voice')}' not found.")
    if init.get("format", "mp3") not in FORMATS:
        raise Refused("invalid_request_error", f"format: Input should be one of {FORMATS}")
    rate = init.get("sample_rate", 24000)
    if type(rate) is not int or rate not in RATES:
        raise Refused("invalid_request_error", f"sample_rate: Input should be one of {RATES}")
    if init.get("language", "auto") not in LANGUAGES.split():
        raise Refused("invalid_request_error", "language: not a language of the service")
    if type(init.get("return_timestamps", False)) is not bool:
        raise Refused("invalid_request_error", "return_timestamps: Input should be a valid boolean")
