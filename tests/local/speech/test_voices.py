"""The voices available: `lmnt_cli.local.speech.voices`."""

from __future__ import annotations

import pytest

from lmnt_cli.local.requests import ErrorType, Refused
from lmnt_cli.local.speech.voices import VOICES, find_voice


def test_each_voice_differs_from_each_other() -> None:
    """Voices differ in accent, speed or pitch, within the range of a human voice."""
    assert len({(each.pitch, each.speed, each.british) for each in VOICES.values()}) == len(VOICES)
    assert all(0.5 <= each.pitch <= 1.5 and 0.9 <= each.speed <= 1.1 for each in VOICES.values())
    assert all(each.british == each.description.startswith("UK") for each in VOICES.values())


def test_names_are_ids_as_people_write_them() -> None:
    """Names are ids in title case, with spaces."""
    assert find_voice("mara-wilson").name == "Mara Wilson"


@pytest.mark.parametrize("id_", ["", "Lily", "lily ", "nobody", "\x1b[2J"])
def test_other_voices_are_not_found(id_: str) -> None:
    """The error is worded as by the service."""
    with pytest.raises(Refused) as refused:
        find_voice(id_)

    assert refused.value.type is ErrorType.NOT_FOUND
    assert refused.value.message == f"Voice '{id_}' not found."
