"""The program `lmnt-local`, as whoever starts it sees it: `cli`, `service`, `studio`, `websocket`."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.tools.decoding import decode
from tests.tools.local_service import FINISH, LIMIT, PROGRAM, LocalService, flush, reset, shared_service, text


SENTENCE = "There are many people waiting at the station for the late train. "


@pytest.fixture
def local() -> LocalService:
    return shared_service()


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments], capture_output=True, text=True, timeout=LIMIT, check=False, **options
    )


def test_it_prints_its_url_and_what_to_export() -> None:
    """One line on stdout; on stderr two lines that a shell can evaluate; then nothing, whatever happens."""
    service = LocalService("--key", "it's")
    assert service.talk(key="wrong").close_code == 1002
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", service.url)
    said = service.stop()

    assert said == f"export LMNT_BASE_URL={service.url}\nexport LMNT_API_KEY='it'\"'\"'s'\n"
    assert service.process.returncode == 0
    shell = subprocess.run(
        ["sh", "-c", said + 'echo "$LMNT_API_KEY"'], capture_output=True, text=True, check=True
    )
    assert shell.stdout == "it's\n"


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


def test_closed_descriptors_do_not_matter() -> None:
    """Who closed stdout or stderr does not want to know."""
    command = 'exec "$0" "$@" >&- 2>&-'
    service = subprocess.Popen(
        ["sh", "-c", command, *PROGRAM, "serve", "--stop-with-stdin"], stdin=subprocess.PIPE
    )
    service.communicate(timeout=LIMIT)

    assert service.returncode == 0


def test_version() -> None:
    """As the package has it."""
    assert re.fullmatch(r"lmnt-local \d+\.\d+\.\d+\n", run("--version").stdout)


def test_it_ends_when_its_stdin_does() -> None:
    """At once, so that it never outlives who started it, not even one that was killed."""
    starter = (
        "import subprocess, sys, os, signal\n"
        f"child = subprocess.Popen({[*PROGRAM, 'serve', '--stop-with-stdin']!r},"
        " stdin=subprocess.PIPE, process_group=0)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", starter], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert killed.stdout is not None
    # The service has our pipe as its stdout: this returns when it, too, has gone.
    killed.communicate(timeout=LIMIT)

    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_promptly_and_silently(number: signal.Signals) -> None:
    """By that signal, while it speaks."""
    service = LocalService("--faults-from-clients")
    with service.open("pace=1") as conversation:
        conversation.init()
        conversation.send(text(SENTENCE * 20), flush(1))
        conversation.until("audio")
        service.process.send_signal(number)
        transcript = conversation.rest()
    said = service.stop()

    assert transcript.close_code is None
    assert service.process.returncode == -number
    assert [line.split("=")[0] for line in said.splitlines()] == [
        "export LMNT_BASE_URL",
        "export LMNT_API_KEY",
    ]


def test_a_signal_ignored_at_start_stays_ignored() -> None:
    """A service begun with `&` in a script does not end with the script's Ctrl-C."""
    service = subprocess.Popen(
        ["sh", "-c", 'trap "" INT; exec "$0" "$@"', *PROGRAM, "serve", "--stop-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert service.stdout is not None
    service.stdout.readline()
    service.send_signal(signal.SIGINT)
    service.communicate(timeout=LIMIT)

    assert service.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("serve", "--cut-after", "x"),
            "--cut-after: invalid value 'x': expected an integer from 0 to 1000000\n",
        ),
        (
            ("serve", "--port", "x"),
            "--port: invalid value 'x': expected a port from 0 to 65535\n",
        ),
        (
            ("serve", "--cut-aftr", "1"),
            "no such option: --cut-aftr (did you mean --cut-after?)\n",
        ),
        (
            ("serve", "--port", "70000"),
            "--port: invalid value '70000': expected a port from 0 to 65535\n",
        ),
        (("serve", "--host", "192.0.2.1", "--key", "k"), "cannot listen on 192.0.2.1 port 0: "),
        ((), "missing command: serve\n"),
    ],
)
def test_usage_errors_are_one_line(arguments: tuple[str, ...], message: str) -> None:
    """Status 2, and nothing on stdout."""
    ran = run(*arguments)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"lmnt-local: {message}")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("missing", ["hibari", "av", "h11"])
def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path, missing: str) -> None:
    """One line, status 2: nothing of the extra is imported before that is known."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name, *more: None if name == {missing!r} else find(name, *more)\n"
    )
    ran = run("serve", env={**os.environ, "PYTHONPATH": str(tmp_path)})

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"lmnt-local: {missing} is not installed: pip install 'lmnt-say[local]'\n"


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
