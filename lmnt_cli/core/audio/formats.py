"""The audio formats: what the user asks for, what the service is asked for, how bytes become seconds."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class AudioFormat(enum.Enum):
    """What is written. All are mono."""

    MP3 = "mp3"
    WAV = "wav"
    PCM_S16LE = "pcm_s16le"
    PCM_F32LE = "pcm_f32le"
    ULAW = "ulaw"
    WEBM = "webm"

    @property
    def on_the_wire(self) -> str:
        """The service's name for what we receive: a session knows no `wav`, it is made here."""
        return "pcm_s16le" if self is AudioFormat.WAV else self.value

    @property
    def default_sample_rate(self) -> int:
        """8000 for µ-law, as telephony has it; else 24000."""
        return 8000 if self is AudioFormat.ULAW else 24000

    def bytes_per_second(self, sample_rate: int) -> int | None:
        """Return how many bytes a second of audio takes, headers aside; None where it varies (Opus)."""
        match self:
            case AudioFormat.WAV | AudioFormat.PCM_S16LE:
                return 2 * sample_rate
            case AudioFormat.PCM_F32LE:
                return 4 * sample_rate
            case AudioFormat.ULAW:
                return sample_rate
            case AudioFormat.MP3:
                # 96 kbps (LMNT docs); encoders stop at 64 for 8 kHz, the limit of MPEG-2.5 in practice.
                return 8000 if sample_rate == 8000 else 12000
            case AudioFormat.WEBM:
                return None


SAMPLE_RATES = (8000, 16000, 24000)

FORMAT_OF_EXTENSION = {
    ".mp3": AudioFormat.MP3,
    ".wav": AudioFormat.WAV,
    ".webm": AudioFormat.WEBM,
    ".ulaw": AudioFormat.ULAW,
    ".pcm": AudioFormat.PCM_S16LE,
    ".raw": AudioFormat.PCM_S16LE,
    ".f32": AudioFormat.PCM_F32LE,
}


def format_of_extension(extension: str) -> AudioFormat | None:
    """Return the format that a file name's extension (with its dot, in any case) stands for, if any."""
    return FORMAT_OF_EXTENSION.get(extension.lower())


def extension_of(name: str) -> str:
    """Return the extension of a file's name with its dot, "" if it has none.

    An extension has no space in it and at most five letters, so that "Chapter 1. The Boy" has none. A name
    that is nothing else (`.wav`) is an extension.
    """
    base = name.rpartition("/")[2]
    dot = base.rfind(".")
    extension = base[dot:] if dot >= 0 else ""
    return extension if 1 < len(extension) <= 6 and not any(map(str.isspace, extension)) else ""


def format_of_name(name: str) -> AudioFormat | None:
    """Return the format that a file's name asks for by its extension, if any."""
    return format_of_extension(extension_of(name))


@dataclass(frozen=True)
class Start:
    """Where a recording begins that continues another: what is there takes so many bytes and seconds.

    `header` are the bytes of the header it has, if any.
    """

    length: int = 0
    header: bytes = b""
    seconds: float = 0.0


NEW = Start()
