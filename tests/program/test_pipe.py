"""Text as it arrives: what the service receives, in which pieces, with which flushes (contract, 3)."""

from __future__ import annotations

import os
import select
import signal
import socket
from pathlib import Path

import pytest

from tests.doubles.fake_service import FakeService
from tests.doubles.fake_session import Session
from tests.tools.program import NULL, Say


PARAGRAPHS = "\n\n".join(f"Paragraph {n} is short." for n in range(20_000))
LONG_LINE = "Ein Wört und noch eins, " * 125_000


def spoken(session: Session) -> list[str]:
    """Return the utterances, without surrounding white space."""
    return [utterance.strip() for utterance in session.utterances if utterance.strip()]


def test_text_becomes_audio(say: Say, service: FakeService) -> None:
    """Text becomes its audio, in order, and nothing is printed."""
    result = say(stdin="Grüß Gott.\n\nAuf Wiedersehen.\n".encode())

    assert result.status == 0
    assert result.stdout.decode() == "Grüß Gott.\n\nAuf Wiedersehen.\n"
    assert result.stderr == ""
    service.session().wait_finish()


def test_words_as_arguments(say: Say, service: FakeService) -> None:
    """Words given as arguments are joined by spaces; standard input is then not read."""
    running = say.start("Hello", "dear", "world.")

    assert say.end(running).stdout == b"Hello dear world."
    assert service.session().text == "Hello dear world."


def test_word_that_is_a_file(say: Say, tmp_path: Path) -> None:
    """A word that names an existing file is spoken, with one line about `-f`."""
    (tmp_path / "chapter").write_text("From a file.")

    result = say("chapter")

    assert (result.status, result.stdout) == (0, b"chapter")
    assert len(result.lines) == 1
    assert "-f" in result.stderr
    assert say("chapter", "one").stderr == ""


def test_words_that_look_like_options(say: Say) -> None:
    """Everything after `--` is words."""
    assert say("--", "-5", "--voice").stdout == b"-5 --voice"


def test_words_that_are_not_utf8(say: Say) -> None:
    """Invalid bytes in an argument are spoken as U+FFFD, as in any other text."""
    script = """exec "$@" "$(printf 'caf\\351 yes')" """
    running = say.start(under=("sh", "-c", script, "sh"))

    result = say.end(running)
    assert (result.status, result.stdout.decode()) == (0, "caf� yes")


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_text_is_utf8_in_every_locale(say: Say, locale: str) -> None:
    """Text is UTF-8 in every locale, and our messages can be printed in any."""
    result = say("Grüße,", stdin=b"", env={"LC_ALL": locale})
    assert (result.status, result.stdout.decode()) == (0, "Grüße,")

    result = say(stdin="Grüße\xff".encode("latin-1"), env={"LC_ALL": locale})
    assert result.status == 0


@pytest.mark.parametrize("option", ["-f", "--file"])
def test_text_in_a_file(say: Say, tmp_path: Path, option: str) -> None:
    """`-f FILE` reads the file, and leaves standard input alone."""
    (tmp_path / "text").write_text("From a file.")

    result = say(option, "text", stdin=b"not this")

    assert (result.status, result.stdout) == (0, b"From a file.")


def test_file_named_dash(say: Say) -> None:
    """`-f -` is standard input."""
    assert say("-f", "-", stdin=b"From the pipe.").stdout == b"From the pipe."


def test_standard_input_is_a_file(say: Say, tmp_path: Path) -> None:
    """A regular file on standard input is read to its end."""
    text = tmp_path / "text"
    text.write_text("One.\n\n" * 5000)

    result = say(stdin=text)

    assert (result.status, result.stdout) == (0, b"One.\n\n" * 5000)


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_standard_input_that_does_not_block(say: Say, kind: str) -> None:
    """A pipe that was made non-blocking, or a socket, is read to its end."""
    if kind == "pipe":
        reading, writing = os.pipe()
    else:
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
    """A token reaches the service before the next one is written: nothing waits for a line or sentence."""
    running = say.start()
    session = service.session()
    seen = ""

    for token in ("Hel", "lo", ",", " wor", "ld", " and", "\n", "so", " on.", " ", "x"):
        running.type(token.encode())
        seen += token
        session.wait_text(seen)
    running.end_input()

    assert say.end(running).stdout.decode() == seen


def test_byte_by_byte(say: Say, service: FakeService) -> None:
    """Each character is sent with its last byte, neither earlier nor later."""
    text = "Żółw 🐢 naïve\nЁж 猫。"
    running = say.start()
    session = service.session()
    seen = b""

    for number in text.encode():
        running.type(bytes([number]))
        seen += bytes([number])
        session.wait_text(seen.decode(errors="ignore"))
    running.end_input()

    assert say.end(running).stdout.decode() == text
    assert "�" not in session.text


