"""Where an utterance may end: the four flush rules.

A rule looks at content, never at where a read ended: fed in any pieces, it finds the same places. Each
remembers only as much of what went before as it needs, within a bound.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import Protocol


class FlushRule(enum.Enum):
    """When the service is asked to speak what it has."""

    BLANK_LINE = "blank-line"
    NEWLINE = "newline"
    SENTENCE = "sentence"
    NEVER = "never"


class Boundaries(Protocol):
    """A flush rule at work."""

    def ends(self, text: str) -> Iterator[int]:
        """The places in `text`, ascending, behind which an utterance ends; later calls bring later text."""
        ...


def boundaries_of(rule: FlushRule) -> Boundaries:
    """The rule's fresh state."""
    match rule:
        case FlushRule.BLANK_LINE:
            return BlankLines()
        case FlushRule.NEWLINE:
            return Newlines()
        case FlushRule.SENTENCE:
            return Sentences()
        case FlushRule.NEVER:
            return NoBoundaries()


class NoBoundaries:
    """Nothing ends but the text itself."""

    def ends(self, text: str) -> Iterator[int]:  # noqa: ARG002 - the protocol's signature
        """No place at all."""
        return iter(())


class Newlines:
    """After every line feed."""

    def ends(self, text: str) -> Iterator[int]:
        """Behind each `\\n`."""
        return (match.end() for match in re.finditer("\n", text))


class BlankLines:
    """After a line feed, optional white space (any Unicode space), and a line feed."""

    # The second line feed may itself begin the next blank line, so the match stops in front of it.
    _BLANK_LINE = re.compile(r"\n[^\S\n]*(?=\n)")

    def __init__(self) -> None:
        self._line_is_blank = False

    def ends(self, text: str) -> Iterator[int]:
        """Behind the line feed that completes each blank line."""
        if not text:
            return
        # The line feed of an earlier call, if only white space came since.
        before = "\n" if self._line_is_blank else ""
        text = before + text
        last_line = text[text.rfind("\n") + 1 :]
        self._line_is_blank = "\n" in text and (not last_line or last_line.isspace())
        for match in self._BLANK_LINE.finditer(text):
            yield match.end() + 1 - len(before)


_CLOSERS = "\"'”’»)\\]}*_"
_WIDE_OPENERS = "「『（《〈【〔“"
_WIDE_CLOSERS = "」』）》〉】〕”"

# Words whose full stop does not end a sentence; what they abbreviate nearly always goes on.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms mx dr prof rev fr sr jr st mt ft gen col capt lt sgt maj gov sen pres messrs
    vs etc cf ca al approx fig figs eq vol vols nos nr pp sec dept univ assn bros
    inc ltd co corp jan feb mar apr jun jul aug sep sept oct nov dec tue tues thur thurs
    ave blvd rd tel ext dipl bzw usw z.b e.g i.e a.m p.m a.k.a ph.d b.sc m.sc
    """.split()  # noqa: SIM905 - words are read and edited more easily than a list of literals
)


class Sentences:
    """After `. ! ? …`, closing quotes or brackets, and white space; after `。！？` and its quotes at once."""

    # The longest stretch any of these patterns looks back over; a longer memory would change nothing.
    _LOOKED_BACK_OVER = 64

    def __init__(self) -> None:
        self._before = "\n"
        self._open_quotes = 0
        # Compiled here: as attributes of the class they would cost every start, whatever its rule.
        self._candidate = re.compile(
            rf"(?P<space>(?<=[.!?…{_CLOSERS}])\s)"
            rf"|(?P<wide>[。！？])|(?P<open>[{_WIDE_OPENERS}])|(?P<close>[{_WIDE_CLOSERS}])|(?P<line>\n)"
        )
        self._stop = re.compile(rf"(?P<stops>[.!?…]{{1,8}})[{_CLOSERS}]{{0,8}}\Z")
        self._wide_stop = re.compile(rf"[。！？][{_WIDE_CLOSERS}]{{0,8}}\Z")
        self._last_word = re.compile(r"[^\W_](?:[\w.]*[^\W_])?\Z")
        self._list_number = re.compile(r"\n[^\S\n]{0,8}\d{1,3}\Z")

    def ends(self, text: str) -> Iterator[int]:
        """Behind the white space, or the closing quote, that completes each sentence."""
        skip = len(self._before)
        text = self._before + text
        self._before = text[-self._LOOKED_BACK_OVER :]
        for match in self._candidate.finditer(text, skip):
            before = text[max(0, match.start() - self._LOOKED_BACK_OVER + 1) : match.start()]
            if self._is_end(match.lastgroup, before, match[0]):
                self._open_quotes = 0
                yield match.end() - skip

    def _is_end(self, kind: str | None, before: str, found: str) -> bool:
        match kind:
            case "open":
                self._open_quotes += 1
                return False
            case "wide":
                # Inside a quotation the closing quote is waited for: it belongs to the sentence.
                return self._open_quotes == 0
            case "close":
                self._open_quotes = max(0, self._open_quotes - 1)
                return self._open_quotes == 0 and self._wide_stop.search(before) is not None
            case "space" if self._is_full_stop(before):
                return True
        if found == "\n":
            self._open_quotes = 0
        return False

    def _is_full_stop(self, before: str) -> bool:
        stop = self._stop.search(before)
        if stop is None:
            return False
        if stop["stops"].endswith(".."):
            return False  # an ellipsis in full stops: the sentence may go on
        if stop["stops"] != ".":
            return True
        sentence = before[: stop.start()]
        word = self._last_word.search(sentence)
        if word is None:
            # A full stop of its own, as in ". . .", or one behind a quotation mark.
            return bool(sentence) and not sentence[-1].isspace()
        # A lone letter is an initial, a lone number in front of a line counts the items of a list.
        initials = all(len(part) == 1 and part.isalpha() for part in word[0].split("."))
        abbreviated = initials or word[0].lower() in _ABBREVIATIONS
        return not abbreviated and self._list_number.search(sentence) is None
