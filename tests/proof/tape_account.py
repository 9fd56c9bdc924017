"""What was heard compared with the text: words lost and words heard twice, from the audio alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tests.proof.tape import Heard, Spoken


@dataclass(frozen=True)
class Account:
    """The words of one rehearsal. `disorder` describes an impossible order, "" if there is none."""

    lost: int
    twice: int
    fragments: int
    disorder: str


@lru_cache(64)  # the same text in thousands of cases
def words_of(text: str) -> list[str]:
    """Return the words of a text as spoken, without surrounding punctuation."""
    stripped = (re.sub(r"^[\W_]+|[\W_]+$", "", stretch) for stretch in text.split())
    return [word for word in stripped if word]


def account(text: str, heard: Heard, saved: str) -> Account:
    """Match the words of the text with the audio, session by session, and the rest with the saved text.

    Each session begins at or before the first word not heard yet, and omits none.
    """
    written = words_of(text)
    covered = twice = 0
    disorder = ""
    sessions = [list(words) for _, words in itertools.groupby(heard.words, key=lambda word: word.session)]
    parts = [[spoken.word for spoken in session] for session in sessions] + [words_of(saved)]
    for session in sessions:
        disorder = disorder or _in_order(session)
    for part in filter(None, parts):
        begin = _place(written, part, covered)
        if begin is None:
            disorder = disorder or f"{part[:6]} … after {written[max(0, covered - 3) : covered]}"
            begin = covered  # counted as lost below if nothing matches
            later = _place(written, part, len(written))
            if later is None:
                continue
            return Account(later - begin, twice, heard.fragments, disorder)
        twice += covered - begin if begin + len(part) >= covered else len(part)
        covered = max(covered, begin + len(part))
    return Account(len(written) - covered, twice, heard.fragments, disorder)


def _in_order(session: Sequence[Spoken]) -> str:
    ordinals = [spoken.ordinal for spoken in session]
    return "" if ordinals == list(range(len(ordinals))) else f"session {session[0].session} said {ordinals}"


def _place(written: list[str], part: list[str], latest: int) -> int | None:
    """Return the position of the words in the text: the last one that is not beyond `latest`."""
    for begin in range(min(latest, len(written) - len(part)), -1, -1):
        if written[begin : begin + len(part)] == part:
            return begin
    return None
