"""Playing audio as it arrives: what is heard, what is recorded, and how it ends (contract, 2, 4 and 7)."""

from __future__ import annotations

import array
import math
import os
import shlex
import signal
import subprocess
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from tests.doubles.behaviours import Behaviour
from tests.doubles.fake_service import FakeService
from tests.doubles.loudspeaker import Loudspeaker
from tests.tools.limits import wait_until
from tests.tools.program import Result, Say
from tests.tools.terminal import Terminal


@pytest.fixture
def on_path(tmp_path: Path, loudspeaker: Loudspeaker) -> Callable[..., str]:
    """A PATH with these players, each of which is the loudspeaker."""

    def make(*names: str) -> str:
        (tmp_path / "bin").mkdir()
        for name in names:
            script = tmp_path / "bin" / name
            script.write_text(f'#!/bin/sh\necho "$@" > "$0.args"\nexec {loudspeaker.player}\n')
            script.chmod(0o755)
        (tmp_path / "bin/sh").symlink_to("/bin/sh")
        return str(tmp_path / "bin")

    return make


def only_error(result: Result) -> str:
    assert result.lines[0].startswith("lmnt-say: ")
    return result.lines[0]


def test_heard_as_it_comes(say: Say, loudspeaker: Loudspeaker) -> None:
    """All of the audio goes to the player, at once, and nowhere else."""
    running = say.start("-p", "--player", loudspeaker.player)
    running.type(b"One.\n\n")

    assert loudspeaker.performance().hear(6) == b"One.\n\n"
    running.type(b"Two.\n\n")
    assert loudspeaker.performance().hear(12) == b"One.\n\nTwo.\n\n"
    running.end_input()
    result = say.end(running)
    assert (result.status, result.stdout, result.stderr) == (0, b"", "")
    assert loudspeaker.performance().ended() == b"One.\n\nTwo.\n\n"
    assert loudspeaker.performances == 1


def test_a_terminal_plays(
    terminal: Terminal, loudspeaker: Loudspeaker, service: FakeService, on_path: Callable[..., str]
) -> None:
    """With a terminal on standard output, the first player found plays, in its preferred format."""
    path = on_path("ffplay", "mpv")
    running = terminal.start("Hello.", stdout=None, env={"PATH": path})

    assert terminal.end(running).status == 0
    assert loudspeaker.performance().ended() == b"Hello."
    assert "--demuxer-lavf-format=mp3" in Path(path, "mpv.args").read_text()
    init = service.session().init
    assert init  # set by the wait
    assert init["format"] == "mp3"
    assert terminal.screen == []


def test_no_player(say: Say, service: FakeService, on_path: Callable[..., str]) -> None:
    """Without any player: exit 2 with alternatives, before anything is connected."""
    result = say("-p", "Hello.", env={"PATH": on_path()})

    assert (result.status, len(result.lines)) == (2, 1)
    assert all(way in result.stderr for way in ("mpv", "-o FILE", "--player"))
    assert service.handshakes == []


def test_the_player_picks_the_format(
    say: Say, service: FakeService, loudspeaker: Loudspeaker, on_path: Callable[..., str]
) -> None:
    """aplay takes samples, so samples are requested, and it is told their format."""
    path = on_path("aplay")
    result = say("-p", "Hello.", env={"PATH": path})

    assert result.status == 0
    init = service.session().init
    assert init  # set by the wait
    assert init["format"] == "pcm_s16le"
    assert "-f S16_LE -r 24000 -c 1" in Path(path, "aplay.args").read_text()


def test_a_format_nobody_takes(
    say: Say, service: FakeService, tmp_path: Path, on_path: Callable[..., str]
) -> None:
    """A format that the player does not accept is exit 2, naming --format and another player."""
    result = say("-p", "-o", "story.mp3", "Hello.", env={"PATH": on_path("aplay")})

    assert (result.status, len(result.lines)) == (2, 1)
    assert all(way in result.stderr for way in ("mp3", "aplay", "--format", "--player"))
    assert (service.handshakes, list(tmp_path.glob("story*"))) == ([], [])


def test_a_player_that_ends(say: Say, loudspeaker: Loudspeaker) -> None:
    """Without a recording, a player that dies is exit 7 with its own message."""
    running = say.start("--player", loudspeaker.player)
    running.type(b"One.\n\n")
    loudspeaker.performance().hear(6)
    loudspeaker.performance().tell("f")

    result = say.end(running, limit=5)
    assert result.status == 7
    assert "failed with status 3: the loudspeaker is on fire" in only_error(result)


