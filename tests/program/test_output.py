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
PLENTY = bytes(range(256)) * 50_000  # 12.8 MB: more than the buffer of any pipe or socket


def head_of(wav: bytes) -> tuple[int, int]:
    """Check channels, rate and width; return the lengths in the header for the file and for its data."""
    riff, size, kind, fmt, length, tag, channels, rate, _, _, bits, data, count = struct.unpack(
        "<4sI4s4sIHHIIHH4sI", wav[:44]
    )
    assert (riff, kind, fmt, length, data) == (b"RIFF", b"WAVE", b"fmt ", 16, b"data")
    assert (tag, channels, rate, bits) == (1, 1, 24000, 16)
    return size, count


def test_unbuffered_standard_output(say: Say, service: FakeService) -> None:
    """Every byte is written even if the interpreter buffers nothing."""
    audio = PLENTY[:2_000_000]
    service.does(Behaviour(audio=lambda text: audio, frame=1_000_000))

    result = say(stdin=b"Much.", env={"PYTHONUNBUFFERED": "1"})

    assert (result.status, result.stderr) == (0, "")
    assert (len(result.stdout), result.stdout == audio) == (len(audio), True)


def test_audio_is_written_as_it_comes(say: Say, service: FakeService, tmp_path: Path) -> None:
    """With `-o -`, each audio message is on standard output before more text is written."""
    service.does("speaks at once")
    running = say.start("-o", "-")

    running.type(b"Hello")
    assert running.read(5) == b"Hello"
    running.type(b" world")
    assert running.read(11) == b"Hello world"
    running.end_input()

    assert say.end(running).status == 0
    assert list(tmp_path.glob("-*")) == []


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
    session.wait_audio(session.audio_sent + 5_000_000)


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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_directory(say: Say, tmp_path: Path) -> None:
    """A directory without write permission is exit 7."""
    (tmp_path / "closed").mkdir(mode=0o500)

    assert say("-o", "closed/story.mp3", stdin=b"A story.").status == 7


def test_failed_run_keeps_its_part(say: Say, service: FakeService, tmp_path: Path) -> None:
    """The confirmed audio of a failed run stays in FILE.part, which is named and has its real sizes.

    FILE is unchanged.
    """
    service.does(HangsUp(1011, at=2, share=0))
    (tmp_path / "story.wav").write_bytes(b"old")

    result = say("--retry", "0", "-o", "story.wav", stdin=b"Four..\n\nLost..\n\n")

    assert result.status == 6
    assert (tmp_path / "story.wav").read_bytes() == b"old"
    with wave.open(str(tmp_path / "story.wav.part")) as file:
        assert file.readframes(99) == b"Four..\n\n"
    assert "story.wav.part" in result.stderr


def test_old_file_is_replaced(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A file keeps its mode and the links to it; an abandoned part beside it is overwritten."""
    service.does("confirms when told")
    (tmp_path / "real").mkdir()
    file, part = tmp_path / "real/story.mp3", tmp_path / "real/story.mp3.part"
    file.write_bytes(b"old")
    file.chmod(0o640)
    part.write_bytes(b"x" * 1000)
    (tmp_path / "link.mp3").symlink_to("real/story.mp3")
    running = say.start("-o", "link.mp3")
    running.feed(b"New.")
    service.session().wait_flushes(1)
    assert file.read_bytes() == b"old"
    assert part.exists()

    service.let("flush_complete")

    assert say.end(running).status == 0
    assert (tmp_path / "link.mp3").is_symlink()
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"New.", 0o640)
    assert not part.exists()


def test_new_file(say: Say, tmp_path: Path) -> None:
    """A new file has the mode that the umask leaves; it may be the target of a dangling link."""
    (tmp_path / "link.mp3").symlink_to("story.mp3")
    command = ("sh", "-c", 'umask 027; exec "$@"', "sh")

    assert say("-o", "link.mp3", stdin=b"New.", under=command).status == 0

    assert (tmp_path / "link.mp3").is_symlink()
    assert (tmp_path / "story.mp3").read_bytes() == b"New."
    assert stat.S_IMODE((tmp_path / "story.mp3").stat().st_mode) == 0o640


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


def test_a_name_of_standard_output(say: Say) -> None:
    """A path that names standard output is written in place."""
    result = say("-o", "/dev/stdout", stdin=b"Here.")

    assert (result.status, result.stdout) == (0, b"Here.")


needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")


@needs_full_device
@pytest.mark.parametrize("args", [(), ("-o", "/dev/full")], ids=["stdout", "-o"])
def test_full_device(say: Say, service: FakeService, args: tuple[str, ...]) -> None:
    """A full disk is exit 7 at once, with the reason, although the input is open."""
    with Path("/dev/full").open("wb") as full:
        running = say.start(*args, stdout=full.fileno())
        running.type(b"Too much.\n\n")
        result = say.end(running, limit=5)

    assert result.status == 7
    assert "space" in result.stderr.lower()


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
    """A FIFO is written in place, like a pipe: its reader gets the audio, and it stays a FIFO."""
    fifo = tmp_path / "pipe.wav"
    os.mkfifo(fifo)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(fifo.read_bytes()), daemon=True)
    reader.start()

    assert say("-o", fifo, stdin=b"Even").status == 0
    reader.join(5)

    assert head_of(heard[0])[1] == 0x7FFFF000
    assert heard[0][44:] == b"Even"
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert list(tmp_path.glob("*.part")) == []


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


def test_ulaw_has_one_header(say: Say, service: FakeService) -> None:
    """A header repeated after a flush is dropped, however its bytes are split over messages."""
    service.does("repeats the header in splinters")

    result = say("--format", "ulaw", stdin=b"One.\n\nTwo.\n\nThree.")

    assert result.status == 0
    assert result.stdout == PIPED_HEADER + b"One.\n\nTwo.\n\nThree."


def test_format_from_the_extension(say: Say, service: FakeService, tmp_path: Path) -> None:
    """The extension selects the format; format and rate are always sent."""
    assert say("-o", "story.ulaw", stdin=b"Words.").status == 0

    init = service.session().init
    assert init
    assert (init["format"], init["sample_rate"]) == ("ulaw", 8000)
    assert (tmp_path / "story.ulaw").exists()


def test_standard_output_carries_audio_only(say: Say, service: FakeService) -> None:
    """Whatever goes wrong, standard output carries only audio."""
    service.does(Fails("internal_server_error", after_audio=True))

    result: Result = say("--debug", "--retry", "0", stdin=b"One.\n\nTwo.")

    assert result.status == 8
    assert b"One.\n\nTwo.".startswith(result.stdout)
    assert io.StringIO(result.stderr).readline()
