"""One run: the order in which things are opened, and what is left at the end (contract, 2, 4 and 7)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.tools.program import Say


def test_complete(say: Say, tmp_path: Path) -> None:
    """A complete run leaves the file, with the sizes of a WAV patched; `--verbose` adds only one line."""
    result = say("--verbose", "-o", "a.wav", stdin=b"Word")

    assert (result.status, result.stdout, len(result.lines)) == (0, b"", 1)
    assert "4 B of text" in result.stderr
    assert [path.name for path in tmp_path.glob("a.wav*")] == ["a.wav"]
    data = (tmp_path / "a.wav").read_bytes()
    assert int.from_bytes(data[40:44], "little") == len(data) - 44 == 4


def test_quiet(say: Say) -> None:
    """`-q` prints errors only: no notice about the options, about a repair, or about incomplete events."""
    noticed = ("-o", "a.wav", "--format", "mp3", "--events", "/dev/full")
    result = say("-q", *noticed, stdin=b"W\xffrds.")

    assert (result.status, result.stderr) == (0, "")
    assert say("-q", "-f", "none").stderr != ""


def test_local_without_its_extra(environment: dict[str, str], tmp_path: Path) -> None:
    """`--local` without its packages is exit status 2, names the extra, and leaves no file."""
    script = (
        "import sys; sys.modules['hibari'] = None; sys.argv = ['lmnt-say', '--local', '-o', 'a.mp3', 'Hi'];"
        "from lmnt_cli.__main__ import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        timeout=20,
        check=False,
    )

    assert result.returncode == 2
    assert b"lmnt-say[local]" in result.stderr
    assert not list(tmp_path.glob("a.mp3*"))


_COUNT = """
import gc, sys
from lmnt_cli.__main__ import main

def count(phase, _):
    if phase == "start":
        print(len(gc.get_objects()), file=sys.stderr)

gc.callbacks.append(count)
sys.argv = ["lmnt-say"]
main()
"""


def test_garbage_is_not_looked_for_in_imports(say: Say) -> None:
    """Garbage collections go through what the run created, and not through everything that was imported."""
    result = say(stdin=b"One.\n\n" * 800, under=(sys.executable, "-c", _COUNT))

    counts = [int(line) for line in result.lines]
    assert result.status == 0
    assert counts
    assert max(counts) < 20_000
