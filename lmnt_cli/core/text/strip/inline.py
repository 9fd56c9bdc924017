"""Removes inline Markdown from lines as they arrive (CommonMark 0.31 and GFM).

A line is cut into tokens. Those before the first that is still open (a mark that may begin emphasis, a
bracket that may be a link) are passed on at once. Anything not closed on its line or within 1,000 characters
is text. A backslash at the end of a line is a line break even at the end of a paragraph.
"""

from __future__ import annotations

from collections import deque

from .code_spans import CodeSpans
from .emphasis import Emphasis, Run, Token, delimiter_run
from .patterns import pattern


# The longest distance from the first mark of inline markup to its last.
LONGEST = 1000
# This much of a word is examined to see whether it is an address.
_WORD = 64

_ESCAPABLE = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class Bracket(Token):
    """A bracket that may begin a link or an image; `runs` is the serial of the last run before it."""

    def __init__(self, text: str, position: int, runs: int, *, in_word: bool) -> None:
        super().__init__(text, position, open=True)
        self.runs = runs
        self.length = len(text)
        self.is_image = text != "["
        self.in_word = in_word
        self.active = True  # False around a link: links cannot be nested

    def let_go(self) -> None:
        """In a pause, show nothing of a bracket that may begin a link; within a word (`a[0`) it is text."""
        if self.in_word:
            self.active = False
        else:
            self.text = ""


