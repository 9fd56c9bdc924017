"""Where a player stands in the audio: what it is given next, what still sounds, what was surely heard.

The arithmetic of playing one stream by one player after another. Offsets count the stream's bytes from its
first; times are seconds on any steady clock, given by the caller.
"""

from __future__ import annotations

from .formats import NEW, AudioFormat, Start
from .wav import endless, header_length


# Players keep some audio before it sounds, in seconds.
LATENCY = 0.3
_SAMPLE_SIZES = {AudioFormat.PCM_S16LE: 2, AudioFormat.WAV: 2, AudioFormat.PCM_F32LE: 4}


class Playhead:
    """Counts what comes and what sounds.

    `received` is the bytes that have come; `began` says whether the present player was given any audio.
    """

    def __init__(
        self, audio_format: AudioFormat, sample_rate: int, start: Start = NEW, *, takes_header: bool
    ) -> None:
        """`takes_header` says whether players want the header the format begins with, or bare samples.

        The first player begins after `start`.
        """
        self.began = False
        # WebM cannot be joined in the middle: a second player could not continue the same stream.
        self.can_skip = audio_format is not AudioFormat.WEBM
        self._takes_header = takes_header
        self._has_header = audio_format in (AudioFormat.WAV, AudioFormat.ULAW)
        # None until the first audio. The sizes in a header that is there already are those of what is there.
        self._header = endless(start.header) if start.length else None
        self._sample = _SAMPLE_SIZES.get(audio_format, 1)
        self._bytes_per_second = audio_format.bytes_per_second(sample_rate)
        self._filling = b""
        self.received = start.length
        self._heard = start.length  # what had sounded when the last audio came
        self._silent_from = float("-inf")  # when all that has come will have sounded, latency aside
        self._paused_at: float | None = None

    def receive(self, chunk: bytes, now: float) -> None:
        """Audio has come. It sounds after all that came before, and not before now."""
        if self._header is None:
            self._header = chunk[: header_length(chunk) or 0] if self._has_header else b""
        self._heard = self.heard(now)
        self.received += len(chunk)
        if chunk and self._bytes_per_second is not None:
            self._silent_from = max(self._silent_from, now) + len(chunk) / self._bytes_per_second

    def fit(self, chunk: bytes, start: int) -> bytes:
        """Return what to give the present player for the chunk that starts at this offset.

        The stream's first player gets it as it is. A later one joins in the middle: it gets the header the
        stream began with, if it takes headers, and then the first whole sample, which is looked for from the
        end of that header.
        """
        header = self._header or b""
        if self.began:
            filling, self._filling = self._filling, b""
            return filling + chunk
        into = start - len(header)  # how far into the samples the chunk starts; before them, in the header
        audio = chunk[-into if into < 0 else -into % self._sample :]
        if not audio:
            return b""
        self.began = True
        return header + audio if self._takes_header else audio

    def cut(self, given: int, offset: int) -> None:
        """What came after this offset was taken back and comes again; the player was given up to `given`.

        Part of a sample may be in the player already: it is filled up, so that the next one starts whole.
        """
        if given > offset:
            self._filling = bytes(-(given - len(self._header or b"")) % self._sample)
        self.received = min(self.received, offset)
        self._heard = min(self._heard, offset)

    def replace_player(self) -> None:
        """A new player takes over: what has come is passed over, and nothing of it sounds any more."""
        self.began = False
        self._filling = b""
        self._silent_from = float("-inf")

    def pause(self, now: float) -> None:
        """The player is stopped: what has not sounded will sound later."""
        self._paused_at = now

    def resume(self, now: float) -> None:
        """The player is continued, if it was stopped."""
        if self._paused_at is not None:
            if self._paused_at < self._silent_from:
                self._silent_from += now - self._paused_at
            self._paused_at = None

    def sounds(self, now: float) -> bool:
        """Whether there is something to hear, as far as bytes tell the time."""
        return now < self._silent_from + LATENCY

    def heard(self, now: float) -> int:
        """Return the offset up to which a player that kept up has sounded, as far as bytes tell the time."""
        if self._bytes_per_second is None:
            return self.received
        rest = max(0.0, self._silent_from + LATENCY - now) * self._bytes_per_second  # yet to sound
        return max(self._heard, self.received - int(rest))

    def seconds(self, now: float) -> tuple[float, float] | None:
        """Return the seconds heard and those that have come in all; None where bytes are not time."""
        if self._bytes_per_second is None:
            return None
        audio = max(0, self.received - len(self._header or b""))
        total = audio / self._bytes_per_second
        return max(0.0, min(total, total - (self._silent_from - now))), total
