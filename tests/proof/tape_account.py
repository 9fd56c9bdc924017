"""What was heard against what was written: words lost and words twice, read from the audio alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.proof.tape import Heard, Spoken


@dataclass(frozen=True)
class Account:
    """Words of one rehearsal. `disorder` says what cannot be, "" if all is in order."""

    lost: int
    twice: int
    fragments: int
    disorder: str


def words_of(text: str) -> list[str]:
    """The words of a text as they are spoken, without the marks around them."""
    stripped = (re.sub(r"^[\W_]+|[\W_]+$", "", stretch) for stretch in text.split())
    return [word for word in stripped if word]


def account(text: str, heard: Heard, saved: str) -> Account:
    """Take the text's words from the audio, session by session, and the rest from what was saved.

    Each session begins at or before the first word not heard yet, and leaves none out.
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
            begin = covered  # counted as lost below, if it does not fit at all
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
    """Where the words stand in the text, at the latest place that is not beyond `latest`."""
    for begin in range(min(latest, len(written) - len(part)), -1, -1):
        if written[begin : begin + len(part)] == part:
            return begin
    return None
