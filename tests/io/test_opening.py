"""A session's connection is opened in a thread, and the first message sent at once."""

from __future__ import annotations

import socket

import pytest

from lmnt_cli.core.session.requests import Init, Text, encode
from lmnt_cli.errors import ConnectError
from lmnt_cli.io.opening import Greeting, start_opening
from lmnt_cli.io.route import route_to
from tests.doubles.behaviours import Refuses
from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import PATH, FakeService
from tests.tools.limits import LIMIT


INIT = encode(Init(KEY, "lily", "mp3", 24000))


def test_greeting(service: FakeService) -> None:
    """The first message arrives with the connection, before anyone has waited for it."""
    opening = start_opening(route_to(f"{service.url}{PATH}"), LIMIT, Greeting(INIT))
    service.session().wait(lambda: "init" in str(service.session()), "the first message")
    opened = opening.wait(LIMIT)

    opened.close()


def test_refused(service: FakeService) -> None:
    """A refusal is raised where the connection is waited for."""
    service.does(Refuses(503))
    with pytest.raises(ConnectError):
        start_opening(route_to(f"{service.url}{PATH}"), LIMIT, Greeting(INIT)).wait(LIMIT)


def test_left_behind(service: FakeService) -> None:
    """An abandoned connection is closed once it is open."""
    opening = start_opening(route_to(f"{service.url}{PATH}"), LIMIT, Greeting(INIT))
    opening.abandon()

    assert service.session().wait_end() == "client gone"


def test_limit(silent_port: socket.socket) -> None:
    """An attempt ends by itself after its limit."""
    opening = start_opening(route_to(f"http://127.0.0.1:{silent_port.getsockname()[1]}"), 0.1, Greeting(INIT))
    with pytest.raises(ConnectError):
        opening.wait(LIMIT)


def test_what_is_added_to_a_greeting() -> None:
    """Messages can be added until the greeting is taken, and nothing later: each is sent exactly once."""
    greeting = Greeting("a")

    assert greeting.add("b", "c")
    assert greeting.take() == ("a", "b", "c")
    assert not greeting.add("d")
    assert greeting.take() == ("a", "b", "c")


def test_a_greeting_of_several_messages(service: FakeService) -> None:
    """All its messages arrive, in order."""
    texts = [encode(Text(text)) for text in ("One", " two", " three")]
    opening = start_opening(route_to(f"{service.url}{PATH}"), LIMIT, Greeting(INIT, *texts))
    service.session().wait_text("One two three")
    opened = opening.wait(LIMIT)

    assert opened.greeting == (INIT, *texts)
    opened.close()
