"""Foreign letters in Latin ones: `lmnt_cli.local.spelling`."""

from __future__ import annotations

import pytest

from lmnt_cli.local.spelling import readable


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
    ],
)
def test_letters_are_read_by_their_names(text: str, expected: str) -> None:
    """What the voice knows stays; other letters are spelled; each sign of other writing is a syllable."""
    assert readable(text) == expected
