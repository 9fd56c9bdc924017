"""Secrets are removed from text to show, however they are spelled in it (contract, 2 and 7)."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.core.figures.redaction import Redaction
from tests.tools.each import each
from tests.tools.limits import cpu_limit
from tests.tools.strategies import properties


# Contains every character that some spelling treats specially.
KEY = "sk-a'b\"c\\d%41+&x;-0123456789"
REDACT = Redaction(keys=[KEY])

Spelling = Callable[[str], str]
SPELLINGS: dict[str, Spelling] = {
    "as it is": str,
    "upper case": str.upper,
    "repr": repr,
    "repr of bytes": lambda text: repr(text.encode()),
    "JSON": json.dumps,
    "URL": quote,
    "URL, every character": lambda text: "".join(f"%{ord(each):02x}" for each in text),
    "URL, upper case": lambda text: "".join(f"%{ord(each):02X}" for each in text),
    "JSON, every character": lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
    "JSON, upper case": lambda text: "".join(f"\\u{ord(each):04X}" for each in text),
    "hexadecimal escapes": lambda text: "".join(f"\\x{ord(each):02x}" for each in text),
    "octal escapes": lambda text: "".join(f"\\{ord(each):03o}" for each in text),
    "ECMAScript": lambda text: "".join(f"\\u{{{ord(each):x}}}" for each in text),
    "HTML": html.escape,
    "HTML, every character": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "colours in between": lambda text: "\x1b[31m".join(text),
    "escaped colours in between": lambda text: "\\x1b[0;31m".join(text),
    "line ends in between": "\n".join,
    "escaped line ends in between": lambda text: repr("\n".join(text)),
    "zero-width spaces in between": "\u200b".join,
    "escaped zero-width spaces in between": lambda text: json.dumps("\u200b".join(text)),
}


@each("outer", ["as it is", "repr", "JSON", "URL", "HTML"])
@each("inner", SPELLINGS)
def test_spellings(inner: str, outer: str) -> None:
    """Each spelling, and each spelling of a spelling, is removed, and the text around it is kept."""
    shown = REDACT(f"refused <{SPELLINGS[outer](SPELLINGS[inner](KEY))}> at 5%")

    assert shown.startswith("refused <")
    assert shown.endswith("> at 5%")
    assert shown.count("[key]") == 1
    assert "0123" not in shown


@each("kept", range(1, len(KEY)))
@each("mark", ["...", "…"])
@each("spelling", ["as it is", "repr", "JSON"])
def test_quotations(kept: int, mark: str, spelling: str) -> None:
    """A quotation that ends within a secret shows at most three characters of it."""
    shown = REDACT(f"not JSON: {SPELLINGS[spelling](KEY[:kept] + mark)}")

    assert KEY[:4] not in shown


@each("part", [KEY[:-1], KEY[1:], KEY[2:-3], KEY[: len(KEY) // 2 + 2]])
def test_parts(part: str) -> None:
    """A part that is more than half of a secret is removed."""
    assert REDACT(f"the key {part} is unknown") == "the key [key] is unknown"


def test_what_is_no_secret() -> None:
    """Text without a secret is unchanged, including escapes."""
    text = "could not connect: 50% of \\u0041 &amp; \x1b[31m sk-… test-k 01234"

    assert REDACT(text) == text
    assert Redaction()(f"{text} {KEY}") == f"{text} {KEY}"


def test_short_passwords() -> None:
    """A short password is removed as a word, and kept in the middle of one."""
    redact = Redaction(passwords=["pass"])

    assert redact("pass, (pass) compass passing") == "[password], ([password]) compass passing"


def test_without_ascii() -> None:
    """A password in letters other than ASCII is removed verbatim."""
    assert Redaction(passwords=["пароль"])("the пароль.") == "the [password]."


def test_letters_that_are_not_ascii() -> None:
    """Non-ASCII letters among ASCII ones may be spelled in any way."""
    redact = Redaction(passwords=["pässwörd"])
    for shown in ("pässwörd", ascii("pässwörd"), repr("pässwörd".encode()), quote("pässwörd")):
        assert "wrd" not in redact(f"the {shown}.").replace("ö", "").replace("[password]", "")


def test_one_secret_in_another() -> None:
    """A secret that contains another is removed as a whole."""
    redact = Redaction(keys=["abcdef-secret-123"], passwords=["secret"])

    assert redact("abcdef-secret-123 and secret") == "[key] and [password]"


@each("echoed", ["p@ss:w", "p%40ss:w", quote_plus("p@ss:w"), base64.b64encode(b"me:p@ss:w").decode()])
@each("url", ["https://me:p%40ss%3Aw@host:1/", "socks5://me:p%40ss:w@host"])
def test_passwords_of_urls(url: str, echoed: str) -> None:
    """The password in a URL is a secret: as written, decoded, and in an Authorization header."""
    assert Redaction.of(None, None, url)(f"denied {echoed}!") == "denied [password]!"


def test_what_urls_hold_otherwise() -> None:
    """A user without a password may be a token; host, path and a user's name are not secrets."""
    redact = Redaction.of(
        "key-123456", "https://token-0123456@host/path", "http://somebody:pw-123@proxy:3128"
    )

    shown = redact("token-0123456 host path somebody pw-123 proxy key-123456")

    assert shown == "[password] host path somebody [password] proxy [key]"


def test_urls_that_are_none() -> None:
    """A malformed URL contains no secret; its error is reported elsewhere."""
    assert Redaction.of("local", "http://[::1", "")("a local http://[::1") == "a local http://[::1"


def test_trees() -> None:
    """Every text in JSON is redacted, at any depth, including names and numbers; the rest is kept."""
    redact = Redaction(keys=["key-123456"], passwords=["123456"])
    content = {"a": ["key-123456", 1.5, None, True], "key-123456": {"b": {"c": "x"}}, "n": 123456}

    assert redact.tree(content) == {
        "a": ["[key]", 1.5, None, True],
        "[key]": {"b": {"c": "x"}},
        "n": "[password]",
    }


ESCAPES = st.sampled_from(["\\", "%", "&", "...", "u00", "x", "\x1b[", "sk-", "41", ";", "#", "…"])


@properties
@given(
    st.lists(ESCAPES | st.text(max_size=5)).map("".join), st.lists(ESCAPES | st.text(max_size=5)).map("".join)
)
def test_anywhere(before: str, after: str) -> None:
    """Whatever surrounds a secret, nothing is left of it by which it could be found."""
    shown = Redaction(keys=["Q7-secret-9Z"])(before + " Q7-secret-9Z " + after)

    assert "secret" not in shown or "secret" in before + after


@each("text", [f"{KEY} ", "sk-a...", "\\u0041", "%25", "\\", "\x1b[1;", "&#", "0123456789"])
def test_cost(text: str) -> None:
    """The time grows with the length of the text, not with its square."""
    with cpu_limit(1.5):
        REDACT(text * (40_000 // len(text)))
