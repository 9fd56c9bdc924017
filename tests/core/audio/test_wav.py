"""RIFF headers: the one made for `wav`, those repeated in `ulaw`, and their sizes (contract, 4)."""

from __future__ import annotations

import io
import struct
import wave

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.audio.wav import Container, SingleHeader, Unchanged, WavMaker, container_of, header_length
from tests.doubles.fake_session import RIFF_HEADER
from tests.tools.each import each
from tests.tools.strategies import cut, places, properties


def header(*chunks: tuple[bytes, bytes], data: int = 0x7FFFFFFF) -> bytes:
    """Return a RIFF/WAVE header with these chunks before its data."""
    body = b"".join(name + struct.pack("<I", len(c)) + c + b"\0" * (len(c) % 2) for name, c in chunks)
    return b"RIFF\xff\xff\xff\xffWAVE" + body + b"data" + struct.pack("<I", data)


ULAW = struct.pack("<HHIIHH", 7, 1, 8000, 8000, 1, 8)
PLAIN = header((b"fmt ", ULAW))
EXTRA = header((b"fmt ", ULAW + b"\0\0"), (b"fact", b"\0" * 4), (b"LIST", b"odd"))


def piped(first: bytes) -> bytes:
    """Return the header as written when the length is unknown."""
    container = container_of(AudioFormat.ULAW, 8000)
    return container.feed(first)


def mended(written: bytes, what: Container) -> bytes:
    """Return the file with its sizes patched in."""
    whole = bytearray(written)
    for offset, data in what.patches(len(written)):
        whole[offset : offset + len(data)] = data
    return bytes(whole)


@each(
    ("audio_format", "kind"),
    [
        (AudioFormat.MP3, Unchanged),
        (AudioFormat.WEBM, Unchanged),
        (AudioFormat.PCM_S16LE, Unchanged),
        (AudioFormat.PCM_F32LE, Unchanged),
        (AudioFormat.WAV, WavMaker),
        (AudioFormat.ULAW, SingleHeader),
    ],
)
def test_container(audio_format: AudioFormat, kind: type) -> None:
    """Only `wav` and `ulaw` change the bytes received before writing them."""
    assert type(container_of(audio_format, 8000)) is kind


def test_unchanged() -> None:
    """Audio in other formats is written unchanged, whatever it looks like."""
    plain = container_of(AudioFormat.MP3, 24000)

    assert plain.feed(PLAIN) == PLAIN
    plain.boundary()
    assert plain.feed(PLAIN) == PLAIN
    assert plain.boundary() == b""
    assert plain.patches(100) == []


@each("rate", [8000, 16000, 24000])
def test_wav_on_a_pipe(rate: int) -> None:
    """On a pipe the header announces 16 bits, mono, the sample rate, and a data length of 0x7FFFF000."""
    written = container_of(AudioFormat.WAV, rate).feed(b"\1\2")

    assert written[:4] + written[8:16] == b"RIFFWAVEfmt "
    assert struct.unpack("<HHIIHH", written[20:36]) == (1, 1, rate, 2 * rate, 2, 16)
    assert written[36:40] == b"data"
    assert struct.unpack("<I", written[40:44]) == (0x7FFFF000,)
    assert struct.unpack("<I", written[4:8]) == (0x7FFFF000 + 36,)
    assert written[44:] == b"\1\2"


