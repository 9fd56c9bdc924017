"""Audio is written to standard output, a file or a device, byte for byte (contract, section 4)."""

from __future__ import annotations

import io
import os
import signal
import socket
import stat
import struct
import threading
import wave
from pathlib import Path

import pytest

from tests.doubles.behaviours import Behaviour, Fails, HangsUp
from tests.doubles.fake_service import FakeService
from tests.doubles.fake_session import RIFF_HEADER
from tests.tools.program import Result, Say


# The double's header as written when the length is not known.
PIPED_HEADER = RIFF_HEADER[:4] + struct.pack("<I", 0x7FFFF000 + 36) + RIFF_HEADER[8:40] + b"\0\xf0\xff\x7f"
PLENTY = bytes(range(256)) * 80_000  # 20 MB: more than the buffer of any pipe or socket


def head_of(wav: bytes) -> tuple[int, int]:
    """Check channels, rate and width; return the lengths in the header for the file and for its data."""
    riff, size, kind, fmt, length, tag, channels, rate, _, _, bits, data, count = struct.unpack(
        "<4sI4s4sIHHIIHH4sI", wav[:44]
    )
    assert (riff, kind, fmt, length, data) == (b"RIFF", b"WAVE", b"fmt ", 16, b"data")
    assert (tag, channels, rate, bits) == (1, 1, 24000, 16)
    return size, count


@pytest.mark.parametrize("unbuffered", [None, "1"])
def test_all_bytes_reach_standard_output(say: Say, service: FakeService, unbuffered: str | None) -> None:
    """Every byte is written, however the interpreter buffers."""
    service.does(Behaviour(audio=lambda text: PLENTY, frame=1_000_000))

    result = say(stdin=b"Much.", env={"PYTHONUNBUFFERED": unbuffered})

    assert (result.status, result.stderr) == (0, "")
    assert (len(result.stdout), result.stdout == PLENTY) == (len(PLENTY), True)


def test_audio_is_written_as_it_comes(say: Say, service: FakeService) -> None:
    """Each audio message is on standard output before more text is written."""
    service.does("speaks at once")
    running = say.start()

    running.type(b"Hello")
    assert running.read(5) == b"Hello"
    running.type(b" world")
    assert running.read(11) == b"Hello world"
    running.end_input()

    assert say.end(running).status == 0


def test_a_paused_reader_loses_nothing(say: Say, service: FakeService) -> None:
    """While the reader pauses, audio is drained and pings are answered; later every byte arrives."""
    service.does(Behaviour(audio=lambda text: PLENTY, ping=0.05, waits={"flush_complete"}))
    running = say.start(paused=True)
    running.feed(b"Much.")
    session = service.session()

    session.wait_audio(len(PLENTY))
    session.wait_pongs(session.pongs + 5)
    service.let("flush_complete")
    session.wait_end()
    running.resume()

    result = say.end(running)
    assert (result.status, result.stdout == PLENTY) == (0, True)


def test_pipe_that_does_not_block(say: Say, service: FakeService) -> None:
    """A pipe that was made non-blocking gets every byte all the same."""
    service.does(Behaviour(audio=lambda text: PLENTY))
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    running = say.start(stdout=writing)
    os.close(writing)
    running.feed(b"Much.")
    service.session().wait_audio(len(PLENTY))
    with os.fdopen(reading, "rb") as reader:
        heard = reader.read()

    assert say.end(running).status == 0
    assert (len(heard), heard == PLENTY) == (len(PLENTY), True)


def test_socket_as_standard_output(say: Say, service: FakeService) -> None:
    """A socket works as a pipe does, and a peer that leaves is noticed as well."""
    ours, theirs = socket.socketpair()
    running = say.start(stdout=theirs.fileno())
    theirs.close()
    running.type(b"One.\n\n")
    ours.settimeout(5)

    assert ours.recv(6) == b"One.\n\n"
    ours.close()

    assert say.end(running, limit=5).status == -signal.SIGPIPE


