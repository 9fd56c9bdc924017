"""The session: the content and time of `init`, and what a clean end is (contract, section 5)."""

from __future__ import annotations

import pytest

from tests.doubles.behaviours import Behaviour
from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import PATH, FakeService
from tests.doubles.fake_session import Session
from tests.tools.program import Say


PLAIN = {
    "type": "init",
    "X-API-Key": KEY,
    "lmnt-version": "1.2",
    "voice": "lily",
    "format": "mp3",
    "sample_rate": 24000,
}
# Word times are requested only if a lost session can resume with them, which excludes webm.
RESUMABLE = dict.fromkeys(("mp3", "pcm_s16le", "pcm_f32le", "ulaw"), (None, True)) | {"webm": (None,)}


def init_of(session: Session) -> dict[str, object]:
    """Return the `init` of a session; whether it asks for word times is checked."""
    init = dict(session.init or {})
    assert init.pop("return_timestamps", None) in RESUMABLE[init["format"]]
    return init


def test_connects_before_the_first_text(say: Say, service: FakeService) -> None:
    """The connection is opened and `init` sent before the first text arrives.

    `init` has the defaults and no other fields; an empty variable is unset.
    """
    running = say.start(env={"LMNT_VOICE": ""})

    session = service.session()

    assert session.texts == []
    assert init_of(session) == PLAIN
    running.type(b"Late.")
    running.end_input()
    assert say.end(running).stdout == b"Late."


def test_nothing_waits_for_ready_and_all_for_the_audio(say: Say, service: FakeService) -> None:
    """Text does not wait for `ready`. After the end of the input the audio is waited for, however long.

    LMNT_VOICE overrides the default; word times are requested only if useful.
    """
    service.does(Behaviour(waits={"ready", "audio"}))
    running = say.start("--format", "webm", env={"LMNT_VOICE": "leah"})
    running.type(b"Early.")
    session = service.session()
    session.wait_text("Early.")

    service.let("ready")
    running.end_input()
    session.wait_flushes(1)
    assert not session.finished

    service.let("audio")
    assert say.end(running).stdout == b"Early."
    assert session.finished
    assert init_of(session) == PLAIN | {"voice": "leah", "format": "webm"}


def test_options_override_the_environment(say: Say, service: FakeService) -> None:
    """So do --base-url, --api-key-file and -v; `init` has the fields that are set and no others.

    The path of the base URL precedes ours, and its query is kept; ws is equivalent to http. White space
    around the key is not part of it.
    """
    (say.directory / "key").write_text(f"{KEY}\n")
    options = ("-v", "amy", "-l", "en", "--format", "pcm_f32le", "--sample-rate", "8000")
    with FakeService(path="/proxy" + PATH) as other:
        url = f"ws://127.0.0.1:{other.port}/proxy/?region=moon"
        where = ("--base-url", url, "--api-key-file", "key")
        wrong = {"LMNT_API_KEY": "wrong", "LMNT_VOICE": "leah"}

        result = say(*where, *options, stdin=b"Words...", env=wrong)

        assert (result.status, result.stdout, result.stderr) == (0, b"Words...", "")
        assert other.handshakes[0].path == f"/proxy{PATH}?region=moon"
        assert init_of(other.session()) == PLAIN | {
            "voice": "amy",
            "language": "en",
            "format": "pcm_f32le",
            "sample_rate": 8000,
        }
        assert other.faults == []
    assert service.handshakes == []


def test_key_on_standard_input(say: Say, service: FakeService) -> None:
    """If the text comes from elsewhere, the key can be read from standard input."""
    result = say("--api-key-file", "-", "Words.", stdin=f"{KEY}\n".encode(), env={"LMNT_API_KEY": None})

    assert (result.status, result.stdout) == (0, b"Words.")


def test_one_connection(say: Say, service: FakeService) -> None:
    """All utterances use one session, whatever unknown types, fields and fragments arrive in it.

    The key is sent only in `init`, not in the headers or the path of the upgrade.
    """
    service.does("says more")

    result = say(stdin=b"One.\n\nTwo.")

    assert (result.status, result.stdout, result.stderr) == (0, b"One.\n\nTwo.", "")
    (handshake,) = service.handshakes
    assert KEY not in handshake.path
    assert KEY not in str(handshake.headers)


def test_a_silent_writer_is_no_error(say: Say, service: FakeService) -> None:
    """While nothing is owed, silence of the writer has no limit."""
    running = say.start("--timeout", "0.5")
    running.type(b"One.\n\n")
    running.read(6)

    with pytest.raises(AssertionError, match="in vain"):
        service.session().wait(lambda: service.session().ended, "an end", limit=1.0)

    running.type(b"Two.")
    running.end_input()
    assert say.end(running).stdout == b"One.\n\nTwo."
