"""A WebSocket connection to the service; every failure is reported once, clearly (contract, 5 and 7)."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import anyio
import pytest

from lmnt_cli.core.session.messages import Broken, Closed, Incoming, decode
from lmnt_cli.core.session.requests import Finish, Flush, Init, Text, encode
from lmnt_cli.errors import ConnectError, ExitCode, SayError
from lmnt_cli.io.connection import Connection, connected, open_connection
from lmnt_cli.io.opening import Greeting, start_opening
from lmnt_cli.io.route import route_to
from tests.doubles.behaviours import Behaviour, Refuses
from tests.doubles.fake_rules import KEY
from tests.doubles.fake_service import PATH, FakeService
from tests.doubles.fake_session import Session
from tests.tools.limits import LIMIT


pytestmark = pytest.mark.anyio
INIT = encode(Init(KEY, "lily", "mp3", 24000))


async def opened(service: FakeService, timeout: float = LIMIT) -> Connection:
    """Open a connection to the double."""
    return await open_connection(route_to(f"ws://127.0.0.1:{service.port}{PATH}"), timeout=timeout)


async def failure(url: str, timeout: float = LIMIT) -> ConnectError:
    """Return the error of a connection that cannot be opened."""
    with anyio.fail_after(LIMIT), pytest.raises(ConnectError) as raised:
        await open_connection(route_to(url), timeout=timeout)
    return raised.value


async def received(connection: Connection) -> list[Incoming]:
    """Return all messages up to the close."""
    messages: list[Incoming] = []
    with anyio.fail_after(LIMIT):
        while not messages or not isinstance(messages[-1], Closed | Broken):
            messages.append(await connection.receive())
    return messages


async def test_a_session(service: FakeService) -> None:
    """Messages pass unchanged in both directions, and the close of the service is the last one."""
    connection = await opened(service)
    for message in (INIT, encode(Text("Grüße.")), encode(Flush(1)), encode(Finish())):
        connection.send(message)
        await connection.drain()
    messages = await received(connection)

    assert isinstance(messages[0], str)
    assert decode(messages[0]) is not None
    assert messages[1] == "Grüße.".encode()
    assert messages[-1] == Closed(1000, "")
    connection.abort()


class SaysAndCloses(Behaviour):
    """Sends one message of this size, then closes with this code and reason."""

    def __init__(self, size: int, code: int, reason: str) -> None:
        super().__init__()
        self.size = size
        self.code = code
        self.reason = reason

    async def greet(self, session: Session) -> None:
        await session.send(b"x" * self.size)
        await session.close(self.code, self.reason)


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "going"), (1011, "overloaded"), (4000, "x")])
async def test_close(service: FakeService, code: int, reason: str) -> None:
    """A close is returned with its code and reason, after everything received before it."""
    service.does(SaysAndCloses(100, code, reason))
    connection = await opened(service)
    connection.send(INIT)

    assert await received(connection) == [b"x" * 100, Closed(code, reason)]
    assert await connection.receive() == Closed(code, reason)
    connection.abort()


class Drops(Behaviour):
    """Ends the connection without a close frame."""

    async def greet(self, session: Session) -> None:
        session.cut()


async def test_the_line_is_cut(service: FakeService) -> None:
    """A connection that ends without a close frame is 1006."""
    service.does(Drops())
    connection = await opened(service)
    connection.send(INIT)

    assert (await received(connection))[-1] == Closed(1006)
    connection.abort()


async def test_sending_after_the_close(service: FakeService) -> None:
    """Messages sent on a closed connection are discarded: the reason is still to be received."""
    service.does(SaysAndCloses(10, 1011, "why"))
    connection = await opened(service)
    connection.send(INIT)
    session = service.session()
    await asyncio.to_thread(session.wait, lambda: "close 1011" in str(session), "its close")
    with anyio.fail_after(LIMIT):
        for _ in range(100):
            connection.send(encode(Text("into the void")))
            await connection.drain()

    assert await received(connection) == [b"x" * 10, Closed(1011, "why")]
    connection.abort()


async def greeted(service: FakeService, *messages: str) -> Connection:
    """Open a connection to the double that sends these messages as soon as it is open."""
    route = route_to(f"ws://127.0.0.1:{service.port}{PATH}")
    return await connected(start_opening(route, LIMIT, Greeting(*messages)), route, timeout=LIMIT)


async def test_what_was_sent_as_the_greeting(service: FakeService) -> None:
    """The messages of the greeting are not sent again, and what follows them is sent."""
    one, two, three = (encode(Text(text)) for text in ("One", " two", " two"))
    connection = await greeted(service, INIT, one, two)
    for message in (INIT, one, two, three, encode(Finish())):
        connection.send(message)

    await received(connection)
    assert service.session().text == "One two two"
    connection.abort()


@pytest.mark.parametrize("second", ["One and", "Two"])
async def test_another_message_than_in_the_greeting(service: FakeService, second: str) -> None:
    """The connection is closed: the service has text that it should not have."""
    connection = await greeted(service, INIT, encode(Text("One")))
    connection.send(INIT)
    connection.send(encode(Text(second)))

    assert (await received(connection))[-1] == Closed(1006)
    connection.send(encode(Text("Three")))
    assert service.session().wait_end() == "client gone"
    assert service.session().text == "One"
    connection.abort()


async def test_large_messages(service: FakeService) -> None:
    """A message far larger than any from the service is received whole."""
    service.does(SaysAndCloses(8 << 20, 1000, ""))
    connection = await opened(service)
    connection.send(INIT)

    assert len(str((await received(connection))[0])) > 8 << 20
    connection.abort()


async def test_a_message_without_end(service: FakeService) -> None:
    """A message that would not fit in memory is refused."""
    service.does(SaysAndCloses((16 << 20) + 1, 1000, ""))
    connection = await opened(service)
    connection.send(INIT)

    assert isinstance((await received(connection))[-1], Broken)
    connection.abort()


async def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit includes the name's resolution, though that cannot be interrupted."""
    released = threading.Event()

    def resolve(*_: object, **__: object) -> None:
        released.wait(LIMIT)
        raise socket.gaierror(socket.EAI_AGAIN, "Try again")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with anyio.fail_after(LIMIT / 2), pytest.raises(ConnectError, match=r"a\.b:443: no answer within 0\.1 s"):
        await open_connection(route_to("https://a.b"), timeout=0.1)
    released.set()


