"""The text to be spoken of a Markdown document, according to markdown-it-py (contract, 13).

It needs whole documents and shares no code with ours: an oracle for the result of the stream.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return parser.use(footnote_plugin, inline=False).use(tasklists_plugin)


def words(text: str) -> list[str]:
    """Return the words of a text: runs of letters and digits."""
    return re.findall(r"[^\W_]+", text)


def spoken_words(document: str) -> list[str]:
    """Return the words of a document to be spoken according to the contract's table, in order."""
    return words(spoken(document))


def spoken(document: str) -> str:
    """Return the text of a document without markup; blocks and cells are separated by white space."""
    return " ".join(_blocks(_parser().parse(document)))


def _blocks(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "inline":
                yield "".join(_inline(token.children or []))
            case "list_item_open":
                yield token.info  # the number of an ordered list
            case "code_block":
                # We treat indented code as text.
                yield spoken(re.sub(r"^\s+", "", token.content, flags=re.MULTILINE))
            case "html_block":
                yield _without_tags(token.content)
            case _:
                pass


def _inline(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "text":
                # The plugin treats the mark of an undefined footnote as text.
                yield re.sub(r"\[\^[^\]\[\s]+\]", "", token.content)
            case "code_inline" | "text_special":
                yield token.content
            case "softbreak" | "hardbreak":
                yield "\n"
            case "image":
                yield "".join(_inline(token.children or []))
            case "html_inline":
                # The check box of a task list is HTML too.
                yield " " if re.match(r"<br\b", token.content) else ""
            case _:
                pass


def _without_tags(content: str) -> str:
    content = re.sub(r"<!--.*?(?:-->|\Z)", " ", content, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[/?!A-Za-z][^>]*>", "", content))


def has_indented_code(document: str) -> bool:
    """Return whether there is indented code, which we treat as text."""
    return any(token.type == "code_block" for token in _parser().parse(document))