@pytest.mark.parametrize(
    ("parts", "text", "flushes"),
    [
        ((b"One.\n", b"\n", b"Two."), "One.\n\nTwo.", 2),
        ((b"One.\r", b"\n\r", b"\nTwo."), "One.\n\nTwo.", 2),
        ((b"One.\n \xe2\x80", b"\x83\n", b"Two."), "One.\n \u2003\nTwo.", 2),
        ((b"a\x1b", b"[1", b"mb\x1b[0m", b"c"), "abc", 1),
        ((b"a\r", b"b\r"), "a\nb\n", 1),
        ((b"\xef", b"\xbb", b"\xbfBOM"), "BOM", 1),
        ((b"\xf0\x9f", b"\x90", b"\xa2 turtle"), "🐢 turtle", 1),
    ],
    ids=["blank line", "CRLF", "Unicode space", "escape sequence", "lone CR", "BOM", "character"],
)
def test_split_across_reads(
    say: Say, service: FakeService, parts: tuple[bytes, ...], text: str, flushes: int
) -> None:
    """A sequence split across two reads is treated as if it had arrived in one."""
    running = say.start()
    session = service.session()

    for part in parts:
        running.type(part)
        running.wait_taken()
    running.end_input()

    assert say.end(running).status == 0
    assert (session.text, len(session.flushes)) == (text, flushes)


BLANK_LINES = {
    "one": ("One.\n\nTwo.", ["One.", "Two."]),
    "CRLF": ("One.\r\n\r\nTwo.\r\n", ["One.", "Two."]),
    "white space between": ("One.\n \t\nTwo.", ["One.", "Two."]),
    "Unicode spaces between": ("One.\n\u2003\u00a0\u3000\nTwo.", ["One.", "Two."]),
    "several": ("One.\n\n\n \n\nTwo.", ["One.", "Two."]),
    "in front": ("\n\n \nOne.\n\nTwo.", ["One.", "Two."]),
    "at the end": ("One.\n\nTwo.\n\n", ["One.", "Two."]),
    "many at the end": ("One.\n\n\n\n\n\n", ["One."]),
    "between no words": ("One.\n\n---\n\n***\n\nTwo.", ["One.", "---\n\n***\n\nTwo."]),
    "after a number": ("42\n\n٤٢\n\nTwo.", ["42", "٤٢", "Two."]),
    "none": ("One.\nTwo.\n", ["One.\nTwo."]),
}


@pytest.mark.parametrize(("text", "utterances"), BLANK_LINES.values(), ids=BLANK_LINES)
def test_flush_on_blank_line(say: Say, service: FakeService, text: str, utterances: list[str]) -> None:
    """Blank lines make one flush, only if a word was sent since the last; the end flushes the rest."""
    result = say(stdin=text.encode())
    session = service.session()

    assert result.status == 0
    assert (spoken(session), len(session.flushes)) == (utterances, len(utterances))
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


@pytest.mark.parametrize(("text", "utterances"), SENTENCES.values(), ids=SENTENCES)
def test_flush_on_sentence(say: Say, service: FakeService, text: str, utterances: list[str]) -> None:
    """Each sentence is an utterance; abbreviations, decimals and ellipses do not end one."""
    result = say("--flush-on", "sentence", stdin=text.encode())

    assert (result.status, result.stdout.decode()) == (0, text)
    assert spoken(service.session()) == utterances


def test_sentence_is_flushed_when_it_ends(say: Say, service: FakeService) -> None:
    """White space after the end of a sentence flushes it, before any more text arrives."""
    running = say.start("--flush-on", "sentence")
    session = service.session()
    running.type(b"It is so.")
    session.wait_text("It is so.")
    assert session.flushes == []

    running.type(b" ")

    session.wait_flushes(1)
    assert running.read(9)[:9] == b"It is so."


def test_flush_on_newline(say: Say, service: FakeService) -> None:
    """Each line with words is an utterance; lines without words are not."""
    result = say("--flush-on", "newline", stdin=b"One.\r\nTwo\n\n---\nThree")

    assert result.status == 0
    assert spoken(service.session()) == ["One.", "Two", "---\nThree"]
    assert len(service.session().flushes) == 3


def test_flush_never(say: Say, service: FakeService) -> None:
    """Nothing is flushed before the end of the input."""
    result = say("--flush-on", "never", stdin=b"One.\n\nTwo.\n\n")

    assert (result.status, result.stdout) == (0, b"One.\n\nTwo.\n\n")
    assert service.session().flushes == [1]


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


