"""The double behaves like the service, and refuses what the service refuses (protocol.md 2 to 8, 15)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from lmnt import AsyncLmnt
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.doubles.behaviours import Behaviour, Fails, Refuses
from tests.doubles.fake_rules import KEY, REQUEST_ID
from tests.doubles.fake_service import PATH, FakeService
from tests.doubles.fake_session import RIFF_HEADER


def name_of(value: object) -> str:
    """Return a name for a case that is equal in all workers: the repr of an object has its address."""
    return type(value).__name__ if type(value).__repr__ is object.__repr__ else str(value)


INIT = {
    "type": "init",
    "X-API-Key": KEY,
    "lmnt-version": "1.2",
    "voice": "lily",
    "format": "pcm_s16le",
    "sample_rate": 24000,
}


class Client:
    """A minimal client that follows no rules by itself."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, *messages: dict[str, Any] | str | bytes) -> None:
        for message in messages:
            self.connection.send(json.dumps(message) if isinstance(message, dict) else message)

    def hear(self) -> Any:
        message = self.connection.recv(timeout=5)
        return json.loads(message) if isinstance(message, str) else message

    def hear_end(self) -> tuple[bytes, int]:
        """Return all audio until the close, and the close code."""
        audio = b""
        with suppress(ConnectionClosed):
            while True:
                message = self.connection.recv(timeout=5)
                audio += message if isinstance(message, bytes) else b""
        assert self.connection.close_code is not None
        return audio, self.connection.close_code


@contextmanager
def calling(service: FakeService, path: str = PATH, **init: Any) -> Iterator[Client]:
    with connect(f"ws://127.0.0.1:{service.port}{path}", compression=None, close_timeout=2) as connection:
        client = Client(connection)
        client.say(INIT | init)
        yield client


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def flush(nonce: int) -> dict[str, Any]:
    return {"type": "flush", "nonce": nonce}


FINISH = {"type": "finish"}


def test_a_whole_session(service: FakeService) -> None:
    """Text comes back as its UTF-8: at a flush, then at `finish`, and the service closes with 1000."""
    with calling(service) as client:
        assert client.hear() == {"type": "ready", "request_id": REQUEST_ID}
        client.say(text("Grüß "), text("Gott."), flush(1))
        assert client.hear() == "Grüß Gott.".encode()
        assert client.hear() == {"type": "flush_complete", "nonce": 1}
        client.say(text(" Bye"), FINISH)

        assert client.hear_end() == (b" Bye", 1000)
    session = service.session()
    assert session.wait_end() == "service closed 1000"
    assert (session.text, session.flushes, session.finished) == ("Grüß Gott. Bye", [1], True)
    assert session.utterances == ["Grüß Gott.", " Bye"]


def test_reset_drops_the_text(service: FakeService) -> None:
    """After `reset_complete` none of the earlier text is spoken."""
    with calling(service) as client:
        client.say(text("no"), {"type": "reset", "nonce": 4}, text("yes"), FINISH)
        assert [client.hear()["type"], client.hear()["type"]] == ["ready", "reset_complete"]

        assert client.hear_end() == (b"yes", 1000)


def test_the_official_client(service: FakeService) -> None:
    """The official SDK holds a whole session with the double, although its init has no `type`."""

    async def hold() -> list[Any]:
        async with AsyncLmnt(api_key=KEY, base_url=service.url) as client:
            session = await client.speech.sessions.create(voice="lily", format="pcm_s16le")
            await session.send_text("One. ")
            await session.send_flush()
            await session.send_text("Two.")
            await session.send_finish()
            heard = [message async for message in session]
            await session.close()
            return heard

    heard = asyncio.run(hold())

    assert [message.type for message in heard] == ["ready", "audio", "flush_complete", "audio"]
    assert [message.audio for message in heard if message.type == "audio"] == [b"One. ", b"Two."]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"X-API-Key": "another"}, "authentication_error"),
        ({"type": "text"}, "invalid_request_error"),
        ({"language": None}, "invalid_request_error"),
        ({"lmnt-version": "1.0"}, "invalid_request_error"),
        ({"voice": "nobody"}, "not_found_error"),
        ({"format": "wav"}, "invalid_request_error"),
        ({"sample_rate": "24000"}, "invalid_request_error"),
        ({"sample_rate": 44100}, "invalid_request_error"),
        ({"language": "xx"}, "invalid_request_error"),
        ({"return_timestamps": "True"}, "invalid_request_error"),
    ],
    ids=name_of,
)
def test_wrong_init(service: FakeService, wrong: dict[str, Any], kind: str) -> None:
    """An `init` that the service would refuse is an error message, a close, and a recorded fault."""
    with calling(service, **wrong) as client:
        answer = client.hear()

        assert (answer["error"]["type"], answer["request_id"]) == (kind, REQUEST_ID)
        assert client.hear_end() == (b"", 1002)
    assert service.faults
    service.sessions[0].faults.clear()


@pytest.mark.parametrize(
    "messages",
    [
        (b"audio?",),
        ("not json",),
        ("[]",),
        ({"type": "text", "text": None},),
        ({"type": "flush"},),
        ({"type": "flush", "nonce": "1"},),
        (flush(1), flush(1)),
        (flush(1), {"type": "reset", "nonce": 1}),
        (INIT,),
        ({"type": "eof"},),
        ({"text": "legacy"},),
    ],
    ids=name_of,
)
def test_wrong_messages(service: FakeService, messages: tuple[Any, ...]) -> None:
    """A message that is not in the protocol ends the session with an error."""
    with calling(service) as client:
        client.say(*messages)
        answer = client.hear()
        while answer["type"] != "error":
            answer = client.hear()

        assert answer["error"]["type"] == "invalid_request_error"
    assert service.faults
    service.sessions[0].faults.clear()


