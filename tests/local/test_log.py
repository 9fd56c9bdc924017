"""How the log shows text from clients: `lmnt_cli.local.log`."""

from __future__ import annotations

import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.local.log import EscapingFormatter, escape
from tests.tools.strategies import properties


def record(message: str, *arguments: object, exc_info: bool = False) -> logging.LogRecord:
    info = sys.exc_info() if exc_info else None
    return logging.LogRecord("name", logging.INFO, "path", 1, message, arguments, info)


@properties
@given(st.text())
def test_nothing_but_printable_text_comes_out(text: str) -> None:
    """The output is one printable line, in which printable text is unchanged."""
    line = EscapingFormatter().format(record("%s", text))

    assert line.isprintable()
    assert line.startswith("lmnt-local: ")
    assert escape(text) == text or not text.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;pwned\a", "\\x1b]0;pwned\\x07"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\u202ereversed", "\\u202ereversed"),
        ("\x9b31m", "\\x9b31m"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("Zoë 日本", "Zoë 日本"),
    ],
)
def test_what_controls_a_terminal_is_escaped(text: str, shown: str) -> None:
    """Escape sequences of one or more bytes, line ends, direction marks and invisible letters are escaped."""
    assert escape(text) == shown


def test_a_traceback_keeps_its_lines() -> None:
    """A traceback keeps its lines, and contains no terminal controls either."""
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        shown = EscapingFormatter().format(record("failed", exc_info=True))

    assert shown.splitlines()[0] == "lmnt-local: failed"
    assert shown.splitlines()[-1] == "ValueError: \\x1b[2J"