@pytest.mark.parametrize(("order", "quiet"), [("q", False), ("f", True)])
def test_the_recording_goes_on(
    say: Say, loudspeaker: Loudspeaker, tmp_path: Path, order: str, quiet: bool
) -> None:
    """With a recording, the end of a player is one notice, which -q silences."""
    running = say.start("-o", "story.mp3", "--player", loudspeaker.player, *(["-q"] if quiet else []))
    running.type(b"One.\n\n")
    loudspeaker.performance().hear(6)
    loudspeaker.performance().tell(order)
    loudspeaker.performance().ended()
    if not quiet:
        running.read_errors("the recording continues")
    running.type(b"Two.\n\n")
    running.end_input()

    result = say.end(running)
    assert (result.status, len(result.lines)) == (0, 0 if quiet else 1)
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


def test_played_and_piped(say: Say, loudspeaker: Loudspeaker) -> None:
    """With --play, `-o -` is standard output."""
    result = say("-o", "-", "-p", "--player", loudspeaker.player, stdin=b"One.\n\nTwo.")

    assert (result.status, result.stdout) == (0, b"One.\n\nTwo.")
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


def test_interrupted_while_the_rest_is_heard(say: Say, loudspeaker: Loudspeaker, tmp_path: Path) -> None:
    """A completed recording stays complete, however the playback ends."""
    running = say.start("-o", "story.mp3", "--player", loudspeaker.player)
    loudspeaker.performance().tell("d")
    running.feed(b"Words.")
    wait_until((tmp_path / "story.mp3").exists, "complete recording")

    result = running.stop_with(signal.SIGINT, limit=3)
    assert (result.status, result.stderr) == (-signal.SIGINT, "")
    assert [path.name for path in tmp_path.glob("story*")] == ["story.mp3"]


def test_sigkill(say: Say, loudspeaker: Loudspeaker) -> None:
    """Even after SIGKILL, no player is left waiting for audio."""
    running = say.start("--player", loudspeaker.player)
    running.type(b"One.\n\n")
    loudspeaker.performance().hear(6)

    running.process.kill()
    assert loudspeaker.performance().ended() == b"One.\n\n"


