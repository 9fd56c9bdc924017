"""The fault settings: `lmnt_cli.local.faults`, and their effect on the wire."""

from __future__ import annotations

import json
import socket
import struct
import time
from dataclasses import fields
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.frames import Opcode

from lmnt_cli.local.arguments import make_parser
from lmnt_cli.local.faults import Faults
from lmnt_cli.local.requests import ErrorType
from tests.tools.local_service import FINISH, LocalService, flush, reset, shared_service, text


SENTENCE = "There are many people waiting at the station for the late train."


@pytest.fixture
def local() -> LocalService:
    return shared_service()


def test_a_setting_has_one_name_everywhere() -> None:
    """Each setting is an option of `serve`, with help, and can be set by query or header."""
    shown = make_parser()[1].format_help()
    for setting in fields(Faults):
        assert f"--{setting.name.replace('_', '-')}" in shown
        assert setting.metadata["help"]


def test_the_query_wins_over_the_header_and_both_over_the_options() -> None:
    """The query overrides the header, and both override the options."""
    faults = Faults(cut_after=1, pace=2.0, no_pong=True).for_request(
        "cut_after=3&no_pong=false", {"lmnt-local": "cut_after=2&fragments=4"}
    )

    assert (faults.cut_after, faults.fragments, faults.no_pong, faults.pace) == (3, 4, False, 2.0)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("cut_aftr=3", "unknown setting 'cut_aftr' (did you mean 'cut_after'?)"),
        ("xyzzy", "unknown setting 'xyzzy'"),
        ("cut_after=-1", "cut_after: invalid value '-1': expected an integer from 0 to 1000000"),
        ("cut_after=", "cut_after: invalid value '': expected an integer from 0 to 1000000"),
        ("pace=inf", "pace: invalid value 'inf': expected 0 or a number from 0.01 to 1000"),
        ("no_pong=perhaps", "no_pong: invalid value 'perhaps': expected nothing, true or false"),
        ("error=bad_luck", f"error: invalid value 'bad_luck': expected one of {', '.join(ErrorType)}"),
        (
            "close_code=1006",
            "close_code: invalid value '1006': expected a WebSocket close code from 1000 to 4999",
        ),
        ("refuse_status=200", "refuse_status: invalid value '200': expected an HTTP status from 400 to 599"),
    ],
)
def test_a_setting_that_makes_no_sense_is_not_ignored(local: LocalService, query: str, problem: str) -> None:
    """An invalid setting is refused at the handshake: a misspelt fault is not mistaken for success."""
    with pytest.raises(InvalidStatus) as refused, local.open(query):
        pass

    assert refused.value.response.status_code == 400
    assert json.loads(refused.value.response.body) == {"detail": problem}


@pytest.mark.parametrize("size", [1, 7, 100, 4096])
def test_frame_bytes(local: LocalService, size: int) -> None:
    """Frames have that size except for the last of each chunk; the audio is the same."""
    plain = local.talk(text("Hello."), FINISH, sample_rate=8000)
    split = local.talk(text("Hello."), FINISH, sample_rate=8000, query=f"frame_bytes={size}")

    assert max(map(len, split.frames)) == size
    assert split.audio == plain.audio


def test_empty_frames(local: LocalService) -> None:
    """An empty message precedes every Nth one; the audio is the same."""
    frames = local.talk(text(SENTENCE), FINISH, query="empty_frames=2").frames

    assert [not frame for frame in frames[:7]] == [True, False, False, True, False, False, True]


def test_fragments(local: LocalService) -> None:
    """Every message, even text, arrives in that many WebSocket frames."""
    with raw(local, "fragments=3") as peer:
        opcodes = []
        while (frame := peer.frame())[0] != Opcode.CLOSE:
            opcodes.append(frame[:2])

    assert opcodes[:3] == [(Opcode.TEXT, False), (Opcode.CONT, False), (Opcode.CONT, True)]
    assert opcodes[3:6] == [(Opcode.BINARY, False), (Opcode.CONT, False), (Opcode.CONT, True)]
    assert local.talk(text("Hello."), FINISH, query="fragments=3").audio


def test_pace_and_first_sound(local: LocalService) -> None:
    """Audio arrives no faster than set; the first sound of an utterance waits."""
    start = time.monotonic()
    transcript = local.talk(text(SENTENCE), FINISH, query="pace=10&first_sound=0.2")
    least = 0.2 + (len(transcript.audio) / 48000 - 1) / 10

    assert time.monotonic() - start > least


def test_times_ready_and_handshake_can_be_late_or_missing(local: LocalService) -> None:
    """Late messages still arrive; audio does not wait for `ready`."""
    late = local.talk(
        text(SENTENCE),
        flush(1),
        FINISH,
        return_timestamps=True,
        query="late_times=0.05&late_ready=0.05&late_handshake=0.05",
    )

    assert late.kinds[0] == "ready"
    assert "".join(token["text"] for token in late.tokens) == SENTENCE
    assert local.talk(text("Hello."), FINISH, query="no_ready").kinds == ["audio"]


def test_unknown_messages_and_fields(local: LocalService) -> None:
    """They are mixed in everywhere, to expose a client that does not ignore them."""
    transcript = local.talk(
        text("Hello."), flush(1), FINISH, return_timestamps=True, query="unknown_messages"
    )
    known = [message for message in transcript.messages if isinstance(message, dict)]

    assert len(transcript.of("weather")) == len(known) / 2
    assert all("unknown_field" in message for message in known if message["type"] != "weather")


