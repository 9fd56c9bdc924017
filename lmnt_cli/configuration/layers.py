"""Layers of options, the nearest first: the command line, the environment and the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..core.audio.formats import format_of_name
from ..core.value import value
from ..options import OPTIONS, Flags, Option
from .values import read_value


# Options that exclude each other: the one from the nearer layer wins.
EXCLUSIVE = (
    ("local", "base_url"),
    ("quiet", "verbose"),
    ("config", "no_config"),
    ("profile", "no_config"),
)
_NO_PLACES: Mapping[str, Callable[[], str]] = MappingProxyType({})


@value
class Layer:
    """The options set by one source.

    `places` names the place of each option, for messages. `settles` are options of farther layers to ignore,
    because this source decides the same by other means.
    """

    flags: Flags
    places: Mapping[str, Callable[[], str]] = _NO_PLACES
    settles: frozenset[str] = frozenset()


@value
class Configured:
    """The layers of a configuration. `named`: the profile was selected by --profile, and so is nearer."""

    profile: Layer = Layer(Flags())
    rest: Layer = Layer(Flags())
    named: bool = False


@value
class Chosen:
    """The effective options, merged from all layers, and the place each of them comes from."""

    flags: Flags
    places: Mapping[str, Callable[[], str]] = _NO_PLACES

    def place(self, name: str) -> str:
        """Return the name of an option's source, for messages."""
        return self.places[name]() if name in self.places else OPTIONS[name].long


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """Return the layer of the environment. Empty variables count as unset. Raises UsageError."""
    values: dict[str, Any] = {}
    places: dict[str, Callable[[], str]] = {}
    for option in OPTIONS.values():
        text = environment.get(option.variable, "").strip() if option.variable else ""
        if option.variable and text:
            values[option.name] = read_value(option, text, option.variable)
            places[option.name] = str(option.variable).__str__
    # A key in the environment is nearer than a key file named in a configuration.
    settles = {"api_key_file"} if environment.get("LMNT_API_KEY", "").strip() else set()
    return Layer(Flags(**values), places, frozenset(settles))


def stack(flags: Flags, environment: Mapping[str, str], configured: Configured) -> list[Layer]:
    """Return all layers, the nearest first. Raises UsageError for an invalid environment variable."""
    variables = environment_layer(environment)
    if configured.named:
        return [Layer(flags), configured.profile, variables, configured.rest]
    return [Layer(flags), variables, configured.profile, configured.rest]


def find_exclusive(flags: Flags) -> tuple[Option, Option] | None:
    """Return two options of one layer that exclude each other, if any."""
    for one, other in EXCLUSIVE:
        if getattr(flags, one) and getattr(flags, other):
            return OPTIONS[one], OPTIONS[other]
    return None


def choose(layers: Sequence[Layer]) -> Chosen:
    """Return the effective options: for each, the value from the nearest layer that sets it."""
    values: dict[str, Any] = {}
    places: dict[str, Callable[[], str]] = {}
    settled: set[str] = set()
    for layer in layers:
        excluded = settled | {
            other
            for pair in EXCLUSIVE
            for one, other in (pair, pair[::-1])
            if values.get(one) not in (None, False)
        }
        for option, given in layer.flags.given():
            # Otherwise a nearer layer sets this option, or one that excludes it.
            if option.name not in values and option.name not in excluded:
                values[option.name] = given
                if option.name in layer.places:
                    places[option.name] = layer.places[option.name]
        settled |= layer.settles
    text = layers[0].flags.text if layers else None
    if _named_format_is_nearer(layers):
        values.pop("format", None)
    return Chosen(Flags(text=text, **values), places)


def _named_format_is_nearer(layers: Sequence[Layer]) -> bool:
    """Return whether the command line implies a format by the extension of --output, without --format."""
    nearest = layers[0].flags if layers else Flags()
    output = nearest.output
    return nearest.format is None and output is not None and format_of_name(output) is not None
