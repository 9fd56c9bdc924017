"""`--dry-run` prints the messages that would be sent; `--max-chars` ends the input (contract, 14)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


TEXT = b"One. Two.\n\nThree \xe2\x80\x94 four.\n"


def messages(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def test_the_messages_of_a_run(say: Say, service: FakeService) -> None:
    """The messages are those of the same command without --dry-run, except for the key."""
    args = ("--flush-on", "sentence", "--format", "ulaw", "-l", "en")
    preview = say(*args, "--dry-run", "-q", stdin=TEXT)
    run = say(*args, "-o", "-", stdin=TEXT)

    assert (preview.status, preview.stderr, run.status) == (0, "", 0)
    shown = messages(preview.stdout)
    sent = [entry.message for entry in service.session().transcript if entry.who == "client"]
    assert shown[0].pop("X-API-Key") == "…"
    assert shown[0] == {name: value for name, value in sent[0].items() if name != "X-API-Key"}
    assert shown[1:] == sent[1:]


def test_nothing_is_touched(say: Say, service: FakeService, tmp_path: Path) -> None:
    """There is no key, no player and no connection, and no file is created; figures are on stderr."""
    none = {"LMNT_API_KEY": None, "PATH": ""}
    result = say("--dry-run", "-o", "story.wav", "--subtitles", "x.srt", "-p", stdin=TEXT, env=none)

    assert result.status == 0
    assert result.lines == ["lmnt-say: 25 characters, 6 messages, 2 utterances"]
    assert messages(result.stdout)[0]["format"] == "pcm_s16le"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
    assert service.handshakes == []


def test_each_piece_at_once(say: Say) -> None:
    """Messages are printed at the moment they would be sent."""
    running = say.start("--dry-run", "-q")
    running.type(b"Hello")
    assert b'"Hello"' in running.read(150)
    running.type(b".\n\n")
    running.read(150 + 60)
    running.end_input()

    kinds = [message["type"] for message in messages(say.end(running).stdout)]
    assert kinds == ["init", "text", "text", "flush", "finish"]


def test_a_full_disk(say: Say) -> None:
    """Standard output that fails is exit 7.

    Other failures are those of a run: text without a word in tests/core/test_preview.py, URLs in
    tests/run/test_previewing.py, and what needs the service in tests/test_settings.py.
    """
    with Path("/dev/full").open("wb") as full:
        result = say("--dry-run", stdin=TEXT, stdout=full.fileno())

    assert result.status == 7
    assert "No space left on device" in result.stderr


def test_the_input_ends_after_so_many_characters(say: Say, service: FakeService) -> None:
    """Text beyond the limit is neither read nor sent, and a notice says so."""
    running = say.start("--max-chars", "9", "-o", "-")
    running.type("Grüße. Ja. Nein.".encode())
    result = say.end(running)  # standard input stays open

    assert result.status == 0
    assert service.session().text == "Grüße. Ja"
    assert result.lines == [
        "lmnt-say: the input was cut off after the number of characters given by --max-chars"
    ]


def test_a_file_it_would_not_stop_reading(say: Say, tmp_path: Path) -> None:
    """Messages appended to the input itself would be read again, without end: exit 2, unchanged."""
    (tmp_path / "text").write_bytes(b"One.")
    (tmp_path / "link").symlink_to("text")
    with (tmp_path / "text").open("ab") as file:
        result = say("--dry-run", "-f", "link", stdout=file.fileno())

    assert (result.status, len(result.lines)) == (2, 1)
    assert (tmp_path / "text").read_bytes() == b"One."


def test_the_notices_of_a_run(say: Say) -> None:
    """What a run would strip, replace or leave out is treated alike, and reported."""
    text = b"**Gr\xfc\xdfe**.\n\n| a |\n|---|\nand ever so on"
    result = say("--dry-run", "--strip", "markdown", "--max-chars", "9", stdin=text)

    assert [line.removeprefix("lmnt-say: ") for line in result.lines][1:] == [
        "the text was not valid UTF-8 in 2 places, spoken as U+FFFD",
        "the input was cut off after the number of characters given by --max-chars",
    ]
    assert "".join(message.get("text", "") for message in messages(result.stdout)) == "Gr��e.\n\na"


def test_where_settings_come_from(say: Say, tmp_path: Path) -> None:
    """With --debug a dry run names the source of each setting, without a run that costs anything."""
    (tmp_path / "c.toml").write_text("voice = 'ava'\n[profile.p]\nretry = 5\n")
    result = say("--dry-run", "--debug", "--config", "c.toml", "--profile", "p", "Hello.")

    assert result.status == 0
    assert {
        "= voice: ava, from c.toml:1: voice",
        "= retry: 5, from c.toml:3: retry",
        "= profile: p, from the command line",
    } <= set(result.lines)