def test_no_text_while_audio_waits(say: Say, service: FakeService) -> None:
    """While more than 8 MiB of audio waits to be written, no text is sent."""
    service.does(Behaviour(audio=lambda text: PLENTY if "One" in text else text.encode()))
    running = say.start(paused=True)
    session = service.session()
    running.type(b"One.\n\n")
    session.wait_audio(len(PLENTY))

    running.type(b"Two.")
    with pytest.raises(AssertionError, match="in vain"):
        session.wait_text("One.\n\nTwo.", limit=0.4)
    running.resume()
    session.wait_text("One.\n\nTwo.")
    running.end_input()

    result = say.end(running)
    assert (result.status, result.stdout == PLENTY + b"Two.") == (0, True)


def test_waiting_audio_is_bounded(say: Say, service: FakeService) -> None:
    """If the reader pauses, no more is read from the service than the buffer holds."""
    service.does("floods")
    running = say.start(paused=True)
    running.type(b"Go.")
    session = service.session()
    session.wait_audio(60_000_000)

    with pytest.raises(AssertionError, match="in vain"):
        session.wait_audio(110_000_000, limit=1)

    running.resume()
    session.wait_audio(110_000_000)


def test_part_becomes_the_file_when_complete(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Audio grows in FILE.part; FILE appears by a single rename once it is complete."""
    service.does(Behaviour(at_once=True, waits={"flush_complete"}))
    file, part = tmp_path / "story.mp3", tmp_path / "story.mp3.part"
    running = say.start("-o", "story.mp3")
    service.session()
    assert part.exists()
    running.type(b"A story.")
    running.end_input()
    service.session().wait_audio(8)
    assert not file.exists()

    service.let("flush_complete")

    result = say.end(running)
    assert (result.status, result.stdout, result.stderr) == (0, b"", "")
    assert file.read_bytes() == b"A story."
    assert not part.exists()


def test_part_is_opened_before_connecting(say: Say, service: FakeService) -> None:
    """An output that cannot be created does not cost a connection."""
    result = say("-o", "nowhere/story.mp3", stdin=b"A story.")

    assert result.status == 7
    assert "nowhere" in result.stderr
    assert service.handshakes == []


@pytest.mark.parametrize("name", ["directory", "file/story.mp3"])
def test_impossible_files(say: Say, service: FakeService, tmp_path: Path, name: str) -> None:
    """A directory, or a path through a file, is exit 7 with the path in its line."""
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").touch()

    result = say("-o", name, "--format", "mp3", stdin=b"A story.")

    assert (result.status, result.lines[0][:10]) == (7, "lmnt-say: ")
    assert name in result.stderr
    assert service.handshakes == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_directory(say: Say, tmp_path: Path) -> None:
    """A directory without write permission is exit 7."""
    (tmp_path / "closed").mkdir(mode=0o500)

    assert say("-o", "closed/story.mp3", stdin=b"A story.").status == 7


def test_failed_run_leaves_the_old_file(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A refused key does not cost an old recording, and leaves no empty part."""
    service.does("refuses the key")
    (tmp_path / "story.mp3").write_bytes(b"old")

    result = say("-o", "story.mp3", stdin=b"A story.")

    assert result.status == 3
    assert (tmp_path / "story.mp3").read_bytes() == b"old"
    assert not (tmp_path / "story.mp3.part").exists()


def test_failed_run_keeps_its_part(say: Say, service: FakeService, tmp_path: Path) -> None:
    """The confirmed audio of a failed run stays in FILE.part, which is named; FILE is unchanged."""
    service.does(HangsUp(1011, at=2))
    (tmp_path / "story.mp3").write_bytes(b"old")

    result = say("--retry", "0", "-o", "story.mp3", stdin=b"One.\n\nTwo three.\n\nFour.")

    assert result.status == 6
    assert (tmp_path / "story.mp3").read_bytes() == b"old"
    assert (tmp_path / "story.mp3.part").read_bytes().startswith(b"One.\n\n")
    assert "story.mp3.part" in result.stderr


def test_mode_is_kept(say: Say, tmp_path: Path) -> None:
    """A file that is replaced keeps its mode."""
    file = tmp_path / "story.mp3"
    file.write_bytes(b"old")
    file.chmod(0o640)

    assert say("-o", file, stdin=b"New.").status == 0

    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"New.", 0o640)


def test_mode_of_a_new_file(say: Say, tmp_path: Path) -> None:
    """A new file has the mode that the umask leaves."""
    assert say("-o", "story.mp3", stdin=b"New.", under=("sh", "-c", 'umask 027; exec "$@"', "sh")).status == 0

    assert stat.S_IMODE((tmp_path / "story.mp3").stat().st_mode) == 0o640


