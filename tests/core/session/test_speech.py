"""Text against audio: what is confirmed by whichever comes last (contract, 5)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.session.messages import Token
from lmnt_cli.core.session.speech import Speech
from lmnt_cli.core.text.segmenter import Mark, Piece
from lmnt_cli.errors import RemoteProtocolError


SECOND = bytes(16000)


def sent(*pieces: Piece) -> Speech:
    """Speech whose pieces were all sent; a second is 16,000 bytes."""
    speech = Speech(AudioFormat.PCM_S16LE, 8000)
    speech.ledger.add(list(pieces))
    while speech.ledger.take_next():
        pass
    return speech


@pytest.mark.parametrize("first", ["times", "audio"])
def test_whichever_comes_last(first: str) -> None:
    """A word is confirmed when both its time and the audio up to its end have come, in either order."""
    speech = sent("One two.", Mark.FLUSH)
    times = (Token("One", 0.0, 0.5), Token("two.", 0.5, 1.0))
    if first == "times":
        speech.take_word_times(times)
        assert speech.ledger.confirmed_bytes == 0
        speech.take_audio(SECOND)
    else:
        speech.take_audio(SECOND)
        assert speech.ledger.confirmed_bytes == 0
        speech.take_word_times(times)

    assert speech.ledger.confirmed_bytes == len("One")
    assert speech.ledger.confirmed_to == 8000


def test_an_utterance() -> None:
    """An answered flush confirms all of it, up to where its audio ends."""
    speech = sent("One.", Mark.FLUSH)
    speech.take_audio(SECOND)
    speech.complete_utterance(None)

    assert (speech.ledger.confirmed_bytes, speech.ledger.confirmed_to) == (4, 16000)
    assert speech.unspoken(16000).text == ""
    assert speech.unspoken(16000).audio_end == 16000


def test_no_audio() -> None:
    """Words without audio are nonsense, told with the session's id."""
    with pytest.raises(RemoteProtocolError) as raised:
        sent("One.", Mark.FLUSH).complete_utterance("req_1")

    assert raised.value.request_id == "req_1"


def test_not_yet_written() -> None:
    """What is confirmed stays unspoken until its audio is written."""
    speech = sent("One.", Mark.FLUSH, "Two.")
    speech.take_audio(SECOND)
    speech.complete_utterance(None)

    assert speech.unspoken(15999).text == "One.Two."
    assert speech.unspoken(16000).text == "Two."


@pytest.mark.parametrize(("can_cut", "length"), [(True, 8000), (False, 16002)])
def test_splice(can_cut: bool, length: int) -> None:
    """The next session's audio is joined where what was confirmed ends, or on a whole sample."""
    speech = sent("One two.", Mark.FLUSH)
    speech.take_audio(SECOND + b"\1")
    speech.take_word_times((Token("One", 0.0, 0.5),))
    splice = speech.splice(can_cut=can_cut)

    assert (splice.cut_to, splice.filling) == ((8000, b"") if can_cut else (None, b"\0"))
    assert speech.track.length == length
