"""An unfinished recording is completed by the command that the failed run prints (contract, section 4)."""

from __future__ import annotations

import json
import os
import shlex
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import srt
import webvtt

from tests.doubles.behaviours import Behaviour, HangsUp
from tests.doubles.fake_service import FakeService
from tests.doubles.loudspeaker import Loudspeaker
from tests.proof.tape import SILENT_FRAME
from tests.tools.limits import LIMIT, wait_until
from tests.tools.program import Result, Say


TEXT = b"One two.\n\nThree four.\n\nFive six.\n\nSeven."
AWKWARD = '-dash it\'s "so"\na\tb $HOME `x` \\ !.wav'


def command_of(result: Result) -> str:
    """Return the command that a failed run prints, at the end of its line."""
    (line,) = [line for line in result.lines if "lmnt-say -" in line]
    return line[line.index("lmnt-say -", len("lmnt-say: ")) :]


def paste(say: Say, command: str, shell: str = "bash") -> Result:
    """Paste a command into a shell that has the program on its PATH, in the directory of the run."""
    programs = say.directory / "programs"
    programs.mkdir(exist_ok=True)
    program = programs / "lmnt-say"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m lmnt_cli "$@"\n')
    program.chmod(0o755)
    run = subprocess.run(
        [shell, "-c", command],
        cwd=say.directory,
        env={**say.environment, "PATH": f"{programs}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    result = Result([command], run.returncode, run.stdout, run.stderr.decode(), 0.0)
    say.results.append(result)
    return result


def saved_texts(say: Say) -> list[Path]:
    return [path for path in Path(say.environment["XDG_STATE_HOME"]).rglob("*") if path.is_file()]


def audio_of(path: Path, extension: str | None = None) -> bytes:
    """Return the audio of a recording, after checking its header."""
    content = path.read_bytes()
    if (extension or path.suffix) in (".wav", ".ulaw"):
        assert struct.unpack_from("<I", content, 4) == (len(content) - 8,)
        assert struct.unpack_from("<I", content, 40) == (len(content) - 44,)
        return content[44:]
    return content


def test_interrupted(say: Say, service: FakeService, tmp_path: Path) -> None:
    """It works after Ctrl-C, with the text typed since.

    Until then the audio received is in the part, which is named and has its real sizes, and an old file is
    unchanged.
    """
    (tmp_path / "story.wav").write_bytes(b"old")
    running = say.start("-o", "story.wav")
    running.type(b"One two.\n\n")
    service.session().wait_audio(10)
    running.type(b"Three four.\n\nFive")
    running.wait_taken()
    service.session().wait_text("One two.\n\nThree four.\n\nFive")
    service.session().wait_audio(23)
    first = running.stop_with(signal.SIGINT)
    say.results.append(first)
    assert (first.status, first.elapsed < 1) == (-signal.SIGINT, True)
    assert (tmp_path / "story.wav").read_bytes() == b"old"
    assert "story.wav.part" in first.stderr
    assert audio_of(tmp_path / "story.wav.part", ".wav").split() == b"One two. Three four.".split()

    second = paste(say, command_of(first))

    assert second.status == 0
    assert audio_of(tmp_path / "story.wav").split() == b"One two. Three four. Five".split()


def test_full_disk(say: Say, service: FakeService, tmp_path: Path) -> None:
    """It works after a full disk, once there is room again: whole samples of four bytes were kept."""
    service.does(Behaviour(audio=lambda text: text.encode().rjust(300)))
    limited = ("bash", "-c", 'ulimit -f 1; exec "$@"', "bash")  # a file of 1024 bytes
    first = say("-o", "story.f32", stdin=TEXT, under=limited)
    assert first.status == 7
    assert "File too large" in first.lines[0]

    second = paste(say, command_of(first))

    assert (second.status, second.stderr) == (0, "")
    assert (tmp_path / "story.f32").read_bytes().split() == TEXT.split()


def test_again_and_again(say: Say, service: FakeService, needs: Callable[[str], str]) -> None:
    """However often it fails, and whatever its name, each paste continues where the last one ended.

    A run that is refused leaves recording, text and command unchanged; one cut off costs no audio. Any shell
    that people type in will do.
    """
    zsh = needs("zsh")
    part = say.directory / f"{AWKWARD}.part"
    last = (HangsUp(1011, at=1), "speaks")
    service.does(HangsUp(1011, at=2), "refuses the key", HangsUp(None, at=1), HangsUp(1011, at=2), *last)
    first = say(f"--output={AWKWARD}", "--retry", "0", stdin=TEXT)
    command, kept = command_of(first), part.read_bytes()
    assert first.status == 6
    assert audio_of(part, ".wav").strip() == b"One two."

    assert paste(say, command).status == 3
    assert part.read_bytes() == kept
    for shell in (zsh, "bash"):
        result = paste(say, command, shell)
        assert result.status == 6
        # If nothing more was confirmed, no text is saved, and the same command is valid again.
        command = command_of(result) if "lmnt-say -" in result.stderr else command

    assert paste(say, command.replace("--retry 0", "--retry 1"), zsh).status == 0
    assert len(service.handshakes) == 6
    assert audio_of(say.directory / AWKWARD).split() == TEXT.split()


def test_nothing_confirmed(say: Say, service: FakeService, tmp_path: Path) -> None:
    """If nothing was confirmed, nothing is appended to: the recording starts afresh."""
    service.does(HangsUp(1011, at=1), "speaks")
    first = say("-o", "story.mp3", "--retry", "0", stdin=TEXT)
    assert (tmp_path / "story.mp3.part").read_bytes() == b"One t"  # there is no other audio to keep
    command = command_of(first)
    assert command.startswith("lmnt-say -o story.mp3 ")

    assert paste(say, command.replace("lmnt-say ", "lmnt-say -c ")).status == 0

    assert (tmp_path / "story.mp3").read_bytes().split() == TEXT.split()


def test_other_text(say: Say, tmp_path: Path) -> None:
    """Any other text is appended after the last whole sample."""
    (tmp_path / "story.pcm").write_bytes(b"One two.X")

    assert say("-c", "-o", "story.pcm", "--no-part", stdin=b"Three.").status == 0

    assert (tmp_path / "story.pcm").read_bytes() == b"One two.Three."


def test_nothing_to_append_to(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Without a recording of that format: exit 2 in one line, and nothing is connected or created.

    What counts as one is tested in tests/io/audio/test_appending.py.
    """
    (tmp_path / "story.wav.part").write_bytes(b"something else")

    result = say("-c", "-o", "story.wav", stdin=TEXT)

    assert (result.status, len(result.lines), service.handshakes) == (2, 1, [])
    assert [path.name for path in tmp_path.iterdir()] == ["story.wav.part"]


SUBTITLES = ("story.srt", "story.vtt", "story.jsonl")
NAMED = tuple(word for name in SUBTITLES for word in ("--subtitles", name))
# The audio of a letter, of which all take the same time.
LETTER = {"mp3": SILENT_FRAME, "wav": bytes(480), "ulaw": bytes(80)}


def lasting(behaviour: Behaviour, extension: str) -> Behaviour:
    """The behaviour, with audio that takes as long as it would to say it."""
    behaviour.audio = lambda text: LETTER[extension] * len(text)
    return behaviour


def assert_shown(directory: Path, text: bytes) -> None:
    """Each file of subtitles holds the words of the text once, in order; its numbers and times go on."""
    expected = text.decode().split()
    lines = [json.loads(line) for line in (directory / "story.jsonl").read_text().splitlines()]
    assert [line["text"] for line in lines] == expected
    utterances = [utterance for utterance, part in enumerate(text.split(b"\n\n"), 1) for _ in part.split()]
    assert [line["utterance"] for line in lines] == utterances
    cues = list(srt.parse((directory / "story.srt").read_text()))
    assert " ".join(cue.content for cue in cues).split() == expected
    assert [cue.index for cue in cues] == list(range(1, len(cues) + 1))
    captions = webvtt.read(str(directory / "story.vtt")).captions
    assert " ".join(caption.text for caption in captions).split() == expected
    for edges in (
        [edge for line in lines for edge in (line["start"], line["end"])],
        [edge.total_seconds() for cue in cues for edge in (cue.start, cue.end)],
        [edge for caption in captions for edge in (caption.start_in_seconds, caption.end_in_seconds)],
    ):
        assert edges == sorted(edges)
    assert list(directory.glob("*.part")) == []


def test_asked_for_later(say: Say, service: FakeService, tmp_path: Path, loudspeaker: Loudspeaker) -> None:
    """A player and subtitles named for the first time begin where the recording is continued.

    The player gets a header that does not mention the old length.
    """
    service.does(lasting(HangsUp(1011, at=3), "wav"), lasting(Behaviour(), "wav"))
    first = say("--retry", "0", "-o", "story.wav", stdin=TEXT)
    more = f"--subtitles story.srt -p --player {shlex.quote(loudspeaker.player)}"

    assert paste(say, command_of(first).replace(" -f ", f" {more} -f ")).status == 0

    rest = LETTER["wav"] * len("Five six.\n\nSeven.")
    heard = loudspeaker.performance().ended()
    assert heard[:4] + heard[40:] == b"RIFF" + struct.pack("<I", 0x7FFFF000) + rest
    cues = list(srt.parse((tmp_path / "story.srt").read_text()))
    assert " ".join(cue.content for cue in cues).split() == ["Five", "six.", "Seven."]
    assert cues[0].start.total_seconds() == pytest.approx(0.1 * len("One two.\n\nThree four.\n\n") / 10)


@pytest.mark.parametrize(
    ("extension", "more"), [("mp3", ()), ("ulaw", ("--no-part",))], ids=["part", "in place"]
)
def test_subtitles(
    say: Say, service: FakeService, tmp_path: Path, extension: str, more: tuple[str, ...]
) -> None:
    """One paste completes recording and subtitles: every word once, right times, nothing left over.

    What other runs had left was replaced by the first one, which appended to nothing.
    """
    service.does(lasting(HangsUp(1011, at=3), extension), lasting(Behaviour(), extension))
    name = f"story.{extension}"
    for each in (name, *SUBTITLES):
        (tmp_path / (each if more else f"{each}.part")).write_text("A letter.\n" * 999)
    first = say("--retry", "0", "-o", name, *more, *NAMED, stdin=TEXT)
    left = SUBTITLES if more else [f"{each}.part" for each in SUBTITLES]
    assert first.status == 6
    assert f"its subtitles are in {' and '.join(left)};" in first.stderr
    assert command_of(first).startswith(f"lmnt-say -c -o {name} ")

    second = paste(say, command_of(first))

    assert (second.status, second.stderr) == (0, "")
    assert audio_of(tmp_path / name) == LETTER[extension] * len(TEXT)
    assert_shown(tmp_path, TEXT)
    assert saved_texts(say) == []
    last = json.loads((tmp_path / "story.jsonl").read_text().splitlines()[-1])
    # The pause after each utterance is white space, which takes as long as any letter.
    seconds = len(TEXT) * (0.024 if extension == "mp3" else 0.01)
    assert last["end"] == pytest.approx(seconds, abs=0.001)


def test_subtitles_of_a_run_that_was_killed(say: Say, service: FakeService, tmp_path: Path) -> None:
    """What a run wrote that nobody can kill later is cut off again, in the recording and its subtitles.

    If a file of subtitles is something else, -c is exit 2 before connecting, and all is left as it is.
    """
    waiting = Behaviour(waits=["close"])
    service.does(*(lasting(each, "wav") for each in (HangsUp(1011, at=3), waiting, Behaviour())))
    first = say("--retry", "0", "-o", "story.wav", *NAMED, stdin=TEXT)
    command = shlex.split(command_of(first))[1:]
    whole, kept = lines_so_far(tmp_path), (tmp_path / "story.wav.part").read_bytes()

    captions = tmp_path / "story.vtt.part"
    captions.rename(tmp_path / "put aside")
    captions.write_text("A letter.\n")
    letter = say(*command)
    assert (letter.status, len(letter.lines), len(service.handshakes)) == (2, 1, 1)
    assert "could not continue story.vtt.part: it is not WebVTT" in letter.stderr
    assert captions.read_text() == "A letter.\n"
    assert (tmp_path / "story.wav.part").read_bytes() == kept
    (tmp_path / "put aside").rename(captions)

    killed = say.start(*command, "-f", "-")
    killed.type(b"\n\nEight.\n\n")
    wait_until(lambda: lines_so_far(tmp_path) >= whole + 2, "subtitles of the second run")
    assert killed.stop_with(signal.SIGKILL).status == -signal.SIGKILL

    assert say(*command).status == 0
    assert_shown(tmp_path, TEXT)


def lines_so_far(directory: Path) -> int:
    """The number of words so far, which are whole lines at any time."""
    lines = (directory / "story.jsonl.part").read_text()
    assert lines.endswith("\n")
    return lines.count("\n")
