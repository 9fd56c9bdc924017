"""Counts of audio, and the figures derived from them and the time."""

from __future__ import annotations

from ..audio.formats import AudioFormat


class Meter:
    """Counts audio and records when it arrives. `audio_bytes` is the number of bytes received."""

    def __init__(self, audio_format: AudioFormat, sample_rate: int) -> None:
        self.audio_bytes = 0
        self.first_sound: float | None = None
        self._bytes_per_second = audio_format.bytes_per_second(sample_rate)
        self._first_text_at: float | None = None
        self._last_audio_at = 0.0

    @property
    def began(self) -> bool:
        """Whether any text was sent."""
        return self._first_text_at is not None

    def count_text(self, now: float) -> None:
        """Count text that is sent."""
        if self._first_text_at is None:
            self._first_text_at = now

    def count_audio(self, size: int, now: float) -> None:
        """Count audio that was received."""
        if size and self.first_sound is None and self._first_text_at is not None:
            self.first_sound = now - self._first_text_at
        self.audio_bytes += size
        self._last_audio_at = now

    @property
    def audio_seconds(self) -> float | None:
        """Seconds of audio received; None if bytes do not indicate time."""
        return None if self._bytes_per_second is None else self.audio_bytes / self._bytes_per_second

    @property
    def speed(self) -> float | None:
        """Seconds of audio per second, from the first text to the last audio."""
        if self.audio_seconds is None or self._first_text_at is None or not self.audio_bytes:
            return None
        elapsed = self._last_audio_at - self._first_text_at
        return self.audio_seconds / elapsed if elapsed > 0 else None
