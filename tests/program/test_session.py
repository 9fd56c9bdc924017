"""The session: the content and time of `init`, and what a clean end is (contract, section 5)."""

from __future__ import annotations

import pytest

from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import PATH, FakeService
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


@pytest.mark.parametrize(
    ("args", "variable", "fields"),
    [
        ((), "", {}),
        (
            ("-v", "amy", "-l", "en", "--format", "pcm_f32le", "--sample-rate", "8000"),
            "leah",
            {"voice": "amy", "language": "en", "format": "pcm_f32le", "sample_rate": 8000},
        ),
        (("--format", "webm"), "leah", {"voice": "leah", "format": "webm"}),
    ],
    ids=["nothing", "options", "a variable"],
)
def test_init(
    say: Say, service: FakeService, args: tuple[str, ...], variable: str, fields: dict[str, object]
) -> None:
    """`init` has the fields that are set and no others; always format and rate; word times if useful.

    An option overrides LMNT_VOICE, which overrides the default; an empty variable is unset.
    """
    assert say(*args, stdin=b"Words.", env={"LMNT_VOICE": variable}).status == 0

    init = dict(service.session().init or {})
    assert init.pop("return_timestamps", None) in RESUMABLE[init["format"]]
    assert init == PLAIN | fields


def test_connects_before_the_first_text(say: Say, service: FakeService) -> None:
    """The connection is opened and `init` sent before the first text arrives."""
    running = say.start()

    session = service.session()

    assert session.texts == []
    running.type(b"Late.")
    running.end_input()
    assert say.end(running).stdout == b"Late."


def test_text_before_ready(say: Say, service: FakeService) -> None:
    """Text does not wait for `ready`."""
    service.does("is ready when told")
    running = say.start()
    running.type(b"Early.")

    service.session().wait_text("Early.")

    service.let("ready")
    running.end_input()
    assert say.end(running).stdout == b"Early."


def test_audio_is_waited_for(say: Say, service: FakeService) -> None:
    """After the end of the input the audio is waited for, however long it takes."""
    service.does("speaks when told")
    running = say.start()
    running.feed(b"The end.")
    service.session().wait_flushes(1)
    assert not service.session().finished

    service.let("audio")

    assert say.end(running).stdout == b"The end."
    assert service.session().finished


def test_base_url(say: Say, service: FakeService) -> None:
    """The path of the base URL precedes ours, and its query is kept; ws is equivalent to http.

    The option overrides LMNT_BASE_URL.
    """
    with FakeService(path="/proxy" + PATH) as other:
        url = f"ws://127.0.0.1:{other.port}/proxy/?region=moon"

        assert say("--base-url", url, stdin=b"Words.").stdout == b"Words."

        assert other.handshakes[0].path == f"/proxy{PATH}?region=moon"
    assert service.handshakes == []


def test_key_in_a_file(say: Say, service: FakeService) -> None:
    """`--api-key-file` overrides the environment; surrounding white space is not part of the key."""
    (say.directory / "key").write_text(f"{KEY}\n")

    result = say("--api-key-file", "key", stdin=b"Words.", env={"LMNT_API_KEY": "wrong"})

    assert (result.status, result.stderr) == (0, "")
    assert service.session().init


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


def test_debug_shows_what_is_unknown(say: Say, service: FakeService) -> None:
    """`--debug` shows messages in both directions, even of unknown types, and never the key."""
    service.does("says more")

    result = say("--debug", stdin=b"One.")

    assert result.status == 0
    assert "weather" in result.stderr
    assert {"<", ">"} <= {word for line in result.lines for word in line.split()[:3]}
    assert KEY not in result.stderr


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
