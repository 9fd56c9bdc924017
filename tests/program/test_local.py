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
from pathlib import Path

import pytest

from tests.tools.decoding import decode, heard
from tests.tools.option_names import ROOT
from tests.tools.program import Say


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
# The whole text, and a page of it.
SECONDS = 285
PAGE_SECONDS = 81


@pytest.mark.timeout(120)
@pytest.mark.parametrize("extension", FORMATS)
def test_pages(say: Say, tmp_path: Path, needs: Callable[[str], str], extension: str) -> None:
    """A page, of MP3 several, becomes a file whose codec, rate and duration another program confirms."""
    ffprobe = needs("ffprobe")

    page = tmp_path / "page.txt"
    page.write_text("\n\n".join(TEXT.read_text().split("\n\n")[:4]))
    text, seconds = (TEXT, SECONDS) if extension == "mp3" else (page, PAGE_SECONDS)

    result = say("--local", "-o", f"alice.{extension}", "-f", text, limit=100)

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
    """In each format, the words heard are those written."""
    result = say("--local", "--format", name, "--sample-rate", str(rate), stdin=SENTENCE.encode())

    assert result.status == 0
    assert heard(decode(result.stdout, name, rate), SENTENCE, *OTHERS) == SENTENCE.lower()


@pytest.mark.parametrize("name", ["mp3", "pcm_s16le", "webm"])
def test_slow_writer(say: Say, name: str) -> None:
    """Sound starts before the text ends: a token every 20 ms, and the input still open."""
    paragraph = TEXT.read_text().split("\n\n")[1]
    running = say.start("--local", "--format", name)
    pace = threading.Event()

    for token in paragraph.split(" "):
        running.type(f"{token} ".encode())
        pace.wait(0.02)

    assert len(running.read(4000)) >= 4000
    running.end_input()
    assert say.end(running).status == 0


def test_no_key_needed(say: Say) -> None:
    """Neither a key nor a service address is needed or used."""
    result = say("--local", "Hello.", env={"LMNT_API_KEY": None, "LMNT_BASE_URL": "http://203.0.113.1"})

    assert result.status == 0
    assert len(result.stdout) > 1000


def test_nobody_else_can_use_the_service(say: Say) -> None:
    """It accepts only the key of this run, which is shown nowhere, and no fault settings."""
    running = say.start("--local")
    running.type(b"Hello there. ")
    running.read(100)
    (child,) = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    shown = [Path(f"/proc/{child}/{name}").read_bytes() for name in ("cmdline", "environ")]
    port = listening_port(child)

    refused = ask(port, "/v1/account", {"X-API-Key": "local"})
    settings = ask(port, "/v1/ai/speech/stream?fragments=1000", {})
    running.end_input()

    assert refused == 403
    assert settings == 400
    assert b"--key-from-stdin" in shown[0]
    assert b"LMNT_API_KEY" not in shown[1]
    assert say.end(running).status == 0


def listening_port(pid: str) -> int:
    """Return the port on which a process listens."""
    sockets = {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (port,) = [
        int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets
    ]
    return port


def ask(port: int, path: str, headers: dict[str, str]) -> int:
    """Return the status of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("stopped", [False, True])
def test_service_ends_with_the_program(say: Say, stopped: bool) -> None:
    """A killed program leaves no service running, not even a stopped one."""
    running = say.start("--local")
    running.type(b"Hello there. ")
    running.read(100)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()

    assert len(children) == 1
    gone = threading.Event()
    if stopped:
        os.kill(int(children[0]), signal.SIGSTOP)
        # The system ends only what has stopped, which takes all of its threads a moment.
        while Path(f"/proc/{children[0]}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            gone.wait(0.01)
    running.kill()

    for _ in range(1500):
        if (
            not Path(f"/proc/{children[0]}").exists()
            or "Z" in Path(f"/proc/{children[0]}/stat").read_text().split()[2]
        ):
            break
        gone.wait(0.01)  # there is no event for the end of a process that is not our child
    else:
        pytest.fail("the service outlived the program by fifteen seconds")


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
