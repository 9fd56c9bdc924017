"""Code spans: which backticks of a line begin and end one, and what is spoken of it (CommonMark, 6.1)."""

from __future__ import annotations

import re


class CodeSpans:
    """The code spans of one line after another; none is longer than `longest` characters.

    `open` states that a pause has let the beginning of a span go, and its end has not come.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._marks = re.compile(f"`{{1,{longest + 1}}}")
        self._opened = 0  # how many backticks the open span began with

    @property
    def open(self) -> bool:
        return self._opened > 0

    def clear(self) -> None:
        """Begin a new line."""
        self._opened = 0

    def read(self, text: str, at: int, *, final: bool, paused: bool) -> tuple[int, str]:
        """Return the length of the span that begins at the backtick `at`, and its code.

        If no span begins here, return the number of backticks and the backticks. The length is 0 if more text
        is needed to decide.
        """
        first = self._marks.match(text, at)
        assert first is not None, "called at a backtick"
        if first.end() == len(text) and not final and len(first[0]) <= self._longest:
            return 0, ""
        end = at + self._longest
        for last in self._marks.finditer(text, first.end()):
            if last.start() > end:
                break
            if last.end() == len(text) and not final:
                return self._wait(first, paused=paused)
            if len(last[0]) == len(first[0]):
                code = text[first.end() : last.start()]
                if code.strip(" ") and code[0] == code[-1] == " ":
                    code = code[1:-1]
                return last.end() - at, code
        if not final and len(text) <= end:
            return self._wait(first, paused=paused)
        return len(first[0]), first[0]

    def _wait(self, first: re.Match[str], *, paused: bool) -> tuple[int, str]:
        """Wait for the end of the span; in a pause, drop its first backticks and continue."""
        if not paused:
            return 0, ""
        self._opened = len(first[0])
        return self._opened, ""

    def read_on(self, text: str, at: int, *, final: bool) -> tuple[int, str]:
        """Return how much of the open span is known, and its code."""
        end = len(text)
        for run in self._marks.finditer(text, at):
            ends = len(run[0]) == self._opened
            if ends or (run.end() == end and not final):
                end = run.start()
            if ends and run.start() == at and (final or run.end() < len(text)):
                self._opened = 0
                return run.end() - at, ""
            if end < len(text):
                break
        return end - at, text[at:end]
