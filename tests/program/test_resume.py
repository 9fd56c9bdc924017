"""After a lost connection unconfirmed text is spoken again: no word is lost (contract, 4 and 5)."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from tests.doubles.behaviours import Fails, HangsUp
from tests.doubles.fake_service import FakeService
from tests.doubles.fake_session import RIFF_HEADER
from tests.tools.program import Say


TEXT = b"One.\n\nTwo three.\n\nFour!!\n\n"
CUT = HangsUp(None, at=2)
# A session dropped in each way after it has confirmed an utterance.
DROPS = [
    HangsUp(1000, at=2),  # without `finish`, this is no clean end
    HangsUp(1001, at=2),
    HangsUp(1011, at=2),
    HangsUp(1012, at=2),
    CUT,
]


def test_no_word_is_lost(say: Say, service: FakeService) -> None:
    """The utterance that was cut off is spoken again, those before it are not.

    A session that confirms something resets the count of attempts: one retry is enough for many drops.
    """
    utterances = ["One.\n\n", "Two three.\n\n", "Four!!\n\n", "Five six.\n\n", "Seven.\n\n", "Eight ten.\n\n"]
    assert len(utterances) == len(DROPS) + 1
    service.does(*DROPS, "speaks")
    heard = utterances[0] + "".join(text[: round(len(text) / 2)] + text for text in utterances[1:])
    running = say.start("--retry", "1")
    running.type("".join(utterances).encode())
    running.read(len(heard))
    running.end_input()

    result = say.end(running)

    assert (result.status, result.stdout.decode()) == (0, heard)
    sent = [session.text for session in service.sessions]
    assert [text[:4] for text in sent] == [utterance[:4] for utterance in utterances]
    assert sent[-1] == utterances[-1]
    assert len(service.handshakes) == len(DROPS) + 1


def test_nothing_twice_in_a_file(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A file is cut back to what was confirmed, so that nothing is repeated in it; one line says so."""
    service.does(CUT, "speaks")

    result = say("-o", "story.mp3", stdin=TEXT)

    assert (result.status, len(result.lines)) == (0, 1)
    assert (tmp_path / "story.mp3").read_bytes() == TEXT


def test_wav_goes_on(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A wav file has one header with the real sizes, however often the session was lost; -q is silent.

    A rate limit or a failure of the service is retried after audio too.
    """
    failures = [Fails(kind, after_audio=True) for kind in ("rate_limit_error", "internal_server_error")]
    service.does(*failures, CUT, HangsUp(1011, at=2), "speaks")

    result = say("-q", "-o", "story.wav", stdin=TEXT)

    assert (result.status, result.stderr) == (0, "")
    with wave.open(str(tmp_path / "story.wav")) as file:
        assert file.readframes(999) == TEXT


def test_ulaw_goes_on(say: Say, service: FakeService, tmp_path: Path) -> None:
    """The header sent by a new session is dropped."""
    service.does(CUT, "speaks")

    assert say("-o", "story.ulaw", stdin=TEXT).status == 0

    assert (tmp_path / "story.ulaw").read_bytes()[44:] == TEXT
    assert (tmp_path / "story.ulaw").read_bytes()[:4] == RIFF_HEADER[:4]


def test_broken_samples_are_completed(say: Say, service: FakeService) -> None:
    """In a pipe, a partial sample is completed with zeros, so that later samples are right."""
    service.does(HangsUp(None, share=0.25), "speaks")

    result = say("--format", "pcm_f32le", stdin=b"Nine bytes, twenty more..")

    assert result.status == 0
    assert result.stdout == b"Nine b\0\0" + b"Nine bytes, twenty more.."


def test_attempts_without_progress(say: Say, service: FakeService) -> None:
    """Sessions that confirm nothing use up the retries."""
    service.does(HangsUp(1011, at=1))

    assert say("--retry", "1", stdin=TEXT).status == 6
    assert len(service.handshakes) == 2


def test_webm_does_not_go_on(say: Say, service: FakeService) -> None:
    """In a format that cannot be resumed, a drop is exit 6."""
    service.does(CUT, "speaks")

    assert say("--format", "webm", stdin=TEXT).status == 6
    assert len(service.handshakes) == 1


def test_idle_drop(say: Say, service: FakeService) -> None:
    """A connection lost while nothing is owed is reopened for the next text, and costs no retry."""
    running = say.start("--retry", "0")
    running.type(b"One.\n\n")
    running.read(6)
    drop(service, 0)
    with pytest.raises(AssertionError, match="no 2 handshakes"):
        service.wait_handshakes(2, limit=0.5)

    running.type(b"Two.\n\n")
    running.read(12)
    drop(service, 1)
    running.end_input()  # nothing is left to say

    result = say.end(running)
    assert (result.status, result.stdout, result.stderr) == (0, b"One.\n\nTwo.\n\n", "")
    assert len(service.handshakes) == 2


def drop(service: FakeService, number: int) -> None:
    """Cut the connection of a session once it has answered a flush."""
    session = service.session(number)
    session.wait(lambda: session.answered, "the answer")
    service.cut(session)
    session.wait_end()
