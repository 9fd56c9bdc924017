"""Voices and account on standard output, and a hint for an unknown voice (contract, 2 and 7)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import FakeService
from tests.doubles.rest_service import ACCOUNT, VOICES, RestService
from tests.tools.program import Result, Say
from tests.tools.terminal import Terminal


class ServiceWithVoices(FakeService):
    """The double of sessions, which also lists its voices."""

    async def _upgrade(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/v1/ai/voice/list":
            body = json.dumps(VOICES).encode()
            return Response(
                200, "OK", Headers({"Content-Length": str(len(body)), "Connection": "close"}), body
            )
        return await super()._upgrade(connection, request)


@pytest.fixture
def service() -> Iterator[FakeService]:
    with ServiceWithVoices() as running:
        yield running


@dataclass
class Asking:
    """The program, using the double of the REST API."""

    say: Say
    rest: RestService

    def __call__(self, *args: str, **env: str | None) -> Result:
        return self.say(*args, env={"LMNT_BASE_URL": self.rest.url, **env})


@pytest.fixture
def ask(say: Say) -> Iterator[Asking]:
    with RestService() as rest:
        yield Asking(say, rest)


def test_columns_in_a_pipe(ask: Asking) -> None:
    """In a pipe there is one row per voice, its id first, and nothing else."""
    result = ask("-v", "?")

    assert (result.status, result.stderr) == (0, "")
    assert [line.split()[0] for line in result.stdout.decode().splitlines()] == [
        "3f2a",
        "lily",
        "curtis",
        "morgan",
    ]
    assert b"morgan  Morgan      female  UK. Young adult. Conversational\n" in result.stdout
    assert not re.search(rb"[\x1b\t]|[^ ] +\n", result.stdout)


def test_words(ask: Asking) -> None:
    """Words filter the list, in columns and in JSON, where the service's objects are as received."""
    assert ask("--list-voices", "uk", "female").stdout.startswith(b"morgan  ")
    (shown,) = json.loads(ask("-v?", "--json", "male").stdout)
    assert shown in VOICES
    assert shown["id"] == "curtis"


def test_no_such_voice(ask: Asking) -> None:
    """An empty list is reported, after the settings with --debug; the completions get the complete one."""
    result = ask("--list-voices", "robot", "--debug")

    assert (result.status, result.stdout) == (0, b"")
    assert f"= base-url: {ask.rest.url}, from LMNT_BASE_URL" in result.lines
    assert "robot" in result.lines[-1]
    kept = Path(ask.say.environment["XDG_CACHE_HOME"]) / "lmnt-say" / "voices"
    assert kept.read_text().split() == [voice["id"] for voice in VOICES]

    quiet = ask("--list-voices", "robot", "-q", "--json")
    assert (json.loads(quiet.stdout), quiet.stderr) == ([], "")


def test_usage(ask: Asking) -> None:
    """The figures of the account, under the service's names; its keys are never shown."""
    result = ask("--usage")

    assert (result.status, result.stderr) == (0, "")
    assert re.search(rb"^plan +indie$", result.stdout, re.MULTILINE)
    assert re.search(rb"^characters +1234$", result.stdout, re.MULTILINE)
    shown = json.loads(ask("--usage", "--json").stdout)
    assert shown == {"plan": ACCOUNT["plan"], "usage": ACCOUNT["usage"]}


def test_a_table_on_a_terminal(terminal: Terminal) -> None:
    """On a terminal it is a table, at most as wide as that; ids are never cut."""
    with RestService() as rest:
        terminal.resize(50)
        running = terminal.start("--list-voices", stdout=None, env={"LMNT_BASE_URL": rest.url})

        assert terminal.end(running).status == 0
    rows = terminal.screen
    assert re.match(r" *voice +name +gender +description", rows[1] if not rows[0].strip() else rows[0])
    assert any(row.strip().startswith("morgan") for row in rows)
    assert max(map(len, rows)) <= 50


