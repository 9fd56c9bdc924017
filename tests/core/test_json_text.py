"""JSON with the same content that is safe to show on a terminal (contract, 7 and 14)."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.json_text import to_json
from tests.tools.strategies import properties


CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@properties
@given(CONTENT, st.sampled_from([None, 2]))
def test_the_same_content(content: object, indent: int | None) -> None:
    """Parsing returns what was written; the text is UTF-8, and in one line unless indented."""
    text = to_json(content, indent=indent)

    assert json.loads(text.encode().decode()) == content
    assert indent is not None or "\n" not in text


def test_letters() -> None:
    """Letters are not escaped, and the text is as short as possible."""
    assert to_json({"name": "Zoë", "n": [1, 2.5, None]}) == '{"name":"Zoë","n":[1,2.5,null]}'
    assert to_json({"a": [1]}, indent=2) == '{\n  "a": [\n    1\n  ]\n}'


def test_what_a_terminal_acts_on() -> None:
    """Terminal controls, direction marks and lone surrogates are escaped."""
    content = "\x1b[31m \x7f \x9b \u2028 \u202e \u200f \ud800"
    text = to_json(content)

    assert text == '"\\u001b[31m \\u007f \\u009b \\u2028 \\u202e \\u200f \\ud800"'
    assert json.loads(text) == content
