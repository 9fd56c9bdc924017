"""After a lost connection unconfirmed text is spoken again: no word is lost (contract, 4 and 5)."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from tests.doubles.behaviours import Behaviour, Fails, HangsUp
from tests.doubles.fake_service import FakeService
from tests.doubles.fake_session import RIFF_HEADER
from tests.tools.program import Say


TEXT = b"One.\n\nTwo three.\n\nFour!!\n\n"
DROPS = {
    "1000 without finish": HangsUp(1000, at=2),
    "1001": HangsUp(1001, at=2),
    "1011": HangsUp(1011, at=2),
    "1012": HangsUp(1012, at=2),
    "end of TCP": HangsUp(None, at=2),
}


@pytest.mark.parametrize("drop", DROPS.values(), ids=DROPS)
def test_no_word_is_lost(say: Say, service: FakeService, drop: Behaviour) -> None:
    """The utterance that was cut off is spoken again, those before it are not."""
    service.does(drop, "speaks")
    running = say.start()
    running.type(TEXT)
    running.read(len(b"One.\n\nTwo th" + b"Two three.\n\nFour!!\n\n"))
    running.end_input()

    result = say.end(running)

    assert result.status == 0
    assert result.stdout.startswith(b"One.\n\nTwo th")
    assert result.stdout.endswith(b"Two three.\n\nFour!!\n\n")
    assert service.session(1).text == "Two three.\n\nFour!!\n\n"
    assert len(service.handshakes) == 2


@pytest.mark.parametrize("kind", ["rate_limit_error", "internal_server_error"])
def test_errors_that_pass(say: Say, service: FakeService, kind: str) -> None:
    """A rate limit or a failure of the service is retried after audio too."""
    service.does(Fails(kind, after_audio=True), "speaks")

    result = say("-o", "story.mp3", stdin=TEXT)

    assert result.status == 0
    assert (say.directory / "story.mp3").read_bytes() == TEXT


def test_a_notice_tells(say: Say, service: FakeService) -> None:
    """A run that was resumed says so in one line, except with -q."""
    service.does(DROPS["1011"], "speaks", DROPS["1011"], "speaks")

    assert len(say(stdin=TEXT).lines) == 1
    assert say("-q", stdin=TEXT).stderr == ""


@pytest.mark.parametrize(
    ("name", "text"), [("story.mp3", TEXT), ("story.pcm", TEXT), ("story.f32", TEXT + b"Fiv.")]
)
def test_nothing_twice_in_a_file(
    say: Say, service: FakeService, tmp_path: Path, name: str, text: bytes
) -> None:
    """A file is cut back to what was confirmed, so that nothing is repeated in it."""
    service.does(DROPS["end of TCP"], "speaks")

    assert say("-o", name, stdin=text).status == 0

    assert (tmp_path / name).read_bytes() == text


def test_wav_goes_on(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A wav file has one header with the real sizes, however often the session was lost."""
    service.does(DROPS["end of TCP"], DROPS["1011"], "speaks")

    assert say("-o", "story.wav", stdin=TEXT).status == 0

    with wave.open(str(tmp_path / "story.wav")) as file:
        assert file.readframes(999) == TEXT


def test_ulaw_goes_on(say: Say, service: FakeService, tmp_path: Path) -> None:
    """The header sent by a new session is dropped."""
    service.does(DROPS["1011"], "speaks")

    assert say("-o", "story.ulaw", stdin=TEXT).status == 0

    assert (tmp_path / "story.ulaw").read_bytes()[44:] == TEXT
    assert (tmp_path / "story.ulaw").read_bytes()[:4] == RIFF_HEADER[:4]


@pytest.mark.parametrize(("audio", "width"), [("pcm_s16le", 2), ("pcm_f32le", 4)])
def test_broken_samples_are_completed(say: Say, service: FakeService, audio: str, width: int) -> None:
    """In a pipe, a partial sample is completed with zeros, so that later samples are right."""
    service.does(HangsUp(None, share=0.25), "speaks")

    result = say("--format", audio, stdin=b"Nine bytes, twenty more..")

    assert result.status == 0
    begin = b"Nine b"
    padding = bytes(-len(begin) % width)
    assert result.stdout == begin + padding + b"Nine bytes, twenty more.."


def test_attempts_count_from_the_last_confirmed(say: Say, service: FakeService) -> None:
    """A session that confirms something resets the count: one retry is enough for many drops."""
    service.does(*[HangsUp(1011, at=2)] * 3, "speaks")

    result = say("--retry", "1", "-o", "story.mp3", stdin=b"One.\n\nTwo.\n\nThree.\n\nFour.\n\nFive.")

    assert result.status == 0
    assert (say.directory / "story.mp3").read_bytes() == b"One.\n\nTwo.\n\nThree.\n\nFour.\n\nFive."


def test_attempts_without_progress(say: Say, service: FakeService) -> None:
    """Sessions that confirm nothing use up the retries."""
    service.does(HangsUp(1011, at=1))

    assert say("--retry", "1", stdin=TEXT).status == 6
    assert len(service.handshakes) == 2


@pytest.mark.parametrize(
    "args", [("--on-drop", "fail"), ("--retry", "0"), ("--format", "webm")], ids=" ".join
)
def test_where_it_does_not_go_on(say: Say, service: FakeService, args: tuple[str, ...]) -> None:
    """With --on-drop fail, without retries, or in a format that cannot resume, a drop is exit 6."""
    service.does(DROPS["1011"], "speaks")

    assert say(*args, stdin=TEXT).status == 6
    assert len(service.handshakes) == 1


@pytest.mark.parametrize("args", [(), ("--retry", "0")], ids=["default", "--retry 0"])
def test_idle_drop(say: Say, service: FakeService, args: tuple[str, ...]) -> None:
    """A connection lost while nothing is owed is reopened for the next text, and costs no retry."""
    running = say.start(*args)
    running.type(b"One.\n\n")
    running.read(6)
    session = service.session()

    service.cut(session)
    session.wait_end()
    with pytest.raises(AssertionError, match="no 2 handshakes"):
        service.wait_handshakes(2, limit=0.5)
    running.type(b"Two.")
    running.end_input()

    result = say.end(running)
    assert (result.status, result.stdout, result.stderr) == (0, b"One.\n\nTwo.", "")


@pytest.mark.parametrize("kind", ["authentication_error", "permission_error", "payment_required_error"])
def test_what_is_final_stays_final(say: Say, service: FakeService, kind: str) -> None:
    """Errors about key, permission and payment are never retried."""
    service.does(Fails(kind, after_audio=True), "speaks")

    assert say(stdin=TEXT).status in (3, 4)
    assert len(service.handshakes) == 1
