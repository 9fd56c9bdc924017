"""Subtitles, the tee and events, written while text is still arriving (contract, 12)."""

from __future__ import annotations

import fcntl
import json
import os
import select
from pathlib import Path
from typing import Any

import pytest
import srt
import webvtt

from tests.doubles.behaviours import Fails
from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import FakeService
from tests.doubles.hostile_service import BINARY, GOODBYE, HostileService, Line, frame, message
from tests.doubles.loudspeaker import Loudspeaker
from tests.tools.limits import LIMIT, wait_size
from tests.tools.program import PIPE, Say


TEXT = b"One. Two three.\n\nFour, five and six.\n\n"
# The audio of the double is the text, one byte per sample: an utterance of 8,000 letters lasts one second.
AUDIO = ("--format", "ulaw", "--sample-rate", "8000")


def words(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_three_files_of_subtitles(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Each format has every word once, in order; no `.part` is left."""
    named = [word for name in ("a.srt", "b.VTT", "c.jsonl") for word in ("--subtitles", name)]
    result = say(*AUDIO, "-o", "x.ulaw", "--on-drop", "fail", *named, stdin=TEXT)

    assert (result.status, result.stderr) == (0, "")
    spoken = TEXT.decode().split()
    assert [line["text"] for line in words(tmp_path / "c.jsonl")] == spoken
    assert [line["utterance"] for line in words(tmp_path / "c.jsonl")] == [1, 1, 1, 2, 2, 2, 2]
    shown = list(srt.parse((tmp_path / "a.srt").read_text()))
    assert " ".join(cue.content for cue in shown).split() == spoken
    assert [cue.index for cue in shown] == [1, 2, 3]
    assert " ".join(cue.text for cue in webvtt.read(str(tmp_path / "b.VTT")).captions).split() == spoken
    assert list(tmp_path.glob("*.part")) == []
    # Word times are requested even if nothing is to be resumed.
    assert (service.session().init or {})["return_timestamps"] is True


def test_times_end_with_the_audio(say: Say, tmp_path: Path) -> None:
    """Times never decrease, and the last word ends with the audio."""
    text = b"word " * 1600 + b"\n\n" + b"more " * 1600
    assert say(*AUDIO, "-o", "x.ulaw", "--subtitles", "x.jsonl", stdin=text).status == 0

    edges = [edge for line in words(tmp_path / "x.jsonl") for edge in (line["start"], line["end"])]
    assert edges == sorted(edges)
    assert edges[-1] == pytest.approx(len(text) / 8000, abs=0.001)
    assert words(tmp_path / "x.jsonl")[1600]["start"] == pytest.approx(1.0, abs=0.01)


def test_times_that_trail(say: Say, tmp_path: Path) -> None:
    """Word times that come only after `finish` are awaited, and used."""

    def script(line: Line) -> None:
        flush = line.read_until("flush")
        line.send(frame(BINARY, bytes(48_000)), message("flush_complete", nonce=flush["nonce"]))
        line.read_until("finish")
        times = [
            {"text": "One", "start": 0.0, "duration": 0.1},
            {"text": "two.", "start": 0.9, "duration": 0.1},
        ]
        line.send(message("timestamps", timestamps=times), GOODBYE)

    with HostileService(script) as service:
        args = ("--base-url", service.url, "-o", "x.pcm", "--subtitles", "x.jsonl")
        assert say(*args, stdin=b"One two.").status == 0

    assert [(word["text"], word["start"]) for word in words(tmp_path / "x.jsonl")] == [
        ("One", 0.0),
        ("two.", 0.9),
    ]


def test_readable_while_they_grow(say: Say, tmp_path: Path) -> None:
    """A cue is in the `.part` before the input ends."""
    running = say.start(*AUDIO, "-o", "-", "--subtitles", "x.srt")
    running.type(TEXT)
    running.read(len(TEXT))
    running.type(b"Seven.\n\n")
    running.read(len(TEXT) + 8)
    (part,) = tmp_path.glob("x.srt*part*")
    wait_size(part, 1)
    cues = list(srt.parse(part.read_text()))

    assert cues[0].content == "One."
    running.end_input()
    assert say.end(running).status == 0


def test_refused_before_anything_is_touched(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Outputs that cannot be written are a usage error: nothing is connected, created or saved.

    Which outputs are refused, and how, is tested in tests/io/test_same_file.py and tests/test_decisions.py.
    """
    result = say("-o", "-", "--subtitles", "x.jsonl", "--events", "./x.jsonl", stdin=TEXT)

    assert (result.status, result.lines) == (2, ["lmnt-say: x.jsonl and ./x.jsonl are the same file"])
    assert service.handshakes == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_subtitles_that_are_the_text(say: Say, tmp_path: Path) -> None:
    """A file that is read is not written."""
    (tmp_path / "x.srt").write_text("Words.")
    result = say("-f", "x.srt", "-o", "x.mp3", "--no-part", "--subtitles", "x.srt")

    assert result.status == 2
    assert (tmp_path / "x.srt").read_text() == "Words."


def test_a_refused_key(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A run without a word costs no old recording, abandoned part or subtitles, and creates none.

    Its error is an event, with figures.
    """
    for name in ("a.mp3", "a.mp3.part", "x.srt"):
        (tmp_path / name).write_text(f"old {name}")
    service.does(Fails("authentication_error", f"Invalid API key {KEY}"))
    observed = ("--subtitles", "x.srt", "--subtitles", "y.vtt", "--events", "z", "--stats")
    result = say("-o", "a.mp3", *observed, stdin=TEXT)

    assert result.status == 3
    assert [line for line in result.lines if line.startswith("wall time  ")] != []
    files = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert sorted(files) == ["a.mp3", "a.mp3.part", "x.srt", "z"]
    assert [name for name, text in files.items() if text != f"old {name}"] == ["z"]
    events = words(tmp_path / "z")
    assert [event["event"] for event in events][-2:] == ["error", "end"]
    assert events[-2]["status"] == events[-1]["status"] == 3
    assert "Invalid API key [key]" in events[-2]["message"]
    assert KEY not in (tmp_path / "z").read_text()


BYTES = b"Valid.\r\n\xff\xfe\x1b[31mred\x1b[0m " + b"x" * 5000 + b" \x00 after. No line end"


def tee(stream: str) -> tuple[str, ...]:
    """Arguments that pass the text on to that stream: to standard error if audio takes standard output."""
    return ("--tee", "-q", "-o", "x.mp3" if stream == "stdout" else "-")


def ends(stream: str, descriptor: int) -> tuple[int, int]:
    """Standard output and standard error, of which one is this descriptor."""
    return (descriptor, PIPE) if stream == "stdout" else (PIPE, descriptor)


def test_tee_beside_a_player(say: Say, loudspeaker: Loudspeaker) -> None:
    """Playing leaves standard output free, for `llm … | lmnt-say --tee -p | tee transcript.txt`.

    The text is copied byte for byte; to standard error if audio takes standard output: see test_pipe.py.
    """
    result = say("--tee", "-p", "--player", loudspeaker.player, stdin=BYTES)

    assert (result.status, result.stdout) == (0, BYTES)


def test_tee_with_a_paused_reader(say: Say, service: FakeService) -> None:
    """While the reader pauses no more text is read; what was read is spoken, and nothing is lost."""
    text = b"word " * 60_000
    reading, writing = os.pipe()
    running = say.start(*tee("stderr"), stderr=writing)
    os.close(writing)
    running.feed(text)
    session = service.session()
    session.wait(lambda: len(session.text) > 60_000, "text beyond what the pipe holds")
    assert len(session.text) < len(text)
    with os.fdopen(reading, "rb") as pipe:
        copy = pipe.read()

    assert say.end(running, 30).status == 0
    assert copy == text
    assert service.session().text == text.decode()


def test_tee_whose_reader_leaves(say: Say, service: FakeService) -> None:
    """A reader that leaves ends the tee, not the speech."""
    reading, writing = os.pipe()
    running = say.start(*tee("stdout"), stdout=writing)
    os.close(writing)
    running.type(b"One.\n\n")
    assert os.read(reading, 1) == b"O"
    os.close(reading)
    running.type(b"Two.\n\n")
    running.end_input()

    assert running.wait().status == 0
    assert service.session().text == "One.\n\nTwo.\n\n"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_tee_to_a_full_disk(say: Say, service: FakeService, tmp_path: Path, stream: str) -> None:
    """A full disk is exit 7 at the end, with the audio complete."""
    with Path("/dev/full").open("wb") as full:
        out, err = ends(stream, full.fileno())
        result = say(*tee(stream), stdin=TEXT, stdout=out, stderr=err)

    assert result.status == 7
    assert service.session().text == TEXT.decode()
    if stream == "stdout":
        assert "No space left on device" in result.lines[0]
        assert (tmp_path / "x.mp3").read_bytes() == TEXT
    else:
        assert result.stdout == TEXT


def test_events_and_stats(say: Say) -> None:
    """Events for a descriptor of the shell: first the start, last the end with status and figures.

    The figures of --stats are a block of names and values.
    """
    reading, writing = os.pipe()
    running = say.start("-o", "-", "--stats", "--events", f"fd:{writing}", pass_fds=[writing])
    os.close(writing)
    running.feed(TEXT)
    result = say.end(running)
    with os.fdopen(reading, "rb") as stream:
        events = [json.loads(line) for line in stream]

    kinds = [event["event"] for event in events]
    assert result.status == 0
    assert (kinds[0], kinds[-1]) == ("start", "end")
    assert {"connected", "ready", "text", "flush", "sound", "confirmed", "finish"} <= set(kinds)
    assert [event["t"] for event in events] == sorted(event["t"] for event in events)
    assert events[-1]["status"] == 0
    assert events[-1]["figures"]["text_bytes"] == len(TEXT)
    confirmed = [event["text"] for event in events if event["event"] == "confirmed"]
    assert "".join(confirmed).split() == TEXT.decode().split()

    figures = dict(line.split("  ", 1) for line in result.lines)
    assert figures["text bytes"].strip() == str(len(TEXT))
    assert figures["sessions"].strip() == "1"
    assert "wall time" in figures


def test_events_for_a_reader_that_pauses(say: Say) -> None:
    """What is held for a reader that pauses is written as soon as it reads again, though nothing happens."""
    reading, writing = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)  # less than the events
    running = say.start("-o", "x.mp3", "--debug", "--events", f"fd:{writing}", pass_fds=[writing])
    os.close(writing)
    running.type(b"Word.\n\n" * 50)
    running.read_errors("< FlushComplete(nonce=50)")
    events = b""
    while events.count(b'"confirmed"') < 50:
        assert select.select([reading], [], [], LIMIT)[0]
        events += os.read(reading, 1000)
    os.close(reading)
    running.end_input()

    assert say.end(running).status == 0


def test_events_to_a_full_disk(say: Say) -> None:
    """The audio is complete, and one notice says that the events are not."""
    result = say("-o", "a.pcm", "--events", "/dev/full", stdin=b"One.")

    assert (result.status, (say.directory / "a.pcm").read_bytes()) == (0, b"One.")
    assert result.lines == ["lmnt-say: could not write events to /dev/full: No space left on device"]
