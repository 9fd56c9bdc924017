"""Markdown and emoji are removed from the text as it arrives (contract, 13)."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from tests.doubles.behaviours import HangsUp
from tests.doubles.fake_service import FakeService
from tests.tools.decoding import decode, heard_among
from tests.tools.program import Say


# The output of a small model asked for Markdown.
MODEL = """<think>
The user wants a *list*. I should write ```code``` too.
</think>

# Making tea \N{TEACUP WITHOUT HANDLE}

To make **good** tea, you need `water` and [leaves](https://tea.example/leaves "Leaves"):

1. *Boil* the water.
2. Wait ~~one~~ two minutes.
   - [x] Warm the pot
   - [ ] Add the leaves

| Tea | Time |
|-----|-----:|
| Green | **2** min |
| Black | 4 min |

```python
def brew(leaves):
    return leaves * 2
```

> It costs 5 * 3 dollars.

---

Enjoy! \N{PARTY POPPER}
"""
SPOKEN = """
Making tea

To make good tea, you need water and leaves:

1. Boil the water.
2. Wait one two minutes.
Warm the pot
Add the leaves

Tea, Time
Green, 2 min
Black, 4 min

It costs 5 * 3 dollars.

Enjoy!
"""
UTTERANCES = [paragraph.split() for paragraph in SPOKEN.split("\n\n")]


def test_the_output_of_a_model(say: Say, service: FakeService) -> None:
    """Its words are spoken, paragraph by paragraph, without markup, wherever the reads are split."""
    running = say.start("--strip", "markdown,emoji", "-q")
    data = f"{MODEL}\n".encode()
    for size in (1, 7, 10_000):
        for at in range(0, len(data), size):
            running.type(data[at : at + size])
    running.end_input()
    result = say.end(running)

    assert (result.status, result.stderr) == (0, "")
    spoken = [utterance.split() for utterance in service.session().utterances if utterance.strip()]
    assert spoken == UTTERANCES * 3


def test_text_as_it_is_typed(say: Say, service: FakeService) -> None:
    """Text without markup is sent unchanged, every piece at once.

    With --flush-idle, words after open marks are spoken at the pause; the marks never are.
    """
    running = say.start("--strip", "markdown,emoji", "--flush-idle", "0.1", "-o", "-")
    session = service.session()
    seen = ""
    for piece in ["Hello, ", "wor", "ld.\n", "It is 3 * 4 = ", "twelve; a_b c\n"]:
        running.type(piece.encode())
        seen += piece
        session.wait_text(seen)

    running.type(b"It is **very important [see 5")
    seen += "It is very important see 5"
    assert running.read(len(seen)) == seen.encode()
    running.type(b"](https://a.b)** now.\n")
    running.end_input()
    assert say.end(running).status == 0
    assert session.text == f"{seen} now.\n"


def test_all_markup(say: Say, service: FakeService) -> None:
    """A file that is all markup has no word to speak: exit 9, no `finish`, and no recording."""
    (say.directory / "text").write_text("```\nall code\n```\n")
    result = say("--strip", "markdown", "-f", "text", "-o", "speech.mp3")

    assert (result.status, len(result.lines)) == (9, 1)
    assert "--strip" in result.lines[0]
    assert not any(session.finished for session in service.sessions)
    assert list(say.directory.glob("speech*")) == []


STARRED = b"One \\*star\\*.\n\n# Two \\*star\\*.\n\nThree.\n"
PROFILE = '[profile.p]\nstrip = ["markdown"]\n'


def test_saved_text_is_not_stripped_twice(say: Say, service: FakeService, tmp_path: Path) -> None:
    """The saved text is already stripped; the command strips nothing, though the configuration would.

    It names the options that selected the configuration.
    """
    (tmp_path / "c.toml").write_text(PROFILE)
    service.does(HangsUp(1011, at=1), "speaks")
    spoken = "One *star*.\n\nTwo *star*.\n\nThree.\n"

    selected = ["--config", str(tmp_path / "c.toml"), "--profile", "p"]
    first = say(*selected, "--on-drop", "fail", stdin=STARRED)
    command = shlex.split(first.stderr.partition("resume with: ")[2])
    assert Path(command[-1]).read_text().split() == spoken.split()
    assert {"--strip", *selected} <= set(command)

    assert say(*command[1:]).status == 0
    assert service.session(1).text.split() == spoken.split()


def test_the_original_is_passed_on(say: Say, service: FakeService) -> None:
    """The tee gets the text as it was read, and the events count what was removed.

    Text that ends in an unclosed block causes one notice.
    """
    text = b"**Bold** `x`\n```\n" + b"code " * 20
    result = say("--strip", "markdown", "--tee", "--events", "e.jsonl", "-o", "x.mp3", stdin=text)

    assert (result.status, result.stdout) == (0, text)
    assert service.session().text.split() == ["Bold", "x"]
    last = json.loads((say.directory / "e.jsonl").read_text().splitlines()[-1])
    assert last["figures"]["stripped_characters"] == len(text) - len("Bold x\n\n")
    assert len(result.lines) == 1
    assert "code block" in result.lines[0]


SENTENCE = "Alice had no idea what the rabbit was late for"
MARKED = "# Alice **had** no `idea` *what* [the](u) <b>rabbit</b> was ~~late~~ for"
ESCAPED = r"\# Alice had no \# idea what the \<b> rabbit was late for"
# How a sentence with marks sounds.
MARKS = ("asterisk", "hash", "pound", "star", "less", "than", "greater", "grave", "tilde", "bracket")


def test_what_is_heard(say: Say) -> None:
    """Spoken offline, of markup only the words are audible; marks that are text are."""
    text = f"{MARKED}.\n\n{ESCAPED}"
    recording = say("--local", "--format", "wav", "--strip", "markdown", stdin=text.encode(), limit=40).stdout
    heard = heard_among(decode(recording, "wav", 24000), f"{SENTENCE} {SENTENCE}", MARKS).split()

    words = SENTENCE.lower().split()
    assert heard[: len(words)] == words
    assert [word for word in heard[len(words) :] if word not in MARKS] == words
    assert set(heard[len(words) :]) & set(MARKS)