class Inline:
    """The filter for one line after another; a line belongs to a paragraph or is the cell of a table."""

    def __init__(self) -> None:
        self._emphasis = Emphasis(LONGEST)
        self._spans = CodeSpans(LONGEST)
        self._tokens: deque[Token] = deque()
        self._brackets: deque[Bracket] = deque()
        self._clear()

    def _clear(self) -> None:
        self._rest = ""
        self._position = 0
        self._before = "\n"
        self._word = ""
        self._paused = False
        self._emphasis.clear()
        self._spans.clear()
        self._brackets.clear()

    def begin(self, before: str) -> None:
        """Begin in the middle of a line, after the character `before`."""
        self._before = self._word = before

    def feed(self, text: str) -> str:
        """Take more of the line, without its end; return the text certain to be spoken."""
        self._rest += text
        self._read(final=False)
        return self._ready()

    def end(self) -> str:
        """End the line; return what was still held."""
        self._read(final=True)
        self._brackets.clear()
        self._match_runs()
        for token in self._tokens:
            token.open = False
        ready = self._ready()
        self._clear()
        return ready

    def pause(self) -> str:
        """Return the words held while no text has come for long, without the marks that are open.

        What follows may close these as if there had been no pause.
        """
        self._paused = True
        self._read(final=False)
        for bracket in self._brackets:
            bracket.let_go()
        self._read(final=False)  # a bracket after one that has become text is text
        self._paused = False
        words = "".join(
            self._emphasis.let_go(each) if isinstance(each, Run) else each.text for each in self._tokens
        )
        self._tokens.clear()
        return words

    def _ready(self) -> str:
        ready = []
        tokens = self._tokens
        while tokens and not (tokens[0].open and self._position - tokens[0].position <= LONGEST):
            token = tokens.popleft()
            token.open = False
            ready.append(token.text)
        return "".join(ready)

    def _read(self, *, final: bool) -> None:
        """Cut the available text into tokens, as far as they can be identified."""
        rest, at = self._rest, 0
        while at < len(rest):
            if self._spans.open:
                taken = self._code(rest, at, final)
            elif match := pattern("plain").match(rest, at):
                taken = self._text(match[0], match[0])
            else:
                taken = self._special(rest, at, final)
            if not taken:
                break
            at += taken
            self._position += taken
            self._forget_brackets()
        self._rest = rest[at:]

    # Each of these returns the number of characters taken; 0 if more are needed to decide.

    def _text(self, source: str, spoken: str) -> int:
        """Take `source`, of which `spoken` is spoken as soon as everything open before it is decided."""
        if spoken:
            self._tokens.append(Token(spoken, self._position))
        self._before = source[-1]
        word = "" if source[-1].isspace() or source != spoken else source.rsplit(None, 1)[-1]
        self._word = (self._word + word if len(word) == len(source) else word)[:_WORD]
        return len(source)

    def _special(self, rest: str, at: int, final: bool) -> int:
        match rest[at]:
            case "\\":
                return self._escape(rest, at, final)
            case "`":
                return self._code(rest, at, final)
            case "*" | "_" | "~":
                return self._run(rest, at, final)
            case "[":
                return self._open_bracket(rest, at, final)
            case "]":
                return self._close_bracket(rest, at, final)
            case "!":
                return self._image(rest, at, final)
            case "<":
                return self._angle(rest, at, final)
            case _:
                return self._entity(rest, at, final)

    @property
    def _in_address(self) -> bool:
        """Whether the word so far is a bare address, in which marks are ordinary characters."""
        return pattern("url").search(self._word) is not None

    def _escape(self, rest: str, at: int, final: bool) -> int:
        following = rest[at + 1 : at + 2]
        if not following and not final:
            return 0
        if following in _ESCAPABLE and not self._in_address:
            return self._text(rest[at : at + 2], following)
        # At the end of a line it is a line break.
        return self._text("\\", "\\" if following else "")

    def _code(self, rest: str, at: int, final: bool) -> int:
        """Take a code span, or if none closes, its backticks as text."""
        if self._spans.open:
            taken, code = self._spans.read_on(rest, at, final=final)
        else:
            lets_go = self._paused and not self._before.isalnum()
            taken, code = self._spans.read(rest, at, final=final, paused=lets_go)
        return self._text(rest[at : at + taken], code) if taken else 0

    def _run(self, rest: str, at: int, final: bool) -> int:
        """Take a delimiter run, or within an address the same characters as text."""
        end = at + 1
        while end < len(rest) and rest[end] == rest[at] and end - at <= LONGEST:
            end += 1
        if end == len(rest) and not final and end - at <= LONGEST:
            return 0
        text, after = rest[at:end], rest[end : end + 1] or "\n"
        if self._in_address and (after.isalnum() or after in "/#?=&%-+"):
            return self._text(text, text)
        run = delimiter_run(text, self._position, self._before, after)
        self._tokens.append(run)
        self._emphasis.push(run)
        self._match_runs()
        self._before, self._word = text[-1], (self._word + text)[:_WORD]
        return end - at

    def _match_runs(self) -> None:
        """Match the runs before the first bracket that may become a link, which would bind tighter."""
        first = next((each for each in self._brackets if each.active), None)
        self._emphasis.match(first.runs if first else self._emphasis.last)

    def _open_bracket(self, rest: str, at: int, final: bool, mark: str = "") -> int:
        """Take a bracket that may begin a link, or a whole footnote mark."""
        if match := pattern("footnote").match(rest, at, at + LONGEST + 1):
            return self._text(match[0], "")
        if not final and len(rest) - at <= LONGEST and pattern("footnote begins").match(rest, at):
            return 0
        in_word = self._before.isalnum()
        bracket = Bracket(mark + "[", self._position, self._emphasis.last, in_word=in_word)
        self._brackets.append(bracket)
        self._tokens.append(bracket)
        self._before, self._word = "[", (self._word + "[")[:_WORD]
        return len(mark) + 1

    def _image(self, rest: str, at: int, final: bool) -> int:
        following = rest[at + 1 : at + 2]
        if not following and not (final or self._paused):
            return 0
        if following != "[" or rest.startswith("[^", at + 1):
            return self._text("!", "!")
        return self._open_bracket(rest, at + 1, final, "!")

    def _forget_brackets(self) -> None:
        """Drop brackets that are too far back to begin a link."""
        while self._brackets and self._position - self._brackets[0].position > LONGEST:
            self._brackets.popleft()
            self._match_runs()

    def _close_bracket(self, rest: str, at: int, final: bool) -> int:
        """Take a closing bracket, with the target of a link after it if there is one."""
        if not self._brackets:
            return self._text("]", "]")
        bracket = self._brackets[-1]
        following = rest[at + 1 : at + 2]
        if bracket.active and not following and not final:
            return 0
        end = at + 1 + LONGEST - (self._position - bracket.position)
        empty = self._position == bracket.position + bracket.length
        if bracket.active and (following == "(" or (following == "[" and not empty)):
            name = "target" if following == "(" else "reference"
            if not final and len(rest) <= end and pattern(f"{name} begins").match(rest, at + 1):
                return 0
            if match := pattern(name).match(rest, at + 1, end):
                return self._link(bracket, rest[at : match.end()])
        self._brackets.pop()
        bracket.open = False
        self._match_runs()
        return self._text("]", "]" if bracket.text else "")  # none if a pause has dropped the other

    def _link(self, bracket: Bracket, source: str) -> int:
        """Keep only the label, and deactivate the brackets before it: links cannot be nested."""
        self._brackets.pop()
        self._emphasis.match_inside(bracket.runs)
        if not bracket.is_image:
            for each in self._brackets:
                each.open = each.active = each.is_image
        bracket.open, bracket.text = False, ""
        self._match_runs()
        return self._text(source, "")

    def _angle(self, rest: str, at: int, final: bool) -> int:
        """Take an autolink, a tag, or the character itself."""
        end = at + LONGEST
        if match := pattern("autolink").match(rest, at, end):
            return self._text(match[0], match[1])
        if match := pattern("tag").match(rest, at, end):
            return self._text(match[0], " " if (match["name"] or "").lower() == "br" else "")
        begins = pattern("tag begins").match(rest, at) or pattern("autolink begins").match(rest, at)
        if begins and not final and len(rest) <= end:
            return 0
        return self._text("<", "<")

    def _entity(self, rest: str, at: int, final: bool) -> int:
        """Take an entity, or the character itself."""
        if self._in_address:
            return self._text("&", "&")
        if match := pattern("entity").match(rest, at):
            # Imported late: a table of all entity names.
            from html import entities, unescape

            if match[0][1] == "#":
                return self._text(match[0], unescape(match[0]))
            if known := entities.html5.get(match[0][1:]):
                return self._text(match[0], known)
            return self._text("&", "&")
        if not final and pattern("entity begins").match(rest, at):
            return 0
        return self._text("&", "&")
