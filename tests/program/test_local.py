"""Offline from end to end: `lmnt-say --local`, the embedded service, and audio that other programs read."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.tools.decoding import decode, heard
from tests.tools.limits import wait_until
from tests.tools.local_service import shared_service
from tests.tools.option_names import ROOT
from tests.tools.program import Running, Say


TEXT = ROOT / "tests/data" / "alice.txt"

# The name and rate that ffprobe reports for each format; for Opus the rate is always 48000.
FORMATS = {
    "mp3": ("mp3", 24000),
    "wav": ("pcm_s16le", 24000),
    "pcm": ("pcm_s16le", 24000),
    "f32": ("pcm_f32le", 24000),
    "ulaw": ("pcm_mulaw", 8000),
    "webm": ("opus", 48000),
}
RAW = {"pcm": "s16le", "f32": "f32le"}
# The paragraphs of a page, and the seconds that they take; and those of half a page.
PAGE = (4, 81)
HALF_A_PAGE = (3, 38)


def run_of(format_: str) -> tuple[list[str], dict[str, str | None]]:
    """Return the option and the environment of a run: for MP3 it starts a service, otherwise one is running.

    The one that starts a service has no key, and a service address that it must not use.
    """
    if format_ == "mp3":
        return ["--local"], {"LMNT_API_KEY": None, "LMNT_BASE_URL": "http://203.0.113.1"}
    return [], {"LMNT_BASE_URL": shared_service().url}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("extension", FORMATS)
def test_pages(say: Say, tmp_path: Path, needs: Callable[[str], str], extension: str) -> None:
    """A page of text becomes a file whose codec, rate and duration another program confirms."""
    ffprobe = needs("ffprobe")
    paragraphs, seconds = PAGE if extension == "mp3" else HALF_A_PAGE
    page = tmp_path / "page.txt"
    page.write_text("\n\n".join(TEXT.read_text().split("\n\n")[:paragraphs]))
    options, environment = run_of(extension)

    result = say(*options, "-o", f"alice.{extension}", "-f", page, env=environment, limit=100)

    assert (result.status, result.stderr) == (0, "")
    raw = ["-f", RAW[extension], "-ar", "24000"] if extension in RAW else []
    asked = "packet=pts_time,duration_time:stream=codec_name,sample_rate"
    told = json.loads(
        subprocess.run(
            [ffprobe, "-v", "error", *raw, "-show_entries", asked, "-of", "json", f"alice.{extension}"],
            cwd=tmp_path,
            capture_output=True,
            check=True,
        ).stdout
    )
    stream, last = told["streams"][0], told["packets"][-1]
    codec, rate = FORMATS[extension]
    assert (stream["codec_name"], int(stream["sample_rate"])) == (codec, rate)
    assert float(last["pts_time"]) == pytest.approx(seconds, rel=0.02)


SENTENCE = "Alice had no idea what the rabbit was late for"
OTHERS = (
    "Either was the house here that a garden is dark",
    "Nobody likes his cats when one bottle has moved near",
)


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("mp3", 24000),
        ("wav", 24000),
        ("pcm_s16le", 16000),
        ("pcm_f32le", 24000),
        ("ulaw", 16000),
        ("webm", 24000),
    ],
)
def test_speech(say: Say, name: str, rate: int) -> None:
    """Of a token every 20 ms, sound starts before the input ends, and the words heard are those written."""
    options, environment = run_of(name)
    running = say.start(*options, "--format", name, "--sample-rate", str(rate), env=environment)
    pace = threading.Event()

    for token in f"{SENTENCE}.".split(" "):
        running.type(f"{token} ".encode())
        pace.wait(0.02)

    assert len(running.read(4000)) >= 4000
    running.end_input()
    result = say.end(running)
    assert result.status == 0
    assert heard(decode(result.stdout, name, rate), SENTENCE, *OTHERS) == SENTENCE.lower()


def test_nobody_else_can_use_the_service_which_ends_with_the_program(say: Say) -> None:
    """It accepts only the key of this run, shown nowhere, and no fault settings; killing the run ends it."""
    running = say.start("--local")
    running.type(b"Hello there. ")
    running.read(100)
    child = child_of(running)
    shown = [Path(f"/proc/{child}/{name}").read_bytes() for name in ("cmdline", "environ")]
    (port,) = listening_ports(child)

    refused = ask(port, "/v1/account", {"X-API-Key": "local"})
    settings = ask(port, "/v1/ai/speech/stream?fragments=1000", {})

    assert refused == 403
    assert settings == 400
    assert b"--key-from-stdin" in shown[0]
    assert b"LMNT_API_KEY" not in shown[1]
    running.kill()
    wait_until(lambda: has_ended(child), "end of the service")


def children_of(running: Running) -> list[str]:
    """Return the processes that a run has started."""
    return Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()


def child_of(running: Running) -> str:
    """Return the only process that a run has started."""
    (child,) = children_of(running)
    return child


def listening_ports(pid: str) -> list[int]:
    """Return the ports on which a process listens."""
    sockets = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # a descriptor that has just been closed
            sockets.add(os.readlink(each))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [
        int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets
    ]


def ask(port: int, path: str, headers: dict[str, str]) -> int:
    """Return the status of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_stopped_service_ends_with_the_program(say: Say, voiceless: dict[str, str]) -> None:
    """A stopped service, which cannot notice anything itself, ends with a killed program too."""
    running = say.start("--local", env=voiceless)
    wait_until(lambda: children_of(running), "service")
    child = child_of(running)
    wait_until(lambda: listening_ports(child), "service that listens")

    os.kill(int(child), signal.SIGSTOP)
    # The system ends only what has stopped, which takes its threads a moment.
    wait_until(lambda: states_of(child) == {"T"}, "stop of all threads")
    running.kill()

    wait_until(lambda: has_ended(child), "end of the service")


def states_of(pid: str) -> set[str]:
    """Return the letters for what the threads of a process do, none once it is gone."""
    states = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            states.add((thread / "stat").read_text().rpartition(")")[2].split()[0])
    return states


def has_ended(pid: str) -> bool:
    """Return whether a process, not a child of ours, has ended (nobody may have reaped it)."""
    return states_of(pid) <= {"Z"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--local", "--voise"], 2),
        (["--local", "--base-url", "http://127.0.0.1:9"], 2),
        (["--local", "-o", "speech.doc"], 2),
        (["--no-clobber", "-o", "--local", "--retry", "0", "Words."], 5),
    ],
)
def test_a_service_started_in_vain(say: Say, arguments: list[str], status: int) -> None:
    """It is started before the command line is checked; if that asks for none, nobody hears of it."""
    traced = ("strace", "-f", "-qq", "-e", "trace=execve,bind,exit_group", "-o", "trace")
    if shutil.which("strace") is None:
        pytest.skip("needs strace")

    result = say(*arguments, under=traced, env={"LMNT_BASE_URL": "http://127.0.0.1:9"})

    assert (result.status, result.stdout) == (status, b"")
    assert len(result.lines) <= 2
    trace = (say.directory / "trace").read_text()
    assert "lmnt_cli.local" in trace
    assert "sin_port" not in trace.replace("127.0.0.1:9", "")
    processes = {line.split()[0] for line in trace.splitlines()}
    ended = {line.split()[0] for line in trace.splitlines() if "+++" in line or "exit_group" in line}
    assert processes == ended
