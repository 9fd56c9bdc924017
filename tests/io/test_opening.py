"""A session's connection is opened in a thread, and the first message sent at once."""

from __future__ import annotations

import socket

import pytest

from lmnt_cli.core.session.requests import Init, encode
from lmnt_cli.errors import ConnectError
from lmnt_cli.io.opening import start_opening
from lmnt_cli.io.route import route_to
from tests.doubles.behaviours import Refuses
from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import PATH, FakeService
from tests.tools.limits import LIMIT


INIT = encode(Init(KEY, "lily", "mp3", 24000))


def test_greeting(service: FakeService) -> None:
    """The first message arrives with the connection, before anyone has waited for it."""
    opening = start_opening(route_to(f"{service.url}{PATH}"), LIMIT, INIT)
    service.session().wait(lambda: "init" in str(service.session()), "the first message")
    opened = opening.wait(LIMIT)

    opened.close()


def test_refused(service: FakeService) -> None:
    """A refusal is raised where the connection is waited for."""
    service.does(Refuses(503))
    with pytest.raises(ConnectError):
        start_opening(route_to(f"{service.url}{PATH}"), LIMIT, INIT).wait(LIMIT)


def test_left_behind(service: FakeService) -> None:
    """An abandoned connection is closed once it is open."""
    opening = start_opening(route_to(f"{service.url}{PATH}"), LIMIT, INIT)
    opening.abandon()

    assert service.session().wait_end() == "client gone"


def test_limit(silent_port: socket.socket) -> None:
    """An attempt ends by itself after its limit."""
    opening = start_opening(route_to(f"http://127.0.0.1:{silent_port.getsockname()[1]}"), 0.1, INIT)
    with pytest.raises(ConnectError):
        opening.wait(LIMIT)
