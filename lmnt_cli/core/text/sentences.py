"""The flush rule `sentence`: finds where sentences end.

A sentence ends after a terminal of any script, closing quotes or brackets, and white space; in scripts
without spaces it ends without the white space. It does not end within abbreviations, decimals, ordinals and
ellipses. Terminals, closing punctuation and abbreviations are Unicode's (`sentence_data`).

A few cases depend on what follows ("No. 5", "« Oui. »"): their end is found with the next character. All
others are found as soon as the white space arrives: a sentence is spoken without waiting for the next.
"""

from __future__ import annotations

import enum
import re
from functools import cache

from .line_rules import LINE_ENDS
from .sentence_data import ALSO_WORDS, BEYOND_CLDR, CLDR, CLOSERS, TERMINALS, WIDE, characters


# No pattern looks back further than this; remembering more would change nothing.
_LOOK_BACK = 64

# Further marks that may appear between a terminal and the white space.
_MARKS = "\"'*_~`"
_SUPERSCRIPTS = "¹²³⁰⁴-⁹†‡"
_EMOJI = "\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\u200d\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f"
_OPENERS = "([{\"'“„‚‘«»‹›¿¡*_~`—–"
_WIDE_OPENERS = "「『（《〈【〔“｢"
_WIDE_CLOSERS = "」』）》〉】〕”｣"

# Languages in which a full stop after a number makes it an ordinal ("3. Oktober"); "" is an unknown language.
_ORDINALS = frozenset(["", *"bs cs da de et fi fo hr hu is lb lv nb nn no pl sk sl sr sv tr".split()])  # noqa: SIM905


# Abbreviated German days of the week are, in lower case, words in other languages: "It is so."
_DAYS = frozenset(["mo", "di", "mi", "do", "fr", "sa", "so"])


class _Doubt(enum.Enum):
    """Why the end depends on what follows; the value matches text before which there is no end."""

    ABBREVIATION = r"[^\W_]"
    QUOTATION = "[»›]"
    DECIMAL = r"\d"


class Abbreviations:
    """Decides whether the full stop after a word ends a sentence."""

    def __init__(self, language: str) -> None:
        def words(entries: str) -> set[str]:
            return {word[:-1] for word in re.split(r"[,\s]\s*", entries) if word.endswith(".")}

        self._exact = words(CLDR.get(language, ""))
        everywhere = {word.casefold() for entries in CLDR.values() for word in words(entries)}
        self._also_words = {*ALSO_WORDS.split(), "no"}
        self._folded = everywhere - self._also_words | set(BEYOND_CLDR.split())

    def never_end(self, word: str) -> bool:
        """Return whether a sentence always continues after this word and its full stop."""
        if word in self._exact or word.casefold() in self._folded or (len(word) == 1 and word.isalpha()):
            return True
        # Initials and the like: "e.g.", "J.-C.".
        return "." in word and all(len(part) == 1 and part.isalpha() for part in re.split("[.-]+", word))

    def may_end(self, word: str) -> bool:
        """Return whether it continues only before a digit or a small letter: "No. 5", "Ludwig XIV. war"."""
        if word in _DAYS:
            return False
        return word.casefold() in self._also_words or (len(word) > 1 and not word.strip("IVXLC"))


class _Language:
    """What the rule needs to know about a language. `ordinals` is whether a full stop may make one."""

    def __init__(self, code: str) -> None:
        self.abbreviations = Abbreviations(code)
        self.ordinals = code in _ORDINALS
        # In Greek a semicolon is a question mark.
        self.terminals = characters(TERMINALS) + (";" if code == "el" else "")
        self.closers = characters(CLOSERS) + _MARKS
        terminals, closers = re.escape(self.terminals), re.escape(self.closers)
        # White space after a terminal and its closing marks. A full stop that stands alone or after a single
        # letter never ends a sentence, and is excluded here, where that is cheapest.
        space = (
            rf"(?P<space>(?<=[{terminals}{closers}{_SUPERSCRIPTS}{_EMOJI}])(?<!\s\.)(?<!\s[^\W\d_]\.)\s)"
            rf"|(?P<open>[{_WIDE_OPENERS}]+)"
        )
        self.outside = re.compile(rf"{space}|(?P<wide>[{WIDE}])")
        self.in_quotes = re.compile(rf"{space}|(?P<close>[{_WIDE_CLOSERS}]+)|(?P<line>[{LINE_ENDS}])")
        self.marked = re.compile(rf"[{terminals}](?:[{closers}{_SUPERSCRIPTS}{_EMOJI}]|\[\^?\w{{1,8}}\])+\Z")
        self.wide_stop = re.compile(rf"[{WIDE}][{_WIDE_CLOSERS}{closers}]*\Z")
        self.next = re.compile(rf"\S|[{LINE_ENDS}]")


# Subtitles apply the rule to one utterance after another: reading the data again would cost more than that.
_language = cache(_Language)