def test_a_silent_reset_leaves_a_flush_unanswered(local: LocalService) -> None:
    """A flush pending at a reset is not answered, the alternative where the protocol is unknown."""
    messages = (text((SENTENCE + " ") * 9), flush(1), reset(2), FINISH)

    assert local.talk(*messages, query="silent_reset").kinds[-1] == "reset_complete"
    assert not local.talk(*messages, query="silent_reset").of("flush_complete")


@pytest.mark.parametrize("kind", ErrorType)
@pytest.mark.parametrize("after", [0, 2])
def test_errors_of_every_type(local: LocalService, kind: ErrorType, after: int) -> None:
    """An error replaces `ready`, or follows so many audio messages; then a close with the code set."""
    query = f"error={kind}&error_after={after}&error_close=4001"
    transcript = local.talk(text(SENTENCE), FINISH, query=query)

    assert transcript.error["error"]["type"] == kind
    assert transcript.kinds == (["ready", "audio", "error"] if after else ["error"])
    assert len(transcript.frames) == after
    assert transcript.close_code == 4001


@pytest.mark.parametrize("after", [0, 1, 3])
def test_closes_without_an_error(local: LocalService, after: int) -> None:
    """The close has the code and the reason set."""
    query = f"close_after={after}&close_code=1012&close_reason=going+down"
    transcript = local.talk(text(SENTENCE), FINISH, query=query)

    assert len(transcript.frames) == after
    assert not transcript.of("error")
    assert (transcript.close_code, transcript.close_reason) == (1012, "going down")


@pytest.mark.parametrize("after", [0, 1, 3])
def test_cuts_the_connection(local: LocalService, after: int) -> None:
    """The TCP connection is reset without a close."""
    with local.open(f"cut_after={after}") as conversation:
        conversation.init()
        conversation.send(text(SENTENCE), FINISH)
        transcript = conversation.rest()

    assert transcript.close_code is None
    # A reset discards data that had not been read.
    assert len(transcript.frames) <= after


def test_stalls_but_answers_pings(local: LocalService) -> None:
    """The service sends no messages, but the connection stays up."""
    with local.open("stall_after=1") as conversation:
        conversation.init()
        conversation.send(text(SENTENCE), flush(1))
        conversation.until("audio")

        assert conversation.socket.ping().wait(5)
        with pytest.raises(TimeoutError):
            conversation.receive(timeout=0.3)


def test_no_pong(local: LocalService) -> None:
    """Pings are unanswered; nothing else changes."""
    with local.open("no_pong", ping_interval=None) as conversation:
        conversation.init()
        pong = conversation.socket.ping()
        conversation.send(text("Hello."), flush(1))
        conversation.until("flush_complete")

        assert not pong.is_set()


def test_idle_close_and_no_close(local: LocalService) -> None:
    """An idle client is disconnected (1000); after finish the close may never follow."""
    with local.open("idle_close=0.05") as conversation:
        conversation.init()

        assert conversation.rest().close_code == 1000
    with local.open("no_close") as conversation:
        conversation.init()
        conversation.send(FINISH)
        conversation.until("ready")
        with pytest.raises(TimeoutError):
            conversation.receive(timeout=0.3)


@pytest.mark.parametrize(("status", "wait"), [(429, "7"), (503, "")])
def test_refuses_the_first_handshakes(local: LocalService, status: int, wait: str) -> None:
    """The first K with the same settings get a status and Retry-After; later ones succeed."""
    query = f"refuse=2&refuse_status={status}" + (f"&retry_after={wait}" if wait else "")
    for _ in range(2):
        with pytest.raises(InvalidStatus) as refused, local.open(query):
            pass
        response = refused.value.response
        assert (response.status_code, response.headers.get("Retry-After", "")) == (status, wait)

    assert local.talk(FINISH, query=query).close_code == 1000


def test_faults_can_be_for_the_first_sessions_only(local: LocalService) -> None:
    """A client that reconnects finds a correct service, so that a resumption can be followed to its end."""
    codes = [
        local.talk(text("Hello."), FINISH, query="close_after=1&only_first=2").close_code for _ in range(3)
    ]

    assert codes == [1011, 1011, 1000]


def test_options_hold_for_the_whole_service(voiceless: dict[str, str]) -> None:
    """`--error` and the like need no query: an SDK that cannot send one gets the same error."""
    with LocalService("--error", "rate_limit_error", "--unknown-messages", **voiceless) as service:
        assert service.talk().error["error"]["type"] == "rate_limit_error"


class raw:  # noqa: N801 - used like a function: `with raw(...)`
    """A session seen frame by frame, as no library shows it."""

    def __init__(self, local: LocalService, query: str) -> None:
        host, port = local.url.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(
            f"GET /v1/ai/speech/stream?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        while self.file.readline() != b"\r\n":
            pass
        for message in (
            {"X-API-Key": "k", "lmnt-version": "1.2", "voice": "lily"},
            text("Hello."),
            FINISH,
        ):
            payload = json.dumps(message).encode()
            # A mask of zeros is a mask: the payload is sent as it is.
            self.socket.sendall(struct.pack("!BBH4s", 0x81, 0xFE, len(payload), bytes(4)) + payload)

    def frame(self) -> tuple[Opcode, bool, bytes]:
        """Return the next frame: opcode, FIN, payload."""
        first, length = self.file.read(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.file.read(2))
        return Opcode(first & 15), bool(first & 0x80), self.file.read(length)

    def __enter__(self) -> raw:
        return self

    def __exit__(self, *_: Any) -> None:
        self.file.close()
        self.socket.close()
