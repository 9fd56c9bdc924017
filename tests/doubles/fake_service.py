"""The double of the service: a real WebSocket server on its own port, in its own thread.

It speaks the wire protocol (protocol.md sections 2 to 8) and knows nothing of the program under test.
Its behaviours are chosen by name (`behaviours.py`). It refuses what the service refuses, because a double
that shares the client's misunderstandings would only certify them. Every session keeps a transcript, and
every wait has a limit.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
import time
import traceback
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from tests.doubles.behaviours import BEHAVIOURS, Behaviour
from tests.doubles.fake_rules import KEY
from tests.doubles.fake_session import Session
from tests.tools.limits import LIMIT


PATH = "/v1/ai/speech/stream"
JSON = {"Content-Type": "application/json"}
NOT_FOUND = b'{"detail":"Not Found"}'

# Failures of a session are in its transcript; the library's messages about cut connections are noise.
QUIET = logging.getLogger("fake service")
QUIET.disabled = True


@dataclass(frozen=True)
class Handshake:
    """One upgrade request, answered with `status`, at a monotonic time."""

    at: float
    path: str
    headers: Headers
    status: int


class FakeService:
    """The server: `does(...)` sets how the next connections are treated, `sessions` has what was received."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, path: str = PATH, key: str = KEY) -> None:
        self.key = key
        self.path = path
        self.sessions: list[Session] = []
        self.handshakes: list[Handshake] = []
        self.requests: list[str] = []
        self.changed = threading.Condition()
        self.port = 0
        self._plan: tuple[Behaviour, ...] = (BEHAVIOURS["speaks"],)
        self._tls = tls
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake service", daemon=True)

    def does(self, *plan: str | Behaviour) -> Self:
        """Treat the n-th connection with the n-th behaviour, and all after the last with the last."""
        self._plan = tuple(BEHAVIOURS[b] if isinstance(b, str) else b for b in plan)
        return self

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def faults(self) -> list[str]:
        """Return what clients sent that the service does not accept, over all sessions."""
        return [fault for session in self.sessions for fault in session.faults]

    def session(self, number: int = 0, limit: float = LIMIT) -> Session:
        """Return the n-th session, as soon as its `init` was accepted."""
        with self.changed:
            if not self.changed.wait_for(
                lambda: len(self.sessions) > number and self.sessions[number].init, limit
            ):
                raise AssertionError(f"no session {number} within {limit} s\n{self.story()}")
        return self.sessions[number]

    def wait_handshakes(self, count: int, limit: float = LIMIT) -> None:
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.handshakes) >= count, limit):
                raise AssertionError(f"no {count} handshakes within {limit} s\n{self.story()}")

    def let(self, gate: str, times: int = 1) -> None:
        """Open the gate with this name this many times, for those waiting and those who arrive later."""
        for _ in range(times):
            self._loop.call_soon_threadsafe(self.gate(gate).release)

    def cut(self, session: Session) -> None:
        """Cut this session's TCP connection from the test's side."""
        self._loop.call_soon_threadsafe(session.cut)

    def gate(self, name: str) -> asyncio.Semaphore:
        return self._gates.setdefault(name, asyncio.Semaphore(0))

    def story(self) -> str:
        """Return everything that happened, for the report of a failed test."""
        parts = [f"handshake {h.path} → {h.status}" for h in self.handshakes]
        parts += [f"request {path} → 404" for path in self.requests]
        parts += [f"session {n}:\n{session}" for n, session in enumerate(self.sessions)]
        return "\n".join(parts) or "nobody called"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(LIMIT), "the double did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(LIMIT)
        assert not self._thread.is_alive(), "the double did not stop"

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with serve(
            self._handle,
            "127.0.0.1",
            0,
            ssl=self._tls,
            process_request=self._upgrade,
            compression=None,
            ping_interval=None,
            close_timeout=LIMIT,
            open_timeout=None,
            max_size=2**24,
            logger=QUIET,
        ) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._started.set()
            await self._stop.wait()
            for connection in server.connections:
                connection.transport.abort()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()  # otherwise a session that waits for a gate would be waited for

    async def _upgrade(self, connection: ServerConnection, request: Request) -> Response | None:
        if "Upgrade" not in request.headers:
            return self._not_found(request)
        behaviour = self._plan[min(len(self.handshakes), len(self._plan) - 1)]
        connection.behaviour = behaviour  # type: ignore[attr-defined]  # travels with its connection
        response: Response | None = None
        if request.path.split("?")[0] != self.path:
            response = _response(404, JSON, NOT_FOUND)
        elif behaviour.refusal is not None:
            response = _response(*behaviour.refusal)
        with self.changed:
            status = response.status_code if response else 101
            self.handshakes.append(Handshake(time.monotonic(), request.path, request.headers, status))
            self.changed.notify_all()
        return response

    def _not_found(self, request: Request) -> Response:
        """Record the request and answer 404: the double has no REST routes."""
        with self.changed:
            self.requests.append(request.path)
            self.changed.notify_all()
        return _response(404, JSON, NOT_FOUND)

    async def _handle(self, connection: ServerConnection) -> None:
        session = Session(self, connection, connection.behaviour)  # type: ignore[attr-defined]  # set in _upgrade
        with self.changed:
            self.sessions.append(session)
        try:
            await session.run()
        except Exception:
            session.faults.append(f"the double itself failed: {traceback.format_exc()}")


def _response(status: int, headers: dict[str, str], body: bytes) -> Response:
    fields = Headers(headers | {"Content-Length": str(len(body)), "Connection": "close"})
    return Response(status, HTTPStatus(status).phrase, fields, body)
