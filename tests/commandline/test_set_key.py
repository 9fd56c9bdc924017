"""--set-key prompts for the key without echo, or reads it from stdin, and stores it (contract, 15)."""

from __future__ import annotations

import signal
import stat
import termios
from pathlib import Path

import pytest

from lmnt_cli.commandline.set_key import set_key
from lmnt_cli.errors import UsageError
from lmnt_cli.options import Flags
from tests.doubles.fake_service import FakeService
from tests.tools.each import each
from tests.tools.limits import wait_until
from tests.tools.program import Say
from tests.tools.terminal import Terminal


KEY = "k3y-0f-th1s-t3st"


@each(
    ("flags", "words"),
    [
        (Flags(set_key=True, voice="ava"), "--set-key and --voice"),
        (Flags(set_key=True, output="a"), "--set-key and --output"),
        (Flags(set_key=True, text=("s3cr3t",)), "visible in ps"),
    ],
)
def test_what_goes_with_nothing_else(flags: Flags, words: str) -> None:
    """No text is accepted, and no key on the command line."""
    with pytest.raises(UsageError) as raised:
        set_key(flags, frozenset())
    assert words in raised.value.message
    assert "s3cr3t" not in raised.value.message


def test_closed_standard_input() -> None:
    """A key that cannot be read is a usage error."""
    with pytest.raises(UsageError, match="it is closed"):
        set_key(Flags(set_key=True), frozenset({0}))


def stored(say: Say) -> Path:
    """The file of the stored key."""
    return Path(say.environment["XDG_CONFIG_HOME"]) / "lmnt-say/key"


def test_from_standard_input(say: Say, service: FakeService, tmp_path: Path) -> None:
    """One line from a pipe is the key, which the next run uses unless there is a nearer one.

    It can be stored with any configuration, which is not read.
    """
    (tmp_path / "broken.toml").write_text("broken")
    result = say("--set-key", "--config", "broken.toml", stdin=f"{service.key}\nmore\n".encode())

    assert (result.status, result.stdout, result.stderr) == (0, b"", "")
    assert stored(say).read_text() == f"{service.key}\n"
    assert stat.S_IMODE(stored(say).stat().st_mode) == 0o600
    assert say("Hello.", env={"LMNT_API_KEY": None}).status == 0


def test_what_is_no_key(say: Say) -> None:
    """Text that cannot be a key is refused, and the old key is kept."""
    stored(say).parent.mkdir(parents=True)
    stored(say).write_text("the-old-one\n")
    result = say("--set-key", stdin=b"s3cr3t key\n")

    assert result.status == 3
    assert "s3cr3t" not in result.stderr
    assert stored(say).read_text() == "the-old-one\n"


def echoes(terminal: Terminal) -> bool:
    """Return whether the terminal echoes input."""
    return bool(termios.tcgetattr(terminal.descriptor)[3] & termios.ECHO)


@pytest.mark.parametrize("args", [(), ("-q",)], ids=["", "-q"])
def test_on_a_terminal(terminal: Terminal, args: tuple[str, ...]) -> None:
    """On a terminal the key is prompted for, without echo; where it is stored is reported, except with -q."""
    running = terminal.start("--set-key", *args, stdin=None)
    terminal.read_until("LMNT API key: ")
    terminal.type(f"{KEY}\n".encode())
    result = terminal.end(running)

    assert result.status == 0
    assert stored(terminal.say).read_text() == f"{KEY}\n"
    assert KEY not in terminal.text
    assert ("the key is stored in" in terminal.text) is (args == ())
    assert echoes(terminal)


def waits(pid: int) -> bool:
    """Return whether a process waits for something: here for what is typed.

    A signal in the instant between the prompt and the read, which no person meets, ends the read at the next
    key.
    """
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(") ")[2][0] == "S"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT], ids=lambda number: number.name)
def test_interrupted(terminal: Terminal, number: signal.Signals) -> None:
    """A signal at the prompt stores nothing, and restores the echo."""
    running = terminal.start("--set-key", stdin=None)
    terminal.read_until("LMNT API key: ")
    wait_until(lambda: waits(running.pid), "wait for the key")
    running.process.send_signal(number)
    result = terminal.end(running)

    assert result.status == -number
    assert not stored(terminal.say).exists()
    assert echoes(terminal)