async def test_ping(service: FakeService) -> None:
    """`ping` returns when the pong has arrived."""
    connection = await opened(service)
    connection.send(INIT)

    with anyio.fail_after(LIMIT):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(received, connection)
            await connection.ping()
            tasks.cancel_scope.cancel()
    connection.abort()


async def test_abort(service: FakeService) -> None:
    """`abort` takes no time and sends nothing to the service."""
    connection = await opened(service)
    connection.send(INIT)
    session = service.session()
    connection.abort()

    assert await asyncio.to_thread(session.wait_end) == "client gone"


@pytest.mark.parametrize(
    ("status", "code", "transient"),
    [
        (400, ExitCode.REFUSED, False),
        (401, ExitCode.AUTHENTICATION, False),
        (402, ExitCode.QUOTA, False),
        (403, ExitCode.AUTHENTICATION, False),
        (404, ExitCode.REFUSED, False),
        (429, ExitCode.QUOTA, True),
        (500, ExitCode.CONNECT, True),
        (503, ExitCode.CONNECT, True),
    ],
)
async def test_refused_handshake(service: FakeService, status: int, code: ExitCode, transient: bool) -> None:
    """A refused handshake is reported by its status, which decides exit status and retry."""
    service.does(Refuses(status))
    error = await failure(f"ws://127.0.0.1:{service.port}{PATH}")

    assert (error.status, error.code, error.transient) == (status, code, transient)
    assert str(status) in error.message
    assert "127.0.0.1" in error.message


@pytest.mark.parametrize(
    ("header", "expected"),
    [("7", 7.0), ("0.5", 0.5), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", None)],
)
async def test_retry_after(service: FakeService, header: str, expected: float | None) -> None:
    """The delay requested by the service is in seconds; a date in the past requests none."""
    service.does(Refuses(503, Retry_After=header))
    error = await failure(f"ws://127.0.0.1:{service.port}{PATH}")

    assert error.retry_after == expected or (expected is None and (error.retry_after or 0) <= 0)


async def test_redirect(service: FakeService) -> None:
    """A redirect is not followed: the key is only sent to the host that was given."""
    service.does(Refuses(302, Location=f"http://127.0.0.1:{service.port}{PATH}"))
    error = await failure(f"ws://127.0.0.1:{service.port}{PATH}")

    assert error.status == 302
    assert len(service.handshakes) == 1


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port with no listener."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_nobody_listens(closed_port: int) -> None:
    """A refused connection names host and reason, and may be retried."""
    error = await failure(f"ws://127.0.0.1:{closed_port}/")

    assert error.message == f"could not connect to 127.0.0.1:{closed_port}: connection refused"
    assert "--local" in str(error.hint)
    assert (error.code, error.transient) == (ExitCode.CONNECT, True)


async def test_nobody_answers(silent_port: socket.socket) -> None:
    """The timeout covers everything from DNS to the end of the handshake."""
    error = await failure(f"ws://127.0.0.1:{silent_port.getsockname()[1]}/", timeout=0.2)

    assert "0.2 s" in error.message
    assert error.code is ExitCode.CONNECT


async def test_unknown_name() -> None:
    """An unknown host name is reported."""
    error = await failure("ws://nobody.invalid/")

    assert "nobody.invalid" in error.message
    assert error.code is ExitCode.CONNECT


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"\x15\x03\x01\0"],
)
async def test_something_else_answers(answer: bytes) -> None:
    """An answer that is not a WebSocket handshake is reported as such."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.sendall(answer)
            connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        error = await failure(f"ws://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join(LIMIT)

    assert "127.0.0.1" in error.message
    assert "\n" not in error.message


async def test_no_tls(service: FakeService) -> None:
    """TLS to a port without TLS fails with a clear message."""
    error = await failure(f"wss://127.0.0.1:{service.port}{PATH}")

    assert "127.0.0.1" in error.message
    assert error.code is ExitCode.CONNECT


async def test_cancelled(silent_port: socket.socket) -> None:
    """An attempt can be cancelled at any time."""
    with anyio.move_on_after(0.05) as scope:
        await open_connection(route_to(f"ws://127.0.0.1:{silent_port.getsockname()[1]}/"), timeout=60.0)

    assert scope.cancelled_caught


async def test_a_proxy_that_refuses(closed_port: int) -> None:
    """A proxy that cannot be reached is a failure to connect too."""
    route = route_to("ws://127.0.0.1:1/", proxy=f"http://127.0.0.1:{closed_port}")
    with anyio.fail_after(LIMIT), pytest.raises(SayError) as raised:
        await open_connection(route, timeout=5.0)

    assert raised.value.code is ExitCode.CONNECT
