"""The program `lmnt-local`, as whoever starts it sees it: `cli`, `service`, `studio`, `websocket`."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.tools.decoding import decode
from tests.tools.local_service import FINISH, LIMIT, LocalService, flush, reset, shared_service, text


SENTENCE = "There are many people waiting at the station for the late train. "


@pytest.fixture
def local() -> LocalService:
    return shared_service()


def test_it_says_nothing_else_whatever_it_does() -> None:
    """Stderr stays what it was: libraries, clients that vanish and interruptions make no noise."""
    service = LocalService("--faults-from-clients")
    for format_ in ("mp3", "pcm_s16le", "pcm_f32le", "ulaw", "webm"):
        with service.open("pace=20") as conversation:
            conversation.init(format=format_, sample_rate=8000)
            conversation.send(text(SENTENCE * 2), flush(1))
            conversation.until("audio")
            conversation.send(reset(2), text("Hello."))
            conversation.until("reset_complete")
            conversation.socket.socket.shutdown(socket.SHUT_RDWR)
        service.talk(text("Hello."), flush(1), FINISH, format=format_)
    service.talk(query="cut_after=0")
    said = service.stop()

    assert len(said.splitlines()) == 2


def test_it_listens_on_loopback_only(local: LocalService) -> None:
    """Nobody else on the network can reach it unless told so."""
    port = int(local.url.rsplit(":", 1)[1])
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]

    assert [
        each for each in listening if each.endswith(f":{port:04X}") and not each.startswith("0100007F")
    ] == []


@pytest.mark.parametrize(("option", "shows_text"), [("--log", False), ("--log-text", True)])
def test_the_log_has_no_key_and_text_only_if_asked(option: str, shows_text: bool) -> None:
    """A line for each session and request."""
    service = LocalService(option)
    service.talk(text("Something secret."), FINISH, key="a-very-secret-key")
    service.talk(voice="nobody", key="a-very-secret-key")
    log = service.stop()

    assert "a-very-secret-key" not in log
    assert ("Something secret." in log) is shows_text
    assert re.search(r"lmnt-local: req_\w{22}: lily, version 1.2, pcm_s16le\n", log)
    assert "Voice 'nobody' not found." in log


def test_ready_does_not_wait_for_the_voice(tmp_path: Path) -> None:
    """A session is greeted, and pings answered, while the voice is still being loaded."""
    (tmp_path / "hibari.py").write_text("import time\ntime.sleep(1000)\n")
    with LocalService(PYTHONPATH=str(tmp_path)) as service, service.open() as conversation:
        conversation.init()
        conversation.send(text(SENTENCE), flush(1))

        assert conversation.until("ready")
        assert conversation.socket.ping().wait(LIMIT)


def test_a_voice_that_cannot_be_loaded_is_an_internal_error(tmp_path: Path) -> None:
    """Whoever wants speech is told; the service stays."""
    (tmp_path / "hibari.py").write_text("raise RuntimeError('no voice today')\n")
    with LocalService(PYTHONPATH=str(tmp_path)) as service:
        for _ in range(2):
            transcript = service.talk(text("Hello."), FINISH)
            assert transcript.error["error"]["type"] == "internal_server_error"
            assert transcript.close_code == 1011


def test_a_client_that_reads_nothing_costs_bounded_memory() -> None:
    """Long texts in the most wasteful format, never read: what is made ahead is what fits in the sockets."""
    with LocalService() as service:
        service.talk(text(SENTENCE * 9), FINISH)
        host, port = service.url.removeprefix("http://").split(":")
        before = memory(service)
        peers = [deaf_peer(host, int(port), SENTENCE * 400) for _ in range(4)]
        # Sessions take turns: had the four not been stopped, each would have made as much as this one.
        made = service.talk(text(SENTENCE * 60), FINISH, format="pcm_f32le").audio
        after = memory(service)
        for peer in peers:
            peer.close()

    assert after - before < len(made)


def test_a_paused_reader_loses_nothing(local: LocalService) -> None:
    """Audio of a minute waits for a client that does not read yet, and then comes whole."""
    said = SENTENCE * 12
    with local.open(max_queue=1) as conversation:
        conversation.init(format="pcm_f32le")
        conversation.send(*[text(word + " ") for word in said.split()], FINISH)
        # Another session's work is done after ours was stuck: there is nothing to wait for by the clock.
        assert local.talk(text(said), FINISH).close_code == 1000
        paused = conversation.rest()

    assert paused.close_code == 1000
    assert decode(paused.audio, "pcm_f32le", 24000).seconds > 40


def test_a_hundred_sessions_at_once(local: LocalService) -> None:
    """In every format, all complete and correct, while pings are answered."""

    async def session(index: int) -> int:
        format_ = ("mp3", "pcm_s16le", "pcm_f32le", "ulaw", "webm")[index % 5]
        url = f"ws{local.url.removeprefix('http')}/v1/ai/speech/stream"
        async with connect(url, compression=None, open_timeout=LIMIT, proxy=None) as socket:
            init = {"X-API-Key": "k", "lmnt-version": "1.2", "voice": "lily", "format": format_}
            for message in (init, text("Hello."), flush(1), text("Bye."), FINISH):
                await socket.send(json.dumps(message))
            received = [message async for message in socket]
            await (await socket.ping() if socket.close_code is None else asyncio.sleep(0))
            assert socket.close_code == 1000
            assert any(isinstance(message, str) and "flush_complete" in message for message in received)
            return sum(len(message) for message in received if isinstance(message, bytes))

    async def all_sessions() -> list[int]:
        return await asyncio.gather(*[session(index) for index in range(100)])

    sizes = asyncio.run(all_sessions())

    assert len(sizes) == 100
    assert all(len(set(sizes[kind::5])) == 1 and sizes[kind] > 5000 for kind in range(5))


def test_a_message_in_fragments_and_pings_between_them(local: LocalService) -> None:
    """A client's text may come in any number of WebSocket frames."""
    with local.open() as conversation:
        conversation.init(return_timestamps=True)
        message = json.dumps(text("Hello there."))
        conversation.socket.send(message[at : at + 1] for at in range(len(message)))
        conversation.send(FINISH)
        tokens = conversation.rest().tokens

    assert "".join(token["text"] for token in tokens) == "Hello there."


