"""The filters of a run (contract, 13)."""

from __future__ import annotations

import subprocess
import sys

from lmnt_cli.core.text.strip.filters import Strip, Stripper
from tests.tools.each import each
from tests.tools.stripping import filtered, pieces_of


@each(
    ("kinds", "expected"),
    [
        ([], "# **a** 😀 1️⃣\n"),
        ([Strip.MARKDOWN], "a 😀 1️⃣\n"),
        ([Strip.EMOJI], "# **a**  \n"),
        ([Strip.EMOJI, Strip.MARKDOWN], "a  \n"),
    ],
)
@each("size", [1, 2, 1 << 20])
def test_kinds(kinds: list[Strip], expected: str, size: int) -> None:
    """Each requested kind is removed, in any order."""
    assert filtered(lambda: Stripper(kinds), pieces_of("# **a** 😀 1️⃣\n", size)) == expected


def test_counts() -> None:
    """The characters before and after the filters are counted."""
    stripper = Stripper([Strip.MARKDOWN])
    stripper.feed("# Title\n```\ncode\n")
    stripper.finish()

    assert (stripper.given, stripper.kept, stripper.stripped) == (17, 7, 10)
    assert stripper.unclosed == "code block"


def test_a_pause() -> None:
    """What every filter holds is spoken, and counted as kept."""
    stripper = Stripper(Strip)

    assert (stripper.feed("I have **5"), stripper.pause(), stripper.pause()) == ("I have ", "5", "")
    assert stripper.feed("** apples") == " apples"
    assert (stripper.given, stripper.kept) == (19, 15)


@each("text", ["**a**", "😀 1", "```\ncode\n```\n", "- a\n- b\n"])
def test_what_is_kept_is_not_stripped_twice(text: str) -> None:
    """Text that was kept passes through again unchanged."""
    once = filtered(lambda: Stripper(Strip), [text])

    assert filtered(lambda: Stripper(Strip), [once]) == once


def test_nothing_is_loaded_in_vain() -> None:
    """Without filters, no grammar is compiled."""
    script = (
        "import sys; from lmnt_cli.core.text.strip.filters import Stripper; Stripper([]).feed('a');"
        "print([name for name in sys.modules if name.startswith('lmnt_cli.core.text.strip.')])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True
    )

    assert result.stdout.strip() == "['lmnt_cli.core.text.strip.filters']"
