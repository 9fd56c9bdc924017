"""Audio is written to standard output, a file or a device, byte for byte (contract, section 4)."""

from __future__ import annotations

import os
import signal
import socket
import stat
import struct
import threading
import wave
from pathlib import Path

import pytest

from tests.doubles.behaviours import Behaviour, HangsUp
from tests.doubles.fake_service import FakeService
from tests.doubles.fake_session import RIFF_HEADER
from tests.tools.program import Say


PLENTY = bytes(range(256)) * 50_000  # 12.8 MB: more than the buffer of any pipe or socket


def head_of(wav: bytes) -> tuple[int, int]:
    """Check channels, rate and width; return the lengths in the header for the file and for its data."""
    riff, size, kind, fmt, length, tag, channels, rate, _, _, bits, data, count = struct.unpack(
        "<4sI4s4sIHHIIHH4sI", wav[:44]
    )
    assert (riff, kind, fmt, length, data) == (b"RIFF", b"WAVE", b"fmt ", 16, b"data")
    assert (tag, channels, rate, bits) == (1, 1, 24000, 16)
    return size, count


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
    """While the reader pauses, audio is drained and pings are answered, but no more text is sent.

    (More than 8 MiB wait to be written.) Later every byte arrives.
    """
    audio = {"One.\n\n": PLENTY}
    waits = {"flush_complete"}
    service.does(
        Behaviour(audio=lambda text: audio.get(text, text.encode()), frame=1 << 16, ping=0.05, waits=waits)
    )
    running = say.start(paused=True)
    session = service.session()
    running.type(b"One.\n\n")
    session.wait_audio(len(PLENTY))
    session.wait_pongs(session.pongs + 5)
    service.let("flush_complete", 2)

    running.type(b"Two.")
    with pytest.raises(AssertionError, match="in vain"):
        session.wait_text("One.\n\nTwo.", limit=0.4)
    running.resume()
    session.wait_text("One.\n\nTwo.")
    running.end_input()

    result = say.end(running)
    assert (result.status, result.stdout == PLENTY + b"Two.") == (0, True)


def test_every_byte_is_written(say: Say, service: FakeService) -> None:
    """Every byte is written to a pipe that was made non-blocking, even if the interpreter buffers nothing."""
    service.does(Behaviour(audio=lambda text: PLENTY, frame=1_000_000))
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    running = say.start(stdout=writing, env={"PYTHONUNBUFFERED": "1"})
    os.close(writing)
    running.feed(b"Much.")
    service.session().wait_audio(len(PLENTY))
    with os.fdopen(reading, "rb") as reader:
        heard = reader.read()

    result = say.end(running)
    assert (result.status, result.stderr) == (0, "")
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


def test_waiting_audio_is_bounded(say: Say, service: FakeService) -> None:
    """If the reader pauses, no more is read from the service than the buffer holds; then it goes on.

    With a stalled reader and a flood, a signal ends the program within a second.
    """
    service.does("floods")
    running = say.start(paused=True)
    running.type(b"Go.")
    session = service.session()
    session.wait_audio(60_000_000)
    with pytest.raises(AssertionError, match="in vain"):
        session.wait_audio(110_000_000, limit=1)

    held = session.audio_sent
    for _ in range(40):  # more than half of the buffer
        running.take(1_000_000)
    session.wait_audio(held + 30_000_000)

    result = running.stop_with(signal.SIGINT, limit=5)
    assert (result.status, result.elapsed < 1) == (-signal.SIGINT, True)


