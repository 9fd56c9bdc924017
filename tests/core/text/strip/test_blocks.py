"""Markdown is removed from a stream just as markdown-it parses whole documents (contract, 13)."""

from __future__ import annotations

import json
import re
import tracemalloc
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from lmnt_cli.core.text.strip.blocks import Markdown
from tests.tools.each import each
from tests.tools.limits import cpu_limit
from tests.tools.markdown_oracle import has_indented_code, spoken, spoken_words, words
from tests.tools.strategies import cut, places, properties
from tests.tools.stripping import filtered, pieces_of


def strip(text: str, size: int = 1 << 20) -> str:
    """Return what is spoken of a text that arrives in pieces of this size."""
    return filtered(Markdown, pieces_of(text, size))


# Every row of the contract's table.
ROWS = [
    ("# Title\nText", "Title\nText"),
    ("###### Title ##\nText", "Title\nText"),
    ("Title\n===\nText", "Title\n\nText"),
    ("Title\n---\nText", "Title\n\nText"),
    ("**bold**, *it*, __b__, _i_, ~~gone~~", "bold, it, b, i, gone"),
    ("snake_case, 2 * 3 * 4, * alone", "snake_case, 2 * 3 * 4, * alone"),
    ("*\n", "*\n"),
    ("`code` and `` a`b ``", "code and a`b"),
    ('[label](url "t"), [label][ref], ![alt](url)', "label, label, alt"),
    ("[ref]: https://a.b 'title'\nText", "\nText"),
    ("<https://a.b>, https://a.b/x_y_z, <me@x.org>", "https://a.b, https://a.b/x_y_z, me@x.org"),
    ("- item\n* item\n+ item\n- [x] item\n- [ ] item", "item\nitem\nitem\n item\n item"),
    ("1. item\n2) item", "1. item\n2) item"),
    ("> quoted\n>> nested\n> > nested", "quoted\nnested\nnested"),
    ("| a | b |\n|---|:-:|\n| 1 | **2** |", "a, b\n1, 2"),
    ("a|b\n-|-\n1|2", "a, b\n1, 2"),
    ("Text:\n```python\ncode\n```\nMore", "Text:\n\nMore"),
    ("~~~ x\ncode\n```\n~~~\nMore", "\nMore"),
    ("Text\n\n```\nnever ends\n# x\n", "Text\n\n\n"),
    ("    indented **code**", "    indented code"),
    ("a\n\n---\n***\n_ _ _\nb", "a\n\n\n\n\nb"),
    ("<b>x</b> a < b <!-- c --> y", "x a < b  y"),
    ("one<br>two<br/>three", "one two three"),
    ("<!-- a\nb -->\nc", "\n\nc"),
    ("&amp; &#39; \\* &lt; &nothing; AT&T", "& ' * < &nothing; AT&T"),
    ("x[^1]\n\n[^1]: Note.", "x\n\nNote."),
    ("<think>\nhm\n\n# x\n</think>\nAnswer", "\n\nAnswer"),
    ("<think>never ends\n```\n", "\n"),
]
# Cases not covered by the table.
MORE = [
    # Thoughts: all spellings, nested, on one line, not at the start of a line.
    ("<thinking>a</thinking>b", "\nb"),
    ("<reasoning>\na\n</reasoning>\nb", "\n\nb"),
    ("<THINK>a</Think>b", "\nb"),
    ('<think type="x">a</think>b', "\nb"),
    ("<think>a<think>b</think>c</think>d", "\nd"),
    ("<think>a<thinking>b</think>c", "\nc"),
    ("<think>a </thinking> < / think> b</think>c", "\nc"),
    ("  <think>a</think>b", "  \nb"),
    ("> <think>a</think>b", "\nb"),
    ("In a line, <think>a</think> is a tag.", "In a line, a is a tag."),
    ("<thinker>a</thinker>", "a"),
    ("a</think>b", "ab"),
    ("```\n<think>\n```\nb", "\nb"),
    ("<think>\n```\n</think>\nb", "\n\nb"),
    # Fences in lists and quotes end with them.
    ("- a\n  ```\n  code\n  ```\n  b\n- c", "a\n  \n  b\nc"),
    ("1. a\n   ```\n   code\n\n   code\n   ```\n2. c", "1. a\n   \n2. c"),
    ("- a\n  ```\n  code\nb", "a\n  \nb"),
    ("> ```\n> code\n> ```\n> b", "\nb"),
    ("> ```\n> code\nb", "\nb"),
    ("> - ```\n>   code\n> - b", "\nb"),
    ("    ```\n    not a fence\n", "    ```\n    not a fence\n"),
    ("- ```\n  code\n  ```", "\n"),
    # What opens and closes a fence.
    ("```` x\n```\ncode\n````\nb", "\nb"),
    ("```\ncode\n~~~\n``` x\n```\nb", "\nb"),
    ("```\ncode\n   ```\nb", "\nb"),
    ("```\ncode\n    ```\nb", "\n"),
    ("``` a`b ``` c", "a`b c"),
    ("~~~ a`b\ncode\n~~~\nb", "\nb"),
    ("``` not closed` on\nits line", "``` not closed` on\nits line"),
    ("```\ncode\n```", "\n"),
    # Lists, and text that looks like one.
    ("-5 degrees\n+1\n*x\n-\n", "-5 degrees\n+1\n*x\n\n"),
    ("- - * deep", "deep"),
    ("1. - deep\n   > quoted", "1. deep\n   quoted"),
    ("Text\n    - indented", "Text\n    indented"),
    ("1986. A year\n12345678901. x", "1986. A year\n12345678901. x"),
    ("- \n- a", "\na"),
    ("- # Title\n- > quoted", "Title\nquoted"),
    ("1. \t# Title\n2. \t> a\n3. \t---\n", "1. \tTitle\n2. \ta\n3. \t\n"),
    # Titles, and text that looks like one.
    ("#no\n####### no\n# \n#\tyes", "#no\n####### no\n\nyes"),
    ("# \u3000 a\n#  \u2028 <b\n", "\u3000 a\n\u2028 <b\n"),
    ("# C#\n# a # b\n# a \\#\n## # ##", "C#\na # b\na #\n#"),
    ("=x\n===\n\n===", "=x\n\n\n==="),
    ("> Title\n===", "Title\n==="),
    # Tables.
    ("| a |\n|---|\n| b | c |\n|  |\nd\n\n| e", "a\nb\n\nd\n\n| e"),
    ("a | b\n---|---\n`c` | **d**\n", "a , b\nc, d\n"),
    ("| a \\| b |\n| - |\n", "a | b\n"),
    ("| a | b |\n| - |\n", "| a | b |\n| - |\n"),
    ("> | a |\n> |---|\n> | b |\n> c\n\nd", "a\nb\nc\n\nd"),
    ("| a |\n|---|\n# Title", "a\nTitle"),
    ("**a | b**\n", "a | b\n"),
    ("| a | b |", "| a | b |"),
    # Definitions, and text that looks like one.
    ("[a]: <b c>\n[b]:c\nd", "\n\nd"),
    ("Text\n[a]: b", "Text\n[a]: b"),
    ("[a]: b c\n[see]\n[a]:\n", "[a]: b c\n[see]\n[a]:\n"),
    ("[^1]: a\n    b", "a\n    b"),
]


