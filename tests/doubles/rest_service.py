"""A double of the service's REST API, with prepared answers; it records the requests."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.tools.limits import LIMIT


VOICES: list[dict[str, Any]] = [
    {
        "id": "morgan",
        "name": "Morgan",
        "owner": "system",
        "state": "ready",
        "type": "instant",
        "gender": "F",
        "description": "UK. Young adult. Conversational",
        "starred": False,
        "preview_url": "https://api.lmnt.com/v1/ai/morgan/preview",
    },
    {"id": "lily", "name": "Lily", "owner": "system", "state": "ready", "starred": True, "gender": "F"},
    {
        "id": "curtis",
        "name": "Curtis",
        "owner": "system",
        "state": "ready",
        "gender": "M",
        "description": None,
    },
    {"id": "3f2a", "name": "Me, Myself", "owner": "me", "state": "training", "tags": ["book", "work"]},
]
ACCOUNT: dict[str, Any] = {
    "plan": {"type": "indie", "character_limit": 200000, "commercial_use_allowed": True},
    "usage": {"characters": 1234, "period_end": None},
    "apikeys": [{"key": "sk-somebody-elses"}],
}


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    headers: Message


class RestService:
    """The server. `answers` maps a path to a status and a body: bytes are sent as is, others as JSON."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, tuple[int, object, dict[str, str]]] = {}
        self.says("/v1/ai/voice/list", VOICES)
        self.says("/v1/account", ACCOUNT)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def session_url(self) -> str:
        """The URL of speech sessions on the same host."""
        return f"ws{self.url.removeprefix('http')}/v1/ai/speech/stream"

    def says(self, path: str, content: object, status: int = 200, **headers: str) -> None:
        """Give this answer from now on."""
        self.answers[path] = (
            status,
            content,
            {name.replace("_", "-"): value for name, value in headers.items()},
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(Asked(self.path, self.headers))
                status, content, headers = service.answers.get(
                    self.path.split("?")[0], (404, {"detail": "Not Found"}, {})
                )
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"content-length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(LIMIT)
