"""One run: the order in which things are opened, and what is left at the end (contract, 2, 4 and 7)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.doubles.fake_service import FakeService
from tests.tools.program import Say


def test_a_directory_is_no_input(say: Say, tmp_path: Path) -> None:
    """A directory is refused as input."""
    (tmp_path / "texts").mkdir()
    result = say("-f", "texts")

    assert (result.status, len(result.lines)) == (2, 1)
    assert "directory" in result.stderr


def test_output_before_the_service(say: Say, service: FakeService) -> None:
    """An output that cannot be created is reported before anything is connected, with its path."""
    result = say("-o", "none/a.mp3", stdin=b"Words.")

    assert result.status == 7
    assert result.stderr.startswith("lmnt-say: ")
    assert "none/a.mp3" in result.stderr
    assert service.handshakes == []


def test_nothing_is_left_of_a_refused_key(say: Say, service: FakeService, tmp_path: Path) -> None:
    """A run without audio leaves no file, and an old file unchanged."""
    (tmp_path / "a.mp3").write_bytes(b"old")
    service.does("refuses the key")
    result = say("-o", "a.mp3", stdin=b"Words.")

    assert result.status == 3
    assert [path.name for path in tmp_path.glob("a.mp3*")] == ["a.mp3"]
    assert (tmp_path / "a.mp3").read_bytes() == b"old"


def test_complete(say: Say, tmp_path: Path) -> None:
    """A complete run leaves the file, with the sizes of a WAV patched; `--verbose` adds only one line."""
    result = say("--verbose", "-o", "a.wav", stdin=b"Word")

    assert (result.status, result.stdout, len(result.lines)) == (0, b"", 1)
    assert "4 B of text" in result.stderr
    assert [path.name for path in tmp_path.glob("a.wav*")] == ["a.wav"]
    data = (tmp_path / "a.wav").read_bytes()
    assert int.from_bytes(data[40:44], "little") == len(data) - 44 == 4


def test_quiet(say: Say) -> None:
    """`-q` prints errors only, not even a notice of something repaired."""
    assert say("-q", stdin=b"W\xffrds.").stderr == ""
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
    result = say(stdin=b"One.\n\n" * 2000, under=(sys.executable, "-c", _COUNT))

    counts = [int(line) for line in result.lines]
    assert result.status == 0
    assert counts
    assert max(counts) < 20_000