@each(("text", "expected"), ROWS + MORE)
@each("size", [1, 2, 3, 1 << 20])
def test_case(text: str, expected: str, size: int) -> None:
    """Each case gives the same result whole and in pieces of any size."""
    assert strip(text, size) == expected


@each(("text", "expected"), ROWS)
def test_after_other_text(text: str, expected: str) -> None:
    """The result does not depend on the text before it."""
    assert strip(f"Before.\n\n{text}") == f"Before.\n\n{expected}"


FILES = Path(__file__).parents[3] / "data"
DATA = json.loads((FILES / "markdown.json").read_text())
# Deliberate differences from the oracle, by the number of the example.
DIFFERENCES = {
    "indented code is text, whatever stands in it": {134},
    "a tag is closed on its line, or is text": {153, 154, 172, 173, 180, 182, 615, 616, 625, 642, 643},
    "in a block of HTML a fence is a fence": {161},
    "a definition stands on one line": {193, 195, 196, 198, 208, 217, 541},
    "a definition that is indented code is text": {211},
    "a link is closed on its line, or is text": {491, 510},
    "[label][ref] is a link whether or not ref is defined": {545, 569, 570, 571},
}


@each(
    ("number", "document"),
    [(number, text) for number, _, text in DATA["commonmark"]]
    + [(-number, text) for number, _, text in DATA["gfm"]],
)
def test_specification(number: int, document: str) -> None:
    """The words of every example of CommonMark and GFM are the oracle's, except for listed differences."""
    whole = strip(document)

    assert strip(document, 1) == strip(document, 3) == whole
    differs = any(number in numbers for numbers in DIFFERENCES.values())
    assert (words(whole) != spoken_words(document)) == differs


