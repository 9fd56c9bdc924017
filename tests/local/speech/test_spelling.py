"""Foreign letters in Latin ones: `lmnt_cli.local.speech.spelling`."""

from __future__ import annotations

import pytest

from lmnt_cli.local.speech.spelling import readable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain text, $5 & café — “quoted” 🙂", "Plain text, $5 & café — “quoted” 🙂"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("π", "pi"),
        ("да", "dea"),
        ("カ", "ka"),
        ("日本", "dada"),
        ("１２３", "123"),
        ("x² + ½", "x2 + 1/2"),
        ("٣", "three"),
        ("ǆ", "dz"),
        ("1234567890123456", "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_letters_are_read_by_their_names(text: str, expected: str) -> None:
    """Letters known to the voice stay, others are spelled; characters of other scripts become syllables."""
    assert readable(text) == expected