def test_the_end_is_a_flush_then_finish(say: Say, service: FakeService) -> None:
    """The last text is followed by a flush, and by `finish` once that is answered."""
    say(stdin=b"The end")

    kinds = [
        entry.message["type"]
        for entry in service.session().transcript
        if entry.who == "client" and isinstance(entry.message, dict)
    ]
    assert kinds == ["init", "text", "flush", "finish"]


def test_each_flush_has_a_nonce_of_its_own(say: Say, service: FakeService) -> None:
    """No nonce is used twice."""
    say(stdin=b"One.\n\nTwo.\n\nThree.\n\n")

    assert len(set(service.session().flushes)) == 3


@pytest.mark.parametrize(
    "text", [b"", b" \n\t\n\n", b"---\n\n...\n", "\ufeff\u2003…".encode(), b"\x1b[1m\x1b[0m"], ids=repr
)
def test_nothing_to_say(say: Say, service: FakeService, tmp_path: Path, text: bytes) -> None:
    """Text without a word sends no `finish`, creates no file, and is exit 9 with a line that says so."""
    result = say("-o", "speech.mp3", stdin=text)

    assert result.status == 9
    assert [line[:10] for line in result.lines] == ["lmnt-say: "]
    assert not any(session.finished for session in service.sessions)
    assert list(tmp_path.glob("speech*")) == []


def test_no_words_in_arguments_or_file(say: Say, tmp_path: Path) -> None:
    """Arguments and files without words are exit 9 too."""
    (tmp_path / "text").write_text("\n---\n")

    assert say("...", "!").status == 9
    assert say("-f", "text").status == 9


def test_nothing_to_say_on_dev_null(say: Say) -> None:
    """Input that ends at once is exit 9."""
    result = say(stdin=Path(os.devnull))

    assert (result.status, result.stdout) == (9, b"")


def test_invalid_bytes(say: Say) -> None:
    """An invalid byte becomes U+FFFD, and one notice counts them."""
    result = say(stdin=b"caf\xe9 \xff\xfe yes.\n")

    assert result.status == 0
    assert result.stdout.decode() == "caf� �� yes.\n"
    assert len(result.lines) == 1
    assert "U+FFFD" in result.stderr
    assert "3" in result.stderr


def test_invalid_bytes_quietly(say: Say) -> None:
    """`-q` silences the notice and changes nothing else."""
    result = say("-q", stdin=b"caf\xe9.")

    assert (result.status, result.stdout.decode(), result.stderr) == (0, "caf�.", "")


def test_character_cut_off_by_the_end(say: Say) -> None:
    """An incomplete character at the end is an invalid byte, and is not lost."""
    result = say(stdin=b"half \xe2\x82")

    assert (result.status, result.stdout.decode().rstrip("�")) == (0, "half ")
    assert "U+FFFD" in result.stderr


@pytest.mark.parametrize(
    "escaped",
    [
        b"\x1b[1;31mred\x1b[0m",
        b"\x1b]8;;http://a.b/c\x1b\\red\x1b]8;;\x1b\\",
        b"\x1b]0;title\x07red",
        b"\x1b[?25lr\x1b[Ked\x1b(B",
    ],
    ids=repr,
)
def test_escape_sequences_are_not_spoken(say: Say, escaped: bytes) -> None:
    """Terminal colours, links and titles are not text."""
    result = say(stdin=b"So " + escaped + b" it is.")

    assert (result.status, result.stdout) == (0, b"So red it is.")


def test_three_megabytes_without_a_newline(say: Say, service: FakeService) -> None:
    """A long line is sent in messages of at most 4,000 characters, and all of it is heard."""
    result = say(stdin=LONG_LINE.encode(), limit=20)
    session = service.session()

    assert (result.status, result.stderr) == (0, "")
    assert result.stdout.decode() == LONG_LINE
    assert max(map(len, session.texts)) <= 4000
    assert len(session.flushes) == 1


def test_twenty_thousand_paragraphs(say: Say, service: FakeService) -> None:
    """Each paragraph is flushed once, and its audio is in order."""
    result = say(stdin=PARAGRAPHS.encode(), limit=40)

    assert result.status == 0
    assert result.stdout.decode() == PARAGRAPHS
    assert len(service.session().flushes) == 20_000


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


def test_white_space_waits_for_its_word(say: Say, service: FakeService) -> None:
    """White space at the start of an utterance is sent with the word that follows."""
    running = say.start()
    session = service.session()
    running.type(b"\n\n  ")
    running.wait_taken()
    assert session.texts == []

    running.type(b"word")

    session.wait_text("\n\n  word")
