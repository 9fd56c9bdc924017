"""Scripts without spaces between words: `lmnt_cli.core.text.scripts`."""

from __future__ import annotations

from lmnt_cli.core.text.scripts import is_spaceless
from tests.tools.each import each


@each("character", ["ก", "ລ", "မ", "ក", "你", "の", "カ", "。", "「", "𠀀"])
def test_spaceless(character: str) -> None:
    """Thai, Lao, Burmese, Khmer, Chinese and Japanese have no spaces."""
    assert is_spaceless(character)


@each("character", ["a", "é", "5", ".", "한", "ß", "я"])
def test_spaced(character: str) -> None:
    """Latin, Cyrillic and Korean have spaces."""
    assert not is_spaceless(character)
