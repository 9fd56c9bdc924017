"""Start the embedded service for `--local`; it ends, stops and continues with us."""

from __future__ import annotations

import importlib.util
import os
import sys

import anyio

from ..errors import ConnectError, UsageError
from .child import Child


# What the extra [local] installs.
_NEEDED = ("av", "h11", "hibari")


class LocalService(Child):
    """The embedded service as our child. `key` is the only one it takes, made for this run alone."""

    def __init__(self) -> None:
        """Start it. Raises UsageError if a package is missing, ConnectError if it cannot be started."""
        if not all(map(importlib.util.find_spec, _NEEDED)):
            raise UsageError("--local needs more packages", hint="pip install 'lmnt-say[local]'")
        self.key = os.urandom(16).hex()
        self._url: str | None = None
        # -P: modules are never looked for in the current directory, where a random.py may lie about.
        command = [sys.executable, "-P", "-m", "lmnt_cli.local", "serve", "--port", "0", "--stop-with-stdin"]
        try:
            super().__init__([*command, "--key-from-stdin"], stdout="piped", environment=_environment())
            os.write(self.input, f"{self.key}\n".encode())  # in the pipe, where ps does not show it
        except BrokenPipeError:
            pass  # it has ended already: `url` says why
        except OSError as error:
            raise ConnectError(
                f"could not start the local service: {error.strerror}", transient=False
            ) from error

    async def url(self, timeout: float) -> str:
        """Return where it listens. Raises ConnectError if it does not within `timeout` seconds."""
        if self._url is None:
            try:
                with anyio.fail_after(timeout):
                    await anyio.wait_readable(self.output)
            except TimeoutError as error:
                raise ConnectError(f"the local service did not start within {timeout:g} s") from error
            # The line is written at once, so what is readable is whole.
            self._url = os.read(self.output, 1024).decode().strip()
            if not self._url:
                await self.ended(timeout)
                reason = (self.last_words() or ["it printed nothing"])[-1]
                raise ConnectError(f"the local service did not start: {reason}", transient=False)
        return self._url


def _environment() -> dict[str, str]:
    """Ours, but without the entries of PYTHONPATH that stand for the current directory."""
    environment = dict(os.environ)
    if "PYTHONPATH" in environment:
        entries = environment["PYTHONPATH"].split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(filter(os.path.isabs, entries))
    return environment
