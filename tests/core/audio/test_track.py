"""The audio that is written: its length, and how another session's is joined to it (contract, 4 and 5)."""

from __future__ import annotations

from lmnt_cli.core.audio.formats import AudioFormat, Start
from lmnt_cli.core.audio.track import Track
from lmnt_cli.core.audio.wav import container_of
from tests.doubles.fake_session import RIFF_HEADER
from tests.tools.each import each


def test_length() -> None:
    """The length is that of the bytes returned, including the header."""
    track = Track(AudioFormat.WAV, 8000)

    assert len(track.feed(bytes(100))) == 144
    assert track.length == 144
    track.begin_utterance()
    track.feed(bytes(10))
    assert track.length == 154


def test_seconds() -> None:
    """Seconds count from the start of the utterance, without headers, and convert back to offsets."""
    track = Track(AudioFormat.WAV, 8000)
    track.feed(bytes(16000))

    assert track.seconds == 1.0
    assert track.offset(0.5) == 44 + 8000
    track.begin_utterance()
    assert track.seconds == 0.0
    track.feed(bytes(8000))
    assert (track.seconds, track.offset(0.25)) == (0.5, 44 + 16000 + 4000)


def test_no_seconds() -> None:
    """If bytes do not indicate time there are no seconds, and every offset is the end."""
    track = Track(AudioFormat.WEBM, 24000)
    track.feed(bytes(100))

    assert (track.seconds, track.offset(1.0)) == (0.0, 100)


@each("audio_format", list(AudioFormat))
def test_joinable(audio_format: AudioFormat) -> None:
    """WebM cannot be joined after its first byte; every other format can."""
    track = Track(audio_format, 8000)
    assert track.joinable
    track.feed(bytes(100))

    assert track.joinable is (audio_format is not AudioFormat.WEBM)


def test_cut() -> None:
    """An output that can be cut is cut to the confirmed audio, and counting continues there."""
    track = Track(AudioFormat.PCM_S16LE, 8000)
    track.feed(bytes(1001))
    track.confirm(0.0375)
    splice = track.splice(can_cut=True)

    assert (splice.cut_to, splice.filling) == (600, b"")
    assert track.length == 600
    track.feed(bytes(160))
    assert track.seconds == 0.01
    assert track.offset(0.01) == 760


def test_never_into_the_header() -> None:
    """The header, which is not sent again, is never cut."""
    track = Track(AudioFormat.WAV, 8000)
    track.feed(bytes(100))

    assert track.splice(can_cut=True).cut_to == 44


@each(
    ("audio_format", "size", "filling"),
    [
        (AudioFormat.PCM_S16LE, 101, 1),
        (AudioFormat.PCM_S16LE, 100, 0),
        (AudioFormat.PCM_F32LE, 101, 3),
        (AudioFormat.WAV, 101, 1),
        (AudioFormat.ULAW, 101, 0),
    ],
)
def test_fill(audio_format: AudioFormat, size: int, filling: int) -> None:
    """In other outputs a partial sample is completed with zeros."""
    track = Track(audio_format, 8000)
    written = track.feed(b"\xff" * size)
    splice = track.splice(can_cut=False)

    assert (splice.cut_to, splice.filling) == (None, bytes(filling))
    assert track.length == len(written) + filling


def test_a_broken_frame() -> None:
    """In other outputs a partial MP3 frame is completed with zeros."""
    track = Track(AudioFormat.MP3, 24000)
    track.feed(bytes.fromhex("fff3a4c0") + bytes(284 + 288 - 288))
    track.feed(bytes.fromhex("fff3a4c0") + bytes(100))

    assert len(track.splice(can_cut=False).filling) == 288 - 104
    assert track.length == 576


@each("cuts", [True, False])
def test_repeated_header(cuts: bool) -> None:
    """The header with which a new session of µ-law begins is dropped."""
    header = b"RIFF\0\0\0\0WAVEdata\0\0\0\0"
    track = Track(AudioFormat.ULAW, 8000)
    track.feed(header + b"\xff" * 10)
    track.begin_utterance()
    track.splice(can_cut=cuts)

    assert track.feed(header[:5]) == b""
    assert track.feed(header[5:] + b"\xfe") == b"\xfe"
    assert track.length == len(header) + 11


def test_patches() -> None:
    """The sizes are those of the whole output."""
    track = Track(AudioFormat.WAV, 8000)
    track.feed(bytes(100))

    assert track.patches(144) == [(4, (136).to_bytes(4, "little")), (40, (100).to_bytes(4, "little"))]


WAV_HEADER = Track(AudioFormat.WAV, 8000).feed(b"12")[:44]
ULAW_HEADER = container_of(AudioFormat.ULAW, 8000).feed(RIFF_HEADER + b"\xff")[:-1]


@each(
    ("audio_format", "header", "comes"),
    [
        (AudioFormat.WAV, WAV_HEADER, b""),
        (AudioFormat.ULAW, ULAW_HEADER, RIFF_HEADER),
        (AudioFormat.ULAW, b"", RIFF_HEADER),
        (AudioFormat.PCM_S16LE, b"", b""),
    ],
)
def test_continued(audio_format: AudioFormat, header: bytes, comes: bytes) -> None:
    """A continued recording gets no second header, counts the existing part, and patches the total sizes."""
    there = len(header) + 100
    track = Track(audio_format, 8000, Start(there, header, 0.1))

    assert track.feed(comes + b"\1\2\3\4") == b"\1\2\3\4"
    assert track.length == there + 4
    sizes = dict(track.patches(track.length))
    assert sizes == ({4: pack(there - 4), len(header) - 4: pack(104)} if header else {})


def pack(size: int) -> bytes:
    return size.to_bytes(4, "little")


@each("audio_format", [AudioFormat.WAV, AudioFormat.PCM_S16LE, AudioFormat.MP3])
def test_what_was_there_is_never_cut(audio_format: AudioFormat) -> None:
    """If a connection is lost before anything is confirmed, the existing recording is kept whole."""
    there = 44 + 100 if audio_format is AudioFormat.WAV else 100
    header = WAV_HEADER if audio_format is AudioFormat.WAV else b""
    track = Track(audio_format, 8000, Start(there, header, 0.1))
    track.feed(b"\1\2\3\4")

    assert track.splice(can_cut=True).cut_to == there
    assert track.length == there
