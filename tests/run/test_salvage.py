"""After a failure audio is kept, and unspoken text saved and reported (contract, 5)."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

from tests.doubles.behaviours import Fails, HangsUp
from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import FakeService
from tests.tools.program import Result, Say


def saved(result: Result) -> Path:
    """Return the file named by the command in the message."""
    command = next(line for line in result.lines if "lmnt-say " in line and " -f " in line)
    return Path(shlex.split(command[command.index("lmnt-say ", 9) :])[-1])


def test_what_was_not_read_yet(say: Say, service: FakeService) -> None:
    """Text that can be read without waiting is saved too; an input that had not ended is mentioned."""
    service.does(HangsUp(1011, at=1))
    running = say.start("--on-drop", "fail")
    running.type(b"One.\n\n" + b"More. " * 1000)
    result = say.end(running)

    assert result.status == 6
    assert saved(result).read_text().split() == ["One."] + ["More."] * 1000
    assert "not ended" in result.stderr


def test_when_it_is_saved(say: Say, service: FakeService) -> None:
    """Text is saved on exit status 4, 6, 7 and 8, once some was sent: here 4.

    That error is permanent, and never retried, after audio neither.
    """
    service.does(Fails("payment_required_error", after_audio=True))
    result = say(stdin=b"One.\n\nTwo.")

    assert (result.status, len(service.handshakes)) == (4, 1)
    assert "".join(saved(result).read_text().split()) == "One.Two."


def test_a_refused_key(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Text that cannot be read again is saved whatever was refused.

    Text of `-f` is not: tests/program/test_retry.py::test_nobody_answers.
    """
    (tmp_path / "text").write_bytes(b"One.\n\nTwo.")
    service.does("refuses the key")

    result = say(stdin=tmp_path / "text")
    assert result.status == 3
    assert saved(result).read_bytes() == b"One.\n\nTwo."


def test_nothing_is_served(say: Say) -> None:
    """The same holds if no service answers: here on loopback, where the key may be sent in clear."""
    result = say("--retry", "0", stdin=b"One.", env={"LMNT_BASE_URL": "http://[::1]:9"})

    assert (result.status, "--insecure-http" in result.stderr) == (5, False)
    assert saved(result).read_bytes() == b"One."


def test_no_save(say: Say, service: FakeService, environment: dict[str, str]) -> None:
    """`--no-save` disables saving."""
    service.does(HangsUp(1011, at=1))
    result = say("--on-drop", "fail", "--no-save", stdin=b"One.\n\n")

    assert result.status == 6
    assert " -f " not in result.stderr
    assert not list(Path(environment["XDG_STATE_HOME"]).rglob("*.txt"))


def paste(say: Say, result: Result, url: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Paste the suggested command into a shell whose environment names another service."""
    command = result.stderr[result.stderr.rindex("lmnt-say -") :].strip()
    python = shlex.quote(sys.executable)
    script = f'lmnt-say() {{ {python} -m lmnt_cli "$@"; }}\n{command}\n'
    return subprocess.run(
        ["bash", "-c", script],
        env={**say.environment, "LMNT_BASE_URL": url, **environment},
        cwd=say.directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )


def test_the_command_asks_the_same_service(say: Say, service: FakeService, tmp_path: Path) -> None:
    """The pasted command uses the same service, key and options anywhere, and strips nothing twice."""
    (tmp_path / "the key").write_text(KEY)
    service.does(HangsUp(1011, at=1), "speaks")
    given = (
        *(
            "--base-url",
            service.url,
            "--insecure-http",
            "--api-key-file",
            "the key",
            "-v",
            "lily",
            "-l",
            "en",
        ),
        *("--sample-rate", "16000", "--flush-on", "newline", "--timeout", "20", "--retry", "0", "-q"),
        *("--strip", "markdown"),
    )
    first = say(
        *given, "-o", "a.wav", stdin=b"\\*One\\*.\n", env={"LMNT_API_KEY": "", "LMNT_VOICE": "morgan"}
    )
    second = paste(say, first, "http://127.0.0.1:9", LMNT_API_KEY="", LMNT_VOICE="morgan")

    assert first.status == 6
    assert (second.returncode, second.stderr) == (0, b"")
    one, two = service.sessions
    assert one.init == two.init
    assert (one.text, two.text) == ("*One*.\n", "*One*.\n")
    assert "--strip" not in first.stderr
    assert (tmp_path / "a.wav").read_bytes().startswith(b"RIFF")


def test_what_was_saved_can_be_spoken(say: Say, service: FakeService) -> None:
    """After a lost connection the unconfirmed text is saved, and the command printed that resumes with it.

    The file remains while --max-chars leaves a rest, and is removed once spoken: nothing is missing. Whatever
    the state directory is called, a shell finds the file by the printed name. Options set by the environment
    are left to it.
    """
    name = os.fsdecode("it's $HOME\nst\u200fx".encode() + b"\xff")
    variables = {"XDG_STATE_HOME": str(say.directory / name), "LMNT_VOICE": "morgan"}
    service.does(HangsUp(1011, at=2), "speaks")
    text = b"One.\n\nTwo.\n\nThree.\n"
    first = say("--on-drop", "fail", "-o", "a.mp3", stdin=text, env=variables)
    assert (first.status, len(first.lines)) == (6, 2)
    assert "-v" not in first.stderr.split()
    (file,) = (say.directory / name).rglob("*.txt")
    assert file.read_text().split() == ["Two.", "Three."]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert say("-f", file, "--max-chars", "4", env=variables).status == 0
    assert file.read_text().split() == ["Two.", "Three."]
    last = paste(say, first, service.url, **variables)
    assert (last.returncode, last.stderr) == (0, b"")
    assert not file.exists()
    assert (say.directory / "a.mp3").read_bytes().split() == [b"One.", b"Two.", b"Three."]
    assert {(session.init or {}).get("voice") for session in service.sessions} == {"morgan"}


def test_a_refused_voice_is_not_asked_for_again(say: Say, service: FakeService) -> None:
    """The rest is not spoken with an unknown voice, wherever that was set."""
    refusal = Fails("not_found_error", after_audio=True)
    service.does(refusal, refusal, "speaks", refusal)
    by_option = say("-v", "morgan", stdin=b"One.\n")
    assert by_option.status == 8
    assert {"-v", "morgan"} & set(shlex.split(by_option.stderr.partition("resume with: ")[2])) == set()

    variables = {"LMNT_VOICE": "morgan"}
    first = say(stdin=b"One.\n", env=variables)
    second = paste(say, first, service.url, **variables)

    assert (first.status, second.returncode) == (8, 0)
    assert (service.sessions[-1].init or {}).get("voice") == "lily"
    by_both = say("-v", "morgan", stdin=b"One.\n", env=variables)
    assert "-v lily" in by_both.stderr.partition("resume with: ")[2]
