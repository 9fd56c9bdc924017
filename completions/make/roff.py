"""Manual pages in the man macros (groff_man(7)), from plain text with a little markup.

`prose` reads paragraphs, which an empty line separates:

    * term: text      an entry of a list; lines that do not begin with an asterisk continue it
        indented      four spaces: shown as it stands
    anything else     running text
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from completions.make.options import Option


# Characters that troff has a use for, or shows as others that cannot be copied.
_ESCAPES = str.maketrans(
    {"\\": "\\e", "-": "\\-", '"': "\\(dq", "'": "\\(aq", "~": "\\(ti", "^": "\\(ha", "`": "\\(ga"}
)


def page(name: str, version: str, summary: str, synopsis: str, body: Iterable[str]) -> str:
    """Return a whole page; `synopsis` is the command without its options, `body` what comes after it."""
    title = escape(name)
    lines = [
        '.\\" Made by completions/make: edit that instead.',
        f'.TH {title.upper()} 1 "" "lmnt\\-say {version}" "User Commands"',
        ".SH NAME",
        f"{title} \\- {escape(summary)}",
        ".SH SYNOPSIS",
        f".B {escape(synopsis)}",
        *body,
    ]
    return "\n".join(lines) + "\n"


def section(title: str, text: str) -> list[str]:
    """Return a section of the page."""
    return [f".SH {title}", *prose(text)]


def prose(text: str) -> list[str]:
    """Return paragraphs, lists and examples."""
    lines: list[str] = []
    for paragraph in re.split(r"\n{2,}", text.strip("\n")):
        if paragraph.startswith("    "):
            lines += shown(textwrap.dedent(paragraph))
        elif paragraph.startswith("* "):
            lines += _entries(paragraph)
        else:
            # Macros of lists end at a paragraph; the first one after a heading needs no macro.
            lines += [".PP", *map(escape, paragraph.splitlines())]
    return lines[1:] if lines[:1] == [".PP"] else lines


def terms(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return a list of terms and what they mean."""
    return [line for term, text in pairs for line in (".TP", _bold(term), *map(escape, text.splitlines()))]


def option_entry(option: Option, more: str = "") -> list[str]:
    """Return the entry of an option: its help, its values, `more` to say about it, its default."""
    names = ", ".join(map(_bold, option.names))
    metavar = "" if option.metavar is None else f" \\fI{escape(option.metavar)}\\fR"
    values = f": {', '.join(option.values)}" if option.values and not option.is_open else ""
    lines = [".TP", names + metavar, escape(f"{option.help}{values}."), *_nested(more)]
    if option.default:
        lines += [".br", escape(f"Default: {option.default}.")]
    return lines


def example(task: str, command: str) -> list[str]:
    """Return what a command is for, and the command."""
    return [".PP", f"{escape(task)}:", *shown(command)]


def shown(text: str) -> list[str]:
    """Return lines that are shown as they stand."""
    return [".PP", ".RS 4", ".EX", *map(escape, text.splitlines()), ".EE", ".RE"]


def escape(text: str) -> str:
    """Return text that troff shows as it stands, with no line taken for a command."""
    text = text.translate(_ESCAPES)
    return f"\\&{text}" if text.startswith(".") else text


def _bold(text: str) -> str:
    return f"\\fB{escape(text)}\\fR"


def _entries(paragraph: str) -> list[str]:
    lines: list[str] = []
    for line in paragraph.splitlines():
        if line.startswith("* "):
            term, _, line = line.removeprefix("* ").partition(": ")
            lines += [".TP", _bold(term)]
        lines.append(escape(line.strip()))
    return lines


def _nested(text: str) -> list[str]:
    """Return text within the entry of a list; what a value means begins a line of its own."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("* "):
            value, _, line = line.removeprefix("* ").partition(": ")
            lines += [".br", f"{_bold(value)}: {escape(line)}"]
        else:
            lines.append(escape(line))
    return lines