def test_symlink_is_resolved(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A link is kept; its target is replaced, by way of a part beside the target."""
    service.does("confirms when told")
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "story.mp3").write_bytes(b"old")
    (tmp_path / "link.mp3").symlink_to("real/story.mp3")
    running = say.start("-o", "link.mp3")
    running.feed(b"New.")
    service.session().wait_flushes(1)
    assert (tmp_path / "real" / "story.mp3.part").exists()

    service.let("flush_complete")

    assert say.end(running).status == 0
    assert (tmp_path / "link.mp3").is_symlink()
    assert (tmp_path / "real" / "story.mp3").read_bytes() == b"New."


def test_dangling_symlink(say: Say, tmp_path: Path) -> None:
    """The target of a dangling link is created."""
    (tmp_path / "link.mp3").symlink_to("story.mp3")

    assert say("-o", "link.mp3", stdin=b"New.").status == 0

    assert (tmp_path / "link.mp3").is_symlink()
    assert (tmp_path / "story.mp3").read_bytes() == b"New."


def test_all_that_came_is_in_the_part(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Everything received before a session was cut off is in the part."""
    cut = HangsUp(1011, share=1)
    cut.audio = lambda text: PLENTY
    service.does(cut)

    assert say("--retry", "0", "-o", "story.mp3", stdin=b"Much.").status == 6

    kept = (tmp_path / "story.mp3.part").read_bytes()
    assert (len(kept), kept == PLENTY) == (len(PLENTY), True)


def test_part_held_by_another_run(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Two runs never write the same file: the second is exit 7 at once, the first continues."""
    service.does("confirms when told")
    first = say.start("-o", "story.mp3")
    first.feed(b"First.")
    service.session().wait_flushes(1)

    second = say("-o", "story.mp3", stdin=b"Second.")

    assert second.status == 7
    assert "story.mp3.part" in second.stderr
    assert len(service.handshakes) == 1
    service.let("flush_complete")
    assert say.end(first).status == 0
    assert (tmp_path / "story.mp3").read_bytes() == b"First."


def test_abandoned_part_is_overwritten(say: Say, tmp_path: Path) -> None:
    """An abandoned part is no obstacle, and nothing of it is left."""
    (tmp_path / "story.mp3.part").write_bytes(b"x" * 1000)

    assert say("-o", "story.mp3", stdin=b"New.").status == 0

    assert (tmp_path / "story.mp3").read_bytes() == b"New."


def test_no_clobber_at_start(say: Say, service: FakeService, tmp_path: Path) -> None:
    """With `--no-clobber`, an existing file is exit 2 before anything else happens."""
    (tmp_path / "story.mp3").write_bytes(b"old")

    result = say("--no-clobber", "-o", "story.mp3", stdin=b"New.")

    assert (result.status, service.handshakes) == (2, [])
    assert (tmp_path / "story.mp3").read_bytes() == b"old"
    assert "story.mp3" in result.stderr


def test_no_clobber_at_the_rename(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A file that appears during the run is not replaced; the recording stays in its part."""
    service.does("confirms when told")
    running = say.start("--no-clobber", "-o", "story.mp3")
    running.feed(b"New.")
    service.session().wait_flushes(1)
    (tmp_path / "story.mp3").write_bytes(b"somebody's")

    service.let("flush_complete")

    assert say.end(running).status == 2
    assert (tmp_path / "story.mp3").read_bytes() == b"somebody's"
    assert (tmp_path / "story.mp3.part").read_bytes() == b"New."


def test_no_part_writes_in_place(say: Say, service: FakeService, tmp_path: Path) -> None:
    """With `--no-part`, the file can be read while it grows."""
    service.does(Behaviour(at_once=True, waits={"flush_complete"}))
    running = say.start("--no-part", "-o", "story.mp3")
    running.feed(b"In place.")
    service.session().wait_audio(9)
    assert list(tmp_path.glob("*.part")) == []

    service.let("flush_complete")

    assert say.end(running).status == 0
    assert (tmp_path / "story.mp3").read_bytes() == b"In place."


def test_fifo_is_written_in_place(say: Say, tmp_path: Path) -> None:
    """A FIFO is written in place: its reader gets the audio, and it stays a FIFO."""
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(fifo.read_bytes()), daemon=True)
    reader.start()

    result = say("-o", "pipe", stdin=b"Through a pipe.")
    reader.join(5)

    assert (result.status, heard) == (0, [b"Through a pipe."])
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert list(tmp_path.glob("*.part")) == []


def test_dev_null(say: Say, service: FakeService) -> None:
    """A device is written in place, as mp3."""
    assert say("-o", os.devnull, stdin=b"For nobody.").status == 0

    init = service.session().init
    assert init
    assert init["format"] == "mp3"
    assert not Path("/dev/null.part").exists()


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1"])
def test_names_of_standard_output(say: Say, name: str) -> None:
    """Paths that name standard output are written in place, whether it is a pipe or not."""
    result = say("-o", name, stdin=b"Here.")

    assert (result.status, result.stdout) == (0, b"Here.")


def test_dash_is_standard_output(say: Say, tmp_path: Path) -> None:
    """`-o -` is standard output, not a file of that name."""
    assert say("-o", "-", stdin=b"Here.").stdout == b"Here."

    assert list(tmp_path.glob("-*")) == []


needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")


@needs_full_device
@pytest.mark.parametrize("args", [(), ("-o", "/dev/full")], ids=["stdout", "-o"])
def test_full_device(say: Say, service: FakeService, args: tuple[str, ...]) -> None:
    """A full disk is exit 7, with the reason."""
    with Path("/dev/full").open("wb") as full:
        result = say(*args, stdin=b"Too much.\n\nAnd more.", stdout=full.fileno())

    assert result.status == 7
    assert "space" in result.stderr.lower()


@needs_full_device
def test_full_device_ends_an_open_input(say: Say) -> None:
    """An output that fails ends the program at once, although the input is open."""
    with Path("/dev/full").open("wb") as full:
        running = say.start(stdout=full.fileno())
        running.type(b"Too much.\n\n")

        assert say.end(running, limit=5).status == 7


def test_wav_on_a_pipe(say: Say, service: FakeService) -> None:
    """On a pipe the header has the longest length that players accept, 0x7FFFF000; the samples follow."""
    result = say("--format", "wav", stdin=b"Even.\n\nMore..")

    assert result.status == 0
    assert head_of(result.stdout)[1] == 0x7FFFF000
    assert result.stdout[44:] == b"Even.\n\nMore.."
    init = service.session().init
    assert init
    assert init["format"] == "pcm_s16le"


def test_wav_in_a_fifo(say: Say, tmp_path: Path) -> None:
    """A FIFO is treated like a pipe."""
    fifo = tmp_path / "pipe.wav"
    os.mkfifo(fifo)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(fifo.read_bytes()), daemon=True)
    reader.start()

    assert say("-o", fifo, stdin=b"Even").status == 0
    reader.join(5)

    assert head_of(heard[0])[1] == 0x7FFFF000
    assert heard[0][44:] == b"Even"


