"""The arithmetic of playing: what a player gets, what is audible, what was heard (contract, 4 and 7)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.audio.formats import AudioFormat, Start
from lmnt_cli.core.audio.playhead import LATENCY, Playhead
from lmnt_cli.core.audio.wav import container_of
from tests.tools.each import each
from tests.tools.strategies import properties


SECOND = 48_000  # bytes of pcm_s16le at 24000
NOW = 100.0


def playhead(audio_format: AudioFormat = AudioFormat.PCM_S16LE, *, takes_header: bool = True) -> Playhead:
    return Playhead(audio_format, 24000, takes_header=takes_header)


def wav(audio: bytes) -> bytes:
    """Return a WAV stream with this audio."""
    return container_of(AudioFormat.WAV, 24000).feed(audio)


STREAM = wav(bytes(range(256)) * 4)


@properties
@given(st.lists(st.integers(1, 70), min_size=1, max_size=12), st.data())
def test_a_second_player_joins_on_a_whole_sample(sizes: list[int], data: st.DataObject) -> None:
    """Wherever a player is replaced, the next one gets the header and then whole samples without a gap."""
    replaced_after = data.draw(st.integers(0, len(sizes) - 1))
    head = playhead(AudioFormat.WAV)
    head.receive(STREAM, NOW)
    position = 0
    heard = b""
    for number, size in enumerate(sizes):
        if number == replaced_after:
            head.replace_player()
            heard = b""
        heard += head.fit(STREAM[position : position + size], position)
        position += size

    begun = max(44, sum(sizes[:replaced_after]))
    begun += begun % 2
    assert heard == (STREAM[:44] + STREAM[begun:position] if position > begun else b"")


@each("audio_format", [AudioFormat.WAV, AudioFormat.ULAW])
def test_bare_samples(audio_format: AudioFormat) -> None:
    """A player that takes bare samples never gets a header."""
    head = playhead(audio_format, takes_header=False)
    stream = wav(b"onetwo")
    head.receive(stream, NOW)

    assert head.fit(stream[:47], 0) == b"one"
    head.replace_player()
    assert head.fit(stream[48:], 48) == b"wo"


def test_a_format_without_header() -> None:
    """MP3 has no header, and can be joined anywhere."""
    head = playhead(AudioFormat.MP3)
    head.receive(b"RIFF", NOW)

    assert head.fit(b"RIFF", 0) == b"RIFF"
    head.replace_player()
    assert head.fit(b"abc", 3) == b"abc"


@each("audio_format", list(AudioFormat))
def test_who_can_skip(audio_format: AudioFormat) -> None:
    """Only WebM cannot be joined in the middle."""
    assert playhead(audio_format).can_skip == (audio_format is not AudioFormat.WEBM)


@each(("had", "stays", "filling"), [(3, 2, 1), (4, 2, 0), (2, 2, 0), (1, 2, 0), (5, 0, 1)])
def test_a_broken_sample_is_filled_up(had: int, stays: int, filling: int) -> None:
    """If a player got part of a sample that is taken back, the rest is filled with zeros."""
    head = playhead()
    head.receive(bytes(had), NOW)
    head.fit(bytes(had), 0)
    head.cut(had, stays)

    assert head.fit(b"next", stays) == bytes(filling) + b"next"
    assert head.fit(b"more", stays + 4) == b"more"


def test_what_sounds() -> None:
    """Audio is audible from its arrival, one chunk after another, plus the player's latency."""
    head = playhead()
    assert not head.sounds(NOW)
    head.receive(bytes(SECOND), NOW)
    head.receive(bytes(SECOND), NOW + 0.5)

    assert head.sounds(NOW + 2)
    assert not head.sounds(NOW + 2 + LATENCY)
    head.receive(bytes(SECOND), NOW + 10)
    assert head.sounds(NOW + 11)
    head.replace_player()
    assert not head.sounds(NOW + 10)


def test_a_pause_uses_nothing_up() -> None:
    """Nothing is heard while the player is stopped; resuming a running player changes nothing."""
    head = playhead()
    head.receive(bytes(SECOND), NOW)
    head.pause(NOW + 0.5)
    head.resume(NOW + 60)
    head.resume(NOW + 90)

    assert head.sounds(NOW + 60.4)
    assert not head.sounds(NOW + 61)
    head.pause(NOW + 70)
    head.resume(NOW + 80)
    assert not head.sounds(NOW + 80)


def test_the_position() -> None:
    """The seconds heard follow the clock and stop at the end; skipped audio counts as heard."""
    head = playhead()
    assert head.seconds(NOW) == (0, 0)
    head.receive(bytes(2 * SECOND), NOW)

    assert head.seconds(NOW) == (0, 2)
    assert head.seconds(NOW + 0.5) == (0.5, 2)
    assert head.seconds(NOW + 9) == (2, 2)
    head.receive(bytes(SECOND), NOW + 9)
    assert head.seconds(NOW + 9.25) == (2.25, 3)
    head.replace_player()
    assert head.seconds(NOW + 9.25) == (3, 3)
    assert playhead(AudioFormat.WEBM).seconds(NOW) is None


def test_what_was_surely_heard() -> None:
    """Audio counts as heard after its duration and the player's latency; in WebM, on arrival."""
    head = playhead()
    head.receive(bytes(2 * SECOND), NOW)

    assert head.heard(NOW) == 0
    assert head.heard(NOW + LATENCY + 0.5) == SECOND // 2
    assert head.heard(NOW + LATENCY + 2) == 2 * SECOND
    head.replace_player()
    assert head.heard(NOW) == 2 * SECOND
    webm = playhead(AudioFormat.WEBM)
    webm.receive(b"abc", NOW)
    assert webm.heard(NOW) == 3


@properties
@given(st.lists(st.tuples(st.integers(0, 3 * SECOND), st.floats(0, 5)), max_size=8))
def test_heard_never_falls_nor_passes_the_end(steps: list[tuple[int, float]]) -> None:
    """The offset heard never decreases and never exceeds the audio received."""
    head = playhead()
    now, last, total = NOW, 0, 0
    for size, wait in steps:
        head.receive(bytes(size), now)
        total += size
        now += wait
        heard = head.heard(now)
        assert last <= heard <= total
        last = heard


def test_what_continues_a_recording() -> None:
    """The first player gets the audio after the existing part, under a header of unknown length."""
    there = STREAM[:40] + (100).to_bytes(4, "little")
    head = Playhead(AudioFormat.WAV, 24000, Start(144, there, 0.1), takes_header=True)
    head.receive(b"\1\2\3\4", NOW)

    assert head.fit(b"\1\2\3\4", 144) == STREAM[:44] + b"\1\2\3\4"
    assert head.heard(NOW + 10) == 148
    bare = Playhead(AudioFormat.PCM_S16LE, 24000, Start(100), takes_header=True)
    bare.receive(b"\1\2", NOW)
    assert bare.fit(b"\1\2", 100) == b"\1\2"