def test_new_file(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Audio grows in FILE.part; FILE appears by a single rename once it is complete.

    It has the mode that the umask leaves, and its real sizes, so that any program knows its length. It may be
    the target of a dangling link.
    """
    (tmp_path / "link.wav").symlink_to("story.wav")
    service.does(Behaviour(at_once=True, waits={"flush_complete"}))
    file, part = tmp_path / "story.wav", tmp_path / "story.wav.part"
    running = say.start("-o", "link.wav", under=("sh", "-c", 'umask 027; exec "$@"', "sh"))
    service.session()
    assert part.exists()
    running.type(b"Twelve bytes")
    running.end_input()
    service.session().wait_audio(12)
    assert not file.exists()

    service.let("flush_complete")

    result = say.end(running)
    assert (result.status, result.stdout, result.stderr) == (0, b"", "")
    assert not part.exists()
    assert (tmp_path / "link.wav").is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    with wave.open(str(file)) as recording:
        assert (recording.getnframes(), recording.getframerate(), recording.getnchannels()) == (6, 24000, 1)
        assert recording.readframes(99) == b"Twelve bytes"
    assert head_of(file.read_bytes()) == (36 + 12, 12)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_directory(say: Say, tmp_path: Path) -> None:
    """A directory without write permission is exit 7."""
    (tmp_path / "closed").mkdir(mode=0o500)

    assert say("-o", "closed/story.mp3", stdin=b"A story.").status == 7


def test_failed_run_keeps_its_part(say: Say, service: FakeService, tmp_path: Path) -> None:
    """All audio received by a failed run stays in FILE.part, which is named and has its real sizes.

    FILE is unchanged.
    """
    cut = HangsUp(1011, at=2, share=1)
    cut.audio = lambda text: PLENTY if "Much" in text else text.encode()
    service.does(cut)
    (tmp_path / "story.wav").write_bytes(b"old")

    result = say("--retry", "0", "--no-save", "-o", "story.wav", stdin=b"Four..\n\nMuch..\n\n")

    assert result.status == 6
    assert (tmp_path / "story.wav").read_bytes() == b"old"
    with wave.open(str(tmp_path / "story.wav.part")) as file:
        kept = file.readframes(len(PLENTY))
    assert (len(kept), kept == b"Four..\n\n" + PLENTY) == (8 + len(PLENTY), True)
    assert "story.wav.part" in result.stderr


def test_old_file_is_replaced(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A file keeps its mode and the links to it; an abandoned part beside it is overwritten.

    Two runs never write the same file: the second is exit 7 at once, the first continues.
    """
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

    second = say("-o", "real/story.mp3", stdin=b"Second.")
    assert second.status == 7
    assert "story.mp3.part" in second.stderr
    assert len(service.handshakes) == 1

    service.let("flush_complete")

    assert say.end(running).status == 0
    assert (tmp_path / "link.mp3").is_symlink()
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"New.", 0o640)
    assert not part.exists()


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_full_device(say: Say) -> None:
    """A full disk is exit 7 at once, with the reason, although the input is open.

    A full standard output is tested in test_ends.py.
    """
    running = say.start("-o", "/dev/full")
    running.type(b"Too much.\n\n")

    result = say.end(running, limit=5)
    assert result.status == 7
    assert "space" in result.stderr.lower()


def test_wav_on_a_pipe(say: Say, service: FakeService) -> None:
    """On a pipe the header has the longest length that players accept, 0x7FFFF000; the samples follow.

    A path that names standard output is written in place.
    """
    result = say("--format", "wav", "-o", "/dev/stdout", stdin=b"Even.\n\nMore..")

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


def test_ulaw_has_one_header(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A header repeated after a flush is dropped, however its bytes are split over messages.

    The extension selects the format; format and rate are always sent.
    """
    service.does("repeats the header in splinters")

    assert say("-o", "story.ulaw", stdin=b"One.\n\nTwo.\n\nThree.").status == 0

    content = (tmp_path / "story.ulaw").read_bytes()
    assert content[:4] + content[8:40] == RIFF_HEADER[:4] + RIFF_HEADER[8:40]
    assert struct.unpack_from("<I", content, 4) == (len(content) - 8,)
    assert struct.unpack_from("<I", content, 40) == (len(content) - 44,)
    assert content[44:] == b"One.\n\nTwo.\n\nThree."
    init = service.session().init
    assert init
    assert (init["format"], init["sample_rate"]) == ("ulaw", 8000)