def test_wav_in_a_file(say: Say, tmp_path: Path) -> None:
    """In a file the header has the real sizes, so that any program knows its length."""
    assert say("-o", "story.wav", stdin=b"Twelve bytes").status == 0

    with wave.open(str(tmp_path / "story.wav")) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels()) == (6, 24000, 1)
        assert file.readframes(99) == b"Twelve bytes"
    assert head_of((tmp_path / "story.wav").read_bytes()) == (36 + 12, 12)


def test_wav_on_a_redirected_file(say: Say, tmp_path: Path) -> None:
    """A file on standard output is patched from where we began; earlier content is kept."""
    target = tmp_path / "all"
    target.write_bytes(b"before")
    with target.open("r+b") as file:
        file.seek(6)
        assert say("--format", "wav", stdin=b"Twelve bytes", stdout=file.fileno()).status == 0

    written = target.read_bytes()
    assert written[:6] == b"before"
    assert head_of(written[6:]) == (36 + 12, 12)
    assert written[50:] == b"Twelve bytes"


def test_wav_appended(say: Say, tmp_path: Path) -> None:
    """A file opened for appending cannot be patched, and keeps the header of a pipe."""
    target = tmp_path / "all"
    target.write_bytes(b"before")
    with target.open("ab") as file:
        assert say("--format", "wav", stdin=b"Twelve bytes", stdout=file.fileno()).status == 0

    written = target.read_bytes()
    assert written[:6] == b"before"
    assert head_of(written[6:])[1] == 0x7FFFF000
    assert written[50:] == b"Twelve bytes"


