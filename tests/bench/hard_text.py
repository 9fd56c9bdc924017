"""The cost of text made to be difficult: `python tests/bench/hard_text.py [MEGABYTES]`.

Each kind is fed in blocks of 64 KiB through decoding and each flush rule, or through the filters of
`--strip`, and compared with prose: microseconds per byte, the ratio to prose, the growth from a tenth of the
text to all of it (1 is linear), and the most memory used. Nothing is asserted: a timed test fails for
unrelated reasons.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable

from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.core.text.intake import Intake
from lmnt_cli.core.text.strip.filters import Strip, Stripper


BLOCK = 1 << 16
PROSE = "The quick brown fox jumps over the lazy dog, and walks away. It was late; nobody saw it!\n"

PLAIN = {
    "prose": PROSE,
    "line feeds": "\n",
    "full stops": ". ",
    "lone letters": "a. ",
    "abbreviations": "Dr. ",
    "ordinals": "12. ",
    "blank lines": "\n \n",
    "ellipses": "... ",
    "quotes": '." ',
    "guillemets": "« ",
    "wide stops": "。",
    "colours": "\x1b[0m",
    "stray ESC ]": "\x1b]a ",
    "control string": "\x1b_QUJD",
    "CRs": "\r",
    "BELs": "\x07",
    "backspaces": "a\b",
    "not UTF-8": "\udcff",
}
MARKDOWN = {
    "prose": PROSE,
    "brackets": "[",
    "links begun": "[a](b",
    "asterisks": "*",
    "emphasis begun": "*a ",
    "emphasis": "*a* ",
    "underscores": "_a_b",
    "backticks": "`",
    "code begun": "`a ``b ",
    "tags begun": "<a b=c ",
    "comments begun": "<!--",
    "entities begun": "&a",
    "backslashes": "\\",
    "nested quotes": ">",
    "bullets": "- ",
    "numbers": "1. ",
    "columns": "|a",
    "rows": "|a|\n|-|\n",
    "titles": "# a\n",
    "title marks": "# # ",
    "fences": "```\na\n```\n",
    "in a fence": "``` ",
    "lines": "---\n",
    "equals": "=",
    "definitions": "[a]: b\n",
    "thoughts": "<think>",
    "emoji": "\U0001f600",
    "brackets and stars": "[*a](",
    "images": "![",
    "tildes": "~~a ",
}


def plain(rule: FlushRule) -> Callable[[bytes], None]:
    """Feed text through a flush rule."""

    def run(data: bytes) -> None:
        intake = Intake(rule, None)
        for at in range(0, len(data), BLOCK):
            intake.feed(data[at : at + BLOCK], 0.0)

    return run


def stripped(data: bytes) -> None:
    """Feed text through all filters."""
    stripper = Stripper(Strip)
    text = data.decode(errors="replace")
    for at in range(0, len(text), BLOCK):
        stripper.feed(text[at : at + BLOCK])
    stripper.finish()


def measure(run: Callable[[bytes], None], data: bytes) -> float:
    """Return the time taken, in seconds."""
    started = time.perf_counter()
    run(data)
    return time.perf_counter() - started


def peak(run: Callable[[bytes], None], data: bytes) -> int:
    """Return the most memory used at once, in bytes, for a twentieth of the text: tracing is slow."""
    tracemalloc.start()
    run(data[: len(data) // 20])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def main() -> None:
    """Measure everything once."""
    size = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 1_000_000
    ways = [(rule.value, plain(rule), PLAIN) for rule in FlushRule] + [("strip", stripped, MARKDOWN)]
    for name, run, kinds in ways:
        prose = 0.0
        for kind, unit in kinds.items():
            data = unit.encode(errors="surrogateescape")
            data = (data * (size // len(data) + 1))[:size]
            small, whole = measure(run, data[: size // 10]), measure(run, data)
            prose = prose or whole
            print(
                f"{name:11} {kind:19} {1e6 * whole / size:7.3f} µs/byte  {whole / prose:6.1f} × prose"
                f"  growth {whole / small / 10:4.1f}  {peak(run, data) / 1e6:6.2f} MB"
            )


if __name__ == "__main__":
    main()
