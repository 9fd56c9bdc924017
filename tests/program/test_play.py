"""Playing audio as it arrives: what is heard, what is recorded, and how it ends (contract, 2, 4 and 7)."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.doubles.behaviours import Behaviour
from tests.doubles.fake_service import FakeService
from tests.doubles.loudspeaker import Loudspeaker
from tests.tools.limits import wait_until
from tests.tools.program import Result, Say
from tests.tools.real_players import encoded, ffplay_into, heard_tone, mpv_into, samples_in, tone
from tests.tools.terminal import Terminal


def only_error(result: Result) -> str:
    assert result.lines[0].startswith("lmnt-say: ")
    return result.lines[0]


def states_of_children(pid: int) -> str:
    """Return the states of a process's children, one letter each."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return "".join(Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2][0] for child in children)


def test_heard_as_it_comes(say: Say, loudspeaker: Loudspeaker) -> None:
    """All of the audio goes to the player, at once, and nowhere else.

    Ctrl-Z stops the player too, and it continues with us.
    """
    running = say.start("-p", "--player", loudspeaker.player)
    running.type(b"One.\n\n")
    assert loudspeaker.performance().hear(6) == b"One.\n\n"

    running.signal(signal.SIGTSTP)
    os.waitid(os.P_PID, running.pid, os.WSTOPPED | os.WNOWAIT)
    if os.path.exists("/proc/self/task"):
        wait_until(lambda: states_of_children(running.pid) == "T", "stopped player")
    running.signal(signal.SIGCONT)

    running.type(b"Two.\n\n")
    assert loudspeaker.performance().hear(12) == b"One.\n\nTwo.\n\n"
    running.end_input()
    result = say.end(running)
    assert (result.status, result.stdout, result.stderr) == (0, b"", "")
    assert loudspeaker.performance().ended() == b"One.\n\nTwo.\n\n"
    assert loudspeaker.performances == 1


def test_a_terminal_plays(
    terminal: Terminal, loudspeaker: Loudspeaker, service: FakeService, tmp_path: Path
) -> None:
    """With a terminal on standard output, a player that is found plays, in its preferred format.

    Which one that is, and what it is told, is tested in tests/core/audio/test_player_options.py.
    """
    path = tmp_path / "bin"
    path.mkdir()
    aplay = path / "aplay"
    aplay.write_text(f'#!/bin/sh\necho "$@" > "$0.args"\nexec {loudspeaker.player}\n')
    aplay.chmod(0o755)
    (path / "sh").symlink_to("/bin/sh")
    running = terminal.start("Hello.", stdout=None, env={"PATH": str(path)})

    assert terminal.end(running).status == 0
    assert loudspeaker.performance().ended() == b"Hello."
    assert "-f S16_LE -r 24000 -c 1" in (path / "aplay.args").read_text()
    init = service.session().init
    assert init  # set by the wait
    assert init["format"] == "pcm_s16le"
    assert terminal.screen == []


def test_the_recording_goes_on(say: Say, loudspeaker: Loudspeaker, tmp_path: Path) -> None:
    """With a recording, the end of a player is one notice."""
    running = say.start("-o", "story.mp3", "--player", loudspeaker.player)
    running.type(b"One.\n\n")
    loudspeaker.performance().hear(6)
    loudspeaker.performance().tell("q")
    loudspeaker.performance().ended()
    running.read_errors("the recording continues")
    running.type(b"Two.\n\n")
    running.end_input()

    result = say.end(running)
    assert (result.status, len(result.lines)) == (0, 1)
    assert (tmp_path / "story.mp3").read_bytes() == b"One.\n\nTwo.\n\n"


def test_played_and_recorded(say: Say, loudspeaker: Loudspeaker, tmp_path: Path) -> None:
    """With -o both get everything; the recording is complete before all is played.

    The program ends when everything is played, not when everything is received.
    """
    running = say.start("-o", "story.mp3", "-p", "--player", loudspeaker.player, "--no-part")
    loudspeaker.performance().tell("d")
    text = b"Many words. " * 50_000
    running.feed(text)

    file = tmp_path / "story.mp3"
    wait_until(lambda: file.exists() and file.stat().st_size == len(text), "complete recording")
    with pytest.raises(subprocess.TimeoutExpired):
        running.process.wait(0.7)
    loudspeaker.performance().tell("h")
    result = say.end(running)
    assert (result.status, result.stdout, result.stderr) == (0, b"", "")
    assert (tmp_path / "story.mp3").read_bytes() == text
    assert loudspeaker.performance().ended() == text


