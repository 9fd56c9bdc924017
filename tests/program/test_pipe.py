"""Text as it arrives: what the service receives, in which pieces, with which flushes (contract, 3)."""

from __future__ import annotations

import os
import select
import signal
import socket
from pathlib import Path

from tests.doubles.fake_service import FakeService
from tests.doubles.fake_session import Session
from tests.tools.program import NULL, Say


PARAGRAPHS = "\n\n".join(f"Paragraph {n} is short." for n in range(1_000))
LONG_LINE = "Ein Wört und noch eins, " * 125_000


def spoken(session: Session) -> list[str]:
    """Return the utterances, without surrounding white space."""
    return [utterance.strip() for utterance in session.utterances if utterance.strip()]


def test_text_becomes_audio(say: Say, service: FakeService) -> None:
    """Text becomes its audio, in order, and nothing is printed."""
    result = say(stdin="Grüß Gott.\n\nUnd auf\n\nWiedersehen".encode())

    assert (result.status, result.stderr) == (0, "")
    assert result.stdout.decode() == "Grüß Gott.\n\nUnd auf\n\nWiedersehen"
    # Each flush has a nonce of its own; the last one is answered before `finish`.
    session = service.session()
    session.wait_finish()
    kinds = [
        entry.message["type"]
        for entry in session.transcript
        if entry.who == "client" and isinstance(entry.message, dict)
    ]
    assert (kinds[0], kinds[-3:], kinds.count("flush")) == ("init", ["text", "flush", "finish"], 3)
    assert len(set(session.flushes)) == 3


