"""Language models speak while they write (README, Recipes)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.doubles.fake_service import FakeService
from tests.tools.recipes import Desk, command, recipe


(MODELS,) = recipe("Language models.")
FIRST, REST = "**Once** upon\n\n", "a time. \N{PARTY POPPER}\n"
SPOKEN = ["Once", "upon", "a", "time."]
# What is printed beside the words: Ollama's spinner, and the events of Claude Code that are no text.
SPINNER = r"printf '\033[?25l\342\240\213 \033[?25h\r\033[2K' >&2"


def delta(kind: str, **fields: str) -> dict[str, object]:
    """Return an event of Claude Code that carries a piece of an answer."""
    event = {"type": "content_block_delta", "index": 0, "delta": {"type": kind, **fields}}
    return {"type": "stream_event", "event": event, "session_id": "s"}


def printed(*events: dict[str, object]) -> str:
    """Return a shell command that prints these events, a line each."""
    return "".join(f"cat <<'END'\n{json.dumps(event)}\nEND\n" for event in events)


CLAUDE_FIRST = printed(
    {"type": "system", "subtype": "init", "tools": ["Bash"]},
    {"type": "stream_event", "event": {"type": "message_start", "message": {"content": []}}},
    delta("thinking_delta", thinking="A *story*."),
    delta("text_delta", text=FIRST),
)
CLAUDE_REST = printed(
    delta("text_delta", text=REST),
    {"type": "assistant", "message": {"content": [{"type": "text", "text": FIRST + REST}]}},
    {"type": "stream_event", "event": {"type": "message_stop"}},
    {"type": "result", "subtype": "success", "result": FIRST + REST},
)
# A model prints its first piece, waits until the test has seen it spoken, and prints the rest.
WRITERS = {
    "llm": (f"printf %s '{FIRST}'", f"printf %s '{REST}'"),
    "ollama": (f"{SPINNER}; printf %s '{FIRST}'", f"printf %s '{REST}'; {SPINNER}"),
    "claude": (CLAUDE_FIRST, CLAUDE_REST),
}


@pytest.mark.parametrize("model", WRITERS)
def test_language_models(desk: Desk, service: FakeService, needs: Callable[[str], str], model: str) -> None:
    """The first paragraph is spoken before the model writes the second; no mark is spoken."""
    needs("jq")
    go = desk.gate("go")
    first, rest = WRITERS[model]
    desk.program(model, f"{first}\nread -r < '{go}'\n{rest}")
    running = desk.start("set -o pipefail\n" + command(MODELS, f"{model} "))

    service.session().wait_flushes(1)
    assert service.session().text.split() == SPOKEN[:2]
    go.write_text("\n")

    assert running.wait().status == 0
    assert service.session().text.split() == SPOKEN
    assert (desk.directory / "story.mp3").read_text().split() == SPOKEN


def test_a_model_that_fails(desk: Desk, service: FakeService) -> None:
    """What it wrote is spoken, and the pipeline has its exit status."""
    desk.program("ollama", f"printf %s '{FIRST}'; echo 'Error: out of memory' >&2; exit 3")

    result = desk.paste(command(MODELS, "set ") + "\n" + command(MODELS, "ollama "))

    assert (result.status, result.stderr) == (3, "Error: out of memory\n")
    assert service.session().text.split() == SPOKEN[:2]
