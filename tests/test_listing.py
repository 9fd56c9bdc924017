"""Listings of voices and the account, for people and programs (contract, 2)."""

from __future__ import annotations

from lmnt_cli.listing import account_rows, columns, fits, voice_rows
from tests.doubles.rest_service import ACCOUNT, VOICES
from tests.tools.each import each


def test_rows() -> None:
    """Own voices come first, then starred ones; unusual properties are in the last column."""
    assert voice_rows(VOICES) == [
        ("3f2a", "Me, Myself", "", "", "own, training, book, work"),
        ("lily", "Lily", "female", "", "starred"),
        ("curtis", "Curtis", "male", "", ""),
        ("morgan", "Morgan", "female", "UK. Young adult. Conversational", ""),
    ]


def test_odd_voices() -> None:
    """Missing, null and unknown members are tolerated."""
    assert voice_rows([{}, {"id": 7, "gender": "Robot", "tags": None, "owner": None, "state": None}]) == [
        ("7", "", "robot", "", ""),
        ("", "", "", "", ""),
    ]


@each(
    ("words", "expected"),
    [
        ([], ["morgan", "lily", "curtis", "3f2a"]),
        (["uk"], ["morgan"]),
        (["UK", "young"], ["morgan"]),
        (["male"], ["curtis"]),
        (["female"], ["morgan", "lily"]),
        (["f"], ["morgan", "lily"]),
        (["starred"], ["lily"]),
        (["me"], ["3f2a"]),
        (["work"], ["3f2a"]),
        (["train"], ["3f2a"]),
        (["uk", "male"], []),
    ],
)
def test_words_narrow_the_list(words: list[str], expected: list[str]) -> None:
    """Each word is a prefix of a word in the description; "male" does not match "female"."""
    assert [voice["id"] for voice in VOICES if fits(voice, words)] == expected


def test_account() -> None:
    """The figures have the service's own names."""
    assert account_rows(ACCOUNT) == [
        ("plan", "indie"),
        ("character limit", "200000"),
        ("commercial use allowed", "yes"),
        ("characters", "1234"),
    ]
    assert account_rows({"plan": None, "usage": {"characters": 0, "more": {}}}) == [("characters", "0")]


def test_no_limit() -> None:
    """A limit of null is "none"."""
    assert account_rows({"plan": {"character_limit": None}}) == [("character limit", "none")]


def test_columns() -> None:
    """Columns are two spaces apart, without spaces at the end of a line."""
    assert columns([("a", "bcd", "x"), ("bb", "c", "")]) == "a   bcd  x\nbb  c\n"
