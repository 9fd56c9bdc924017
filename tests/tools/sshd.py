"""A machine that is reached by ssh: a real sshd on loopback, run by this user, with its own keys and home."""

from __future__ import annotations

import contextlib
import shlex
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.tools.descriptor_reader import Collector
from tests.tools.limits import LIMIT


# Each session starts in the machine's home and finds our programs, where sshd would use the user's.
# SHLVL keeps bash from reading the user's own .bashrc, as it does when sshd starts it.
SESSION = """\
#!/bin/sh
cd {home} && exec env {variables} sh -c "$SSH_ORIGINAL_COMMAND"
"""
SERVER = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {keys}/host
AuthorizedKeysFile {keys}/user.pub
ForceCommand {keys}/session
SetEnv SHLVL=1
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"""
# The client reuses a connection for the next command, which saves most of the time.
CLIENT = """\
Host {names}
HostName 127.0.0.1
Port {port}
Host *
IdentityFile {keys}/user
IdentitiesOnly yes
BatchMode yes
LogLevel ERROR
StrictHostKeyChecking accept-new
UserKnownHostsFile {keys}/known
ControlMaster auto
ControlPersist yes
ControlPath {keys}/%n
"""


@contextlib.contextmanager
def machine(
    names: str, home: Path, environment: Mapping[str, str], needs: Callable[[str], str]
) -> Iterator[Path]:
    """Run a machine with these names; return the configuration of an ssh client that knows it.

    Commands there start in `home`, with these variables.
    """
    server, client, keygen = needs("sshd"), needs("ssh"), needs("ssh-keygen")
    with tempfile.TemporaryDirectory() as directory:  # the path of a socket has to be short
        keys = Path(directory)
        for key in ("host", "user"):
            subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", keys / key], check=True)
        variables = shlex.join(f"{key}={value}" for key, value in {**environment, "HOME": str(home)}.items())
        session = keys / "session"
        session.write_text(SESSION.format(home=shlex.quote(str(home)), variables=variables))
        session.chmod(0o755)
        with _listening(server, keys) as port:
            config = keys / "config"
            config.write_text(CLIENT.format(names=names, port=port, keys=keys))
            yield config
            for name in names.split():
                subprocess.run([client, "-F", config, "-O", "exit", name], capture_output=True, check=False)


@contextlib.contextmanager
def _listening(server: str, keys: Path) -> Iterator[int]:
    """Run sshd on a free port, which sshd cannot choose itself."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    config = keys / "sshd_config"
    config.write_text(SERVER.format(port=port, keys=keys))
    process = subprocess.Popen([server, "-D", "-e", "-f", config], stderr=subprocess.PIPE)
    assert process.stderr
    said = Collector(process.stderr.fileno())
    said.start()
    try:
        said.wait(lambda data: b"Server listening" in data, "sshd to listen")
        yield port
    finally:
        process.terminate()
        process.wait(LIMIT)
        said.join()
        process.stderr.close()
