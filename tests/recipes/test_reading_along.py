"""The text beside the speech: passed on, as subtitles, as messages (README, Recipes)."""

from __future__ import annotations

import json
from collections.abc import Callable

import srt
import webvtt

from tests.doubles.fake_service import FakeService
from tests.tools.recipes import Desk, command, recipe


(ALONG,) = recipe("Read it and hear it.")
(COSTS,) = recipe("What would it cost, and what happened?")
STORY = "Once **upon**\n\n\ta time\N{HORIZONTAL ELLIPSIS}\r\n\n"


def test_the_text_passed_on(desk: Desk, service: FakeService) -> None:
    """What is shown and what is kept is what the model printed, byte for byte."""
    heard = desk.player()
    desk.program("llm", f"cat '{desk.write('story', STORY)}'")

    result = desk.paste(command(ALONG, 'llm "Tell me a story" | lmnt-say --play --tee'))

    assert (result.status, result.stderr) == (0, "")
    assert result.stdout == STORY.encode()
    assert (desk.directory / "story.txt").read_bytes() == STORY.encode()
    assert heard.read_text().split() == STORY.split()


def test_a_chapter_with_subtitles(desk: Desk, service: FakeService) -> None:
    """Both files hold the chapter's words, and are there with the audio."""
    desk.write("chapter.txt", STORY)

    result = desk.paste(command(ALONG, "lmnt-say -f chapter.txt"))

    assert (result.status, result.stderr) == (0, "")
    assert desk.names("chapter.*") == {"chapter.txt", "chapter.mp3", "chapter.vtt", "chapter.srt"}
    shown = srt.parse((desk.directory / "chapter.srt").read_text())
    captions = webvtt.read(str(desk.directory / "chapter.vtt")).captions
    assert " ".join(cue.content for cue in shown).split() == STORY.split()
    assert " ".join(caption.text for caption in captions).split() == STORY.split()


def test_live_captions(desk: Desk, service: FakeService) -> None:
    """A caption shows while the model still writes, none of an earlier run does; it ends with the speech."""
    heard = desk.player()
    go = desk.gate("go")
    desk.write("live.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nYesterday.\n\n")
    desk.program("llm", f"printf 'One.\\n\\nTwo.\\n\\n'; read -r < '{go}'; printf 'Three.\\n'")
    running = desk.start(
        command(ALONG, ": ") + "\n" + command(ALONG, 'llm "Tell me a story" | lmnt-say --play --no-part')
    )

    assert b"One." in running.read(len("WEBVTT\n\n00:00.000 --> 00:01.000\n"))
    go.write_text("\n")

    result = running.wait()
    assert (result.status, result.stderr) == (0, "")
    assert heard.read_text().split() == ["One.", "Two.", "Three."]
    assert [line for line in result.stdout.decode().splitlines() if line.endswith(".")] == [
        "One.",
        "Two.",
        "Three.",
    ]


def test_the_cost(desk: Desk, service: FakeService, needs: Callable[[str], str]) -> None:
    """The count is that of the characters that would be sent; nothing is connected to."""
    needs("jq")
    desk.write("chapter.txt", "Twelve: \N{PARTY POPPER}…\n\nMore.\n" * 1000)

    result = desk.paste(command(COSTS, "lmnt-say --dry-run"))

    assert (result.status, result.stderr) == (0, "")
    assert int(result.stdout) == len("Twelve: X…\n\nMore.\n") * 1000
    assert service.handshakes == []


def test_what_happened(desk: Desk, service: FakeService) -> None:
    """The figures are on standard error, the events are JSON lines from start to end."""
    desk.write("chapter.txt", STORY)

    result = desk.paste(command(COSTS, "lmnt-say -f"))
    events = [json.loads(line) for line in (desk.directory / "events.jsonl").read_text().splitlines()]

    assert (result.status, result.stdout) == (0, b"")
    assert "utterances" in result.stderr
    assert [events[0]["event"], events[-1]["event"], events[-1]["status"]] == ["start", "end", 0]
