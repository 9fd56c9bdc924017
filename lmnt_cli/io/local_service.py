"""Starts the embedded service for `--local`, and ends, stops and continues it with us."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile

import anyio

from ..errors import ConnectError, UsageError


# What the extra [local] installs.
_NEEDED = ("av", "h11", "hibari")


class LocalService:
    """The service as a process of its own group, which ends when the pipe we hold to it closes."""

    def __init__(self) -> None:
        """Start it. Raises UsageError if what it needs is not installed."""
        if not all(map(importlib.util.find_spec, _NEEDED)):
            raise UsageError("--local needs more packages", hint="pip install 'lmnt-say[local]'")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - read when it has failed
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lmnt_cli.local", "serve", "--port", "0", "--stop-with-stdin"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            process_group=0 if os.name == "posix" else None,
        )
        self._url: str | None = None

    async def url(self, timeout: float) -> str:
        """Where it listens. Raises ConnectError if it does not say so within `timeout` seconds."""
        if self._url is None:
            assert self._process.stdout is not None, "asked for above"
            try:
                with anyio.fail_after(timeout):
                    await anyio.wait_readable(self._process.stdout)
            except TimeoutError as error:
                raise ConnectError(f"the local service did not start within {timeout:g} s") from error
            # The line is written at once, so what is readable is whole.
            self._url = self._process.stdout.readline().decode().strip()
            if not self._url:
                raise ConnectError(f"the local service did not start: {self._last_words()}", transient=False)
        return self._url

    def stop(self) -> None:
        """Stop it, as we are about to be."""
        self._signal("SIGSTOP")

    def go_on(self) -> None:
        """Let it go on."""
        self._signal("SIGCONT")

    def _signal(self, name: str) -> None:
        try:
            os.killpg(self._process.pid, getattr(signal, name))
        except OSError:
            pass  # it has ended

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")
