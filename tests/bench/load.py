"""Many runs at once, and runs with much text and audio: their cost, and whether all are complete."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator

from tests.bench.figures import ENOUGH, Budget, Row
from tests.bench.helpers import Service
from tests.bench.rows import MILLION, Bench
from tests.bench.runs import Failed, Process, environment, peak
from tests.bench.service import Job, bulk_bytes
from tests.bench.ways import Way


CROWDS = (1, 20, 100)
CROWD_AUDIO = 1_000_000
FLAT = 1.1  # at ten times the length
PARAGRAPH = b"It was the best of times, it was the worst of times, it was the age of wisdom. " * 12 + b"\n\n"


def crowd(bench: Bench) -> list[Row]:
    """Measure 1, 20 and 100 runs at once, with a megabyte of audio each: wall and CPU seconds, and memory."""
    rows = []
    ways = [way for way in bench.ways if bench.is_ours(way) or way.name == "bare"]
    with Service({"bulk": Job(bulk=CROWD_AUDIO)}) as service:
        url = f"http://127.0.0.1:{service.ports['bulk']}"
        for size in CROWDS[:-1] if bench.quick else CROWDS:
            wall = bench.row(f"{size} runs at once, all complete after", "s", Budget("bare", 1.0))
            cpu = bench.row(f"{size} runs at once, CPU of each", "s", Budget("bare", 1.0))
            memory = bench.row(f"{size} runs at once, peak memory of the largest", "MB", Budget("bare", 1.25))
            for way in bench.each(ways, max(ENOUGH, min(bench.rounds, 60 // size))):
                began = time.monotonic()
                costs, peak_of_all = _together(way, size, url)
                wall.add(way.name, time.monotonic() - began)
                cpu.add(way.name, sum(costs) / size)
                memory.add(way.name, peak_of_all / MILLION)
                for _ in range(size):
                    service.session()
            rows += [wall, cpu, memory]
    return rows


def _together(way: Way, size: int, url: str) -> tuple[list[float], int]:
    """Run this many at once; return the CPU seconds of each, and the size of the largest."""
    with tempfile.TemporaryDirectory() as directory:
        outputs = [open(f"{directory}/{number}", "wb") for number in range(size)]  # noqa: SIM115 - closed below
        processes = [Process(way.to(url), environment(url), output) for output in outputs]
        for process in processes:
            process.feed([way.whole(b"Hello.")])
        costs = [process.end()[1] for process in processes]
        written = {output.seek(0, 2) for output in outputs}
        for output in outputs:
            output.close()
    if written != {Job().reply + bulk_bytes(CROWD_AUDIO)}:
        raise Failed(f"{way.name} wrote {written}")
    return costs, max(process.peak for process in processes)


def growth(bench: Bench) -> list[Row]:
    """Measure the peak memory of ten times the audio (1 GB) and ten times the text (100 MB): it is flat."""
    ways = [way for way in bench.ways if bench.is_ours(way)]
    rows = []
    # Audio is not reduced by --quick: what may wait in buffers is a share of a small output.
    audio, text = 100_000_000, 1_000_000 if bench.quick else 10_000_000
    little, much, spoken = Job(bulk=audio), Job(bulk=10 * audio), Job(288)
    with Service({"little": little, "much": much, "text": spoken}) as service:
        for way in bench.each(ways, 1):
            row = bench.row(f"peak memory of much audio, {way.name}", "MB")
            for job in ("little", "much"):
                url = f"http://127.0.0.1:{service.ports[job]}"
                size = bulk_bytes(service.jobs[job].bulk) / MILLION
                row.add(f"{size:.0f} MB", peak(way.to(url), environment(url), [b"Hello."]) / MILLION)
                service.session()
            rows.append(row)
            row = bench.row(f"peak memory of much text, {way.name}", "MB")
            url = f"http://127.0.0.1:{service.ports['text']}"
            for length in (text, 10 * text):
                size = length / MILLION
                row.add(f"{size:.0f} MB", peak(way.to(url), environment(url), _text(length)) / MILLION)
                service.session()
            rows.append(row)
    for row in rows:
        few, many = (values[0] for values in row.values.values())
        row.remark = (
            f"{'flat' if many <= FLAT * few else 'GROWS'}: at most {FLAT:g} times at ten times the length"
        )
    return rows


def _text(size: int) -> Iterator[bytes]:
    """Return paragraphs of a thousand bytes."""
    for _ in range(size // len(PARAGRAPH) + 1):
        yield PARAGRAPH