_PLAIN = st.sampled_from(
    ["word", "two words", "snake_case", "2 * 3", "é", "日本", "end.", "a<b", "AT&T", "(x)", "“q”"]
)
_MARKED = st.sampled_from(
    [
        "**bold**", "*it*", "__b__", "_i_", "~~gone~~", "`code`", "`` a`b ``", "[label](url)", '[l](u "t")',
        "![alt](u)", "<https://a.b>", "<b>", "</b>", "&amp;", "\\*", "x[^1]", "***both***", "[*l*](u)",
        "*a [b](c)*", "**",
    ]
)  # fmt: skip
_MARKS = st.sampled_from([*"*_`[]()<>!&\\~", "**", "__", "``", "~~", "](u)", " ", "a", "word ", '"', "&#39;"])
_BEGINS = st.sampled_from(
    ["", "", "# ", "## ", "> ", "> > ", "- ", "* ", "1. ", "2) ", "- [ ] ", "  ", "- > "]
)
_LINES = st.sampled_from(
    [
        "", "", "---", "***", "===", "```", "```py", "~~~", "> ```", "- ```", "[ref]: /url", "<!-- c -->\n",
        "| a | b |\n|---|---|\n| c | d |\n| e |", "a | b", "> ", "-",
    ]
)  # fmt: skip
_SPACES = st.sampled_from([" ", "  ", "    ", "\t", "\xa0", "\u2028", "\u3000"])
_inline = st.lists(_PLAIN | _MARKED, min_size=1, max_size=6).map(" ".join)
_documents = st.lists(st.tuples(_BEGINS, _inline).map("".join) | _LINES, max_size=10).map("\n".join)


# What SmolLM2-135M-Instruct (Apache-2.0) printed, asked by `llm` for Markdown of many kinds.
MODEL = {path.stem: path.read_text() for path in (FILES / "model").glob("*.md")}


@each("name", sorted(MODEL))
@each("size", [1, 2, 7, 1 << 20])
def test_the_output_of_a_model(name: str, size: int) -> None:
    """Its words are the oracle's, in pieces of any size, and no mark is left."""
    stripped = strip(MODEL[name], size)

    assert words(stripped) == spoken_words(MODEL[name])
    assert not re.search(r"`\w|^\||\*\*|^#|\]\(", stripped, re.MULTILINE)


@properties
@given(st.sampled_from(sorted(MODEL)), places)
def test_the_output_of_a_model_in_pieces(name: str, where: list[int]) -> None:
    """So it is wherever its pieces end, and where it pauses the words are the same."""
    document = MODEL[name]

    assert filtered(Markdown, cut(document, where)) == strip(document)
    assert words("".join(paused(*cut(document, where)))) == spoken_words(document)


@properties
@given(_documents, places)
def test_documents(document: str, where: list[int]) -> None:
    """The words of any document are the oracle's, wherever its pieces end."""
    assume(not has_indented_code(document))
    stripped = strip(document)

    assert filtered(Markdown, cut(document, where)) == stripped
    assert words(stripped) == spoken_words(document)


@properties
@given(st.lists(_MARKS | _MARKED, max_size=14).map("".join), places)
def test_any_marks_on_a_line(line: str, where: list[int]) -> None:
    """In a line of any marks, opened, closed or neither, exactly the oracle's are removed."""
    assume("](u)(" not in line and "[^1]" not in line and not re.search(r"\[[^\]]*\]\[", line))
    # A backslash at the end of a line is always a line break here (see `inline`).
    assume((len(line) - len(line.rstrip("\\"))) % 2 == 0)
    document = f"word {line}"
    stripped = strip(document)

    assert filtered(Markdown, cut(document, where)) == stripped
    assert stripped.split() == spoken(document).split()


@properties
@given(
    st.lists(_MARKS | _MARKED | _BEGINS | _SPACES | _LINES | st.just("\n"), max_size=20).map("".join), places
)
def test_pieces_do_not_matter(text: str, where: list[int]) -> None:
    """The result does not depend on where the pieces end, for any text."""
    assert filtered(Markdown, cut(text, where)) == strip(text)


