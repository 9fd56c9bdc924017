"""A double that speaks a tape: a real WebSocket server whose audio encodes each spoken word.

It speaks early, once there is context, and at flush and finish. It gives word times as the service does
(protocol.md, 9: from 0 after each flush or reset, words, spaces and punctuation, without gaps). It cuts the
connection after any message of either side. One server serves many rehearsals at once, told apart by
`?case=`.
"""

from __future__ import annotations

import asyncio
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.proof.plans import Plan, Rehearsal
from tests.proof.tape_session import TapeSession


class TapeService:
    """The server. `rehearse` starts a case; `address` is where a program finds it."""

    def __init__(self) -> None:
        self.port = 0
        self._rehearsals: dict[str, Rehearsal] = {}
        self._open: set[TapeSession] = set()

    def rehearse(self, plan: Plan) -> tuple[Rehearsal, str]:
        """Start a new case; return the host, port and query that identify it."""
        name = str(len(self._rehearsals))
        rehearsal = self._rehearsals[name] = Rehearsal(plan)
        return rehearsal, f"127.0.0.1:{self.port}/?case={name}"

    async def __aenter__(self) -> Self:
        answer = partial(TapeSession, self._of, self._open)
        self._server = await asyncio.get_running_loop().create_server(answer, "127.0.0.1", 0, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._open:
            session.abort()
        self._server.close()
        await self._server.wait_closed()

    def _of(self, path: str) -> Rehearsal:
        return self._rehearsals[parse_qs(urlsplit(path).query)["case"][0]]
