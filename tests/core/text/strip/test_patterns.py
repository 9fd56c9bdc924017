"""The regular expressions of Markdown's grammar."""

from __future__ import annotations

from lmnt_cli.core.text.strip.patterns import _PATTERNS, pattern
from tests.tools.each import each


EXAMPLES = {
    "autolink": "<https://a.b/c?d>",
    "tag": """<a href='b' c="d" e=f g/>""",
    "entity": "&#x1F600;",
    "footnote": "[^note]",
    "target": """(<a b> "c 'd' \\" e")""",
    "reference": "[a \\] b]",
    "heading": "###### ",
    "fence": "```` py\n",
    "break": "* * *\n",
    "underline": "=== \n",
    "bullet": "-  a",
    "checkbox": "[x] ",
    "note": "[^1]:",
    "definition": "[a b]: <c d> 'e'\n",
    "element": "<Thinking x='y'>",
    "delimiter row": "| :-- | -: |\n",
}


def test_every_pair_has_an_example() -> None:
    """Every pattern for a beginning has an example."""
    assert {name.removesuffix(" begins") for name in _PATTERNS if name.endswith(" begins")} - {
        *EXAMPLES
    } == set()


@each("name", EXAMPLES)
def test_beginnings(name: str) -> None:
    """Each beginning of a match is recognised as one, and so is the match."""
    example = EXAMPLES[name]
    begins = pattern(f"{name} begins")

    assert pattern(name).match(example)
    assert [
        example[:length]
        for length in range(1, len(example))
        if not begins.match(example[:length]) and not pattern(name).match(example[:length])
    ] == []


@each("name", _PATTERNS)
@each("hard", ["<a b=c ", "(", "((", "[a](", "&a", "* ", "- ", "`", "| ", "<a ", "\\", '"', "a b='"])
def test_hard_text(name: str, hard: str) -> None:
    """No pattern takes long on adversarial text."""
    for text in (hard * 150, "<" + hard * 150, "(" + hard * 150, "[" + hard * 150 + "]:" + hard * 50):
        pattern(name).match(text)
