"""Escape sequences are removed, however they are cut, and text after a stray ESC is not (contract, 3)."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.text.terminal_codes import MOST_HELD, TerminalCodes
from tests.tools.each import each
from tests.tools.limits import cpu_limit
from tests.tools.strategies import cut, places, properties


def filtered(pieces: list[str]) -> str:
    """Return what is left of text that arrives in these pieces."""
    codes = TerminalCodes()
    return "".join(map(codes.feed, pieces)) + codes.feed("", final=True)


BASE64 = "QUJDRA==" * 500  # 4,000 letters
SIXEL = ("#0~~@@vv@@~~@@~~$-" * 12 + "\n") * 30
WORDS = "words and more of them, " * 300

CASES = {
    "colour": ("a \x1b[1;31mred\x1b[0m b", "a red b"),
    "cursor": ("\x1b[2J\x1b[10;20Htop", "top"),
    "private mode": ("\x1b[?25lhidden", "hidden"),
    "title, bel": ("\x1b]0;a title\x07text", "text"),
    "title, st": ("\x1b]0;a title\x1b\\text", "text"),
    "title, eight-bit st": ("\x1b]0;a title\x9ctext", "text"),
    "title of two lines": ("\x1b]0;a\ntitle\x07text", "text"),
    "link": ("\x1b]8;;http://a.b\x1b\\link\x1b]8;;\x1b\\.", "link."),
    "character set": ("\x1b(Btext", "text"),
    "two characters": ("\x1b7text\x1b8", "text"),
    "eight-bit csi": ("\x9b31mred", "red"),
    "escape in a row": ("\x1b\x1b[0mtext", "text"),
    # Long ones.
    "kitty image": (f"a\x1b_Ga=T,f=100,m=1;{BASE64}{BASE64[:96]}\x1b\\b", "ab"),
    "kitty image in chunks": (f"a\x1b_Gm=1;{BASE64}\x1b\\\x1b_Gm=0;{BASE64}\x1b\\b", "ab"),
    "iterm image": (f"a\x1b]1337;File=inline=1:{BASE64 * 2}\x07b", "ab"),
    "clipboard": (f"a\x1b]52;c;{BASE64 * 2}\x07b", "ab"),
    "sixel": (f'a\x1bPq"1;1;100;100{SIXEL}\x1b\\b', "ab"),
    "sixel in crlf lines": (f"a\x1bPq{SIXEL}\x1b\\b".replace("\n", "\r\n"), "ab"),
    "as long as is held": ("a\x1b]" + "x" * (MOST_HELD - 3) + "\x07b", "ab"),
    "longer by one": ("a\x1b]" + "x" * (MOST_HELD - 2) + "\x07b", "ab"),
    "two longer by one": ("a\x1b]" + "x" * (MOST_HELD - 2) + "\x1b\\b", "ab"),
    # Only the introducer of a false sequence is removed.
    "not ended": ("hello \x1b]these words stay", "hello these words stay"),
    "not ended, dcs": ("hello \x1bPthese words stay", "hello these words stay"),
    "not ended, sos": ("hello \x1bXthese words stay", "hello these words stay"),
    "not ended, pm": ("hello \x1b^these words stay", "hello these words stay"),
    "not ended, apc": ("hello \x1b_these words stay", "hello these words stay"),
    "ended by esc": ("hello \x1b]these words stay\x1b", "hello these words stay"),
    "ended by a paragraph": ("\x1b]0;title\n\nnext \x07line", "0;title\n\nnext \x07line"),
    "paragraph in crlf": ("\x1b]0;title\r\n\r\nnext", "0;title\r\n\r\nnext"),
    "another sequence inside": ("\x1b]0;title\x1b[0m text\x07", "0;title text\x07"),
    "numbers stay": ("call \x1b[42", "call 42"),
    "numbers stay, eight-bit": ("call \x9b42", "call 42"),
    "never a sequence": ("call \x1b[42é", "call 42é"),
    "too many numbers": ("\x1b[" + "1" * 300 + "m", "1" * 300 + "m"),
    "half a character set": ("text \x1b(", "text ("),
    "lone esc": ("text\x1b", "text"),
    "esc before a letter of no sequence": ("\x1béa", "éa"),
    # Too long for a sequence, and text.
    "long text": (f"a \x1b]{WORDS}\x07b", f"a {WORDS}\x07b"),
    "text without spaces": ("\x1b]" + "文" * 5000, "文" * 5000),
    # Payload that never ends.
    "payload, then words": (f"a\x1b_{BASE64 * 2} then words", "a then words"),
    "payload, then a line of words": (f"a\x1b_{BASE64 * 2}\nthen words stay", "a\nthen words stay"),
    "payload, then a paragraph": (f"a\x1b_{BASE64 * 2}\n\nthen\nwords", "a\n\nthen\nwords"),
    "payload, then a sequence": (f"a\x1b_{BASE64 * 2}\x1b[1mthen words", "athen words"),
    "payload, then one word": (f"a\x1bPq{SIXEL}last", "a\nlast"),
    "payload, then other letters": (f"a\x1bPq{SIXEL}Ende, schön", "a\nEnde, schön"),
}  # fmt: skip


@each("name", CASES)
@each("size", [1, 7, 1000, 4095, 4096, 1 << 20])
def test_case(name: str, size: int) -> None:
    """Each case gives the same result whole, character by character, and in pieces of any size."""
    data, expected = CASES[name]

    assert filtered([data[at : at + size] for at in range(0, len(data), size)]) == expected


@each("line", [BASE64, SIXEL, "\x1b]" + "x" * 5000, "\x1bP", "x\n"])
def test_what_waits_is_bounded(line: str) -> None:
    """Megabytes of a sequence that may never end use bounded memory."""
    codes = TerminalCodes()
    codes.feed("\x1b_G" + BASE64 + BASE64)
    tracemalloc.start()
    for _ in range(200):
        codes.feed(line)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 60_000 + 8 * len(line)


def test_text_without_sequences_does_not_wait() -> None:
    """Every piece is passed on at once; after a stray ESC, as soon as it is recognised."""
    codes = TerminalCodes()

    assert [codes.feed(piece) for piece in ["wo", "rd\x1b", "é", "\x1b]a", "b\n", "\nc"]] == [
        "wo", "rd", "é", "", "", "ab\n\nc",
    ]  # fmt: skip


_PARTS = st.sampled_from(
    [
        "\x1b", "\x1b]", "\x1bP", "\x1b[", "\x9b", "\x07", "\x1b\\", "\x9c", "\x1b[0m", "\x1b(B", "\n",
        "\n\n", "\r\n", " ", "a", "1;2", "m", "(", "é", "word word", "x" * 2000, "x" * 4093,
    ]
)  # fmt: skip


@properties
@given(st.lists(_PARTS, max_size=30).map("".join), places)
def test_reads_do_not_matter(text: str, where: list[int]) -> None:
    """The result does not depend on where the pieces end."""
    assert filtered(cut(text, where)) == filtered([text])


@properties
@given(st.text(max_size=80).map(lambda text: text.replace("\x1b", "").replace("\x9b", "")), places)
def test_text_is_kept(text: str, where: list[int]) -> None:
    """Text without escape sequences is unchanged."""
    assert filtered(cut(text, where)) == text


@each("hard", ["\x1b", "\x1b]", "\x1b[", "\x1b]a\n", "\x1bPq\n", "\x9b", "\x1b[1", "\x1b(", "\x1b]\x1b"])
def test_hard_text_is_quick(hard: str) -> None:
    """The time grows with the length, not with its square."""
    with cpu_limit(1):
        assert len(filtered([hard * 8_000])) <= len(hard) * 8_000
