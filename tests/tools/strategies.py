"""Hypothesis strategies for the tests of the core: text from people and machines, split anywhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import AnyStr

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from lmnt_cli.core.text.flush_rules import FlushRule


# A decorator: enough examples to find what tables miss; in CI the same ones each time. How long it takes to
# make them does not matter: the first time in a new checkout, Hypothesis builds tables for seconds.
properties = settings(
    max_examples=50,
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)

rules = st.sampled_from(list(FlushRule))

# Text with a meaning to the rules and the decoder, far more often than by chance.
_FRAGMENTS = st.sampled_from(
    [
        "word",
        "Two words.",
        "Dr. No",
        "3.14",
        "e.g. this",
        "Wait... what",
        "Ende!",
        "Was? ",
        "…",
        '"Quoted." ',
        "(so.) ",
        "No. ",
        "3. Oktober",
        "« Oui. »",
        "„Ja.“ ",
        "`x.`[1] ",
        "你好。",
        "３．１４",
        "「好。」",
        "1. item",
        "é",
        "😀",
        " ",
        "\t",
        "\u00a0",
        "\u3000",
        "\u2028",
        "\u200b",
        "\f",
        "\x85",
        "\n",
        "\n\n",
        "\n \n",
        "\r\n",
        "\r\n\r\n",
        "\r",
        ".",
        "-",
        "_",
    ]
)
texts = st.lists(_FRAGMENTS | st.text(max_size=6), max_size=24).map("".join)

_RAW = st.sampled_from(
    [
        b"\x1b[1;31m",
        b"\x1b[0m",
        b"\x1b]0;title\x07",
        b"\x1b]8;;http://x\x1b\\",
        b"\x1b(B",
        b"\x1b",
        b"\x1b[",
        b"\x1b]",
        b"\xc2\x9b1m",
        b"\x1b_Ga=T;QUJD\x1b\\",
        b"\x07",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xe2\x82",
        b"\xed\xa0\x80",
        b"\r",
    ]
)
# No backspaces: one after a character that was already passed on is the only case where reads matter.
inputs = st.lists(_RAW | texts.map(str.encode) | st.binary(max_size=4), max_size=12).map(
    lambda parts: b"".join(parts).replace(b"\b", b"")
)


def cut(data: AnyStr, places: Sequence[int]) -> list[AnyStr]:
    """Return `data` split at these places, taken modulo its length."""
    ends: list[int] = sorted({place % (len(data) + 1) for place in places})
    return [data[begin:end] for begin, end in zip([0, *ends], [*ends, len(data)], strict=True)]


places = st.lists(st.integers(0, 10_000), max_size=12)


def three_ways(data: bytes, tail: bytes) -> list[tuple[str, list[bytes]]]:
    """Return the ways in which every reader must handle a case: whole, byte by byte, and with more text."""
    return [
        ("whole", [data, tail]),
        ("byte by byte", [bytes([byte]) for byte in data + tail]),
        ("with a tail", [data + tail]),
    ]
