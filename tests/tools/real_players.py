"""Real players for the tests: a tone for them to play, what they played, and a hostile configuration."""

from __future__ import annotations

import array
import math
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path


# A user's mpv.conf that would stop, repeat or cut the speech.
TROUBLESOME = """
pause=yes
loop-playlist=inf
loop-file=inf
merge-files=yes
start=0.3
end=0.2
length=0.1
ab-loop-a=0
ab-loop-b=0.2
frames=1
aid=no
keep-open=always
idle=yes
lavfi-complex=[aid1]atempo=2[ao]
demuxer-lavf-o=skip_initial_bytes=2000
"""


def mpv_into(file: Path) -> str:
    """Return a command for mpv that writes what it plays to a file, with that configuration."""
    directory = file.with_name("conf")
    directory.mkdir()
    (directory / "mpv.conf").write_text(TROUBLESOME)
    return (
        f"mpv --config-dir={directory} --ao=pcm --ao-pcm-waveheader=no --ao-pcm-file={file} "
        "--audio-format=s16 --audio-channels=mono --audio-samplerate=24000"
    )


def ffplay_into(file: Path) -> dict[str, str]:
    """Return the environment in which ffplay writes what it plays to a file, at the rate of its input."""
    return {"SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": str(file)}


def tone(seconds: float, rate: int) -> array.array[int]:
    """A tone of 500 Hz at half of full scale."""
    return array.array(
        "h", (round(16384 * math.sin(2 * math.pi * 500 * n / rate)) for n in range(round(seconds * rate)))
    )


@cache
def encoded(audio_format: str, rate: int) -> bytes:
    """Half a second of tone in a format of the service; needs ffmpeg unless that is plain samples."""
    samples = tone(0.5, rate)
    if audio_format == "pcm_s16le":
        return samples.tobytes()
    if audio_format == "pcm_f32le":
        return array.array("f", (sample / 32768 for sample in samples)).tobytes()
    output = {
        "mp3": ["-b:a", "96k", "-f", "mp3"],
        "ulaw": ["-f", "mulaw"],
        "webm": ["-c:a", "libopus", "-f", "webm"],
    }
    command = ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-"]
    return subprocess.run(
        [*command, *output[audio_format], "-"], input=samples.tobytes(), capture_output=True, check=True
    ).stdout


def samples_in(file: Path) -> array.array[int]:
    """Return the samples that a player wrote."""
    data = file.read_bytes()
    return array.array("h", data[: len(data) // 2 * 2])


def heard_tone(file: Path, rate: int) -> tuple[float, float]:
    """Return how many seconds of the samples in a file are loud, and their pitch in Hz."""
    samples = samples_in(file)
    loud = [number for number, sample in enumerate(samples) if abs(sample) > 500]
    if not loud:
        return 0.0, 0.0
    crossings = sum(1 for one, two in pairwise(samples[loud[0] : loud[-1]]) if one < 0 <= two)
    seconds = (loud[-1] - loud[0]) / rate
    return seconds, crossings / seconds