def states_of_children(pid: int) -> str:
    """Return the states of a process's children, one letter each."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return "".join(Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2][0] for child in children)


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="reads the states of processes from /proc")
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


def test_stopped_and_continued(say: Say, loudspeaker: Loudspeaker) -> None:
    """Ctrl-Z stops the player too, and it continues with us."""
    running = say.start("--player", loudspeaker.player)
    running.type(b"One.\n\n")
    loudspeaker.performance().hear(6)

    running.signal(signal.SIGTSTP)
    os.waitid(os.P_PID, running.pid, os.WSTOPPED | os.WNOWAIT)
    wait_until(lambda: states_of_children(running.pid) == "T", "stopped player")
    running.signal(signal.SIGCONT)
    running.type(b"Two.\n\n")
    assert loudspeaker.performance().hear(12) == b"One.\n\nTwo.\n\n"
    running.end_input()
    assert say.end(running).status == 0


def minutes(text: str) -> bytes:
    """Audio that lasts a while: the text repeated."""
    return text.encode() * 20_000


def test_dropped_from_outside(say: Say, service: FakeService, loudspeaker: Loudspeaker) -> None:
    """SIGUSR2 drops what was sent; later text is spoken by a new player, and the run is exit 0."""
    service.does(Behaviour(audio=minutes, waits={"flush_complete"}))
    running = say.start("--player", loudspeaker.player, "--verbose")
    running.type(b"One.\n\n")
    loudspeaker.performance().hear(1)

    running.signal(signal.SIGUSR2)
    loudspeaker.performance(1)
    loudspeaker.performance().ended()
    service.let("flush_complete", 2)
    running.type(b"Two.\n\n")
    running.end_input()
    result = say.end(running)
    assert result.status == 0
    assert "dropped 6 B" in result.stderr
    assert loudspeaker.performance(1).ended() == minutes("Two.\n\n")


def test_dropped_while_only_the_player_speaks(
    say: Say, service: FakeService, loudspeaker: Loudspeaker
) -> None:
    """Playing takes longer than synthesis: text confirmed long ago is silenced too."""
    service.does(Behaviour(audio=minutes))
    running = say.start("--player", loudspeaker.player)
    running.type(b"One.\n\n")
    loudspeaker.performance().hear(1)
    loudspeaker.performance().tell("d")
    service.session().wait_audio(20_000 * 6)

    running.signal(signal.SIGUSR2)
    loudspeaker.performance(1)
    running.type(b"Two.\n\n")
    running.end_input()
    assert say.end(running).status == 0
    assert loudspeaker.performance(1).ended() == minutes("Two.\n\n")


def test_the_status_line_says_playing(
    terminal: Terminal, service: FakeService, loudspeaker: Loudspeaker
) -> None:
    """While everything is spoken and not everything played, the line says so."""
    service.does(Behaviour(audio=minutes))
    terminal.resize(132)
    loud = terminal.start("Hello.", "--player", loudspeaker.player, stdout=None)
    loudspeaker.performance().tell("d")
    terminal.read_until("playing")
    loud.signal(signal.SIGINT)

    assert terminal.end(loud).status == -signal.SIGINT
    assert terminal.screen == []


def tone(seconds: float, rate: int) -> array.array[int]:
    """A tone of 500 Hz at half of full scale."""
    return array.array(
        "h", (round(16384 * math.sin(2 * math.pi * 500 * n / rate)) for n in range(round(seconds * rate)))
    )


@cache
def encoded(audio_format: str, rate: int) -> bytes:
    """Half a second of tone in a format of the service; needs ffmpeg unless that is plain samples."""
    samples = tone(0.5, rate)
    if audio_format in ("pcm_s16le", "wav"):
        return samples.tobytes()
    if audio_format == "pcm_f32le":
        return array.array("f", (sample / 32768 for sample in samples)).tobytes()
    output = {
        "mp3": ["-b:a", "96k", "-f", "mp3"],
        "ulaw": ["-f", "mulaw"],
        "webm": ["-c:a", "libopus", "-f", "webm"],
    }
    command = ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-"]
    return subprocess.run(
        [*command, *output[audio_format], "-"], input=samples.tobytes(), capture_output=True, check=True
    ).stdout


def heard_tone(samples: array.array[int], rate: int) -> tuple[float, float]:
    """Return how many seconds are loud, and their pitch in Hz."""
    loud = [number for number, sample in enumerate(samples) if abs(sample) > 500]
    if not loud:
        return 0.0, 0.0
    crossings = sum(1 for one, two in pairwise(samples[loud[0] : loud[-1]]) if one < 0 <= two)
    seconds = (loud[-1] - loud[0]) / rate
    return seconds, crossings / seconds


def mpv_plays_the_tone(say: Say, tmp_path: Path, configuration: str, audio_format: str, rate: int) -> None:
    """Play the service's half second of tone with mpv, configured by this option: all of it, at its pitch."""
    file = tmp_path / "heard"
    player = (
        f"mpv {configuration} --ao=pcm --ao-pcm-waveheader=no --ao-pcm-file={file} "
        "--audio-format=s16 --audio-channels=mono --audio-samplerate=24000"
    )
    result = say("--format", audio_format, "--sample-rate", str(rate), "--player", player, "Tone.")

    assert (result.status, result.stderr) == (0, "")
    seconds, pitch = heard_tone(array.array("h", file.read_bytes()), 24000)
    assert 0.4 < seconds < 0.6
    assert 480 < pitch < 520


@pytest.mark.parametrize(
    ("audio_format", "rate"), [("wav", 24000), ("pcm_f32le", 24000), ("ulaw", 8000), ("webm", 24000)]
)
def test_real_mpv(
    say: Say, service: FakeService, tmp_path: Path, needs: Callable[[str], str], audio_format: str, rate: int
) -> None:
    """mpv plays every format correctly: half a second of tone, at its pitch.

    The others are shown by test_the_users_mpv_conf.
    """
    needs("mpv")
    needs("ffmpeg")
    audio = encoded(audio_format, rate)
    service.does(Behaviour(audio=lambda _: audio))

    mpv_plays_the_tone(say, tmp_path, "--no-config", audio_format, rate)


