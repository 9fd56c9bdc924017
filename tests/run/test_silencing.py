"""The speech in progress is dropped in the session and in the player, and reported (contract, 7)."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from lmnt_cli.io.status import Display
from lmnt_cli.run.silencing import Silencer


class Page(Display):
    """Keeps the lines reported."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def _line(self, data: bytes, wait: float) -> bool:
        self.lines.append(data.decode())
        return True


@dataclass
class Player:
    """A playback that sounds or not, and can be silenced or not."""

    sounds: bool = True
    can_silence: bool = True
    silenced: list[bool] = field(default_factory=list)

    def silence(self) -> None:
        self.silenced.append(True)


@pytest.mark.parametrize("said", [True, False])
@pytest.mark.parametrize(
    "player", [None, Player(sounds=False), Player(sounds=True)], ids=["none", "idle", "on"]
)
def test_whether_anything_was_dropped(player: Player | None, said: bool) -> None:
    """Speech in the service is dropped, and so is audio that only the player still plays."""
    silencer = Silencer(lambda: said, player, Page(), typed=True, quiet=False)  # type: ignore[arg-type]  # the part of a playback that is used
    sounds = player is not None and player.sounds

    assert silencer.drop() == (said or sounds)
    if player is not None:
        assert player.silenced == [True] * sounds
        player.silenced.clear()


@pytest.mark.parametrize(
    ("typed", "quiet", "can_silence", "words"),
    [
        (True, False, True, "dropped what was being said"),
        (False, False, True, None),
        (True, True, True, None),
        (True, False, False, "webm audio cannot be skipped"),
        (False, False, False, "webm audio cannot be skipped"),
    ],
)
def test_what_is_reported(typed: bool, quiet: bool, can_silence: bool, words: str | None) -> None:
    """A drop is reported only if text is typed; that WebM keeps playing, always, except with -q."""
    page = Page()
    player = Player(can_silence=can_silence)
    Silencer(lambda: True, player, page, typed=typed, quiet=quiet).drop()  # type: ignore[arg-type]  # as above

    assert [words in line for line in page.lines if words] == ([True] if words else [])
    assert bool(page.lines) == bool(words)


def test_nothing_to_drop() -> None:
    """If there is no speech, nothing is reported."""
    page = Page()

    assert not Silencer(lambda: False, None, page, typed=True, quiet=False).drop()
    assert page.lines == []
