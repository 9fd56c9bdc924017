"""The tape's service, seen by a client that is not ours: its answers, its cuts and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.proof.plans import Fault, Plan, Rehearsal
from tests.proof.tape_service import TapeService


pytestmark = pytest.mark.anyio

INIT = {"X-API-Key": "key", "format": "mp3", "return_timestamps": True}
HELLO = {"type": "text", "text": "Hello there."}


async def talk(client: ClientConnection, *messages: Mapping[str, object]) -> list[str]:
    """Send these messages; return the kinds of those received until the end."""
    for fields in messages:
        await client.send(json.dumps({"type": "init", **fields}))
    kinds = []
    try:
        while True:
            message = await client.recv()
            kinds.append("audio" if isinstance(message, bytes) else json.loads(message)["type"])
    except ConnectionClosed:
        return kinds


async def converse(plan: Plan, *messages: Mapping[str, object]) -> tuple[Rehearsal, list[str], int | None]:
    """Hold a session; return what the service saw, the kinds of its messages, and its close code."""
    async with TapeService() as service:
        rehearsal, address = service.rehearse(plan)
        async with connect(f"ws://{address}", proxy=None) as client:
            kinds = await talk(client, INIT, *messages)
        return rehearsal, kinds, client.close_code


async def test_a_session() -> None:
    """Audio precedes its times and the answer to its flush; 1000 follows `finish`."""
    messages = HELLO, {"type": "flush", "nonce": 0}, {"type": "finish"}

    rehearsal, kinds, code = await converse(Plan(sizes=(9999,)), *messages)

    assert (kinds, code) == (["ready", "audio", "timestamps", "flush_complete"], 1000)
    assert rehearsal.kinds == ["init", "ready", "text", "flush", *kinds[1:], "finish"]
    assert rehearsal.refused == []


async def test_it_objects_to_what_the_service_refuses() -> None:
    """A nonce that comes twice, and a flush without a word before the end, are faults of the client."""
    flush = {"type": "flush", "nonce": 0}

    rehearsal, _, _ = await converse(Plan(), flush, flush, HELLO, {"type": "finish"})

    assert rehearsal.refused == [
        "nonce 0 came twice",
        "a flush without a word before the last",
        "text after a flush without a word",
    ]


async def test_a_message_that_is_not_text() -> None:
    """A binary message is a fault of the client, and nothing is answered any more."""
    async with TapeService() as service:
        rehearsal, address = service.rehearse(Plan())
        async with connect(f"ws://{address}", proxy=None) as client:
            await client.send(b"{}")
            await client.ping()

    assert len(rehearsal.refused) == 1
    assert rehearsal.kinds == []


@pytest.mark.parametrize("kind", ["eof", "reset", "busy", "stall", "1000", "1011", "error"])
async def test_cuts(kind: str) -> None:
    """The connection ends after the planned message, in the planned way, and nothing follows it."""
    plan = Plan(faults=(Fault(3, kind),))
    async with TapeService() as service:
        rehearsal, address = service.rehearse(plan)
        async with connect(f"ws://{address}", proxy=None) as client:
            received = await talk(client, INIT, HELLO, {"type": "flush", "nonce": 0})
        code = {"1000": 1000, "1011": 1011, "error": 1002}.get(kind, 1006)
        if kind == "busy":
            with pytest.raises(InvalidStatus, match="503"):
                await connect(f"ws://{address}", proxy=None)

    assert received == ["ready", *(["error"] if kind == "error" else [])]
    assert client.close_code == code
    assert [fault.kind for fault in rehearsal.faults] == [kind]
    assert rehearsal.kinds == ["init", "ready", "text"]