@pytest.mark.parametrize(("audio_format", "rate"), [("mp3", 24000), ("ulaw", 8000)])
def test_real_ffplay(
    say: Say, service: FakeService, tmp_path: Path, needs: Callable[[str], str], audio_format: str, rate: int
) -> None:
    """ffplay does too."""
    needs("ffplay")
    needs("ffmpeg")
    audio = encoded(audio_format, rate)
    service.does(Behaviour(audio=lambda _: audio))
    result = say(
        *("--format", audio_format, "--sample-rate", str(rate), "--player", "ffplay", "Tone."),
        env={"SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": f"{tmp_path}/heard"},
    )

    assert (result.status, result.stderr) == (0, "")
    data = (tmp_path / "heard").read_bytes()
    played = 48000 if audio_format == "webm" else rate
    seconds, pitch = heard_tone(array.array("h", data[: len(data) // 2 * 2]), played)
    assert 0.35 < seconds < 0.6
    assert 480 < pitch < 520


def test_no_gap_between_utterances(
    say: Say, service: FakeService, tmp_path: Path, needs: Callable[[str], str]
) -> None:
    """Many utterances are one stream to the player, without a gap between them."""
    needs("ffplay")
    audio = tone(0.2, 24000).tobytes()
    service.does(Behaviour(audio=lambda _: audio))
    result = say(
        *("--format", "wav", "--player", "ffplay"),
        stdin=b"Tone.\n\n" * 8,
        env={"SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": f"{tmp_path}/heard"},
    )

    assert result.status == 0
    data = (tmp_path / "heard").read_bytes()
    samples = array.array("h", data[: len(data) // 2 * 2])
    loud = [number for number, sample in enumerate(samples) if abs(sample) > 500]
    assert max(two - one for one, two in pairwise(loud)) < 24000 * 0.01
    assert 1.4 < (loud[-1] - loud[0]) / 24000 < 1.7


@pytest.mark.parametrize(
    ("player", "words"),
    [("mpv --no-config --ao=no-such-output", "no sound"), ("ffplay", "audio open failed")],
)
def test_real_players_without_sound(
    say: Say, service: FakeService, needs: Callable[[str], str], player: str, words: str
) -> None:
    """Without a sound device the player's reason is reported, though ffplay exits with 0."""
    needs(player.split()[0])
    needs("ffmpeg")
    audio = encoded("mp3", 24000)
    service.does(Behaviour(audio=lambda _: audio))
    nowhere = {"SDL_AUDIODRIVER": "disk", "SDL_DISKAUDIOFILE": "/nowhere/to/write"}
    result = say("--player", player, "Tone.", env=nowhere)

    assert result.status == 7
    assert words in only_error(result)


def test_quitting_real_mpv(say: Say, service: FakeService, needs: Callable[[str], str]) -> None:
    """Quitting mpv before the end ends the run: exit 7, saying so."""
    needs("mpv")
    service.does(Behaviour(audio=lambda _: bytes(48_000 * 20)))
    player = "mpv --no-config --ao=null --length=0.3"
    result = say("--format", "pcm_s16le", "--player", player, "Silence.")

    assert result.status == 7
    assert "mpv was quit" in only_error(result)


def test_what_a_dead_player_had_begun(say: Say, service: FakeService, loudspeaker: Loudspeaker) -> None:
    """Audio that a dead player had only read was not heard: its text is saved with the rest."""
    service.does(
        Behaviour(audio=lambda _: bytes(480_000))
    )  # ten seconds, of which the player takes half of one
    player = shlex.join(["sh", "-c", "head -c 500000 >/dev/null; sleep 0.5; exit 3"])
    text = b"".join(b"word%d\n\n" % number for number in range(8))
    result = say("-p", "--format", "pcm_s16le", "--player", player, stdin=text)

    assert result.status == 7
    saved = Path(shlex.split(result.stderr[result.stderr.index("lmnt-say", 9) :])[-1])
    assert saved.read_text().split() == text.decode().split()


TROUBLESOME = """
pause=yes
loop-playlist=inf
loop-file=inf
merge-files=yes
start=0.3
end=0.2
length=0.1
ab-loop-a=0
ab-loop-b=0.2
frames=1
aid=no
keep-open=always
idle=yes
lavfi-complex=[aid1]atempo=2[ao]
demuxer-lavf-o=skip_initial_bytes=2000
"""


@pytest.mark.parametrize(("audio_format", "rate"), [("mp3", 24000), ("pcm_s16le", 16000)])
def test_the_users_mpv_conf(
    say: Say, service: FakeService, tmp_path: Path, needs: Callable[[str], str], audio_format: str, rate: int
) -> None:
    """Settings in a user's mpv.conf neither stop, repeat nor cut the speech."""
    needs("mpv")
    needs("ffmpeg")
    audio = encoded(audio_format, rate)
    service.does(Behaviour(audio=lambda _: audio))
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/mpv.conf").write_text(TROUBLESOME)

    mpv_plays_the_tone(say, tmp_path, f"--config-dir={tmp_path}/conf", audio_format, rate)


def test_a_player_at_home(say: Say, loudspeaker: Loudspeaker, tmp_path: Path) -> None:
    """`--player ~/bin/p` is in the home directory; a file that is not executable is refused as such."""
    script = tmp_path / "bin/p"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\nexec {loudspeaker.player}\n")
    refused = say("--player", "~/bin/p", "Hello.", env={"HOME": str(tmp_path)})
    script.chmod(0o755)
    played = say("--player", "~/bin/p", "Hello.", env={"HOME": str(tmp_path)})

    assert (refused.status, len(refused.lines)) == (2, 1)
    assert "cannot be executed" in refused.stderr
    assert (played.status, played.stderr) == (0, "")
    assert loudspeaker.performance().ended() == b"Hello."