class Sentences:
    """The flush rule `sentence`."""

    def __init__(self, language: str | None = None) -> None:
        self._language = _language((language or "auto").partition("-")[0].lower().replace("auto", ""))
        self._text = "\n"
        self._skip = self._position = 1
        self._doubt: _Doubt | None = None
        self._open_quotes = 0
        # Whether a quotation is open whose marks are separated from the words by spaces, as in French.
        self._spaced_quotation = False

    def feed(self, text: str) -> None:
        """Take more text."""
        while self._find() is not None:
            pass
        before = self._text[-_LOOK_BACK:]
        self._skip = self._position = len(before)
        self._text = before + text

    def next_end(self, start: int) -> int | None:
        """Return the position after the white space or the closing quote that completes a sentence."""
        while (end := self._find()) is not None:
            if end - self._skip >= start:
                return end - self._skip
        return None

    def _find(self) -> int | None:
        """Return the next end in `self._text`, and remember how far the text has been read."""
        while self._position < len(self._text):
            if self._doubt is not None:
                end = self._settle(self._doubt)
            else:
                pattern = self._language.in_quotes if self._open_quotes else self._language.outside
                match = pattern.search(self._text, self._position)
                self._position = match.end() if match else len(self._text)
                end = match and self._judge(match)
            if end is not None:
                self._open_quotes = 0
                return end
        return None

    def _settle(self, doubt: _Doubt) -> int | None:
        """Return the end before the next character, or None if that character continues the sentence."""
        at = self._position
        if doubt is not _Doubt.DECIMAL:
            match = self._language.next.search(self._text, at)
            self._position = at = match.start() if match else len(self._text)
            if match is None:
                return None
        self._doubt = None
        follows = self._text[at]
        if follows in LINE_ENDS:
            self._position = at + 1
            return at + 1
        continues = re.match(doubt.value, follows) and not follows.isupper()
        return None if continues else at

    def _judge(self, match: re.Match[str]) -> int | None:
        """Return where the sentence ends if the match ends one."""
        before = self._text[max(0, match.start() - _LOOK_BACK + 1) : match.start()]
        match match.lastgroup:
            case "open":
                self._open_quotes += len(match[0])
            case "wide":
                # Inside a quotation, wait for the closing quote: it belongs to the sentence.
                if match[0] != "．" or not before[-1:].isdigit():
                    return match.end()
                self._doubt = _Doubt.DECIMAL
            case "close":
                closed = min(self._open_quotes, len(match[0]))
                self._open_quotes -= closed
                if not self._open_quotes and self._language.wide_stop.search(before):
                    self._position = match.start() + closed
                    return self._position
            case "space":
                if self._is_end(before, match[0] in LINE_ENDS):
                    return match.end()
                if match[0] in LINE_ENDS:
                    self._open_quotes = 0
            case "line":
                self._open_quotes = 0
        return None

    def _is_end(self, before: str, at_line_end: bool) -> bool:
        """Return whether white space after `before` ends a sentence. May record a doubt instead."""
        sentence = self._without_closers(before)
        if sentence is None:
            return False
        body = sentence.rstrip(self._language.terminals)
        stops = sentence[len(body) :]
        if not stops.strip("."):
            if len(stops) > 1 or not body or body[-1].isspace():
                return False  # an ellipsis made of full stops: the sentence may continue
            word = body.rsplit(None, 1)[-1].strip(_OPENERS + self._language.closers)
            if self._continues(body, word, at_line_end):
                return False
            if self._language.abbreviations.may_end(word) and not at_line_end:
                self._doubt = _Doubt.ABBREVIATION
                return False
        if self._spaced_quotation and not at_line_end:
            self._doubt = _Doubt.QUOTATION
            return False
        return True

    def _without_closers(self, before: str) -> str | None:
        """Return `before` up to the terminal before its closing marks; None if there is none."""
        if before[-1] in self._language.terminals:
            return before
        sentence = before.rstrip(self._language.closers)
        if (not sentence or sentence[-1].isspace()) and (mark := before[len(sentence)]) in "«‹»›":
            # A mark separated by spaces: it opens a quotation, or closes the one it opened.
            was_open, self._spaced_quotation = self._spaced_quotation, mark in "«‹"
            sentence = sentence.rstrip()
            if mark in "«‹" or not was_open:
                return None
        if sentence and sentence[-1] in self._language.terminals:
            return sentence
        marked = self._language.marked.search(before)
        return marked and before[: marked.start() + 1]

    def _continues(self, body: str, word: str, at_line_end: bool) -> bool:
        if word.isdigit():
            before = body[: -len(word)].rstrip(" \t")[-1:]
            counts_items = before in ("", *LINE_ENDS) and len(word) <= 3
            # A number after an abbreviation is a reference: "No. 5. Then".
            is_ordinal = before != "." and len(word) <= 2 and self._language.ordinals
            return counts_items or (is_ordinal and not at_line_end)
        return bool(word) and self._language.abbreviations.never_end(word)
