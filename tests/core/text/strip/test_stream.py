"""The text available to a filter, and the part of it that is spoken."""

from __future__ import annotations

from lmnt_cli.core.text.strip.stream import Stream


def test_text_and_place() -> None:
    """Text already read is forgotten when more arrives."""
    stream = Stream()
    stream.add("abc")
    stream.at = 2
    stream.add("def")

    assert (stream.text, stream.at) == ("cdef", 0)


def test_spoken() -> None:
    """Text passed on is taken once."""
    stream = Stream()
    stream.say("a")
    stream.say("b")

    assert stream.take_spoken() == "ab"
    assert stream.take_spoken() == ""


def test_look() -> None:
    """A mark is found at the current position, or may be there, within a thousand characters."""
    stream = Stream()
    stream.add("x##")
    stream.at = 1
    assert stream.look("heading") is None
    assert stream.may_be("heading")

    stream.add(" ")
    assert stream.look("heading")
    assert not stream.may_be("heading")

    stream = Stream()
    stream.add("```" + "x" * 1000)
    assert not stream.may_be("fence")
    stream.add("\n")
    assert stream.look("fence") is None
