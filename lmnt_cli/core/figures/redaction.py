"""Removes secrets from text that is about to be shown, however they are spelled in it.

Text from the network may repeat a key or a password: verbatim; escaped by `repr`, JSON, HTML or URL encoding,
once or several times; interspersed with control sequences; or truncated by a quotation. Instead of searching
for each spelling, text and secret are reduced to the same plain form and compared there: escapes are undone,
backslashes and everything but printable ASCII are dropped, and letters are lower case. Each character of the
plain form records its origin, so that a match can be replaced in the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit


# A shorter password would be replaced in the middle of words, so it only counts as a whole word. A shorter
# key cannot be one of the service's (the embedded service uses `local`), and is left alone.
_SHORT = 6
# Anything shorter is not treated as a secret at all.
_SHORTEST = 3
# Part of a secret counts if it is longer than half of it, and at least this long.
_PART = 8
# Undoing escapes can reveal new ones (`%5Cu0041`), but not many times in genuine text.
_MOST_ROUNDS = 5

# The forms of an escape. Compiled when something is shown for the first time.
_ESCAPE = r"""
    (?:\x1b\[|\x9b)[0-9;?]*[@-~]  # a control sequence, when its own escapes are undone
  | \\+(?:x(?P<x>[0-9a-f]{2})|u(?P<u>[0-9a-f]{4})|u\{(?P<b>[0-9a-f]{1,6})\}|(?P<o>[0-3][0-7]{2}))
  | (?:\\+[ux]?[0-9a-f]{0,3}|%(?:25)*[0-9a-f]?|&\#?x?[0-9a-z]{0,6})(?=\.\.\.|…|$)  # one that was cut off
  | \\+(?:(?P<e>e)|[abfnrtv0])?  # a control, or a lone backslash
  | %(?:25)*(?P<p>[0-9a-f]{2})
  | &(?:\#(?P<d>[0-9]{1,7})|\#x(?P<h>[0-9a-f]{1,6})|(?P<n>amp|lt|gt|quot|apos));
  | [^\x20-\x7e…\x1b\x9b]+
"""
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
# These begin a control sequence; anything else that is not printable ASCII is dropped.
_CONTROLS = "\x1b\x9b"
_WITHOUT_CONTROLS = dict.fromkeys(map(ord, _CONTROLS))
_KEPT = {"…", *_CONTROLS}
_PLAIN = re.compile(r"[\x20-\x5b\x5d-\x7e]*", re.ASCII)


class _Secret(NamedTuple):
    text: str
    plain: str
    label: str


class Redaction:
    """Replaces secrets with `[key]` and `[password]`. Call it to redact a text."""

    def __init__(self, *, keys: Iterable[str] = (), passwords: Iterable[str] = ()) -> None:
        labelled = [(key, "[key]") for key in keys] + [(word, "[password]") for word in passwords]
        secrets = {text: _Secret(text, _plain(text)[0], label) for text, label in labelled}
        # Long ones first: one secret may be part of another.
        self._secrets = sorted(
            (each for each in secrets.values() if len(each.text) >= _SHORTEST),
            key=lambda each: -len(each.text),
        )

    @classmethod
    def of(cls, api_key: str | None, *urls: str | None) -> Redaction:
        """Return a redaction of this key and of the user and password in each of the URLs."""
        return cls(
            keys=[api_key] if api_key and len(api_key) >= _SHORT else [],
            passwords=[secret for url in urls if url is not None for secret in _credentials(url)],
        )

    def __call__(self, text: str) -> str:
        """Return the text with each secret replaced by its label."""
        for secret in self._secrets:
            text = _replace(text, secret)
        return text

    def tree(self, content: object) -> object:
        """Return JSON content with every text in it redacted, including member names and numbers."""
        if not self._secrets:
            return content
        match content:
            case str():
                return self(content)
            case dict():
                return self.members(content)
            case list():
                return [self.tree(value) for value in content]
            case int() | float() if not isinstance(content, bool):
                shown = self(str(content))
                return content if shown == str(content) else shown
        return content

    def members(self, content: dict[str, Any]) -> dict[str, Any]:
        """Return a JSON object redacted as in `tree`."""
        return {self(name): self.tree(value) for name, value in content.items()}


def _credentials(url: str) -> Iterator[str]:
    """Yield the secrets in a URL: the password, alone and as sent to a proxy, or a token as the user."""
    try:
        parts = urlsplit(url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
    except ValueError:
        return  # rejected elsewhere, without its text
    if password:
        from base64 import b64encode

        yield password
        yield b64encode(f"{user}:{password}".encode()).decode()  # as in Proxy-Authorization
    elif len(user) >= _PART:
        yield user  # a token without a password


def _replace(text: str, secret: _Secret) -> str:
    """Return the text with every place of the secret in its plain form replaced."""
    if len(secret.plain) < _SHORTEST:
        return text.replace(secret.text, secret.label)  # almost none of its letters are ASCII
    plain, origins = _plain(text)
    parts = []
    end = 0
    for start, stop in _matches(plain, secret.plain):
        if origins is not None:
            start, stop = origins[start][0], origins[stop - 1][1]
        parts += [text[end:start], secret.label]
        end = stop
    return "".join([*parts, text[end:]])


def _matches(plain: str, secret: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the secret, of a large part of it, or of a truncated beginning, in order."""
    end = 0
    for start, stop in _runs(plain, secret):
        if len(secret) >= _SHORT or _is_word(plain, start, stop):
            yield from _cut_off(plain, secret, end, start)
            yield start, stop
            end = stop
    yield from _cut_off(plain, secret, end, len(plain))


def _runs(plain: str, secret: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the secret and of its parts that are long enough, each as long as possible."""
    least = len(secret) if len(secret) <= _PART else max(_PART, len(secret) // 2 + 1)
    parts = {secret[at : at + least] for at in range(len(secret) - least + 1)}
    run: tuple[int, int] | None = None
    for at in sorted({at for part in parts for at in _occurrences(plain, part)}):
        if run is not None and at <= run[1]:
            run = run[0], at + least
            continue
        if run is not None:
            yield run
        run = at, at + least
    if run is not None:
        yield run


def _occurrences(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _cut_off(plain: str, secret: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the places of beginnings of the secret directly before an ellipsis, as left by a quotation."""
    for found in re.compile(r"\.\.\.|…").finditer(plain, begin, end):
        stop = found.start()
        for length in range(min(len(secret) - 1, stop - begin), _SHORTEST, -1):
            if plain.endswith(secret[:length], begin, stop):
                yield stop - length, stop
                break


def _is_word(text: str, start: int, stop: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[stop : stop + 1].isalnum())


def _plain(text: str) -> tuple[str, list[tuple[int, int]] | None]:
    """Return the plain form, and the place of each of its characters in the text (None: unchanged)."""
    if _PLAIN.fullmatch(text) and "%" not in text and "&" not in text:
        return text.lower(), None
    origins = [(at, at + 1) for at in range(len(text))]
    for _ in range(_MOST_ROUNDS):
        undone, origins = _undo_escapes(text, origins)
        if undone == text:
            break
        text = undone
    places = [place for place, each in zip(origins, text, strict=True) if each not in _CONTROLS]
    return text.translate(_WITHOUT_CONTROLS).lower(), places


def _undo_escapes(text: str, origins: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return the text with its escapes undone once, and the origin of each character."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    end = 0
    for found in re.finditer(_ESCAPE, text, re.VERBOSE | re.IGNORECASE):
        parts.append(text[end : found.start()])
        places += origins[end : found.start()]
        end = found.end()
        character = _meaning(found)
        if " " <= character <= "~" or character in _KEPT:
            parts.append(character)
            places.append((origins[found.start()][0], origins[end - 1][1]))
    return "".join([*parts, text[end:]]), places + origins[end:]


def _meaning(found: re.Match[str]) -> str:
    """Return the character that an escape represents; NUL if it leaves nothing."""
    groups = found.groupdict()
    if groups["e"]:
        return "\x1b"
    for name, base in (("x", 16), ("u", 16), ("b", 16), ("p", 16), ("h", 16), ("o", 8), ("d", 10)):
        if groups[name] is not None:
            return chr(min(int(groups[name], base), 0x10FFFF))
    return _NAMED.get((groups["n"] or "").lower(), "\0")
