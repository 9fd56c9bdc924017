"""The end of a run is reported clearly, in a line or two (contract, 7)."""

from __future__ import annotations

from typing import Any

import pytest

from lmnt_cli.core.figures.redaction import Redaction
from lmnt_cli.core.figures.snapshot import Figures
from lmnt_cli.core.text.strip.filters import Stripped
from lmnt_cli.core.value import replace
from lmnt_cli.errors import ConnectError, MissingKey, OutputError, SayError, ServiceError, UsageError
from lmnt_cli.io.status import Display
from lmnt_cli.options import Flags
from lmnt_cli.run.outcome import Kept
from lmnt_cli.run.report import repairs, report_bug, report_error, report_killed, subject_of
from lmnt_cli.settings import resolve


class Page(Display):
    """Keeps the lines reported."""

    def __init__(self, *, redact: Redaction | None = None) -> None:
        super().__init__(redact=redact)
        self.lines: list[str] = []

    def _line(self, data: bytes, wait: float) -> bool:
        self.lines.append(data.decode())
        return True


def told(error: SayError, *, audio: str | None = None, text: str | None = None) -> list[str]:
    """Return the lines reported for this error."""
    page = Page()
    report_error(page, error, Kept(audio, text))
    return page.lines


FIGURES = Figures(
    began=True, confirmed_bytes=1, dropped_bytes=0, audio_bytes=1, audio_seconds=None, first_sound=None,
    speed=None, resumed=0, replaced=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("stripped", "notices"),
    [
        (None, []),
        (Stripped(50, 100), []),
        (Stripped(1051, 2100), ["the text was mostly markup; 1,051 of its 2,100 characters were not spoken"]),
        (
            Stripped(1, 100, "code block"),
            ["the text ends in a code block that is not closed; 1 of its 100 characters were not spoken"],
        ),
    ],
)
def test_what_was_not_spoken(stripped: Stripped | None, notices: list[str]) -> None:
    """Text that was mostly stripped, or ends in an unclosed block, causes one notice."""
    assert repairs(replace(FIGURES, stripped=stripped)) == notices


def test_one_line() -> None:
    """An error is one line that begins with the program's name."""
    assert told(OutputError("could not write a: disk full")) == ["lmnt-say: could not write a: disk full\n"]


def test_what_to_try() -> None:
    """A hint is one more line."""
    assert told(MissingKey("no API key", hint="set it")) == ["lmnt-say: no API key; set it\n"]
    assert told(OutputError("no", hint="try")) == ["lmnt-say: no\n", "lmnt-say: try\n"]


def test_request_id() -> None:
    """The request id of the service is shown if there is one."""
    assert "req_1" in told(ServiceError("", "no", request_id="req_1"))[0]


def test_kept_audio() -> None:
    """The partial audio is named, in at most one line besides the error."""
    lines = told(ServiceError("", "no", hint="try"), audio="a.mp3.part", text="go on with: lmnt-say -f x")

    assert len(lines) == 2
    assert "a.mp3.part" in lines[1]
    assert "lmnt-say -f x" in lines[1]
    assert "try" in lines[1]


def test_usage() -> None:
    """A usage error is one line, not a box."""
    lines = told(UsageError("no such option: --voise", hint="see --help"))

    assert len(lines) == 1
    assert "see --help" in lines[0]


def test_escaped() -> None:
    """Text from the network is escaped before it reaches a terminal, and its brackets are not markup."""
    lines = told(ServiceError("", "a\x1b[31m\r\n\u202eb [bold]c[/bold]"))

    assert lines == ["lmnt-say: a\\x1b[31m\\r\\n\\u202eb [bold]c[/bold]\n"]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (SayError("it failed"), "lmnt-say: ch07.txt: it failed\n"),
        (SayError("ch07.txt is odd"), "lmnt-say: ch07.txt is odd\n"),
        (UsageError("it is odd", hint="try this"), "lmnt-say: ch07.txt: it is odd; try this\n"),
    ],
    ids=repr,
)
def test_the_file_is_named(error: SayError, line: str) -> None:
    """An error of a run about a file names the file, once."""
    page = Page()
    report_error(page, error, subject="ch07.txt")

    assert page.lines == [line]


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ({}, None),
        ({"file": ("-",)}, None),
        ({"text": ("words",)}, None),
        ({"file": ("a.txt",), "output": "a.mp3"}, "a.txt"),
        ({"file": ("a.txt", "-", "b.txt", "c.txt")}, "a.txt and 2 more"),
        ({"output": "a.mp3"}, "a.mp3"),
        ({"output": "-"}, None),
    ],
    ids=repr,
)
def test_what_a_run_is_about(given: dict[str, Any], subject: str | None) -> None:
    """A run is about the file that it reads, or else the one that it writes."""
    flags = Flags(**given)
    settings = resolve(flags, {"LMNT_API_KEY": "a-key"}, stdin_typed=False, stdout_terminal=False)

    assert subject_of(settings) == subject


def test_key_is_never_told() -> None:
    """The key is removed from all messages."""
    page = Page(redact=Redaction(keys=["s3cr3t"]))

    report_error(page, ServiceError("", "bad key s3cr3t, s3cr3t"))
    report_bug(page, ValueError("s3cr3t"), debug=True)

    assert not any("s3cr3t" in line for line in page.lines)


def test_killed() -> None:
    """After a signal only the kept audio is reported."""
    page = Page()
    report_killed(page, Kept())
    report_killed(page, Kept("a.mp3.part"))

    assert len(page.lines) == 1
    assert "a.mp3.part" in page.lines[0]


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (Kept(subtitles=("a.srt.part",)), "the subtitles so far are in a.srt.part"),
        (
            Kept("a.mp3.part", "resume", ("a.srt.part", "a.vtt.part")),
            "the audio so far is in a.mp3.part, its subtitles are in a.srt.part and a.vtt.part; resume",
        ),
    ],
    ids=["alone", "with audio"],
)
def test_subtitles_that_are_left(kept: Kept, said: str) -> None:
    """Subtitles are named as the recording is, however the run ended."""
    page = Page()
    report_error(page, ConnectError("cut off"), kept)
    report_killed(page, kept)

    lines = [line.removeprefix("lmnt-say: ").rstrip() for line in page.lines]
    assert lines == ["cut off", said, f"interrupted: {said}"]


def test_bug() -> None:
    """A bug is two lines without a traceback, or one with a traceback for --debug."""
    page = Page()
    report_bug(page, KeyError("x"), debug=False)
    assert len(page.lines) == 2
    assert "--debug" in page.lines[1]
    report_bug(page, KeyError("x"), debug=True)

    assert any("KeyError" in line for line in page.lines[3:])