@each(
    "pieces",
    [
        ["Hello ", "wor", "ld", ". ", "And", "\n", "\n", "more", ", ", "of it", "\n"],
        ["  in", "dented\n", "  ", "text\n"],
        ["1", "2", ".", " items", "\n", "3", "4 items"],
        ["1", ".", " ", "one\n", "2. two"],
        ["a", " (b", ") “c”: d", "; e", "\t", "f%", "$ 5", "\n"],
    ],
)
def test_plain_text_does_not_wait(pieces: list[str]) -> None:
    """Text without markup is passed on unchanged, every piece at once."""
    markdown = Markdown()

    assert [markdown.feed(piece) for piece in pieces] == pieces
    assert markdown.finish() == ""


@each(
    ("pieces", "said"),
    [
        (["a *", "b", "* c"], ["a ", "", "b c"]),
        (["a * ", "b"], ["a * ", "b"]),
        (["a `b", "` c"], ["a ", "b c"]),
        (["[a", "](b", ") c"], ["", "", "a c"]),
        (["a [b] ", "c"], ["a [b] ", "c"]),
        (["a <", "b> c", " d < ", "e"], ["a ", " c", " d < ", "e"]),
        (["- ", "item"], ["", "item"]),
        (["**open", "\n", "next"], ["", "**open\n", "next"]),
        (["#", "# ", "T", "i"], ["", "", "T", "i"]),
        (["a\n`", "``", "\n", "code"], ["a\n", "", "\n", ""]),
        (["a\n~~~", "x", "code\n"], ["a\n", "\n", ""]),
        (["a\n<think", ">hm", "hm"], ["a\n", "\n", ""]),
        (["| a |", "\n", "| b", " |\n"], ["", "", "| a |\n", ""]),
        (["| a |\n", "|-", "|\n", "| b", " |\n"], ["", "", "a\n", "b", "\n"]),
        (["a\n-", "-", "-\n", "b"], ["a\n", "", "\n", "b"]),
        (["x &am", "p; y"], ["x ", "& y"]),
    ],
)
def test_how_long_each_waits(pieces: list[str], said: list[str]) -> None:
    """Nothing is held longer than it takes to identify it."""
    markdown = Markdown()

    assert [markdown.feed(piece) for piece in pieces] == said


@each("opener", ["*", "**", "[", "![", "`", "<a href='", "[a](", "~~", "_"])
def test_what_is_not_closed_within_a_thousand_characters(opener: str) -> None:
    """Anything not closed within a thousand characters is text, and is no longer held."""
    markdown = Markdown()
    said = markdown.feed(f"word {opener}") + "".join(markdown.feed("x" * 100) for _ in range(21))

    assert said.startswith(f"word {opener}xxx")
    assert markdown.feed("closed* ** ] ` '> ) ~~ _").startswith("closed")


def paused(*pieces: str) -> list[str]:
    """What is spoken by each piece with the pause after it, and by the end."""
    markdown = Markdown()
    return [*(markdown.feed(piece) + markdown.pause() for piece in pieces), markdown.finish()]


@each(
    ("pieces", "expected"),
    [
        # Words do not wait for what closes the marks around them; no mark is shown, then or later.
        (("It is **very", " good** so."), ["It is very", " good so.", ""]),
        (("It is **very good**", " so."), ["It is very good", " so.", ""]),
        (("It is *", "good* so."), ["It is ", "good so.", ""]),
        (("a ***b", " c** d", "* e"), ["a b", " c d", " e", ""]),
        (("a ~~b", "~", "~ c"), ["a b", "", " c", ""]),
        (("[la", "bel", "](https://a", ".b) c"), ["la", "bel", "", " c", ""]),
        (("x ![alt", "](u) y"), ["x alt", " y", ""]),
        (("x [a *b*", " c](u) d"), ["x a b", " c d", ""]),
        (("x [1", "] y"), ["x 1", " y", ""]),
        (("x `co", "de", "`` *a*", "` y"), ["x co", "de", "`` *a*", " y", ""]),
        (("x ``a`", "b`", "` y"), ["x a", "`b", " y", ""]),
        (("# Title *a", "* b\nText"), ["Title a", " b\nText", ""]),
        (("| a |\n|-|\n| *b", " c* | d |\n"), ["a\nb", " c\n", ""]),
        # What might have been more, and is not known to be, is text.
        (("Stop!", "[a](b)"), ["Stop!", "a", ""]),
        (("[y/N]", " yes"), ["y/N", " yes", ""]),
        (("ls | wc", " | sort\n"), ["ls | wc", " | sort\n", ""]),
        (("ls | wc\n", "12\n"), ["ls | wc\n", "12\n", ""]),
        (("2 * 3", " * 4"), ["2 * 3", " * 4", ""]),
        (("2*3", "*4*5"), ["2*3", "45", ""]),
        (("a[0", "](b) ok"), ["a[0", "](b) ok", ""]),
        # Marks, and what is none of the text's words, wait.
        (("<b", ">a", "</b", ">"), ["", "a", "", "", ""]),
        (("#", " a"), ["", "a", ""]),
        (("-", " a"), ["", "a", ""]),
        (("a &am", "p; b"), ["a ", "& b", ""]),
        (("a \\", "* b"), ["a ", "* b", ""]),
        (("a[^", "1] b"), ["a", " b", ""]),
        (("[ref]: https://a", ".b\nText"), ["", "\nText", ""]),
        (("``", "`\ncode\n```\na"), ["", "\na", ""]),
        (("<thi", "nk>hm", "</think>a"), ["", "\n", "a", ""]),
        (("| a | b |\n", "|-|-|\n"), ["", "a, b\n", ""]),
        (("| a |", " b |\n|-|-|\n"), ["", "a, b\n", ""]),
        # A mark that is never closed is lost.
        (("a **b", " c\nd"), ["a b", " c\nd", ""]),
    ],
    ids=repr,
)
def test_a_pause(pieces: tuple[str, ...], expected: list[str]) -> None:
    """Words are spoken in a pause; marks are not shown by it."""
    assert paused(*pieces) == expected


