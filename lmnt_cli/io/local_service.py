"""The embedded service for `--local`, a child process that is stopped, continued and ended with us.

Loading its voice takes longer than anything else, so it can be started before it is certain to be needed.
"""

from __future__ import annotations

import importlib.util
import os
import sys

from ..errors import ConnectError, UsageError
from .child import Child


# Modules installed by the extra [local].
_NEEDED = ("av", "h11", "hibari")
# The directory that contains this package.
_HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class LocalService(Child):
    """The embedded service as a child process. It accepts only `key`, which is generated for this run."""

    def __init__(self) -> None:
        """Start the service. Raises UsageError if a package is missing, ConnectError if it cannot start.

        It loads its voice and then waits for `begin`.
        """
        if not all(map(importlib.util.find_spec, _NEEDED)):
            raise UsageError("--local needs extra packages", hint="pip install 'lmnt-say[local]'")
        self.key = os.urandom(16).hex()
        self._url: str | None = None
        # -P: do not import modules from the current directory, which may contain a random.py.
        command = [sys.executable, "-P", "-m", "lmnt_cli.local", "serve", "--port", "0", "--stop-with-stdin"]
        try:
            super().__init__([*command, "--key-from-stdin"], stdout="piped", environment=_environment())
        except OSError as error:
            raise ConnectError(
                f"could not start the local service: {error.strerror}", transient=False
            ) from error

    def begin(self) -> None:
        """Make the service accept connections."""
        try:
            os.write(self.input, f"{self.key}\n".encode())  # through the pipe, so that ps does not show it
        except OSError:
            pass  # it has already ended; `url` reports why

    async def url(self, timeout: float) -> str:
        """Return the URL of the service. Raises ConnectError unless it starts within `timeout` seconds."""
        if self._url is None:
            import anyio

            try:
                with anyio.fail_after(timeout):
                    await anyio.wait_readable(self.output)
            except TimeoutError as error:
                raise ConnectError(f"the local service did not start within {timeout:g} s") from error
            # The service writes the line at once, so it can be read whole.
            self._url = os.read(self.output, 1024).decode().strip()
            if not self._url:
                await self.ended(timeout)
                reason = (self.last_words() or ["it printed nothing"])[-1]
                raise ConnectError(f"the local service did not start: {reason}", transient=False)
        return self._url


def _environment() -> dict[str, str]:
    """Return our environment, without the entries of PYTHONPATH that mean the current directory.

    (The option -I would also ignore the other entries, and the user's packages, where ours may be installed.)
    """
    environment = dict(os.environ)
    if "PYTHONPATH" in environment:
        entries = environment["PYTHONPATH"].split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(entry for entry in entries if _is_elsewhere(entry))
    return environment


def _is_elsewhere(entry: str) -> bool:
    """Return whether a directory is not the current one, or is the one that contains this package."""
    if not os.path.isabs(entry):
        return False
    try:
        return entry == _HOME or not os.path.samefile(entry, os.curdir)
    except OSError:
        return True  # one of the two does not exist
