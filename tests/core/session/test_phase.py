"""Which phase of a run may follow which (the table)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.session.phase import Phase, follow
from lmnt_cli.errors import LocalProtocolError
from tests.tools.each import each


MAY_FOLLOW = {
    Phase.IDLE: {Phase.CONNECTING, Phase.FINISHED},
    Phase.CONNECTING: {Phase.SPEAKING, Phase.RETRYING, Phase.IDLE, Phase.FINISHED},
    Phase.SPEAKING: {Phase.RETRYING, Phase.IDLE, Phase.FINISHED},
    Phase.RETRYING: {Phase.CONNECTING, Phase.IDLE},
    Phase.FINISHED: set(),
}


@each("phase", Phase)
@each("following", Phase)
def test_follow(phase: Phase, following: Phase) -> None:
    """A session is connected before it speaks, nothing follows the end, and a wait leads to an attempt."""
    if following in MAY_FOLLOW[phase]:
        assert follow(phase, following) is following
    else:
        with pytest.raises(LocalProtocolError):
            follow(phase, following)