def test_what_the_service_says_is_no_command(terminal: Terminal) -> None:
    """Control sequences and markup in names are shown, not interpreted."""
    with RestService() as rest:
        evil = {"id": "evil", "name": "\x1b[2J[red]x[/red]\u202e", "description": "one\ntwo\x9b31m"}
        rest.says("/v1/ai/voice/list", [evil])
        terminal.resize(100)
        for args in (("--list-voices",), ("--list-voices", "--json")):
            running = terminal.start(*args, stdout=None, env={"LMNT_BASE_URL": rest.url})
            assert terminal.end(running).status == 0

    assert b"\x1b[2J" not in terminal.written
    assert "\x9b" not in terminal.written.decode()
    assert "\u202e" not in terminal.written.decode()
    assert "[red]x[/red]" in terminal.text


def test_a_terminal_of_few_letters(terminal: Terminal) -> None:
    """A letter that the terminal cannot show is escaped, in a table and in JSON."""
    with RestService() as rest:
        rest.says("/v1/ai/voice/list", [{"id": "zoe", "name": "Zoë"}])
        env = {"LMNT_BASE_URL": rest.url, "PYTHONIOENCODING": "ascii"}
        for args in (("--list-voices",), ("--list-voices", "--json")):
            assert terminal.end(terminal.start(*args, stdout=None, env=env)).status == 0

    assert terminal.text.count(r"Zo\xeb") == 2


def test_refused(ask: Asking) -> None:
    """A refusal has the exit status that a session would have, and never shows the key."""
    error = {"type": "error", "error": {"type": "any", "message": f"Bad key {KEY}"}, "request_id": "req_1"}
    ask.rest.says("/v1/ai/voice/list", error, 401)
    result = ask("--list-voices")

    assert (result.status, result.stdout) == (3, b"")
    assert "Bad key" in result.lines[0]
    assert "req_1" in result.lines[0]
    assert "127.0.0.1" in result.lines[0]


def test_an_echoed_key(ask: Asking) -> None:
    """A key or password repeated by the service is neither printed nor stored, in any spelling."""
    password = "hunter2"
    base = ask.rest.url.replace("//", f"//me:{password}@")
    ask.rest.says("/v1/account", {"plan": {"type": f"\x1b[1m{KEY}", KEY: 1}, "user": {"id": [KEY.upper()]}})
    soft = f"Soft %{ord(KEY[0]):x}{KEY[1:]}"
    ask.rest.says("/v1/ai/voice/list", [{"id": KEY, "name": password, "description": soft}])
    shown = ""
    for args in (("--usage",), ("--list-voices",), ("--list-voices", "--json")):
        result = ask(*args, "--base-url", base)
        assert (result.status, result.stderr) == (0, "")
        shown += result.stdout.decode()

    kept = Path(ask.say.environment["XDG_CACHE_HOME"]) / "lmnt-say" / "voices"
    assert KEY[2:] not in shown + kept.read_text()
    assert KEY[2:].upper() not in shown
    assert password not in shown
    assert "Soft [key]" in shown


def test_nobody_there(ask: Asking) -> None:
    """A service that cannot be reached is exit 5."""
    result = ask("--usage", LMNT_BASE_URL="http://127.0.0.1:9")

    assert (result.status, len(result.lines)) == (5, 2)
    assert "127.0.0.1:9" in result.lines[0]
    assert "--local" in result.lines[1]


def test_what_speaks_does_not_list(ask: Asking) -> None:
    """Options that make no sense with a listing are refused before anything is connected."""
    result = ask("--usage", "words")

    assert (result.status, len(result.lines), ask.rest.asked) == (2, 1, [])


def test_an_unknown_voice(say: Say) -> None:
    """An unknown voice is exit 8, with voices of similar names."""
    result = say("-v", "Lilly", "Hello.")

    assert result.status == 8
    assert "Voice 'Lilly' not found" in result.lines[0]
    assert "did you mean lily?" in result.lines[1]
    assert len(result.lines) == 2


def test_the_embedded_service(say: Say, needs_local: None, voiceless: dict[str, str]) -> None:
    """The embedded service lists its voices and its account without a key."""
    environment = {"LMNT_API_KEY": None, "LMNT_BASE_URL": None, **voiceless}
    voices = say("--local", "-v", "?", "uk", env=environment, limit=30)
    usage = say("--local", "--usage", "--json", env=environment, limit=30)

    assert voices.stdout.split()[0] == b"amy"
    assert set(json.loads(usage.stdout)) == {"plan", "usage"}


@pytest.fixture
def needs_local() -> None:
    """Skip without the packages of the embedded service."""
    for module in ("hibari", "av", "h11"):
        pytest.importorskip(module)
