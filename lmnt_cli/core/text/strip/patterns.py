"""The regular expressions of Markdown's grammar (CommonMark 0.31 and GFM), compiled when first needed.

A pattern whose name ends in "begins" matches text that may become a match of the other with more text. All
are linear: repetitions are possessive, or their alternatives exclude each other.
"""

from __future__ import annotations

import re
from functools import cache


_ATTRIBUTE = r"""\s++[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^'\n]*+'|"[^"\n]*+"))?+"""
_ATTRIBUTE_BEGINS = r"""\s++(?:[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+(?:'[^'\n]*+|"[^"\n]*+|[^\s"'=<>`]*+))?+)?+"""
# The destination of a link: in angle brackets, or with balanced parentheses.
_PLAIN = r"(?:[^\x00-\x20()\\]|\\[^\n])"
_IN_PARENTHESES = rf"\((?:{_PLAIN}|\((?:{_PLAIN}|\({_PLAIN}*+\))*+\))*+\)"
_ADDRESS = rf"(?:<(?:[^<>\n\\]|\\[^\n])*+>|(?!<)(?:{_PLAIN}|{_IN_PARENTHESES})++)"
_TITLE = r"""(?:"(?:[^"\\\n]|\\[^\n])*+"|'(?:[^'\\\n]|\\[^\n])*+'|\((?:[^()\\\n]|\\[^\n])*+\))"""
_TITLE_BEGINS = r"""(?:"(?:[^"\\\n]|\\[^\n])*+|'(?:[^'\\\n]|\\[^\n])*+|\((?:[^()\\\n]|\\[^\n])*+)"""
_LABEL = r"(?:[^\[\]\\\n]|\\[^\n])"

# The elements in which models enclose their thoughts.
_ELEMENTS = ("thinking", "think", "reasoning")
_ELEMENTS_BEGIN = "|".join(name[:length] for name in _ELEMENTS for length in range(len(name), 0, -1))

_PATTERNS = {
    # Inline: text without special characters.
    "plain": r"[^\\`*_~\[\]!<&]++",
    "autolink": r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+|[\w.!#$%&'*+/=?^`{|}~-]++@[\w.-]++)>",
    "autolink begins": r"<(?:[A-Za-z][A-Za-z0-9+.-]{0,31}(?::[^\s<>]*+)?+"
    r"|[\w.!#$%&'*+/=?^`{|}~-]++(?:@[\w.-]*+)?+)?\Z",
    "tag": rf"<(?:(?P<name>[A-Za-z][A-Za-z0-9-]*+)(?:{_ATTRIBUTE})*+\s*+/?+|/[A-Za-z][A-Za-z0-9-]*+\s*+"
    r"|!---?+(?=>)|!--.*?--|\?.*?\?|![A-Za-z][^>]*+|!\[CDATA\[.*?\]\])>",
    "tag begins": rf"<(?:[A-Za-z][A-Za-z0-9-]*+(?:{_ATTRIBUTE})*(?:\s*+/?+|{_ATTRIBUTE_BEGINS}|\s++)"
    r"|/(?:[A-Za-z][A-Za-z0-9-]*+\s*+)?+|!--.*|!-?|\?.*|![A-Za-z][^>]*+|!\[.*)?\Z",
    "entity": r"&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});",
    "entity begins": r"&(?:#(?:[xX][0-9a-fA-F]{0,6}|[0-9]{0,7})|[A-Za-z][A-Za-z0-9]{0,31})?+\Z",
    "footnote": r"\[\^[^\]\[\s]++\]",
    "footnote begins": r"\[(?:\^[^\]\[\s]*+)?+\Z",
    # After the label of a link.
    "target": rf"\([ \t]*+(?:{_ADDRESS}(?:[ \t]++{_TITLE})?+)?+[ \t]*+\)",
    "target begins": rf"\([ \t]*+(?:<(?:[^<>\n\\]|\\[^\n])*+|(?:{_PLAIN}|[()])*+"
    rf"|{_ADDRESS}(?:[ \t]++(?:{_TITLE}[ \t]*+|{_TITLE_BEGINS})?+)?+)\\?+\Z",
    "reference": rf"\[{_LABEL}*+\]",
    "reference begins": rf"\[{_LABEL}*+\\?+\Z",
    # The beginning of an address in a word.
    "url": r"(?:\A|[^\w])(?:https?://|www\.)",
    # Lines.
    "spaces": r"[ \t]*+",
    "heading": r"#{1,6}(?=[ \t\n])",
    "heading begins": r"#{1,6}\Z",
    "heading ends": r"(?:[ \t]++#*+)?[ \t]*+\Z",
    "fence": r"(?:(?P<backticks>`{3,})[^`\n]*+\n|(?P<tildes>~{3,})(?=[^~]))",
    "fence begins": r"(?:`{1,2}|`{3,}[^`\n]*+|~++)\Z",
    "break": r"([-*_])[ \t]*+(?:\1[ \t]*+){2,}\n",
    "break begins": r"([-*_])(?:[ \t]*+\1)*+[ \t]*+\Z",
    "underline": r"(?:=++|-++)[ \t]*+\n",
    "underline begins": r"(?:=++|-++)[ \t]*+\Z",
    "bullet": r"[-*+](?:(?P<space>[ \t]++)(?=[^ \t\n])|(?P<empty>[ \t]*+)(?=\n))",
    "bullet begins": r"[-*+][ \t]*+\Z",
    "checkbox": r"\[[ xX]\](?=[ \t\n])",
    "checkbox begins": r"\[(?:[ xX]\]?+)?+\Z",
    "note": r"\[\^[^\]\[\s]++\]:",
    "note begins": r"\[(?:\^[^\]\[\s]*+\]?+)?+\Z",
    "definition": rf"\[(?=[^\]\n]*[^\]\s]){_LABEL}++\]:[ \t]*+"
    rf"(?:<(?:[^<>\n\\]|\\[^\n])*+>|[^\s<]\S*+)(?:[ \t]++{_TITLE})?+[ \t]*+\n",
    "definition begins": rf"\[{_LABEL}*+\\?+(?:\]?+|\]:[^\n]*+)\Z",
    "element": rf"<(?P<name>{'|'.join(_ELEMENTS)})(?:[ \t][^<>\n]*+)?+>|(?P<comment><!--)",
    "element begins": rf"<(?:{_ELEMENTS_BEGIN}|(?:{'|'.join(_ELEMENTS)})[ \t][^<>\n]*+|!-?+)?\Z",
    "delimiter row": r"[ \t>]*+\|?+[ \t]*+:?+-++:?+[ \t]*+(?:\|[ \t]*+:?+-++:?+[ \t]*+)*+\|?+[ \t]*+\n",
    "delimiter row begins": r"[ \t>|:-]*+\Z",
    "before pipe": r"(?:[^|\\]++|\\\|?+)*+",
    "cell": r"[^|\\\n]++",
}  # fmt: skip


@cache
def pattern(name: str) -> re.Pattern[str]:
    """Return the pattern of this name."""
    flags = re.DOTALL | re.IGNORECASE if name.startswith("element") else re.DOTALL
    return re.compile(_PATTERNS[name], flags)