def test_a_peer_that_breaks_the_websocket_is_closed(local: LocalService) -> None:
    """Unmasked frames, a message beyond 1 MiB, and vanishing in the handshake: only that peer suffers."""
    host, port = local.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT) as peer:
        upgrade(peer)
        peer.sendall(b"\x81\x02{}")
        assert closed_with(peer) == 1002
    with local.open() as conversation:
        conversation.init()
        conversation.socket.send("x" * (2**20 + 1))
        assert conversation.rest().close_code == 1009
    with socket.create_connection((host, int(port)), timeout=LIMIT) as peer:
        peer.sendall(b"GET /v1/ai/speech/stream HTTP/1.1\r\n")

    assert local.talk(FINISH).close_code == 1000


def memory(service: LocalService) -> int:
    """Resident memory of the service in bytes."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024  # type: ignore[index]  # always there


def deaf_peer(host: str, port: int, content: str) -> socket.socket:
    """A session that asks for a text in 32-bit samples and reads nothing but the handshake."""
    peer = socket.create_connection((host, port), timeout=LIMIT)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    upgrade(peer)
    init = {"X-API-Key": "k", "lmnt-version": "1.2", "voice": "lily", "format": "pcm_f32le"}
    for message in (init, text(content), flush(1)):
        payload = json.dumps(message).encode()
        peer.sendall(b"\x81\xff" + len(payload).to_bytes(8, "big") + bytes(4) + payload)
    return peer


def upgrade(peer: socket.socket) -> None:
    """Ask for a WebSocket and read the answer, byte by byte so that nothing after it is read."""
    peer.sendall(
        b"GET /v1/ai/speech/stream HTTP/1.1\r\nHost: localhost\r\n"
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += peer.recv(1)
    assert head.startswith(b"HTTP/1.1 101")


def closed_with(peer: socket.socket) -> int:
    """The code of the close frame that comes next."""
    frame = peer.recv(65536)
    assert frame[0] == 0x88
    return int.from_bytes(frame[2:4], "big")


def ask(service: LocalService, *headers: str, path: str = "/health_check", method: str = "GET") -> bytes:
    """Return the answer to a raw request with these headers alone."""
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
    """Neither over HTTP, nor by a preflight, nor by a WebSocket; and it is told nothing that it may read."""
    answers = [
        ask(local, *headers),
        ask(local, *headers, "Access-Control-Request-Method: GET", method="OPTIONS"),
        ask(local, *headers, "X-API-Key: k", path="/v1/ai/voice/list"),
        ask(local, *headers, *UPGRADE, path="/v1/ai/speech/stream"),
    ]

    assert [answer.split()[1] for answer in answers] == [b"403"] * 4
    assert b"access-control" not in b"".join(answers).lower()


def test_pages_that_are_allowed() -> None:
    """Its own, and those that were named, which alone may read what comes; no answer is for every page."""
    with LocalService("--allow-host", "dev.test", "--allow-origin", "http://App.test:3000") as service:
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


def test_with_a_key_hosts_and_origins_do_not_matter() -> None:
    """A page does not know the key, and a machine elsewhere uses whatever name it has for this one."""
    with LocalService("--key", "the key") as service:
        answer = ask(
            service, "Host: speech.example", "Origin: https://evil.example", "X-API-Key: the key",
            path="/v1/ai/voice/list",
        )  # fmt: skip

    assert answer.split()[1] == b"200"
    assert b"access-control" not in answer


def test_what_clients_send_is_escaped_in_the_log() -> None:
    """In every place where they choose the words: nothing but line feeds of ours controls the terminal."""
    service = LocalService("--log-text", "--faults-from-clients")
    evil = "\x1b]0;pwned\x07\x1b[2J\u202e\n"
    service.talk(voice=evil)
    service.talk(FINISH, version=evil)
    service.talk({"type": evil})
    service.talk(text(f"Hello {evil}"), FINISH)
    ask(service, "Host: localhost", path="/\x1b[2J")
    ask(service, "Host: \x9b31m")
    ask(service, "Host: localhost", "X: \x1b\x00")
    said = service.stop()

    assert all(line.isprintable() for line in said.splitlines())
    assert len(said.splitlines()) > 9
    assert "Traceback" not in said


def test_what_sessions_hold_is_bounded(tmp_path: Path) -> None:
    """Twelve that send all the text they can, in messages as large as may be, cost a few megabytes each."""
    # A voice that is never ready: only what waits for it is measured.
    (tmp_path / "hibari.py").write_text("import time\ntime.sleep(1000)\n")
    with LocalService(PYTHONPATH=str(tmp_path)) as service:
        host, port = service.url.removeprefix("http://").split(":")
        assert service.talk({"type": "unknown"}).error
        before = memory(service)
        peers = [socket.create_connection((host, int(port)), timeout=LIMIT) for _ in range(12)]
        for peer in peers:
            upgrade(peer)
            send_frame(peer, {"X-API-Key": "k", "lmnt-version": "1.2", "voice": "lily"})
            # A letter beyond the others makes Python keep four bytes for each.
            for _ in range(6):
                send_frame(peer, text("\U0001f642" + "x" * (2**20 - 100)))
        most = memory(service)
        for peer in peers:
            peer.close()

    assert most - before < 12 * 6 * 2**20


def test_settings_of_clients_are_bounded_and_forgotten() -> None:
    """A thousand handshakes with settings of their own leave little behind."""
    with LocalService("--faults-from-clients") as service:
        service.talk(text("Hello."), FINISH)
        before = memory(service)
        for number in range(1500):
            reason = f"{number}" + "x" * 110
            path = f"/v1/ai/speech/stream?refuse=1&close_reason={reason}"
            assert ask(service, "Host: localhost", *UPGRADE, path=path).split()[1] == b"503"

        assert memory(service) - before < 8 * 2**20


def test_too_many_connections() -> None:
    """Those that the limit on descriptors leaves no room for are answered 503; then all is well."""
    with LocalService("--log", limits="ulimit -n 60") as service:
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


def test_without_a_descriptor_left_it_waits_for_one() -> None:
    """What cannot be accepted yet is served later; it is a line in the log and no traceback."""
    with LocalService("--log", limits="ulimit -n 33") as service:
        peers = [socket.create_connection(("127.0.0.1", port_of(service)), timeout=LIMIT) for _ in range(40)]
        for peer in peers:
            peer.close()
        answer = ask(service, "Host: localhost")
        said = service.stop()

    assert answer.split()[1] in (b"200", b"503")
    assert "Traceback" not in said


def port_of(service: LocalService) -> int:
    return int(service.url.rsplit(":", 1)[1])


def send_frame(peer: socket.socket, message: dict[str, Any]) -> None:
    """Send a message as a text frame whose mask is zero; wait for room no longer than a moment."""
    payload = json.dumps(message, ensure_ascii=False).encode()
    peer.settimeout(0.2)
    with suppress(TimeoutError):
        peer.sendall(b"\x81\xff" + len(payload).to_bytes(8, "big") + bytes(4) + payload)
