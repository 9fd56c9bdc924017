"""Codecs in containers: `lmnt_cli.local.encoders.containers`."""

from __future__ import annotations

import numpy as np
import pytest

from lmnt_cli.local.encoders.base import Encoder
from lmnt_cli.local.encoders.containers import Aac, WebM
from lmnt_cli.local.speech.hibari_engine import RATE
from tests.tools.decoding import decode


EBML = b"\x1aE\xdf\xa3"
CLUSTER = b"\x1fC\xb6u"


def quarter(encoder: Encoder) -> bytes:
    """Return a quarter of a second of a tone, with the silence that makes it audible."""
    samples = (0.5 * np.sin(np.arange(RATE // 4) / 10)).astype(np.float32)
    return b"".join(encoder.encode(samples) + encoder.flush_with_silence())


def test_webm_has_one_header_and_many_clusters() -> None:
    """Each packet of 20 ms has a cluster, so that none waits for the next second."""
    encoder = WebM(24000)
    audio = quarter(encoder) + quarter(encoder)

    assert audio.startswith(EBML)
    assert audio.count(EBML) == 1
    assert audio.count(CLUSTER) == pytest.approx(encoder.audible / 0.02, abs=2)
    assert decode(audio, "webm", 24000).codec in ("opus", "libopus")


@pytest.mark.parametrize("rate", [24000, 16000, 8000])
def test_aac_has_a_header_for_each_frame(rate: int) -> None:
    """Each frame has an ADTS header with the sample rate, so the stream can be joined at any frame."""
    encoder = Aac(rate)
    audio = quarter(encoder)
    frames, at = 0, 0
    while at < len(audio):
        assert audio[at] == 0xFF
        assert audio[at + 1] & 0xF6 == 0xF0
        at += (audio[at + 3] & 3) << 11 | audio[at + 4] << 3 | audio[at + 5] >> 5
        frames += 1

    assert frames == pytest.approx(encoder.audible * rate / 1024)
    assert decode(audio, "aac", rate).rate == rate


@pytest.mark.parametrize("kind", [WebM, Aac])
def test_what_was_dropped_is_not_written(kind: type[Encoder]) -> None:
    """The stream cannot be restarted: pending samples are drained into packets that are discarded."""
    encoder = kind(24000)  # type: ignore[call-arg]  # both take a rate
    quarter(encoder)
    encoder.encode(np.full(RATE, 0.5, np.float32))
    ready = encoder.next_start
    encoder.drop_pending()

    assert encoder.audible >= ready
