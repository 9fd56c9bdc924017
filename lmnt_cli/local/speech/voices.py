"""The voices: one for each system voice in LMNT's documentation.

All are made from the one voice in the package, by accent, speed and pitch, so that they sound different. They
do not imitate the voices whose names they have.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..requests import ErrorType, Refused


@dataclass(frozen=True)
class Voice:
    """A voice. `pitch` and `speed` are factors relative to the packaged voice; `british` is its accent."""

    id: str
    gender: str
    description: str
    pitch: float = 1.0
    speed: float = 1.0
    british: bool = False

    @property
    def name(self) -> str:
        return self.id.replace("-", " ").title()


_ALL = (
    Voice("amy", "F", "UK. Adult. Narration", pitch=0.96, speed=0.95, british=True),
    Voice("ansel", "M", "US. Adult. Conversational", pitch=0.62, speed=0.96),
    Voice("ava", "F", "US. Young adult. Conversational", pitch=1.08, speed=1.05),
    Voice("curtis", "M", "US. Adult. Narration", pitch=0.56, speed=0.92),
    Voice("elowen", "F", "UK. Young adult. Conversational", pitch=1.1, british=True),
    Voice("leah", "F", "US. Adult. Conversational", pitch=0.94),
    Voice("lily", "F", "US. Young adult. Conversational"),
    Voice("mara-wilson", "F", "US. Adult. Narration", pitch=0.9, speed=1.06),
    Voice("morgan", "F", "UK. Young adult. Conversational", pitch=1.02, speed=1.04, british=True),
)

VOICES = {voice.id: voice for voice in _ALL}


def find_voice(id_: str) -> Voice:
    """Return the voice with this id. Raises `Refused`, worded as by the service."""
    voice = VOICES.get(id_)
    if voice is None:
        raise Refused(ErrorType.NOT_FOUND, f"Voice '{id_}' not found.")
    return voice
