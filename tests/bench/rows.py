"""The rows of section 10 of the contract, each measured for every way in turn, round by round."""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.figures import ENOUGH, Budget, Row
from tests.bench.helpers import Link, Service
from tests.bench.runs import Failed, Process, Run, environment, peak, run
from tests.bench.service import FRAME, Job, bulk_bytes
from tests.bench.ways import HERE, RAW, Way


ONE_WAY = 20.0  # milliseconds, for a round trip of 40
BULK = 100_000_000
REPLY = 4 * len(FRAME)
PIECES = 100  # texts of a run, whose latencies are measured
MILLION = 1e6


@dataclass
class Bench:
    """What all rows share."""

    ways: list[Way]
    rounds: int
    others: tuple[str, ...]
    note: Callable[[str], None]
    quick: bool = False

    def each(self, ways: Sequence[Way] | None = None, rounds: int | None = None) -> Iterator[Way]:
        """Yield every way in turn, for every round."""
        count = self.rounds if rounds is None else rounds
        for number in range(count):
            self.note(f"round {number + 1} of {count}")
            yield from self.ways if ways is None else ways

    def is_ours(self, way: Way) -> bool:
        """Return whether a way is a version of our program."""
        return way.name in ("ours", *self.others)

    def row(self, name: str, unit: str, *budgets: Budget) -> Row:
        return Row(name, unit, budgets, others=self.others)


def one(way: Way, service: Service, job: str) -> Run:
    """Speak one word to a job of the service, to the end."""
    url = f"http://127.0.0.1:{service.ports[job]}"
    done = run(way.to(url), environment(url), way.whole(b"Hello."), way.preamble)
    expected = service.jobs[job].reply + bulk_bytes(service.jobs[job].bulk)
    if done.audio < expected:
        raise Failed(f"{way.name} wrote {done.audio} of {expected} bytes")
    return done


def start(bench: Bench) -> list[Row]:
    """Measure from exec to `init`, and from the last audio to the end; and the peak memory of that job."""
    first = bench.row("exec -> init", "ms", Budget("bare", 1.0), Budget("sdk", 0.45))
    last = bench.row("last audio at the service -> exit", "ms", Budget("bare", 0.4))
    memory = bench.row("peak memory", "MB", Budget("bare", 1.25))
    with Service({"echo": Job()}) as service:
        url = f"http://127.0.0.1:{service.ports['echo']}"
        for way in bench.each():
            done = one(way, service, "echo")
            session = service.session()
            first.add(way.name, 1000 * (session.init - done.started))
            last.add(way.name, 1000 * (done.ended - session.last_audio))
            memory.add(way.name, peak(way.to(url), environment(url), [way.whole(b"Hello.")]) / MILLION)
            service.session()
    return [first, last, memory]


@contextmanager
def network() -> Iterator[tuple[str, dict[str, str]]]:
    """Start a service with verified TLS and a link to it; yield its URL, and what makes clients trust it."""
    from tests.tools.certificates import Authority

    with tempfile.TemporaryDirectory() as name:
        directory = Path(name) / "authority"
        authority = Authority("openssl", directory)
        authority.vouch("DNS:localhost,IP:127.0.0.1")
        job = Job(certificate=str(directory / "certificate.pem"), key=str(directory / "server.key"))
        with Service({"tls": job}) as service, Link(service.ports["tls"], ONE_WAY) as link:
            trust = {"SSL_CERT_FILE": str(authority.file)}
            yield f"https://localhost:{link.port}", trust


def far(bench: Bench) -> list[Row]:
    """Measure from exec to the first byte of audio, with TLS and a round trip of 40 ms."""
    row = bench.row("exec -> first audio, TLS and 40 ms round trips", "ms", Budget("bare", 0.85))
    with network() as (url, trust):
        for way in bench.each():
            done = run(way.to(url), environment(url, **trust), way.whole(b"Hello."), way.preamble)
            if not done.audio:
                raise Failed(f"{way.name} wrote nothing")
            row.add(way.name, 1000 * (done.first - done.started))
    return [row]