def test_words_as_arguments(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Words given as arguments are joined by spaces; neither standard input nor a file so named is read.

    Joined they are also what `--tee` passes on, here to standard error, which has nothing else.
    """
    (tmp_path / "dear").write_text("From a file.")
    options = ("--retry", "0", "--tee", "-o", "-")
    running = say.start("-5 degrees,", *options, "dear", "world", "--", "-5", "--voice")

    result = say.end(running)  # standard input stays open
    assert (result.status, result.stderr) == (0, "-5 degrees, dear world -5 --voice")
    assert result.stdout == b"-5 degrees, dear world -5 --voice"
    assert service.session().text == "-5 degrees, dear world -5 --voice"


def test_words_in_the_locale_c(say: Say) -> None:
    """Even in the locale C words are UTF-8, invalid bytes are U+FFFD, and our messages can be printed."""
    result = say("Grüße,", os.fsdecode(b"caf\351 yes"), env={"LC_ALL": "C"})

    assert (result.status, result.stdout.decode()) == (0, "Grüße, caf� yes")
    assert "U+FFFD" in result.stderr


def test_text_in_a_file(say: Say, tmp_path: Path) -> None:
    """`-f FILE` reads the file, which `--tee` passes on, and leaves standard input alone."""
    (tmp_path / "text").write_text("From a file.\n\nTwo paragraphs.")
    running = say.start("--tee", "-f", "text", "-o", "speech.mp3")

    result = say.end(running)  # standard input stays open
    assert (result.status, result.stdout) == (0, b"From a file.\n\nTwo paragraphs.")
    assert (tmp_path / "speech.mp3").read_bytes() == result.stdout


def test_standard_input_is_a_file(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A regular file on standard input is read to its end. `--flush-on never` flushes nothing before that."""
    content = (b"A paragraph. " * 300 + b"\n\n") * 50
    text = tmp_path / "text"
    text.write_bytes(content)

    result = say("--flush-on", "never", stdin=text)

    assert (result.status, result.stdout) == (0, content)
    assert service.session().flushes == [1]


def test_standard_input_that_does_not_block(say: Say) -> None:
    """A socket that was made non-blocking is read to its end."""
    reading, writing = (end.detach() for end in socket.socketpair())
    os.set_blocking(reading, False)
    running = say.start(stdin=reading)
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as writer:
        writer.write(b"One.\n\n")
        running.read(6)
        writer.write(b"Two.")

    assert say.end(running).stdout == b"One.\n\nTwo."


def test_every_piece_goes_out_at_once(say: Say, service: FakeService) -> None:
    """A token reaches the service before the next one is written: nothing waits for a line or sentence.

    Each character is sent with its last byte, neither earlier nor later.
    """
    running = say.start()
    session = service.session()
    running.type(b"\n\n  ")
    running.wait_taken()
    assert session.texts == []  # white space at the start of an utterance waits for its first word

    seen = "\n\n  "
    for token in ("Hel", "lo", ",", " wor", "ld", " and", "\n", "so", " on.", " ", "x"):
        running.type(token.encode())
        seen += token
        session.wait_text(seen)

    spelled = b""
    for number in " Żółw 🐢 naïve\nЁж 猫。".encode():
        running.type(bytes([number]))
        spelled += bytes([number])
        session.wait_text(seen + spelled.decode(errors="ignore"))
    running.end_input()

    assert say.end(running).stdout.decode() == seen + spelled.decode()
    assert "�" not in session.text


# The parts of a text, each read by itself, and its utterances; the mark is one only in front of all.
SPLIT = {
    "BOM": ((b"\xef", b"\xbb", b"\xbfBOM"), ["BOM"]),
    "blank line": ((b"One.\n", b"\n", b"Two"), ["One.", "Two"]),
    "CRLF": ((b"One.\r", b"\n\r", b"\nTwo"), ["One.", "Two"]),
    "Unicode space": ((b"One.\n \xe2\x80", b"\x83\n", b"Two"), ["One.", "Two"]),
    "escape sequence": ((b"a\x1b", b"[1", b"mb\x1b[0m", b"c"), ["abc"]),
    "lone CR": ((b"a\r", b"b\r", b"c"), ["a\nb\nc"]),
    "character": ((b"\xf0\x9f", b"\x90", b"\xa2 turtle"), ["🐢 turtle"]),
}


def test_split_across_reads(say: Say, service: FakeService) -> None:
    """A sequence split across two reads is treated as if it had arrived in one."""
    running = say.start()
    session = service.session()

    for parts, _ in SPLIT.values():
        for part in (*parts, b"\n\n"):
            running.type(part)
            running.wait_taken()
    running.end_input()

    assert say.end(running).status == 0
    assert spoken(session) == [utterance for _, utterances in SPLIT.values() for utterance in utterances]


# Paragraphs with the blank lines around them, and the utterances that they are.
BLANK_LINES = [
    ("\n\n \nAfter blank lines.\n\n", "After blank lines."),
    ("CRLF.\r\n\r\n", "CRLF."),
    ("White space between.\n \t\n", "White space between."),
    ("Unicode spaces between.\n\u2003\u00a0\u3000\n", "Unicode spaces between."),
    ("Several.\n\n\n \n\n", "Several."),
    ("---\n\n***\n\nNo words before.\n\n", "---\n\n***\n\nNo words before."),
    ("42\n\n", "42"),
    ("٤٢\n\n", "٤٢"),
    ("None\nbetween.\n\n", "None\nbetween."),
    ("Many at the end.\n\n\n\n\n\n", "Many at the end."),
]


def test_flush_on_blank_line(say: Say, service: FakeService) -> None:
    """Blank lines make one flush, only if a word was sent since the last."""
    text = "".join(written for written, _ in BLANK_LINES)

    result = say(stdin=text.encode())

    session = service.session()
    assert result.status == 0
    assert spoken(session) == [utterance for _, utterance in BLANK_LINES]
    assert len(session.flushes) == len(BLANK_LINES)
    assert session.text.strip() == text.replace("\r\n", "\n").strip()


SENTENCES = {
    "marks": ("One. Two! Three? Four.", ["One.", "Two!", "Three?", "Four."]),
    "quotes and brackets": ('He said "Go." (Now!) End.', ['He said "Go."', "(Now!)", "End."]),
    "abbreviation": ("Dr. Smith waits. Mr. Jones runs.", ["Dr. Smith waits.", "Mr. Jones runs."]),
    "letters": ("Fruit, e.g. pears, is good. Eat.", ["Fruit, e.g. pears, is good.", "Eat."]),
    "decimal": ("Pi is 3.14 or so. Good.", ["Pi is 3.14 or so.", "Good."]),
    "ellipsis": ("Well... maybe. Yes.", ["Well... maybe.", "Yes."]),
    "full width": ("今日は。明日？はい！", ["今日は。", "明日？", "はい！"]),
    "no space": ("See example.com/a.b now. Done.", ["See example.com/a.b now.", "Done."]),
}


def test_flush_on_sentence(say: Say, service: FakeService) -> None:
    """Each sentence is an utterance, flushed by the white space after it, before any more text arrives."""
    running = say.start("--flush-on", "sentence")
    session = service.session()
    running.type(b"It is so.")
    session.wait_text("It is so.")
    assert session.flushes == []
    running.type(b" ")
    session.wait_flushes(1)
    assert running.read(9)[:9] == b"It is so."

    rest = " ".join(text for text, _ in SENTENCES.values())
    running.type(rest.encode())
    running.end_input()

    result = say.end(running)
    assert (result.status, result.stdout.decode()) == (0, f"It is so. {rest}")
    expected = [sentence for _, sentences in SENTENCES.values() for sentence in sentences]
    assert spoken(session) == ["It is so.", *expected]


def test_flush_idle(say: Say, service: FakeService) -> None:
    """A pause in the input flushes what was sent, once."""
    running = say.start("--flush-idle", "0.1")
    session = service.session()

    running.type(b"One,")
    assert running.read(4) == b"One,"
    running.type(b" two.")
    assert running.read(9) == b"One, two."
    running.end_input()

    assert say.end(running).status == 0
    assert len(session.flushes) == 2


NO_WORD = "\ufeff \t\n\n---\n\n...\u2003…\n\x1b[1m\x1b[0m!"


def test_nothing_to_say(say: Say, service: FakeService, tmp_path: Path) -> None:
    """Text without a word sends no `finish`, creates no file, and is exit 9 with a line that says so."""
    result = say("-o", "speech.mp3", stdin=NO_WORD.encode())

    assert result.status == 9
    assert [line[:10] for line in result.lines] == ["lmnt-say: "]
    assert not any(session.finished for session in service.sessions)
    assert list(tmp_path.glob("speech*")) == []


def test_invalid_bytes(say: Say) -> None:
    """Invalid bytes, and half a character at the end, are U+FFFD, and one notice counts them."""
    result = say(stdin=b"caf\xe9 \xff\xfe yes.\nhalf \xe2\x82")

    assert result.status == 0
    assert result.stdout.decode() == "caf� �� yes.\nhalf �"
    assert len(result.lines) == 1
    assert "U+FFFD" in result.stderr
    assert "in 4 places" in result.stderr


def test_a_long_text(say: Say, service: FakeService) -> None:
    """Three megabytes without a newline are sent in messages of at most 4,000 characters.

    Each of a thousand paragraphs after them is flushed once, and all the audio is in order.
    """
    result = say(stdin=f"{LONG_LINE}\n\n{PARAGRAPHS}".encode(), limit=20)
    session = service.session()

    assert (result.status, result.stderr) == (0, "")
    assert result.stdout.decode() == f"{LONG_LINE}\n\n{PARAGRAPHS}"
    assert max(map(len, session.texts)) <= 4000
    assert len(session.flushes) == 1_001


def test_a_slow_service_stops_the_reading(say: Say, service: FakeService) -> None:
    """While the service accepts no text, no more is read; memory is bounded."""
    service.does("stalls")
    running = say.start(stdout=NULL)
    pipe = running.process.stdin
    assert pipe
    os.set_blocking(pipe.fileno(), False)
    taken = 0

    while taken < 100_000_000 and select.select([], [pipe], [], 1.0)[1]:
        taken += os.write(pipe.fileno(), b"All work and no play. " * 3000) or 0

    assert taken < 30_000_000
    assert running.stop_with(signal.SIGTERM).status == -signal.SIGTERM
