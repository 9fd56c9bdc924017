"""Print a listing on standard output: a table on a terminal, plain columns in a pipe, or JSON.

Control characters sent by the service are escaped before they reach a terminal.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

import anyio

from .core.figures.redaction import Redaction
from .core.json_text import to_json
from .endpoint import Endpoint
from .inquiry import Inquiry, Subject
from .io.local_service import LocalService
from .io.rest import Voice, fetch_account, list_voices
from .io.state_files import save_voice_ids
from .io.terminal import escape, is_terminal
from .settings import ServiceSettings


Rows = list[tuple[str, ...]]

_GENDERS = {"f": "female", "m": "male", "u": ""}


def answer(inquiry: Inquiry, redact: Redaction) -> str | None:
    """Query the service and print its answer without secrets; return a notice, if there is one.

    Raises SayError.
    """
    timeout = inquiry.service.connect_timeout
    endpoint = _located(inquiry.service)
    if inquiry.subject is Subject.ACCOUNT:
        account = redact.members(fetch_account(endpoint, timeout))
        _print_json(account) if inquiry.json else _print_rows(("", ""), account_rows(account))
        return None
    everybody = [redact.members(voice) for voice in list_voices(endpoint, timeout)]
    if not endpoint.local:
        # The voices of the embedded service belong to no account.
        save_voice_ids(str(voice.get("id")) for voice in everybody)
    voices = [voice for voice in everybody if fits(voice, inquiry.words)]
    if inquiry.json:
        _print_json(voices)
    elif voices:
        _print_rows(("voice", "name", "gender", "description", ""), voice_rows(voices))
    if voices:
        return None
    return f"no voice matches: {' '.join(inquiry.words)}" if inquiry.words else "the service has no voices"


def fits(voice: Voice, words: Sequence[str]) -> bool:
    """Return whether each word is a prefix of a word in the voice's description."""
    members = [voice.get(name) for name in ("id", "name", "gender", "description", "owner", "type", "state")]
    members += _tags(voice)
    described = [word for member in members for word in re.findall(r"\w+", str(member or "").casefold())]
    described.append(_gender(voice))
    described += [str(voice.get("id", "")).casefold(), "starred" if voice.get("starred") else ""]
    return all(any(each.startswith(word.casefold()) for each in described) for word in words)


def voice_rows(voices: Sequence[Voice]) -> Rows:
    """Return one row per voice, the user's own and starred ones first."""

    def rank(voice: Voice) -> tuple[bool, bool, str]:
        return voice.get("owner") != "me", not voice.get("starred"), str(voice.get("id"))

    return [
        (
            str(voice.get("id") or ""),
            str(voice.get("name") or ""),
            _gender(voice),
            str(voice.get("description") or ""),
            ", ".join(_remarks(voice)),
        )
        for voice in sorted(voices, key=rank)
    ]


def account_rows(account: dict[str, Any]) -> Rows:
    """Return the figures of the account, under the names the service gives them."""
    rows: Rows = []
    for group in ("plan", "usage"):
        members = account.get(group)
        for name, value in members.items() if isinstance(members, dict) else ():
            if isinstance(value, bool):
                value = "yes" if value else "no"
            elif value is None and name == "character_limit":
                value = "none"
            if isinstance(value, str | int | float):
                rows.append((group if name == "type" else f"{name}".replace("_", " "), f"{value}"))
    return rows


def _gender(voice: Voice) -> str:
    gender = str(voice.get("gender") or "").casefold()
    return _GENDERS.get(gender, gender)


def _remarks(voice: Voice) -> list[str]:
    remarks = ["starred"] if voice.get("starred") else []
    remarks += ["own"] if voice.get("owner") == "me" else []
    state = str(voice.get("state") or "ready")
    remarks += [state] if state != "ready" else []
    return [remark for remark in remarks + _tags(voice) if remark]


def _tags(voice: Voice) -> list[str]:
    tags = voice.get("tags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def _located(service: ServiceSettings) -> Endpoint:
    """Return the endpoint to query, after starting the embedded service if that is used."""
    if not service.endpoint.local:
        return service.endpoint
    local = LocalService()
    local.begin()
    url = anyio.run(local.url, service.connect_timeout)
    return service.endpoint.located_at(url, local.key)


def _print_json(content: object) -> None:
    _write(to_json(content, indent=2) + "\n")


def _print_rows(titles: tuple[str, ...], rows: Rows) -> None:
    rows = [tuple(map(escape, row)) for row in rows]
    if is_terminal(1):
        _print_table(titles, rows)
    else:
        _write(columns(rows))


def columns(rows: Rows) -> str:
    """Return rows as plain text, with two spaces between columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(line.rstrip() + "\n" for line in lines)


def _print_table(titles: tuple[str, ...], rows: Rows) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_header=any(titles), pad_edge=False, header_style="dim")
    for number, title in enumerate(titles):
        table.add_column(
            title,
            min_width=len(title),
            no_wrap=number == 0,  # ids get copied
            style="bold" if number == 0 else None,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(highlight=False)
    with console.capture() as capture:
        console.print(table)
    _write(capture.get())


def _write(text: str) -> None:
    """Write to standard output, in UTF-8 or in the encoding of the terminal."""
    encoding = sys.stdout.encoding if is_terminal(1) else "utf-8"
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode(encoding, "backslashreplace"))
    sys.stdout.buffer.flush()