# Marks at the edges of words; within a word a pause reads them as text.
_WORDS = st.sampled_from(
    [
        "word ",
        "a",
        " b ",
        " *",
        " **",
        " _",
        " ~~",
        " [",
        "* ",
        "** ",
        "_ ",
        "~~ ",
        "](u) ",
        "!",
        "\n",
    ]
)


@properties
@given(st.lists(_WORDS, max_size=20).map("".join), places)
def test_pauses_keep_the_words(text: str, where: list[int]) -> None:
    """Wherever pauses fall, the words are those of the text without pauses."""
    assert words("".join(paused(*cut(text, where)))) == words(strip(text))


@properties
@given(st.lists(_MARKS | _MARKED | _BEGINS | _LINES | st.just("\n"), max_size=20).map("".join), places)
def test_pauses_after_whole_text(text: str, where: list[int]) -> None:
    """A pause changes nothing where nothing is held, and twice is once."""
    markdown = Markdown()
    for piece in cut(text, where):
        markdown.feed(piece)
        markdown.pause()
        assert markdown.pause() == ""
    markdown.finish()
    assert markdown.pause() == ""


@each(
    ("text", "unclosed"),
    [
        ("```\ncode", "code block"),
        ("~~~\n", "code block"),
        ("> ```\n> x", "code block"),
        ("<think>hm", "<think>"),
        ("<Reasoning>", "<reasoning>"),
        ("<!-- a", "comment"),
        ("```\ncode\n```", None),
        ("<think></think>a", None),
        ("**a", None),
    ],
)
def test_unclosed(text: str, unclosed: str | None) -> None:
    """A block that is never closed is named."""
    markdown = Markdown()
    markdown.feed(text)
    markdown.finish()

    assert markdown.unclosed == unclosed


HARD = [
    "[", "![", "[a](b", "[a](<", "[a][", "*", "*a ", "*a* ", "_a_b", "`", "`a ``b ", "<a b=c ", "<!--", "&a",
    "\\", ">", "> ", "- ", "1. ", "|a", "|a\n", "|a|\n|-|\n", "# a\n", "# # ", "```\n", "~~~\na\n", "``` ",
    "-", "- - ", "=", "[a]: b\n", "<think>", "<", "~~a ", "[*a](", " ", "\t", "\n", "0", "1.", "[^",
    "]", "(", "|",
]  # fmt: skip


@each("hard", HARD)
def test_hard_text(hard: str) -> None:
    """The time grows with the length of any text, not with its square."""
    text = hard * (2500 // len(hard))
    with cpu_limit(1):
        whole = strip(text)

    assert strip(text, 997) == whole
    assert len(whole) <= len(text) + 1


@each("hard", ["[", "*a ", "|a"])
def test_what_is_held_is_bounded(hard: str) -> None:
    """Marks that are never closed are not kept in memory."""
    markdown = Markdown()
    markdown.feed(hard * 1000)
    tracemalloc.start()
    for _ in range(10):
        markdown.feed(hard * 500)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 900_000  # the first thousand marks take a third of it
