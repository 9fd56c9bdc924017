"""Audio formats: their names on the wire, their file extensions, and their bit rates."""

from __future__ import annotations

import enum

from ..value import value


class AudioFormat(enum.Enum):
    """A format of the audio written. All are mono."""

    MP3 = "mp3"
    WAV = "wav"
    PCM_S16LE = "pcm_s16le"
    PCM_F32LE = "pcm_f32le"
    ULAW = "ulaw"
    WEBM = "webm"

    @property
    def on_the_wire(self) -> str:
        """The service's name for the audio to request. It has no `wav`: the header is added here."""
        return "pcm_s16le" if self is AudioFormat.WAV else self.value

    @property
    def default_sample_rate(self) -> int:
        """8000 for µ-law, as in telephony; otherwise 24000."""
        return 8000 if self is AudioFormat.ULAW else 24000

    def bytes_per_second(self, sample_rate: int) -> int | None:
        """Return the bytes in a second of audio, without headers; None if that varies (Opus)."""
        match self:
            case AudioFormat.WAV | AudioFormat.PCM_S16LE:
                return 2 * sample_rate
            case AudioFormat.PCM_F32LE:
                return 4 * sample_rate
            case AudioFormat.ULAW:
                return sample_rate
            case AudioFormat.MP3:
                # 96 kbps (LMNT docs). At 8 kHz encoders stop at 64 kbps, the limit of MPEG-2.5 in practice.
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
    """Return the format of a file extension (with its dot, in any case), or None."""
    return FORMAT_OF_EXTENSION.get(extension.lower())


def extension_of(name: str) -> str:
    """Return the extension of a file name with its dot, or "" if it has none.

    An extension contains no space and has at most five letters, so "Chapter 1. The Boy" has none. A name that
    consists of nothing else (`.wav`) is an extension.
    """
    base = name.rpartition("/")[2]
    dot = base.rfind(".")
    extension = base[dot:] if dot >= 0 else ""
    return extension if 1 < len(extension) <= 6 and not any(map(str.isspace, extension)) else ""


def format_of_name(name: str) -> AudioFormat | None:
    """Return the format indicated by a file name's extension, or None."""
    return format_of_extension(extension_of(name))


@value
class Start:
    """The end of an existing recording that a new one continues, in bytes and in seconds of audio.

    `header` is the header of the recording, empty if it has none.
    """

    length: int = 0
    header: bytes = b""
    seconds: float = 0.0


NEW = Start()