def test_wav_part_is_patched(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A kept part has its real sizes."""
    service.does(HangsUp(1011, at=2, share=0))

    assert say("--retry", "0", "-o", "story.wav", stdin=b"Four..\n\nLost..\n\n").status == 6

    with wave.open(str(tmp_path / "story.wav.part")) as file:
        assert file.readframes(99) == b"Four..\n\n"


def test_redirected_wav_is_patched_after_a_failure(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A file on standard output is also patched when the session is lost."""
    service.does(HangsUp(1011, at=2, share=0))
    with (tmp_path / "all").open("wb") as file:
        args = ("--retry", "0", "--format", "wav")
        assert say(*args, stdin=b"Four..\n\nLost..\n\n", stdout=file.fileno()).status == 6

    assert head_of((tmp_path / "all").read_bytes()) == (36 + 8, 8)


@pytest.mark.parametrize("behaviour", ["speaks", "repeats the header", "repeats the header in splinters"])
def test_ulaw_has_one_header(say: Say, service: FakeService, behaviour: str) -> None:
    """A header repeated after a flush is dropped, however its bytes are split over messages."""
    service.does(behaviour)

    result = say("--format", "ulaw", stdin=b"One.\n\nTwo.\n\nThree.")

    assert result.status == 0
    assert result.stdout == PIPED_HEADER + b"One.\n\nTwo.\n\nThree."


def test_header_in_the_middle_is_audio(say: Say, service: FakeService) -> None:
    """Bytes that look like a header but are not the first after a flush are kept."""
    service.does(Behaviour(audio=lambda text: b"..." + RIFF_HEADER + text.encode(), frame=3))

    result = say("--format", "ulaw", stdin=b"One.")

    assert (result.status, result.stdout) == (0, PIPED_HEADER + b"..." + RIFF_HEADER + b"One.")


FORMATS = [
    ("story.mp3", "mp3", 24000),
    ("story.MP3", "mp3", 24000),
    ("story.wav", "pcm_s16le", 24000),
    ("story.webm", "webm", 24000),
    ("story.ulaw", "ulaw", 8000),
    ("story.pcm", "pcm_s16le", 24000),
    ("story.raw", "pcm_s16le", 24000),
    ("story.f32", "pcm_f32le", 24000),
    ("story", "mp3", 24000),
]


@pytest.mark.parametrize(("name", "audio", "rate"), FORMATS)
def test_format_from_the_extension(
    say: Say, service: FakeService, tmp_path: Path, name: str, audio: str, rate: int
) -> None:
    """The extension selects the format, mp3 without one; format and rate are always sent."""
    assert say("-o", name, stdin=b"Words.").status == 0

    init = service.session().init
    assert init
    assert (init["format"], init["sample_rate"]) == (audio, rate)
    assert (tmp_path / name).exists()


def test_explicit_format_wins(say: Say, service: FakeService, tmp_path: Path) -> None:
    """`--format` overrides the extension, and allows any extension."""
    assert (
        say("-o", "story.xyz", "--format", "pcm_f32le", "--sample-rate", "16000", stdin=b"Words.").status == 0
    )

    init = service.session().init
    assert init
    assert (init["format"], init["sample_rate"]) == ("pcm_f32le", 16000)
    assert (tmp_path / "story.xyz").read_bytes() == b"Words."


def test_unknown_extension(say: Say, service: FakeService, tmp_path: Path) -> None:
    """An unknown extension is exit 2, and --format is suggested."""
    result = say("-o", "story.xyz", stdin=b"Words.")

    assert (result.status, len(result.lines), service.handshakes) == (2, 1, [])
    assert "--format" in result.stderr
    assert list(tmp_path.glob("story*")) == []


def test_standard_output_carries_audio_only(say: Say, service: FakeService) -> None:
    """Whatever goes wrong, standard output carries only audio."""
    service.does(Fails("internal_server_error", after_audio=True))

    result: Result = say("--debug", "--retry", "0", stdin=b"One.\n\nTwo.")

    assert result.status == 8
    assert b"One.\n\nTwo.".startswith(result.stdout)
    assert io.StringIO(result.stderr).readline()
