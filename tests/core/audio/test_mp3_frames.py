"""MP3 is measured by its frames (contract, 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.audio.mp3_frames import Mp3Frames
from tests.tools.each import each
from tests.tools.strategies import cut, places, properties


# Header and size of one frame: MPEG-2 layer III, 24 kHz, 96 kbps (and 16 kHz; MPEG-1, 44.1 kHz, 128 kbps).
FRAME_24K = bytes.fromhex("fff3a4c0") + bytes(284)
FRAME_16K = bytes.fromhex("fff3a8c0") + bytes(428)
FRAME_44K = bytes.fromhex("fffb9000") + bytes(413)


@each(("frame", "duration"), [(FRAME_24K, 0.024), (FRAME_16K, 0.036), (FRAME_44K, 1152 / 44100)])
def test_frames(frame: bytes, duration: float) -> None:
    """Each frame counts with the size and the duration given by its header."""
    time = Mp3Frames(12000)
    time.restart(0, 0.0)
    time.feed(frame * 50)

    assert time.broken() == 0
    assert 40 * duration < time.seconds <= 50 * duration
    place = time.place(10 * duration)
    assert place is not None
    assert place[0] % len(frame) == 0
    assert 10 <= place[0] // len(frame) <= 14
    assert place[1] == pytest.approx(place[0] // len(frame) * duration)
    time.begin()
    assert time.began_at == pytest.approx(50 * duration)


@properties
@given(st.integers(0, 20), st.integers(0, 287), places)
def test_frames_in_any_pieces(count: int, rest: int, where: list[int]) -> None:
    """The count does not depend on how frames are cut; the bytes missing from the last one are known."""
    data = FRAME_24K * count + FRAME_24K[:rest]
    whole, pieces = Mp3Frames(12000), Mp3Frames(12000)
    whole.restart(7, 0.0)
    pieces.restart(7, 0.0)
    whole.feed(data)
    for piece in cut(data, where):
        pieces.feed(piece)

    assert pieces.seconds == whole.seconds
    assert pieces.broken() == whole.broken()
    if rest == 0 or rest >= 4:
        assert whole.broken() == (-rest) % 288
    for tenth in range(5):
        assert pieces.place(tenth / 10) == whole.place(tenth / 10)


def _unit(header: str, size: int, fill: int) -> bytes:
    return bytes.fromhex(header).ljust(size, bytes([fill]))


# Frames of sound at two rates (some of it resembles a tag's name), and units without sound.
_LIKE_A_TAG = (FRAME_24K[:4] + bytes(8) + b"XingInfoXing").ljust(288, b"I")
_SOUND = {
    0.024: [*(_unit("fff3a4c4", 288, fill) for fill in b"\0\xffXI"), _LIKE_A_TAG],
    1152 / 44100: [_unit("fffb9000", 417, 2), _unit("fffb9200", 418, 3)],
}
_SILENT = [
    (FRAME_24K[:4] + bytes(9) + b"Info").ljust(288, b"X"),
    b"ID3\4\0\0\0\0\1\5" + bytes(133),
    b"TAG" + bytes(125),
]


@properties
@given(st.data(), st.sampled_from(list(_SOUND)), places)
def test_a_stream_of_any_units(data: st.DataObject, duration: float, where: list[int]) -> None:
    """Runs of frames, single frames and tags between them count the same as the units one by one."""
    sounding = st.tuples(st.sampled_from(_SOUND[duration]), st.integers(1, 30))
    silent = st.tuples(st.sampled_from(_SILENT), st.just(1))
    units = [*data.draw(st.lists(sounding | silent, max_size=10)), *data.draw(st.tuples(sounding))]
    ends = [0]  # offsets of frames of sound
    offset = 0
    for unit, count in units:
        for _ in range(count):
            offset += len(unit)
            if unit not in _SILENT:
                ends.append(offset)
    time = Mp3Frames(12000)
    time.restart(7, 1.0)
    for piece in cut(b"".join(unit * count for unit, count in units), where):
        time.feed(piece)

    assert time.broken() == 0
    assert time.end() == pytest.approx(1.0 + duration * (len(ends) - 1))
    assert time.seconds == pytest.approx(max(0.0, duration * (len(ends) - 3)))
    for number in range(3, len(ends)):
        # In the middle of a frame, so that rounding does not matter.
        found = time.place(duration * (number - 2))
        assert found is not None
        assert found[0] == 7 + ends[number]
        assert found[1] == pytest.approx(1.0 + duration * number)
    assert time.place(duration * (len(ends) - 2)) is None


@each("rubbish", [b"ID3\x04" + bytes(20), b"\xff\xff\xff\xff", b"RIFF", bytes(8)])
def test_no_frames(rubbish: bytes) -> None:
    """Anything other than a frame stops the counting until the next session; nothing is guessed."""
    time = Mp3Frames(12000)
    time.restart(0, 0.0)
    time.feed(FRAME_24K * 10 + rubbish + FRAME_24K * 10)

    assert time.seconds == 0.0
    assert time.place(0.1) is None
    assert time.broken() == 0
    time.restart(1000, 0.0)
    time.feed(FRAME_24K * 10)
    assert time.seconds > 0


def test_memory() -> None:
    """The memory for an hour without a flush is bounded."""
    time = Mp3Frames(12000)
    time.restart(0, 0.0)
    for _ in range(100):
        time.feed(FRAME_24K * 1000)

    assert time.place(1.0) is None or time.seconds > 0


@properties
@given(st.binary(max_size=300), places)
def test_any_bytes(data: bytes, where: list[int]) -> None:
    """Arbitrary bytes raise nothing, time never decreases, and positions are within the output."""
    time = Mp3Frames(12000)
    time.restart(0, 0.0)
    for piece in cut(FRAME_24K + data, where):
        time.feed(piece)

    place = time.place(0.0)
    assert place is None or 0 <= place[0] <= 288 + len(data)
    assert 0.0 <= time.began_at <= time.end()
    assert time.broken() >= 0


ID3V2 = b"ID3\4\0\0\0\0\1\5" + bytes(133)
ID3V1 = b"TAG" + bytes(125)
XING = (FRAME_24K[:4] + bytes(9) + b"Xing").ljust(288, b"\0")


@properties
@given(st.sampled_from([(ID3V2, XING), (XING,), (ID3V2,), ()]), places)
def test_tags(tags: tuple[bytes, ...], where: list[int]) -> None:
    """Tags before and after the frames take no time and are not sound, however they are cut."""
    time = Mp3Frames(12000)
    time.restart(0, 0.0)
    for piece in cut(b"".join(tags), where):
        time.feed(piece)
        assert not time.sounds
    for piece in cut(FRAME_24K * 5 + XING + ID3V1 + ID3V2 + FRAME_24K, where):
        time.feed(piece)

    assert time.sounds
    assert time.end() == pytest.approx(6 * 0.024)
    assert time.broken() == 0


@each(
    ("header", "size", "side"),
    [
        ("fff3a4c0", 288, 9),  # MPEG-2, mono
        ("fff2a4c0", 288, 11),  # the same with a checksum
        ("fff3a400", 288, 17),  # MPEG-2, stereo
        ("fffb90c0", 417, 17),  # MPEG-1, mono
        ("fffb9000", 417, 32),  # MPEG-1, stereo
    ],
)
@each(("shift", "sounds"), [(0, False), (1, True), (-1, True)])
def test_where_a_tag_is(header: str, size: int, side: int, shift: int, sounds: bool) -> None:
    """The name of an encoder's tag follows the side information; the same letters elsewhere are sound."""
    time = Mp3Frames(12000)
    time.restart(0, 0.0)
    time.feed((bytes.fromhex(header) + bytes(side + shift) + b"Info").ljust(size, b"\0"))

    assert time.sounds is sounds
    assert time.broken() == 0


@each(("size", "sounds"), [(3, False), (4, False), (287, False), (288, True)])
def test_part_of_a_frame(size: int, sounds: bool) -> None:
    """Part of a frame is not sound; at the end of the output it counts as whole."""
    time = Mp3Frames(12000)
    time.restart(0, 0.0)
    time.feed(FRAME_24K[:size])

    assert time.sounds is sounds
    assert time.end() == (0.024 if size >= 4 else 0.0)


@each("data", [b"A", b"One.", b"TAX", b"\xff\x00", b"ID4"])
def test_what_is_no_mp3(data: bytes) -> None:
    """Data that is not MP3 counts as sound, and its duration is estimated."""
    time = Mp3Frames(10)
    time.restart(0, 0.0)
    time.feed(data)

    assert time.sounds
    assert 0 < time.end() <= len(data) / 10