def test_text_after_finish(service: FakeService) -> None:
    """Messages after `finish` are refused."""
    service.does("closes when told")
    with calling(service) as client:
        assert client.hear()["type"] == "ready"
        client.say(FINISH, text("more"))

        assert client.hear()["type"] == "error"
    assert service.faults == ["text after finish"]
    service.sessions[0].faults.clear()


def test_wrong_path(service: FakeService) -> None:
    """Any other route is 404."""
    with pytest.raises(InvalidStatus) as refused, calling(service, "/v1/ai/speech/streams"):
        pass

    assert refused.value.response.status_code == 404
    assert refused.value.response.body == b'{"detail":"Not Found"}'
    assert service.sessions == []


def test_an_early_close_costs_the_audio(service: FakeService) -> None:
    """A client that closes before the service does gets nothing more (protocol.md 4.5)."""
    service.does("speaks when told")
    with calling(service) as client:
        client.hear()
        client.say(text("lost"), FINISH)
        service.session().wait_finish()
        client.connection.close()

        assert client.hear_end() == (b"", 1000)
    assert service.session().wait_end() == "client closed 1000"
    assert service.session().audio_sent == 0


def test_refused_handshakes_then_a_session(service: FakeService) -> None:
    """Behaviours apply connection by connection, the last one to all further ones."""
    service.does(Refuses(429, Retry_After="1"), Refuses(503), "speaks")
    for status in (429, 503):
        with pytest.raises(InvalidStatus) as refused, calling(service):
            pass
        assert refused.value.response.status_code == status
    assert [h.status for h in service.handshakes] == [429, 503]

    with calling(service) as client:
        assert client.hear()["type"] == "ready"
    with calling(service) as client:
        assert client.hear()["type"] == "ready"


def test_gates(service: FakeService) -> None:
    """A gate holds an answer until the test opens it; messages are still received meanwhile."""
    service.does("speaks when told")
    with calling(service) as client:
        client.hear()
        client.say(text("a"), flush(1), text("b"), flush(2))
        service.session().wait_text("ab")
        with pytest.raises(TimeoutError):
            client.connection.recv(timeout=0)

        service.let("audio")

        assert client.hear() == b"a"
        assert client.hear() == {"type": "flush_complete", "nonce": 1}
        service.let("audio")
        assert client.hear() == b"b"


def test_header_of_ulaw(service: FakeService) -> None:
    """`ulaw` begins with a RIFF header, once, or at each flush if the double repeats it."""
    service.does("speaks", "repeats the header")
    for expected in (RIFF_HEADER + b"ab", RIFF_HEADER + b"a" + RIFF_HEADER + b"b"):
        with calling(service, format="ulaw", sample_rate=8000) as client:
            client.say(text("a"), flush(1), text("b"), FINISH)

            assert client.hear_end() == (expected, 1000)


@pytest.mark.parametrize(
    ("behaviour", "audio", "code"),
    [
        ("hangs up mid-word", b"ab", 1000),
        ("drops the line mid-word", b"ab", 1006),
        ("1011 after audio", b"ab", 1011),
        (Fails("rate_limit_error", after_audio=True), b"abcd", 1002),
        ("gives no audio", b"", 1000),
        ("never confirms", b"abcd", 1000),
        ("says more", b"abcd", 1000),
        ("speaks at once", b"abcd", 1000),
        (Behaviour(frame=1), b"abcd", 1000),
    ],
    ids=name_of,
)
def test_ends(service: FakeService, behaviour: str | Behaviour, audio: bytes, code: int) -> None:
    """Each behaviour ends as its name says."""
    service.does(behaviour)
    with calling(service) as client:
        client.say(text("abcd"), FINISH)

        heard, ended = client.hear_end()

    assert (heard[: len(audio)], ended) == (audio, code)


@pytest.mark.parametrize(
    ("behaviour", "first"),
    [
        ("speaks generation 1 without extras", b"words"),
        ("speaks generation 2", b"words"),
        ("legacy string error", {"error": "Invalid API key"}),
    ],
)
def test_first_words_of_older_generations(service: FakeService, behaviour: str, first: object) -> None:
    """An older service sends no `ready` (protocol.md 5)."""
    service.does(behaviour)
    with calling(service) as client:
        with suppress(ConnectionClosed):  # the one that refuses may have closed by now
            client.say(text("words"))

        assert client.hear() == first


def test_a_flood_ends_with_its_client(service: FakeService) -> None:
    """A flood continues as long as it is read, and ends when the client has left."""
    service.does("floods")
    with calling(service) as client:
        client.hear()
        client.say(text("go"))
        assert client.hear() == bytes(65536)

    assert service.session().wait_end()


def test_pings(service: FakeService) -> None:
    """The service's own pings are counted when they are answered."""
    service.does(Behaviour(ping=0.01))
    with calling(service):
        service.session().wait_pongs(3)


def test_waits_have_limits(service: FakeService) -> None:
    """A wait that times out fails with what was waited for, and with the transcript."""
    with calling(service), pytest.raises(AssertionError, match=r"in vain for the text 'x'") as failed:
        service.session().wait_text("x", limit=0.01)

    assert "init" in str(failed.value)
