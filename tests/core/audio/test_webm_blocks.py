"""In WebM, blocks of audio are distinguished from headers (contract, 5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.audio.webm_blocks import WebmBlocks
from tests.tools.each import each
from tests.tools.strategies import cut, places, properties


def element(name: str, content: bytes, *, unknown: bool = False) -> bytes:
    """Return an element; `unknown` leaves its size open, as in a live stream."""
    size = b"\x01\xff\xff\xff\xff\xff\xff\xff" if unknown else (0x4000 | len(content)).to_bytes(2, "big")
    return bytes.fromhex(name) + size + content


EBML = element("1a45dfa3", bytes.fromhex("4286810142f78101"))
HEADERS = element("1549a966", bytes(30)) + element("1654ae6b", bytes(300))
TIME = element("e7", b"\0")
BLOCK = element("a3", b"\x81\0\0\x80opus")
GROUP = element("a0", element("a1", b"\x81\0\0\0opus"))


def blocks(*pieces: bytes) -> WebmBlocks:
    """Return WebmBlocks that have been fed these chunks."""
    fed = WebmBlocks()
    for piece in pieces:
        fed.feed(piece)
    return fed


@properties
@given(st.sampled_from([BLOCK, GROUP]), st.booleans(), places)
def test_a_block(block: bytes, unknown: bool, where: list[int]) -> None:
    """Sound begins with the first whole block, wherever the stream is cut, with known sizes or not."""
    cluster = element("1f43b675", TIME + block, unknown=unknown)
    stream = EBML + element("18538067", HEADERS + cluster, unknown=unknown)

    assert not blocks(*cut(stream[:-1], where)).sounds
    assert blocks(*cut(stream, where)).sounds


def test_utterances() -> None:
    """Each utterance needs a block of its own; a restarted stream may be the next utterance."""
    stream = EBML + element(
        "18538067", HEADERS + element("1f43b675", TIME + BLOCK, unknown=True), unknown=True
    )
    fed = blocks(stream)
    fed.begin()
    assert not fed.sounds
    fed.feed(BLOCK)
    assert fed.sounds
    fed.restart(0, 0.0)
    fed.feed(EBML)
    assert not fed.sounds
    fed.feed(stream[len(EBML) :])
    assert fed.sounds


@each("data", [b"A", b"\x1a\x45\xdf\xa4", b"\x1a!"])
def test_what_is_no_webm(data: bytes) -> None:
    """Data that does not begin as WebM counts as sound."""
    assert blocks(data).sounds


@properties
@given(st.binary(max_size=60), places)
def test_any_bytes(data: bytes, where: list[int]) -> None:
    """Arbitrary bytes raise nothing, and the result does not depend on how they are cut."""
    assert blocks(*cut(EBML + data, where)).sounds == blocks(EBML + data).sounds
