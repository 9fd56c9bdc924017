"""The same job done four ways, side by side: `python tests/bench/side_by_side.py [ROUNDS]`.

Ours, a bare asyncio + websockets script, the script a user writes today with the official SDK, and websocat
(when installed). Rounds are interleaved, so that what disturbs the machine disturbs all alike; medians are
shown, and the ratios that the budgets are about. Nothing is asserted: a timed test fails for others' reasons.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve


HERE = Path(__file__).parent
# The program as it is installed: `python -m` would cost it runpy.
OURS = str(Path(sys.executable).with_name("lmnt-say"))
AUDIO = bytes(8192)
MEGABYTES = 100


class Service:
    """Takes one session at a time; `megabytes` of audio answer `finish`. Times are of time.monotonic()."""

    def __init__(self) -> None:
        self.megabytes = 0
        self.init_at = self.text_at = self.last_byte_at = 0.0
        self.port = 0
        self._listening = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._listening.wait(10)

    async def _serve(self) -> None:
        async with serve(self._session, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._listening.set()
            await asyncio.get_running_loop().create_future()

    async def _session(self, socket: ServerConnection) -> None:
        await socket.recv()
        self.init_at = time.monotonic()
        await socket.send('{"type":"ready","request_id":"req_bench"}')
        async for message in socket:
            kind = json.loads(message)["type"]
            if kind == "text":
                self.text_at = time.monotonic()
                await socket.send(AUDIO)
            elif kind == "finish":
                for _ in range(self.megabytes * 1_000_000 // len(AUDIO)):
                    await socket.send(AUDIO)
                self.last_byte_at = time.monotonic()
                return


def commands(service: Service) -> dict[str, list[str]]:
    """How each way is started; text on stdin, audio on stdout."""
    ways = {
        "ours": [OURS],
        "bare": [sys.executable, str(HERE / "bare.py")],
        "sdk": [sys.executable, str(HERE / "with_sdk.py")],
    }
    if websocat := shutil.which("websocat"):
        messages = (
            {"X-API-Key": "k", "lmnt-version": "1.2", "voice": "lily"},
            {"type": "text", "text": "Hello."},
            {"type": "finish"},
        )
        lines = "\n".join(map(json.dumps, messages))
        url = f"ws://127.0.0.1:{service.port}/v1/ai/speech/stream"
        ways["websocat"] = ["sh", "-c", f"echo '{lines}' | {websocat} -n {url}"]
    return ways


def run(command: list[str], service: Service) -> dict[str, float]:
    """One run of one way: milliseconds, megabytes, megabytes a second."""
    environment = {
        **os.environ,
        "LMNT_API_KEY": "k" * 20,
        "LMNT_BASE_URL": f"http://127.0.0.1:{service.port}",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin
    assert process.stdout
    limit = threading.Timer(30, process.kill)
    limit.start()
    process.stdin.write(b"Hello.")
    process.stdin.close()
    count = 0
    while block := os.read(process.stdout.fileno(), 1 << 20):
        count += len(block)
        last = time.monotonic()
    process.wait()
    limit.cancel()
    ended = time.monotonic()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "exec → init, ms": 1000 * (service.init_at - started),
        "last byte → exit, ms": 1000 * (ended - last),
    }
    if service.megabytes:
        figures["audio, MB/s"] = count / 1e6 / (last - service.text_at)
        figures["CPU for it, s"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return figures


def peak_memory(command: list[str], service: Service) -> float:
    """Peak resident megabytes of a run, as GNU time tells."""
    environment = {
        **os.environ,
        "LMNT_API_KEY": "k" * 20,
        "LMNT_BASE_URL": f"http://127.0.0.1:{service.port}",
    }
    told = subprocess.run(
        ["/usr/bin/time", "-f", "%M", *command],
        env=environment,
        input=b"Hello.",
        capture_output=True,
        check=True,
    ).stderr.split()
    return int(told[-1]) / 1000


def main() -> None:
    """Run all ways in turn and print the medians."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    service = Service()
    figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for megabytes in (0, MEGABYTES):
        service.megabytes = megabytes
        for _ in range(rounds if not megabytes else 5):
            for way, command in commands(service).items():
                for name, figure in run(command, service).items():
                    if not megabytes or name not in ("exec → init, ms", "last byte → exit, ms"):
                        figures[name][way].append(figure)
                if not megabytes and os.path.exists("/usr/bin/time"):
                    figures["peak memory, MB"][way].append(peak_memory(command, service))
    for _ in range(rounds):
        for way, command in {
            "ours": [OURS, "--help"],
            "typer": [sys.executable, str(HERE / "one_option.py"), "--help"],
        }.items():
            figures["--help, ms"][way].append(_elapsed(partial(subprocess.run, command, capture_output=True)))
    for name, ways in figures.items():
        medians = {way: statistics.median(values) for way, values in ways.items()}
        shown = "  ".join(f"{way} {value:.1f}" for way, value in medians.items())
        ratios = "  ".join(
            f"/{way} {medians['ours'] / value:.2f}" for way, value in medians.items() if way != "ours"
        )
        print(f"{name:24} {shown}   ours{ratios}")


def _elapsed(job: Callable[[], object]) -> float:
    started = time.monotonic()
    job()
    return 1000 * (time.monotonic() - started)


if __name__ == "__main__":
    main()