def test_wav_in_a_file() -> None:
    """With the sizes patched in, a reader of WAVE files finds exactly the audio."""
    maker = container_of(AudioFormat.WAV, 16000)
    pieces = [maker.feed(b"\1\2" * 10), maker.feed(b"\3\4"), maker.boundary()]
    pieces.append(maker.feed(b"\5\6" * 5))
    pieces.append(maker.boundary())

    with wave.open(io.BytesIO(mended(b"".join(pieces), maker))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
        assert file.readframes(100) == b"\1\2" * 10 + b"\3\4" + b"\5\6" * 5


def test_no_audio_no_header() -> None:
    """The header is written with the first audio, not before."""
    maker = container_of(AudioFormat.WAV, 16000)

    assert maker.feed(b"") == b""
    assert maker.boundary() == b""
    assert maker.patches(0) == []


def test_too_long_for_its_sizes() -> None:
    """A file of more than 4 GiB keeps the length that means `to the end`."""
    maker = container_of(AudioFormat.WAV, 24000)
    maker.feed(b"\0\0")

    assert maker.patches((1 << 32) + 8) == []
    assert maker.patches((1 << 32) + 7)


HEADERS = {"plain": PLAIN, "more chunks": EXTRA, "the double's": RIFF_HEADER}


@each("name", HEADERS)
@each("tail", [b"", b"RIFF", b"\xff" * 10])
def test_header_length(name: str, tail: bytes) -> None:
    """A header ends after the length of its data chunk; before that, its end is unknown."""
    whole = HEADERS[name]

    assert header_length(whole + tail) == len(whole)
    assert [header_length(whole[:end]) for end in range(len(whole))] == [None] * len(whole)


@each("data", [b"R1", b"\xff", b"RIFX", b"RIFF\0\0\0\0AVI ", b"riff", PLAIN[1:]])
def test_no_header(data: bytes) -> None:
    """Audio is recognised as early as possible as not being a header."""
    assert header_length(data) == 0


@each("size", [5000, 0xFFFFFFFF])
def test_no_header_is_so_long(size: int) -> None:
    """Data that claims a huge chunk before its data is audio: it is not waited for forever."""
    data = b"RIFF\0\0\0\0WAVELIST" + struct.pack("<I", size)

    assert header_length(data) == 0


def test_ulaw_sizes() -> None:
    """The first header, whose length the service cannot know, is patched too."""
    single = container_of(AudioFormat.ULAW, 8000)
    written = single.feed(EXTRA + b"\xff" * 7)

    whole = mended(written, single)

    assert struct.unpack_from("<I", whole, 4) == (len(written) - 8,)
    assert struct.unpack_from("<I", whole, len(EXTRA) - 4) == (7,)
    assert whole[len(EXTRA) :] == b"\xff" * 7


def test_ulaw_samples() -> None:
    """A header that counts samples counts all of them in a file, and not 149 hours on a pipe."""
    single = container_of(AudioFormat.ULAW, 8000)
    whole = single.feed(EXTRA + b"\xff" * 7) + single.boundary() + single.feed(PLAIN + b"\xff")
    fact = EXTRA.index(b"fact") + 8

    for written, count in ((whole, 0x7FFFF000), (mended(whole, single), 8)):
        assert struct.unpack_from("<I", written, 4) == (len(EXTRA) - 8 + count,)
        assert struct.unpack_from("<I", written, fact) == (count,)
        assert struct.unpack_from("<I", written, len(EXTRA) - 4) == (count,)


def test_a_fact_chunk_without_room() -> None:
    """A fact chunk too short for a count is left unchanged."""
    short = header((b"fmt ", ULAW), (b"fact", b"ab"))
    single = container_of(AudioFormat.ULAW, 8000)
    written = single.feed(short + b"\xff")

    assert mended(written, single)[12:-5] == short[12:-4]


def test_ulaw_without_header() -> None:
    """µ-law without a header stays without one."""
    single = container_of(AudioFormat.ULAW, 8000)

    assert single.feed(b"\xff\xfe") == b"\xff\xfe"
    assert single.patches(2) == []


def test_a_header_inside_audio() -> None:
    """The four letters within an utterance are audio."""
    single = container_of(AudioFormat.ULAW, 8000)
    single.feed(PLAIN + b"\xff")

    assert single.feed(PLAIN) == PLAIN


def test_first_bytes_that_only_look_like_it() -> None:
    """Bytes held as a possible header are written once they are identified, or at the end."""
    single = container_of(AudioFormat.ULAW, 8000)

    assert [single.feed(b"RI"), single.feed(b"FFx")] == [b"", b"RIFFx"[:0]]
    assert single.feed(b"abcNOPE") == b"RIFFxabcNOPE"
    assert single.boundary() == b""
    assert single.feed(b"RIF") == b""
    assert single.boundary() == b"RIF"


sounds = st.binary(max_size=8) | st.sampled_from([b"R", b"RIFF", b"\xff" * 40, PLAIN[:20]])
heads = st.sampled_from([PLAIN, EXTRA])


@properties
@given(heads, st.lists(st.tuples(st.sampled_from([b"", PLAIN, EXTRA]), sounds, places), max_size=6))
def test_repeated_headers_go(first: bytes, parts: list[tuple[bytes, bytes, list[int]]]) -> None:
    """A header after a boundary is dropped wherever messages split it, and nothing else is."""
    single = SingleHeader()
    written = single.feed(first)
    single.boundary()
    expected = piped(first)
    for repeated, sound, where in parts:
        # A sound that is itself the beginning of a header cannot be distinguished from one.
        sound = b"\xff" + sound if not repeated else sound
        written += b"".join(single.feed(piece) for piece in cut(repeated + sound, where))
        written += single.boundary()
        expected += sound
    written += single.boundary()

    assert written == expected


@properties
@given(sounds.filter(bool), heads)
def test_short_sounds(sound: bytes, repeated: bytes) -> None:
    """A sound between two boundaries that is too short to be identified is written."""
    single = SingleHeader()
    written = single.feed(PLAIN + b"\xff")
    single.boundary()
    written += single.feed(sound)
    written += single.boundary()
    written += single.feed(repeated + b"\xfe") + single.boundary()

    assert written == piped(PLAIN) + b"\xff" + sound + b"\xfe"


@properties
@given(st.binary(min_size=1, max_size=100), places)
def test_wav_for_any_split(audio: bytes, where: list[int]) -> None:
    """The header and the sizes do not depend on how the audio arrived."""
    maker = WavMaker(24000)
    written = b"".join(map(maker.feed, cut(audio, where)))
    whole = mended(written, maker)

    assert whole[44:] == audio
    assert struct.unpack_from("<I", whole, 4) == (36 + len(audio),)
    assert struct.unpack_from("<I", whole, 40) == (len(audio),)