def latency(bench: Bench) -> list[Row]:
    """Measure from a byte on standard input to the service, and from an audio message to standard output."""
    plus = Budget("bare", 1.0, plus=0.1)
    up = bench.row("stdin byte -> text at the service", "ms", plus)
    down = bench.row("audio message -> bytes on stdout", "ms", plus)
    with Service({"echo": Job(REPLY)}) as service:
        url = f"http://127.0.0.1:{service.ports['echo']}"
        for way in bench.each([*bench.ways, RAW]):
            process = Process(way.to(url), environment(url))
            if way.opening:
                process.write(way.opening)
            size = REPLY + way.around
            sizes = [size + way.preamble, *[size] * (PIECES - 1)]
            times = [process.ask(way.spoken(f"word{n} ".encode()), sizes[n]) for n in range(PIECES)]
            process.feed([way.ending])
            process.read()
            process.end()
            session = service.session()
            asked, came = zip(*times, strict=True)
            # The first texts wait for the connection.
            sent = [there - here for there, here in zip(session.texts, asked, strict=True)][10:]
            heard = [there - here for there, here in zip(came, session.replies, strict=True)][10:]
            up.add(way.name, 1000 * statistics.median(sent))
            down.add(way.name, 1000 * statistics.median(heard))
    return [up, down]


def audio(bench: Bench) -> list[Row]:
    """Measure 100 MB of audio in messages of 8 KiB: speed and CPU, without the start-up.

    Samples are counted by bytes, MP3 frame by frame: both are measured.
    """
    rows = []
    for name, frames in (("pcm_s16le", False), ("mp3", True)):
        speed = bench.row(f"{name} through the pipe", "MB/s", Budget("bare", 1.0, more_is_better=True))
        cpu = bench.row(f"CPU for 100 MB of {name}", "s", Budget("bare", 0.9))
        rows += [speed, cpu]
        with Service({"echo": Job(frames=frames), "bulk": Job(bulk=BULK, frames=frames)}) as service:
            for way in bench.each([*bench.ways, RAW], max(ENOUGH, bench.rounds // 3)):
                asked = replace(way, command=(*way.command, "--format", name)) if bench.is_ours(way) else way
                little = one(asked, service, "echo")
                service.session()
                much = one(asked, service, "bulk")
                session = service.session()
                speed.add(way.name, much.audio / MILLION / (much.last - session.texts[0]))
                cpu.add(way.name, much.cpu - little.cpu)
    return rows


def answers(bench: Bench) -> list[Row]:
    """Measure help, version and a usage error, compared with the smallest Typer program."""
    typer = Way("typer", (sys.executable, str(HERE / "one_option.py")))
    versions = [way for way in bench.ways if bench.is_ours(way)]
    rows = []
    for arguments in (["--help"], ["--version"], ["--voise"]):
        row = bench.row(arguments[0], "ms", Budget("typer", 1.0))
        for way in bench.each([*versions, typer]):
            asked = ["--help"] if way is typer and arguments == ["--version"] else arguments
            began = time.monotonic()
            subprocess.run([*way.command, *asked], capture_output=True, check=False)
            row.add(way.name, 1000 * (time.monotonic() - began))
        rows.append(row)
    return rows


def local(bench: Bench) -> list[Row]:
    """Measure `--local`: from exec to the first sound; when running, from a blank line to its sound."""
    if importlib.util.find_spec("hibari") is None:
        bench.note("--local is not measured: the extra is not installed")
        return []
    cold = bench.row("--local, exec -> first sound", "ms", Budget("bare", 6.0))
    warm = bench.row("--local, warm: blank line -> first sound", "ms", Budget(None, 30.0))
    versions = [way for way in bench.ways if bench.is_ours(way)]
    bare = next(way for way in bench.ways if way.name == "bare")
    with Service({"echo": Job()}) as service:
        for way in bench.each([*versions, bare], max(ENOUGH, bench.rounds // 3)):
            if way is bare:
                done = one(way, service, "echo")
                cold.add("bare", 1000 * (service.session().init - done.started))
                continue
            done = run([*way.command, "--local"], environment(""), b"Hello there.")
            cold.add(way.name, 1000 * (done.first - done.started))
            warm.add(way.name, 1000 * _warm(way))
    return [cold, warm]


def _warm(way: Way) -> float:
    process = Process([*way.command, "--local"], environment(""))
    process.ask(b"This is the first.\n\n", 1000)
    process.settle()
    asked, came = process.ask(b"And here it is again.\n\n", 1)
    process.feed([])
    process.read()
    process.end()
    return came - asked


ROWS: dict[str, Callable[[Bench], list[Row]]] = {
    "start": start,
    "far": far,
    "latency": latency,
    "audio": audio,
    "answers": answers,
    "local": local,
}
