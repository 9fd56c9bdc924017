"""Text matched with audio: a word is confirmed by whichever arrives last (contract, 5)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.session.happenings import Confirmed, Dropped, Happening, Sound, WordTimes, Written
from lmnt_cli.core.session.messages import Token
from lmnt_cli.core.session.speech import Speech
from lmnt_cli.core.text.segmenter import Mark, Piece
from lmnt_cli.errors import RemoteProtocolError
from tests.tools.each import each


SECOND = bytes(16000)


def sent(*pieces: Piece) -> Speech:
    """Return speech whose pieces were all sent; a second is 16,000 bytes."""
    return told(*pieces)[0]


def told(*pieces: Piece, audio_format: AudioFormat = AudioFormat.PCM_S16LE) -> tuple[Speech, list[Happening]]:
    """Return the same, and a list of its events."""
    happened: list[Happening] = []
    speech = Speech(audio_format, 8000, happened.append)
    speech.ledger.add(list(pieces))
    while speech.ledger.take_next():
        pass
    return speech, happened


@each("first", ["times", "audio"])
def test_whichever_comes_last(first: str) -> None:
    """A word is confirmed when both its time and the audio up to its end have arrived, in either order."""
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
    assert speech.track.confirmed_to == 8000


def test_an_utterance() -> None:
    """An answered flush confirms its utterance, up to the end of its audio."""
    speech = sent("One.", Mark.FLUSH)
    speech.take_audio(SECOND)
    speech.complete_utterance(None)

    assert (speech.ledger.confirmed_bytes, speech.track.confirmed_to) == (4, 16000)
    assert speech.unspoken(16000).text == ""
    assert speech.unspoken(16000).audio_end == 16000


ULAW_HEADER = b"RIFF\0\0\0\0WAVEdata\0\0\0\0"
XING = (bytes.fromhex("fff3a4c0") + bytes(9) + b"Info").ljust(288, b"\0")
EBML = bytes.fromhex("1a45dfa387428681 0142f78101")


@each(
    ("audio_format", "audio"),
    [
        (AudioFormat.PCM_S16LE, b""),
        (AudioFormat.PCM_S16LE, b"a"),
        (AudioFormat.WAV, b"a"),
        (AudioFormat.PCM_F32LE, b"abc"),
        (AudioFormat.ULAW, ULAW_HEADER),
        (AudioFormat.MP3, b"ID3\4\0\0\0\0\0\n" + bytes(10)),
        (AudioFormat.MP3, XING),
        (AudioFormat.MP3, XING[:100]),
        (AudioFormat.MP3, b"TAG" + bytes(125)),
        (AudioFormat.WEBM, EBML),
    ],
)
@each("before", [False, True])
def test_no_audio(audio_format: AudioFormat, audio: bytes, before: bool) -> None:
    """Words with only a header, a tag or part of a sample are not confirmed, at the start or later."""
    speech, _ = told("One.", Mark.FLUSH, "Two.", Mark.FLUSH, audio_format=audio_format)
    if before:
        # Data that is not MP3 or WebM counts as audio.
        speech.take_audio(b"\x7f" * 400)
        speech.complete_utterance(None)
        if audio_format in (AudioFormat.MP3, AudioFormat.WEBM):
            return
    speech.take_audio(audio)
    with pytest.raises(RemoteProtocolError) as raised:
        speech.complete_utterance("req_1")

    assert raised.value.request_id == "req_1"
    unspoken = speech.unspoken(speech.track.length)
    assert unspoken.text == ("Two." if before else "One.Two.")
    assert unspoken.refused


def test_no_words() -> None:
    """An utterance without a word needs no audio."""
    speech = sent("---", Mark.FLUSH)
    speech.complete_utterance(None)

    assert speech.ledger.nothing_owed
    assert not speech.unspoken(0).refused


def test_what_happens() -> None:
    """Times are seconds of the written audio, across utterances, resets, resumptions and cuts."""
    speech, happened = told("One two.", Mark.FLUSH, "Three four.", Mark.FLUSH, "Five.", Mark.FLUSH)
    speech.take_audio(SECOND)
    one = (Token("One", 0.0, 0.5), Token("two.", 0.5, 0.25))
    speech.take_word_times(one)
    speech.complete_utterance(None)
    speech.take_audio(SECOND)
    three = (Token("Three", 0.0, 0.25),)
    speech.take_word_times(three)
    speech.rewind()
    speech.splice(can_cut=True)
    while speech.ledger.take_next():
        pass
    speech.take_audio(SECOND)
    speech.complete_utterance(None)
    speech.take_audio(SECOND)
    speech.drop()

    assert happened == [
        Sound(1, 0.0),
        WordTimes(1, 0.0, one),
        Confirmed(1, "One two.", 0.0, 0.75, whole=False, offset=12000),
        Confirmed(1, "", 0.75, 1.0, whole=True, offset=16000),
        Sound(2, 1.0),
        WordTimes(2, 1.0, three),
        Confirmed(2, "Three", 1.0, 1.25, whole=False, offset=20000),
        Sound(2, 1.25),
        Confirmed(2, " four.", 1.25, 2.25, whole=True, offset=36000),
        Sound(3, 2.25),
        Dropped(3, 3, 5),
    ]


def test_complete_without_an_answer() -> None:
    """An utterance whose words were all heard is complete when its session is lost."""
    speech, happened = told("One!", Mark.FLUSH, "Two.")
    speech.take_audio(SECOND)
    speech.take_word_times((Token("One", 0.0, 0.5), Token("!", 0.5, 0.0)))
    assert speech.ledger.owed_text(9) == "Two."
    speech.rewind()

    assert happened[-1] == Confirmed(1, "", 0.5, 0.5, whole=True, offset=8000)
    assert speech.ledger.last_number == 1


@each("audio_format", [AudioFormat.WEBM])
def test_no_time(audio_format: AudioFormat) -> None:
    """If bytes do not indicate time there are no seconds."""
    speech, happened = told("One.", Mark.FLUSH, audio_format=audio_format)
    speech.take_audio(b"audio")
    speech.complete_utterance(None)

    assert happened == [Sound(1, None), Confirmed(1, "One.", None, None, whole=True, offset=5)]


def test_not_yet_written() -> None:
    """Confirmed text stays unspoken until its audio is written."""
    speech = sent("One.", Mark.FLUSH, "Two.")
    speech.take_audio(SECOND)
    speech.complete_utterance(None)

    assert speech.unspoken(15999).text == "One.Two."
    assert speech.unspoken(16000).text == "Two."


def test_written_is_reported_as_far_as_it_is_confirmed() -> None:
    """Once for each place: what waits is not written, and what is not confirmed may be cut off again."""
    speech, happened = told("One.", Mark.FLUSH, "Two.")
    speech.take_audio(SECOND)
    speech.note_written(0, 0)
    speech.complete_utterance(None)
    speech.take_audio(SECOND)
    for waiting in (32000, 31000, 31000, 16000, 0):
        speech.note_written(waiting, waiting)

    assert [each.offset for each in happened if isinstance(each, Written)] == [1000, 16000]


@each(
    ("was_sent", "unsent", "mid_utterance"),
    [
        (["One two.", Mark.FLUSH], [], True),
        (["One two."], [Mark.FLUSH], True),
        (["One "], ["two."], True),
        (["One "], [Mark.FLUSH, "Two."], False),
        (["One\n"], ["\n", Mark.FLUSH, "Two."], False),
        (["One\n", Mark.FLUSH], ["Two."], False),
        (["One\n", Mark.FLUSH, "Two."], [], False),
        (["One "], [], False),
    ],
)
def test_amid_an_utterance(was_sent: list[Piece], unsent: list[Piece], mid_utterance: bool) -> None:
    """What is unspoken begins mid-utterance if words before it are written and words of it are owed."""
    speech = sent(*was_sent)
    speech.ledger.add(unsent)
    speech.take_audio(SECOND)
    speech.take_word_times((Token("One", 0.0, 0.25),))

    assert not speech.unspoken(3999).mid_utterance
    assert speech.unspoken(4000).mid_utterance is mid_utterance


@each("end", ["flush", "drop", "rewind"])
def test_after_an_utterance(end: str) -> None:
    """However it ended, what follows is another."""
    speech = sent("One two", Mark.FLUSH, "Three")
    speech.take_audio(SECOND)
    speech.take_word_times((Token("One", 0.0, 0.25),))
    assert speech.unspoken(4000).mid_utterance
    match end:
        case "flush":
            speech.complete_utterance(None)
        case "drop":
            speech.drop()
        case "rewind":
            speech.take_word_times((Token("two", 0.25, 0.25),))
            speech.rewind()

    assert not speech.unspoken(16000).mid_utterance


@each(("can_cut", "length"), [(True, 8000), (False, 16002)])
def test_splice(can_cut: bool, length: int) -> None:
    """The next session's audio is joined at the end of the confirmed audio, or on a whole sample."""
    speech = sent("One two.", Mark.FLUSH)
    speech.take_audio(SECOND + b"\1")
    speech.take_word_times((Token("One", 0.0, 0.5),))
    splice = speech.splice(can_cut=can_cut)

    assert (splice.cut_to, splice.filling) == ((8000, b"") if can_cut else (None, b"\0"))
    assert speech.track.length == length
