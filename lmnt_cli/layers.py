"""Layers of options, the nearest first: the command line, the environment, and what is configured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .core.audio.formats import format_of_name
from .errors import UsageError
from .options import OPTIONS, Flags
from .values import read_value


# Two options that exclude each other: the one of the nearer layer wins.
EXCLUSIVE = (("local", "base_url"), ("quiet", "verbose"))


@dataclass(frozen=True)
class Layer:
    """The options that one source gives. `places` names where each stands, for messages."""

    flags: Flags
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chosen:
    """The options that hold, all layers considered, and where each of them comes from."""

    flags: Flags
    places: Mapping[str, str]

    def place(self, name: str) -> str:
        """Return what messages call the source of an option."""
        return self.places.get(name) or OPTIONS[name].long


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """Return what the environment gives; empty variables are unset. Raises UsageError."""
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for option in OPTIONS.values():
        text = environment.get(option.variable, "").strip() if option.variable else ""
        if option.variable and text:
            values[option.name] = read_value(option, text, option.variable)
            places[option.name] = option.variable
    return Layer(Flags(**values), places)


def check_exclusive(flags: Flags) -> None:
    """Raise UsageError if one layer gives two options that exclude each other."""
    for one, other in EXCLUSIVE:
        if getattr(flags, one) and getattr(flags, other):
            raise UsageError(f"{OPTIONS[one].long} and {OPTIONS[other].long} cannot be used together")


def choose(layers: Sequence[Layer]) -> Chosen:
    """Return what holds: for each option the value of the nearest layer that gives one."""
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for layer in layers:
        excluded = {
            other
            for pair in EXCLUSIVE
            for one, other in (pair, pair[::-1])
            if values.get(one) not in (None, False)
        }
        for option, value in layer.flags.given():
            # A nearer layer has chosen, if only by leaving no choice.
            if option.name not in values and option.name not in excluded:
                values[option.name] = value
                places[option.name] = layer.places.get(option.name) or option.long
    text = layers[0].flags.text if layers else None
    if _named_format_is_nearer(layers):
        values.pop("format", None)
    return Chosen(Flags(text=text, **values), places)


def _named_format_is_nearer(layers: Sequence[Layer]) -> bool:
    """Whether the output's name, which is given on the command line, chooses a format that no option does."""
    nearest = layers[0].flags if layers else Flags()
    output = nearest.output
    return nearest.format is None and output is not None and format_of_name(output) is not None
