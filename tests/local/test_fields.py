"""The fields of requests, one by one: `lmnt_cli.local.fields`."""

from __future__ import annotations

from typing import Any

import pytest

from lmnt_cli.local.fields import read_choice, read_flag, read_init, read_number, read_sample_rate, read_text
from lmnt_cli.local.requests import ErrorType, Init, Refused, SessionFormat


def problem(read: Any, *arguments: Any, **options: Any) -> str:
    """Return the message of a refusal."""
    with pytest.raises(Refused) as refused:
        read(*arguments, **options)
    assert refused.value.type is ErrorType.INVALID_REQUEST
    return refused.value.message


def test_text() -> None:
    """Text is a string, possibly empty."""
    assert read_text({"a": ""}, "a", None) == ""
    assert read_text({}, "a", "b") == "b"
    assert problem(read_text, {}, "a", None) == "a: Field required"
    assert problem(read_text, {"a": 1}, "a", "b") == "a: Input should be a valid string"


@pytest.mark.parametrize("value", ["c", None, 1, [], {}, "A"])
def test_choices(value: object) -> None:
    """A choice must match exactly."""
    assert read_choice({}, "a", "x", ("x", "y")) == "x"
    assert (
        problem(read_choice, {"a": value}, "a", "x", ("x", "y", "z")) == "a: Input should be 'x', 'y' or 'z'"
    )


@pytest.mark.parametrize(
    ("fields", "rate"),
    [({}, 24000), ({"format": "ulaw"}, 8000), ({"format": "ulaw", "sample_rate": 16000}, 16000)],
)
def test_sample_rates(fields: dict[str, Any], rate: int) -> None:
    """The default depends on the format."""
    assert read_sample_rate(fields, coerce=False) == rate


@pytest.mark.parametrize("value", [44100, "24000", True, None, 8000.5, [], "9" * 5000])
def test_other_sample_rates(value: object) -> None:
    """Other rates are refused, as are strings except in old generations."""
    expected = "sample_rate: Input should be 24000, 16000 or 8000"

    assert problem(read_sample_rate, {"sample_rate": value}, coerce=False) == expected
    if value != "24000":
        assert problem(read_sample_rate, {"sample_rate": value}, coerce=True) == expected


@pytest.mark.parametrize(
    ("value", "coerce", "flag"),
    [(True, False, True), (False, False, False), ("true", True, True), ("False", True, False)],
)
def test_flags(value: object, coerce: bool, flag: bool) -> None:
    """Flags are booleans, or strings where they are coerced."""
    assert read_flag({"a": value}, "a", coerce=coerce) is flag
    assert read_flag({}, "a", coerce=coerce) is False


@pytest.mark.parametrize(("value", "coerce"), [("true", False), (1, True), (None, True), ("yes", True)])
def test_other_flags(value: object, coerce: bool) -> None:
    """Other flags are refused."""
    assert problem(read_flag, {"a": value}, "a", coerce=coerce) == "a: Input should be a valid boolean"


@pytest.mark.parametrize("value", ["much", None, [], "", 10**400])
def test_what_is_no_number(value: object) -> None:
    """Anything but a number is refused, including one that is too large."""
    assert problem(read_number, {"a": value}, "a", 1, 0, 2) == "a: Input should be a valid number"


@pytest.mark.parametrize("value", ["nan", "inf", -0.1, 2.1, "1e999"])
def test_numbers_out_of_range(value: object) -> None:
    """The refusal gives the range."""
    assert problem(read_number, {"a": value}, "a", 1, 0, 2) == "a: Input should be between 0 and 2"
    assert read_number({"a": "0.5"}, "a", 1, 0, 2) == 0.5


def test_first_messages() -> None:
    """Each generation understands its own fields."""
    assert read_init({"X-API-Key": "k", "voice": "lily"}, coerce=False) == Init("k", "lily")
    assert read_init({"voice": "lily", "speed": 3, "return_timestamps": True}, coerce=False).speed == 1.0
    old = read_init({"voice": "lily", "format": "raw", "speed": "2", "send_extras": "true"}, coerce=True)
    assert old == Init("", "lily", SessionFormat.PCM_S16LE, timestamps=True, speed=2.0)
    assert problem(read_init, {"voice": "lily", "format": "raw"}, coerce=False).startswith("format: ")
    assert problem(read_init, {"voice": "lily", "model": None}, coerce=True).startswith("model: ")
    assert problem(read_init, {"type": "text"}, coerce=False).startswith("type: ")
