"""Speech Dispatcher speaks through the program, and so do screen readers (manual, RECIPES)."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from completions.make.recipes import SPEECH_DISPATCHER
from tests.doubles.fake_service import FakeService
from tests.tools.recipes import Desk


SPEECHD, MODULE, TRY = SPEECH_DISPATCHER.pastes
# A sound card that takes nothing: speech-dispatcher opens one for its own modules, also where none is used.
NO_SOUND = "pcm.!default { type null }\nctl.!default { type null }\n"


@pytest.fixture
def spoken(desk: Desk, service: FakeService, tmp_path: Path, needs: Callable[[str], str]) -> Iterator[Path]:
    """The recipe's two files in a fresh home; what the player hears is in the file given."""
    for tool in ("speech-dispatcher", "spd-say"):
        needs(tool)
    home = tmp_path / ".config/speech-dispatcher"
    (home / "modules").mkdir(parents=True)
    defaults = Path("/etc/speech-dispatcher/speechd.conf").read_text()
    (home / "speechd.conf").write_text(f'{defaults}\n{SPEECHD}AudioOutputMethod "alsa"\n')
    (home / "modules/lmnt-say.conf").write_text(MODULE)
    sound = tmp_path / "asound.conf"
    sound.write_text(NO_SOUND)
    with tempfile.TemporaryDirectory() as directory:  # a socket's path has to be short
        desk.environment |= {
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path / ".config"),
            "XDG_RUNTIME_DIR": directory,
            "ALSA_CONFIG_PATH": str(sound),
        }
        heard = desk.player()
        desk.program("mpv", f"cat >> '{heard}'")
        yield heard
        for pid in Path(directory).rglob("*.pid"):
            with contextlib.suppress(ProcessLookupError):  # a daemon that could not start leaves its file
                os.kill(int(pid.read_text()), signal.SIGTERM)


def test_spd_say(desk: Desk, service: FakeService, spoken: Path) -> None:
    """The daemon, started by its first client, speaks a text in one session, and stops when asked."""
    text = "It's \N{CJK UNIFIED IDEOGRAPH-65E5}: $HOME & $(id) 'done'. " + "A long sentence. " * 30

    for script in (TRY, 'spd-say -w -l en-GB -t male1 -- "$TEXT"'):
        run = desk.paste(script, TEXT=text)
        assert (run.status, run.stderr) == (0, "")

    # Speech Dispatcher takes marks out by itself, as many as its language has rules for.
    first, second = service.sessions
    assert first.text == "Hello, it's me."
    assert re.findall(r"[\w$]+", second.text) == re.findall(r"[\w$]+", text)
    assert [session.init["voice"] for session in (first, second) if session.init] == ["lily", "ansel"]
    assert spoken.read_text() == first.text + second.text

    service.does("speaks when told")
    desk.paste('spd-say "Never heard."')
    service.session(2).wait_flushes(1)
    desk.paste("spd-say -C")
    service.session(2).wait_end()
    assert "Never" not in spoken.read_text()
