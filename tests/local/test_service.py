"""The service from its clients' point of view: `lmnt_cli.local.service`, in the real program."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import socket
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from lmnt_cli.local.connection import STREAM_PATH
from lmnt_cli.local.faults import Faults
from lmnt_cli.local.http.messages import HttpRequest, HttpResponse
from lmnt_cli.local.service import Service, ServiceSettings
from lmnt_cli.local.speech.hibari_engine import Engine
from lmnt_cli.local.workers import Workers
from tests.tools.local_service import (
    FINISH,
    LIMIT,
    LocalService,
    flush,
    port_of,
    reset,
    shared_service,
    text,
)


SENTENCE = "There are many people waiting at the station for the late train. "


@pytest.fixture
def local() -> LocalService:
    return shared_service()


def test_it_says_and_stores_nothing_else_whatever_it_does(tmp_path: Path) -> None:
    """Nothing is added to stderr by libraries, clients that vanish, or interruptions; no file is left.

    (onnxruntime would keep a database of its use, and send it to its makers.)
    """
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    service = LocalService("--faults-from-clients", **home)
    for format_ in ("mp3", "pcm_s16le", "pcm_f32le", "ulaw", "webm"):
        with service.open("pace=20") as conversation:
            conversation.init(format=format_, sample_rate=8000)
            conversation.send(text(SENTENCE), flush(1))
            conversation.until("audio")
            conversation.send(reset(2), text("Hello."))
            conversation.until("reset_complete")
            conversation.socket.socket.shutdown(socket.SHUT_RDWR)
        service.talk(text("Hello."), flush(1), FINISH, format=format_)
    service.talk(query="cut_after=0")
    said = service.stop()

    assert len(said.splitlines()) == 2
    assert list(tmp_path.rglob("*")) == []


def test_it_listens_on_loopback_only(local: LocalService) -> None:
    """No other machine can reach the service without `--host`."""
    port = int(local.url.rsplit(":", 1)[1])
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]

    assert [
        each for each in listening if each.endswith(f":{port:04X}") and not each.startswith("0100007F")
    ] == []


@pytest.mark.parametrize(("option", "shows_text"), [("--log", False), ("--log-text", True)])
def test_the_log_has_no_key_and_text_only_if_asked(
    option: str, shows_text: bool, voiceless: dict[str, str]
) -> None:
    """There is a line for each session and request, without the key, and with the text only on request."""
    service = LocalService(option, **voiceless)
    service.talk(text("Something secret."), reset(1), FINISH, key="a-very-secret-key")
    service.talk(voice="nobody", key="a-very-secret-key")
    log = service.stop()

    assert "a-very-secret-key" not in log
    assert ("Something secret." in log) is shows_text
    assert re.search(r"lmnt-local: req_\w{22}: lily, version 1.2, pcm_s16le\n", log)
    assert "Voice 'nobody' not found." in log


def test_a_hundred_sessions_at_once(local: LocalService) -> None:
    """All sessions, in every format, are complete and correct, while pings are answered.

    Half of them flush before they finish.
    """

    async def session(index: int) -> int:
        format_ = ("mp3", "pcm_s16le", "pcm_f32le", "ulaw", "webm")[index % 5]
        url = f"ws{local.url.removeprefix('http')}/v1/ai/speech/stream"
        async with connect(url, compression=None, open_timeout=LIMIT, proxy=None) as socket:
            init = {"X-API-Key": "k", "lmnt-version": "1.2", "voice": "lily", "format": format_}
            flushes = [flush(1)] * (index % 2)
            for message in (init, text("Hello."), *flushes, FINISH):
                await socket.send(json.dumps(message))
            received = [message async for message in socket]
            await (await socket.ping() if socket.close_code is None else asyncio.sleep(0))
            assert socket.close_code == 1000
            answers = [isinstance(message, str) and "flush_complete" in message for message in received]
            assert answers.count(True) == len(flushes)
            return sum(len(message) for message in received if isinstance(message, bytes))

    async def all_sessions() -> list[int]:
        return await asyncio.gather(*[session(index) for index in range(100)])

    sizes = asyncio.run(all_sessions())

    assert len(sizes) == 100
    assert all(len(set(sizes[kind::10])) == 1 and sizes[kind] > 2500 for kind in range(10))


def ask(service: LocalService, *headers: str, path: str = "/health_check", method: str = "GET") -> bytes:
    """Return the response to a raw request with only these headers."""
    host, port = service.url.removeprefix("http://").split(":")
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *headers, "Connection: close", "", ""])
    with socket.create_connection((host, int(port)), timeout=LIMIT) as peer:
        peer.sendall(head.replace("PORT", port).encode("latin-1"))
        answer = b""
        while data := peer.recv(65536):
            answer += data
        return answer


PAGES = {
    "another site": ("Host: 127.0.0.1:PORT", "Origin: https://evil.example"),
    "a sandboxed page": ("Host: 127.0.0.1:PORT", "Origin: null"),
    "another port": ("Host: 127.0.0.1:PORT", "Origin: http://127.0.0.1:1"),
    "a name that was made to resolve here": ("Host: evil.example:PORT",),
    "the same, from its own page": ("Host: evil.example:PORT", "Origin: http://evil.example:PORT"),
}
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


@pytest.mark.parametrize("headers", PAGES.values(), ids=PAGES)
def test_a_web_page_cannot_use_it(local: LocalService, headers: tuple[str, ...]) -> None:
    """A web page can neither connect by HTTP, preflight or WebSocket, nor read a response."""
    answers = [
        ask(local, *headers),
        ask(local, *headers, "Access-Control-Request-Method: GET", method="OPTIONS"),
        ask(local, *headers, "X-API-Key: k", path="/v1/ai/voice/list"),
        ask(local, *headers, *UPGRADE, path="/v1/ai/speech/stream"),
    ]

    assert [answer.split()[1] for answer in answers] == [b"403"] * 4
    assert b"access-control" not in b"".join(answers).lower()


def test_pages_that_are_allowed(voiceless: dict[str, str]) -> None:
    """Its own pages and listed ones are allowed; only these may read, and no response is public."""
    allowed = ("--allow-host", "dev.test", "--allow-origin", "http://App.test:3000")
    with LocalService(*allowed, **voiceless) as service:
        ours = ask(service, "Host: localhost:PORT", "Origin: http://localhost:PORT")
        named = ask(service, "Host: dev.test:PORT", "Origin: http://app.test:3000")
        asked = ("Access-Control-Request-Method: GET", "Access-Control-Request-Headers: x-api-key, x-other")
        preflight = ask(
            service, "Host: dev.test", "Origin: http://app.test:3000", *asked,
            path="/v1/ai/voice/list", method="OPTIONS",
        )  # fmt: skip
        program = ask(service, "Host: 127.0.0.1:PORT")
        other = ask(service, "Host: dev.test:PORT", "Origin: http://app.test:3001")

    assert [each.split()[1] for each in (ours, named, preflight, program, other)] == [b"200"] * 4 + [b"403"]
    assert f"access-control-allow-origin: {service.url.replace('127.0.0.1', 'localhost')}".encode() in ours
    assert b"access-control-allow-origin: http://app.test:3000" in named
    assert b"access-control-allow-headers: x-api-key, x-other" in preflight
    assert b"access-control" not in program
    assert b"*" not in ours + named + preflight


def test_with_a_key_hosts_and_origins_do_not_matter(locked: LocalService) -> None:
    """A page does not know the key, and another machine may use any name for this one."""
    answer = ask(
        locked, "Host: speech.example", "Origin: https://evil.example", "X-API-Key: the key",
        path="/v1/ai/voice/list",
    )  # fmt: skip

    assert answer.split()[1] == b"200"
    assert b"access-control" not in answer


def test_what_clients_send_is_escaped_in_the_log(voiceless: dict[str, str]) -> None:
    """In every place that clients control, terminal controls are escaped; only our own line feeds remain."""
    service = LocalService("--log-text", "--faults-from-clients", **voiceless)
    evil = "\x1b]0;pwned\x07\x1b[2J\u202e\n"
    service.talk(voice=evil)
    service.talk(FINISH, version=evil)
    service.talk({"type": evil})
    service.talk(text(f"Hello {evil}"), reset(1), FINISH)
    ask(service, "Host: localhost", path="/\x1b[2J")
    ask(service, "Host: \x9b31m")
    ask(service, "Host: localhost", "X: \x1b\x00")
    said = service.stop()

    assert all(line.isprintable() for line in said.splitlines())
    assert len(said.splitlines()) > 9
    assert "Traceback" not in said


def test_settings_of_clients_are_bounded_and_forgotten() -> None:
    """The handshakes of the thousand combinations of settings used last are counted; no other is kept."""

    async def handshakes() -> None:
        service = Service(ServiceSettings(faults_from_clients=True), Workers(load=no_voice))

        async def refused(reason: str) -> bool:
            query = f"refuse=1&close_reason={reason}"
            return isinstance(await service.admit(HttpRequest("GET", STREAM_PATH, query, {})), HttpResponse)

        assert [await refused("first") for _ in range(2)] == [True, False]
        assert all([await refused(f"{number}") for number in range(999)])
        assert not await refused("first")
        assert all([await refused(f"{number}") for number in range(1000, 2500)])
        assert await refused("first")
        assert sum(type(each) is Faults for each in gc.get_objects()) < 1100

    asyncio.run(handshakes())


def no_voice() -> Engine:
    raise RuntimeError("no voice is loaded")


def test_too_many_connections(voiceless: dict[str, str]) -> None:
    """Connections beyond the limit on descriptors are answered 503; later ones succeed."""
    with LocalService("--log", limits="ulimit -n 60", **voiceless) as service:
        host, port = service.url.removeprefix("http://").split(":")
        peers = [socket.create_connection((host, int(port)), timeout=LIMIT) for _ in range(28)]
        for peer in peers:
            peer.sendall(b"GET /health_check HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert peer.recv(65536).startswith(b"HTTP/1.1 200")
        refused = ask(service, "Host: localhost")
        for peer in peers:
            peer.close()
        served = service.talk(FINISH).close_code
        said = service.stop()

    assert refused.startswith(b"HTTP/1.1 503")
    assert served == 1000
    assert "Traceback" not in said


def test_without_a_descriptor_left_it_waits_for_one(voiceless: dict[str, str]) -> None:
    """A connection that cannot be accepted yet is served later, with a line in the log and no traceback."""
    with LocalService("--log", limits="ulimit -n 33", **voiceless) as service:
        peers = [socket.create_connection(("127.0.0.1", port_of(service)), timeout=LIMIT) for _ in range(40)]
        for peer in peers:
            peer.close()
        answer = ask(service, "Host: localhost")
        said = service.stop()

    assert answer.split()[1] in (b"200", b"503")
    assert "Traceback" not in said
