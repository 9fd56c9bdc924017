"""Which source of an option wins (contract, 15)."""

from __future__ import annotations

from typing import Any

import pytest

from lmnt_cli.configuration.layers import EXCLUSIVE, Layer, choose, environment_layer, find_exclusive
from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.errors import UsageError
from lmnt_cli.options import OPTIONS, Flags
from tests.tools.each import each


def held(*layers: Flags) -> Flags:
    """Return the effective options of these layers, the nearest first."""
    return choose([Layer(flags) for flags in layers]).flags


def test_nothing_given() -> None:
    """Without layers, or with empty ones, no option is given."""
    assert choose([]).flags == held(Flags(), Flags()) == Flags()


@each("field", list(OPTIONS))
def test_the_nearest_wins(field: str) -> None:
    """A value overrides any farther one, even if it is the default."""
    near, far = Flags(**dict[str, Any]({field: "near"})), Flags(**dict[str, Any]({field: "far"}))

    assert getattr(held(near, far), field) == "near"
    assert getattr(held(Flags(), far, near), field) == "far"


def test_way_back() -> None:
    """A switch that is turned off overrides a farther layer that turns it on."""
    assert held(Flags(play=False), Flags(play=True)).play is False


@each("pair", [pair for one, other in EXCLUSIVE for pair in ((one, other), (other, one))])
def test_options_that_exclude_each_other(pair: tuple[str, str]) -> None:
    """Of two exclusive options, the nearer one wins; both in one layer are found."""
    near, far = (Flags(**dict[str, Any]({name: "given"})) for name in pair)

    assert held(near, far) == near
    assert held(Flags(), near, far) == near
    found = find_exclusive(Flags(**dict[str, Any](dict.fromkeys(pair, "given"))))
    assert found is not None
    assert {option.name for option in found} == set(pair)
    assert find_exclusive(near) is find_exclusive(far) is None


def test_turned_off_excludes_nothing() -> None:
    """`--no-local` keeps the configured service."""
    assert held(Flags(local=False), Flags(base_url="http://a")).base_url == "http://a"


def test_the_name_of_the_output() -> None:
    """An extension on the command line overrides a configured format, but not --format."""
    configured = Flags(format=AudioFormat.ULAW)

    assert held(Flags(output="a.wav"), configured).format is None
    assert held(Flags(output="a"), configured).format is AudioFormat.ULAW
    assert held(Flags(output="a.wav", format=AudioFormat.MP3), configured).format is AudioFormat.MP3


def test_environment() -> None:
    """Variables set the options given in the table, trimmed; an empty one is unset."""
    layer = environment_layer({"LMNT_VOICE": " ava ", "LMNT_BASE_URL": "  ", "LMNT_RETRY": "3", "VOICE": "x"})

    assert layer.flags == Flags(voice="ava")
    assert choose([Layer(Flags()), layer]).place("voice") == "LMNT_VOICE"
    assert choose([Layer(Flags(voice="b")), layer]).place("voice") == "--voice"
    with pytest.raises(UsageError, match="LMNT_VOICE"):
        environment_layer({"LMNT_VOICE": "a\nb"})
