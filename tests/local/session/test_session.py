"""Whole sessions, in the real program: `lmnt_cli.local.session.session`."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.tools.decoding import decode
from tests.tools.local_service import (
    FINISH,
    LIMIT,
    LocalService,
    connect_narrowly,
    flush,
    memory,
    port_of,
    shared_service,
    text,
    upgrade,
)


SENTENCE = "There are many people waiting at the station for the late train. "


@pytest.fixture
def local() -> LocalService:
    return shared_service()


@pytest.fixture(scope="module")
def loading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    """A service whose voice is still loading, whenever it is asked to speak."""
    directory = tmp_path_factory.mktemp("loading")
    (directory / "hibari.py").write_text("import time\ntime.sleep(1000)\n")
    with LocalService(PYTHONPATH=str(directory)) as service:
        yield service


def test_ready_does_not_wait_for_the_voice(loading: LocalService) -> None:
    """A session gets `ready`, and pings are answered, while the voice is still loading."""
    with loading.open() as conversation:
        conversation.init()
        conversation.send(text(SENTENCE), flush(1))

        assert conversation.until("ready")
        assert conversation.socket.ping().wait(LIMIT)


def test_a_voice_that_cannot_be_loaded_is_an_internal_error(mute: LocalService) -> None:
    """Each session gets the error, and the service keeps running."""
    for _ in range(2):
        transcript = mute.talk(text("Hello."), FINISH)
        assert transcript.error["error"]["type"] == "internal_server_error"
        assert transcript.close_code == 1011


def test_a_client_that_reads_nothing_costs_bounded_memory() -> None:
    """Long texts in the largest format, never read, only produce as much audio as the sockets hold."""
    # Large blocks go back to the system at once: what is measured is in use.
    with LocalService(MALLOC_MMAP_THRESHOLD_="131072", MALLOC_ARENA_MAX="2") as service:
        service.talk(text(SENTENCE * 3), FINISH)
        before, spoken = memory(service), characters_spoken(service)
        peers = [deaf_peer(service, SENTENCE * 400) for _ in range(4)]
        # Sessions take turns: had the four not been stopped, each would have produced as much as this one.
        made = service.talk(text(SENTENCE * 8), FINISH, format="pcm_f32le").audio
        after, spoken = memory(service), characters_spoken(service) - spoken
        for peer in peers:
            peer.close()

    assert after - before < 2 * len(made)
    assert spoken < (8 + 4 * 4) * len(SENTENCE)


def characters_spoken(service: LocalService) -> int:
    """Return how many characters of all sessions were turned into speech."""
    request = urllib.request.Request(f"{service.url}/v1/account", headers={"X-API-Key": "k"})
    with urllib.request.urlopen(request, timeout=LIMIT) as response:
        return int(json.load(response)["usage"]["characters"])


def test_a_paused_reader_loses_nothing(local: LocalService) -> None:
    """Audio that the sockets cannot hold waits for a client that is not reading yet, and arrives whole."""
    said = SENTENCE * 4
    with local.open(max_queue=1, sock=connect_narrowly(local)) as conversation:
        conversation.init(format="pcm_f32le")
        conversation.send(*[text(word + " ") for word in said.split()], FINISH)
        # Another session's work is done after ours was stuck, so there is no need to wait by the clock.
        assert local.talk(text(said), FINISH).close_code == 1000
        paused = conversation.rest()

    assert paused.close_code == 1000
    assert decode(paused.audio, "pcm_f32le", 24000).seconds > 13


def test_what_sessions_hold_is_bounded(loading: LocalService) -> None:
    """Twelve sessions with as much text as possible, in the largest messages, use a few megabytes each."""
    assert loading.talk({"type": "unknown"}).error
    before = memory(loading)
    peers = [socket.create_connection(("127.0.0.1", port_of(loading)), timeout=LIMIT) for _ in range(12)]
    init = frame_of({"X-API-Key": "k", "lmnt-version": "1.2", "voice": "lily"})
    # A letter beyond the others makes Python use four bytes for each.
    largest = frame_of(text("\U0001f642" + "x" * (2**20 - 100)))
    for peer in peers:
        upgrade(peer)
        peer.settimeout(0.2)
        for frame in (init, *[largest] * 6):
            with suppress(TimeoutError):  # wait for room for a moment only
                peer.sendall(frame)
    most = memory(loading)
    for peer in peers:
        peer.close()

    assert most - before < 12 * 6 * 2**20


def deaf_peer(service: LocalService, content: str) -> socket.socket:
    """Return a session that requests a text in 32-bit samples and reads nothing but the handshake."""
    peer = connect_narrowly(service)
    upgrade(peer)
    init = {"X-API-Key": "k", "lmnt-version": "1.2", "voice": "lily", "format": "pcm_f32le"}
    for message in (init, text(content), flush(1)):
        peer.sendall(frame_of(message))
    return peer


def frame_of(message: dict[str, Any]) -> bytes:
    """Return a message as a text frame with a mask of zeros."""
    payload = json.dumps(message, ensure_ascii=False).encode()
    return b"\x81\xff" + len(payload).to_bytes(8, "big") + bytes(4) + payload