def test_played_and_piped(say: Say, loudspeaker: Loudspeaker, tmp_path: Path) -> None:
    """With --play, `-o -` is standard output; the player `~/bin/p` is in the home directory."""
    script = tmp_path / "bin/p"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\nexec {loudspeaker.player}\n")
    script.chmod(0o755)
    home = {"HOME": str(tmp_path)}
    result = say("-o", "-", "-p", "--player", "~/bin/p", stdin=b"One.\n\nTwo.", env=home)

    assert (result.status, result.stdout, result.stderr) == (0, b"One.\n\nTwo.", "")
    assert loudspeaker.performance().ended() == b"One.\n\nTwo."


def test_a_lost_connection_is_heard_as_it_is_recorded(
    say: Say, service: FakeService, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    """A player fed from the recording repeats no word, just as the recording does not."""
    service.does("drops the line mid-word", "speaks")
    running = say.start("-o", "story.mp3", "--player", loudspeaker.player)
    running.feed(b"One and two.\n\nThree.")

    assert say.end(running).status == 0
    assert (tmp_path / "story.mp3").read_bytes() == b"One and two.\n\nThree."
    assert loudspeaker.performance().ended().endswith(b"One and two.\n\nThree.")


def test_a_signal_ends_the_player(say: Say, service: FakeService, loudspeaker: Loudspeaker) -> None:
    """Even if the player is not reading, a signal ends the program and the player within a second."""
    running = say.start("--player", loudspeaker.player)
    loudspeaker.performance().tell("d")
    running.type(b"Many words. " * 5_000 + b"\n\n")
    service.session().wait_audio(60_000)

    result = running.stop_with(signal.SIGTERM, limit=3)
    assert result.status == -signal.SIGTERM
    assert result.elapsed < 1
    loudspeaker.performance().ended()


def test_sigkill(say: Say, loudspeaker: Loudspeaker) -> None:
    """Even after SIGKILL, no player is left waiting for audio."""
    running = say.start("--player", loudspeaker.player)
    running.type(b"One.\n\n")
    loudspeaker.performance().hear(6)

    running.process.kill()
    assert loudspeaker.performance().ended() == b"One.\n\n"


def test_a_player_that_dies_at_the_end(say: Say, loudspeaker: Loudspeaker, tmp_path: Path) -> None:
    """A player that dies while the rest is heard is a notice, which says that the recording is complete."""
    running = say.start("-o", "story.mp3", "--player", loudspeaker.player)
    loudspeaker.performance().tell("d")
    running.feed(b"Words.")
    wait_until((tmp_path / "story.mp3").exists, "complete recording")
    loudspeaker.performance().tell("f")

    result = say.end(running)
    assert result.status == 0
    assert only_error(result).endswith("; the recording is complete")


def minutes(text: str) -> bytes:
    """Audio that lasts a while: the text repeated."""
    return text.encode() * 20_000


def test_dropped_from_outside(say: Say, service: FakeService, loudspeaker: Loudspeaker) -> None:
    """SIGUSR2 drops what was sent; later text is spoken by a new player, and the run is exit 0.

    Playing takes longer than synthesis: text confirmed long ago is silenced too.
    """
    service.does(Behaviour(audio=minutes, waits={"flush_complete"}))
    running = say.start("--player", loudspeaker.player, "--debug", "--verbose")
    running.type(b"One.\n\n")
    loudspeaker.performance().hear(1)

    running.signal(signal.SIGUSR2)
    second = loudspeaker.performance(1)
    loudspeaker.performance().ended()
    service.let("flush_complete", 3)
    running.type(b"Two.\n\n")
    second.hear(1)
    second.tell("d")
    running.read_errors("< FlushComplete(nonce=3)")

    running.signal(signal.SIGUSR2)
    third = loudspeaker.performance(2)
    second.ended()
    running.type(b"Three.\n\n")
    running.end_input()
    result = say.end(running)
    assert result.status == 0
    assert "dropped 6 B" in result.stderr
    assert third.ended() == minutes("Three.\n\n")


def test_interrupted_while_the_rest_is_heard(
    terminal: Terminal, service: FakeService, loudspeaker: Loudspeaker
) -> None:
    """While everything is spoken and not everything played, the line says so.

    A completed recording stays complete, however the playback ends.
    """
    service.does(Behaviour(audio=minutes))
    terminal.resize(132)
    loud = terminal.start("Hello.", "-o", "story.mp3", "--player", loudspeaker.player, stdout=None)
    loudspeaker.performance().tell("d")
    terminal.read_until("playing")
    wait_until((terminal.say.directory / "story.mp3").exists, "complete recording")
    loud.signal(signal.SIGINT)

    assert terminal.end(loud, limit=3).status == -signal.SIGINT
    assert terminal.screen == []
    assert [path.name for path in terminal.say.directory.glob("story*")] == ["story.mp3"]
    assert (terminal.say.directory / "story.mp3").read_bytes() == minutes("Hello.")


def test_real_mpv(say: Say, service: FakeService, tmp_path: Path, needs: Callable[[str], str]) -> None:
    """mpv plays half a second of tone, at its pitch: nothing in a user's mpv.conf stops, repeats or cuts it.

    The other formats, and ffplay, are tested in tests/io/audio/test_real_players.py.
    """
    needs("mpv")
    needs("ffmpeg")
    service.does(Behaviour(audio=lambda _: encoded("mp3", 24000)))

    result = say("--player", mpv_into(tmp_path / "heard"), "Tone.")

    assert (result.status, result.stderr) == (0, "")
    seconds, pitch = heard_tone(tmp_path / "heard", 24000)
    assert 0.4 < seconds < 0.6
    assert 480 < pitch < 520


def test_no_gap_between_utterances(
    say: Say, service: FakeService, tmp_path: Path, needs: Callable[[str], str]
) -> None:
    """Many utterances are one stream to ffplay, without a gap between them."""
    needs("ffplay")
    audio = tone(0.2, 24000).tobytes()
    service.does(Behaviour(audio=lambda _: audio))
    result = say(
        *("--format", "wav", "--player", "ffplay"),
        stdin=b"Tone.\n\n" * 8,
        env=dict(ffplay_into(tmp_path / "heard")),
    )

    assert (result.status, result.stderr) == (0, "")
    samples = samples_in(tmp_path / "heard")
    loud = [number for number, sample in enumerate(samples) if abs(sample) > 500]
    assert max(two - one for one, two in pairwise(loud)) < 24000 * 0.01
    assert 1.4 < (loud[-1] - loud[0]) / 24000 < 1.7


def test_ffplay_without_sound(say: Say, service: FakeService, needs: Callable[[str], str]) -> None:
    """Without a sound device ffplay's reason is reported, though it exits with 0."""
    needs("ffplay")
    service.does(Behaviour(audio=lambda _: tone(0.2, 24000).tobytes()))
    nowhere = ffplay_into(Path("/nowhere/to/write"))
    result = say("--format", "pcm_s16le", "--player", "ffplay", "Tone.", env=dict(nowhere))

    assert result.status == 7
    assert "audio open failed" in only_error(result)


def test_quitting_real_mpv(say: Say, service: FakeService, needs: Callable[[str], str]) -> None:
    """Quitting mpv before the end ends the run: exit 7, saying so."""
    needs("mpv")
    service.does(Behaviour(audio=lambda _: bytes(48_000 * 20)))
    player = "mpv --no-config --ao=null --length=0.3"
    result = say("--format", "pcm_s16le", "--player", player, "Silence.")

    assert result.status == 7
    assert "mpv was quit" in only_error(result)


def test_what_a_dead_player_had_begun(say: Say, service: FakeService) -> None:
    """Without a recording, a player that dies is exit 7 with its own message.

    Audio that it had only read was not heard: its text is saved with the rest.
    """
    # Ten seconds, of which the player takes half of one.
    service.does(Behaviour(audio=lambda _: bytes(480_000)))
    script = "head -c 500000 >/dev/null; sleep 0.5; echo it is on fire >&2; exit 3"
    text = b"".join(b"word%d\n\n" % number for number in range(8))
    running = say.start("-p", "--format", "pcm_s16le", "--player", shlex.join(["sh", "-c", script]))
    running.type(text)

    result = say.end(running, limit=5)
    assert result.status == 7
    assert "failed with status 3: it is on fire" in only_error(result)
    saved = Path(shlex.split(result.stderr[result.stderr.index("lmnt-say", 9) :])[-1])
    assert saved.read_text().split() == text.decode().split()
