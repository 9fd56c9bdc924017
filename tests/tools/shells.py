"""Interactive shells: what is on the command line, and what Tab inserts."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.tools.descriptor_reader import Collector
from tests.tools.terminal import CONTROL


# In zsh, Ctrl-] is bound to inserting all matches.
ZSH_ALL_MATCHES = """\
zle -C all-matches complete-word _generic; bindkey '^]' all-matches;
zstyle ':completion:all-matches:*' completer _all_matches _complete;
zstyle ':completion:all-matches:*' insert true"""


def bare(word: str) -> str:
    """Return a word without the option, equals sign or directory before it, where shells differ."""
    return re.sub("^--[a-z-]+=(?=.)", "", word).rstrip("/=")


class Shell:
    """A shell on a wide terminal that accepts keys; `all_matches` is the key that inserts all matches."""

    def __init__(
        self,
        command: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        setup: str,
        all_matches: str,
    ) -> None:
        self._all_matches = all_matches
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=directory,
            env={**environment, "TERM": "xterm-256color", "PS1": "$ "},
            start_new_session=True,
        )
        os.close(slave)
        self._collector = Collector(self._master)
        self._collector.start()
        self._count = 0
        self._collector.wait(lambda data: b"$ " in data, "the prompt")
        self._run(f"{setup}; ")

    def offered(self, words: str, program: str = "lmnt-say") -> set[str]:
        """Return what the shell offers for the last of these words."""
        before, _, begun = f"{program} {words}".rpartition(" ")
        shown = self.press(f"{program} {words}{self._all_matches}")
        found = shlex.split(shown)[len(shlex.split(before)) :]
        return {bare(word) for word in found} - {bare(begun)}

    def press(self, keys: str) -> str:
        """Return what the terminal shows for these keys, which do not run a command."""
        start = len(self._collector.data)
        # Ctrl-U deletes the line, so that it cannot be confused with the next one.
        self._run(f"{keys}\x15")
        shown = bytes(self._collector.data[start:]).partition(b"echo END")[0]
        # A backspace removes the character before it; the bell is not shown.
        text = re.sub("[^\b]\b|\a", "", CONTROL.sub(b"", shown).decode())
        return text.replace("\r", "\n").strip()

    def _run(self, keys: str) -> None:
        """Run a command: keys are read in order, so once it has printed, all earlier output is shown."""
        self._count += 1
        os.write(self._master, f"{keys}echo END''{self._count}\r".encode())
        end = f"END{self._count}\r\n".encode()
        self._collector.wait(lambda data: b"$ " in data.partition(end)[2], f"the end of {keys!r}")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._collector.stop()
        os.close(self._master)


class Fish:
    """fish, which finds our file as installed, and can be queried without a terminal."""

    def __init__(self, command: str, directory: Path, environment: Mapping[str, str]) -> None:
        self._command = command
        self._directory = directory
        self._environment = environment

    def listed(self, words: str, program: str = "lmnt-say") -> dict[str, str]:
        """Return what is offered, with descriptions."""
        asked = f"complete -C {shlex.quote(f'{program} {words}')}"
        run = subprocess.run(
            [self._command, "-c", asked],
            cwd=self._directory,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=20,
        )

        assert (run.returncode, run.stderr) == (0, "")
        return dict((line + "\t").split("\t")[:2] for line in run.stdout.splitlines())

    def offered(self, words: str, program: str = "lmnt-say") -> set[str]:
        return set(map(bare, self.listed(words, program)))
