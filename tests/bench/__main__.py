"""`python -m tests.bench`: every row of section 10 of the contract, side by side, as text and JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.figures import ENOUGH, Row
from tests.bench.load import crowd, growth
from tests.bench.rows import ROWS, Bench
from tests.bench.ways import all_ways


OPTIONAL = {"crowd": crowd, "growth": growth}


def machine() -> dict[str, Any]:
    """Return what the figures depend on, without anything that identifies this machine."""
    model = platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        names = [
            line.partition(":")[2].strip() for line in cpus.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
    return {
        "cores": os.cpu_count(),
        "cpu": model,
        "system": platform.system(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    known = [*ROWS, *OPTIONAL]
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"of {', '.join(known)}, or all (default: {', '.join(ROWS)})"
    )
    parser.add_argument("--rounds", type=int, help="how often each way is run (default: 15)")
    parser.add_argument("--quick", action="store_true", help=f"{ENOUGH} rounds, no crowd of 100, less text")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    beside = str(Path(sys.executable).with_name("lmnt-say"))  # as installed: `python -m` also loads runpy
    parser.add_argument("--ours", metavar="PROGRAM", default=beside, help="the program measured as `ours`")
    parser.add_argument(
        "--also",
        metavar="NAME=PROGRAM",
        action="append",
        default=[],
        help="another version of it, such as an old one",
    )
    given = parser.parse_args()
    given.rounds = given.rounds or (ENOUGH if given.quick else 15)
    if "all" in given.rows:
        given.rows = known
    if unknown := set(given.rows) - set(known):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    return given


def main() -> None:
    """Measure, print each row when it is done, and write the JSON at the end."""
    given = arguments()

    def note(what: str) -> None:
        print(f"  ... {what}", file=sys.stderr, flush=True)

    found = machine()
    cores = found["cores"] or 1
    print(f"{datetime.now(UTC):%Y-%m-%d}, {', '.join(f'{name} {value}' for name, value in found.items())}")
    if found["load"] > cores / 4:
        print(f"The machine is busy (load {found['load']}): expect spread, and few verdicts.")
    names = tuple(other.partition("=")[0] for other in given.also)
    bench = Bench(all_ways(given.ours, given.also), given.rounds, names, note, given.quick)
    rows: list[Row] = []
    for name in given.rows or ROWS:
        note(name)
        measured = {**ROWS, **OPTIONAL}[name](bench)
        rows += measured
        print("\n".join(line for row in measured for line in row.lines()), flush=True)
    if given.json:
        whole = {
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "machine": found,
            "rows": [row.plain() for row in rows],
        }
        Path(given.json).write_text(json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    main()
