"""Events as JSON lines: `lmnt_cli.io.event_file`."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from lmnt_cli.errors import UsageError
from lmnt_cli.io.event_file import MOST_HELD, EventFile, open_events
from tests.tools.each import each


def lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.decode().splitlines()]


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def test_an_event_a_line(ends: tuple[int, int]) -> None:
    """Each event is written at once, on one line, with the time since the start."""
    reading, writing = ends
    events = EventFile(writing, 100.0, str)
    events.write({"event": "sound", "utterance": 1}, 100.2134)
    events.write({"event": "text", "bytes": 3}, 101.0)

    assert os.read(reading, 1000) == (
        b'{"t":0.213,"event":"sound","utterance":1}\n{"t":1.0,"event":"text","bytes":3}\n'
    )


def test_secrets(ends: tuple[int, int]) -> None:
    """Text from the service is redacted before it is written."""
    reading, writing = ends
    events = EventFile(writing, 0.0, lambda text: text.replace("key", "[key]"))
    events.write({"event": "error", "message": "bad key", "hint": None}, 1.0)

    assert lines(os.read(reading, 1000))[0]["message"] == "bad [key]"


def test_text_that_is_no_utf8(ends: tuple[int, int]) -> None:
    """A lone surrogate does not end the run."""
    reading, writing = ends
    EventFile(writing, 0.0, str).write({"event": "confirmed", "text": "a\ud800b"}, 1.0)

    assert b"a\\ud800b" in os.read(reading, 1000)


def test_a_reader_that_pauses(ends: tuple[int, int]) -> None:
    """One mebibyte is buffered; lines beyond it are dropped, and counted in the next line."""
    reading, writing = ends
    events = EventFile(writing, 0.0, str)
    for number in range(11_000):
        events.write({"event": "confirmed", "utterance": number, "text": "x" * 60}, 1.0)

    data = b""
    while select.select([reading], [], [], 0)[0]:
        data += os.read(reading, 1 << 16)
        events.push()
    events.write({"event": "end"}, 2.0)
    data += os.read(reading, 1 << 16)
    found = lines(data)

    assert [line["utterance"] for line in found[:-1]] == list(range(len(found) - 1))
    assert MOST_HELD // 150 < len(found) < 11_000
    assert found[-1] == {"t": 2.0, "event": "end", "dropped": 11_000 - (len(found) - 1)}


def test_the_end_waits_a_little(ends: tuple[int, int]) -> None:
    """A reader that never reads delays the end by at most half a second."""
    _reading, writing = ends
    events = EventFile(writing, 0.0, str)
    events.write({"event": "confirmed", "text": "x" * (MOST_HELD - 100)}, 1.0)
    began = time.monotonic()
    anyio.run(events.finish)

    assert time.monotonic() - began < 2


def test_a_reader_that_leaves() -> None:
    """A reader that leaves ends the events silently."""
    reading, writing = os.pipe()
    os.close(reading)
    events = EventFile(writing, 0.0, str)
    events.write({"event": "start"}, 1.0)
    events.write({"event": "end"}, 2.0)
    anyio.run(events.finish)
    os.close(writing)


def test_a_file(tmp_path: Path) -> None:
    """An old event file is replaced."""
    path = tmp_path / "events.jsonl"
    path.write_text("old\n" * 100)
    descriptor = open_events(str(path))
    EventFile(descriptor, 0.0, str).write({"event": "start"}, 0.0)
    os.close(descriptor)

    assert lines(path.read_bytes()) == [{"t": 0.0, "event": "start"}]


def test_a_descriptor(ends: tuple[int, int]) -> None:
    """`fd:N` is a descriptor that the shell has opened."""
    assert open_events(f"fd:{ends[1]}") == ends[1]


@each("target", ["fd:", "fd:x", "fd:-1", "fd:1e3", "fd:999", f"fd:{10**30}", "/no/such/dir/x"])
def test_no_place_for_events(target: str) -> None:
    """An event file that cannot be opened is refused before anything else happens."""
    with pytest.raises(UsageError, match="events"):
        open_events(target)


def test_a_descriptor_for_reading(ends: tuple[int, int]) -> None:
    """A read-only descriptor is refused too."""
    with pytest.raises(UsageError, match="reading only"):
        open_events(f"fd:{ends[0]}")
