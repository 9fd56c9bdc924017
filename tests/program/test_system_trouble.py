"""A refusal of the system is one line and a documented status, never a bug (contract, 7)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.doubles.fake_service import FakeService
from tests.tools.faulty_system import FaultySystem
from tests.tools.program import Result, Say


STATUSES = {2, 5, 6, 7, 8}
LOCAL = pytest.mark.skipif(
    os.environ.get("CI") != "true" and not all(map(find_spec, ("av", "h11", "hibari"))),
    reason="the extra is not installed",
)


def is_one_message(result: Result) -> bool:
    """Check for a documented failure, in a line or two that do not mention a bug."""
    return (
        result.status in STATUSES
        and 1 <= len(result.lines) <= 2
        and all(line.startswith("lmnt-say: ") for line in result.lines)
        and "a bug" not in result.stderr
    )


def limited(count: int) -> Sequence[str]:
    """Start the program with at most this many descriptors."""
    return ("sh", "-c", f'ulimit -n {count}; exec "$@"', "sh")


LIST, DRY_RUN = ["--list-voices"], ["--dry-run"]
FILE = ["-o", "a.wav", "--retry", "1"]
PLAYER = [*FILE, "-p", "--player", "cat"]
LOCAL_FILE = ["--local", *FILE]


# What is missing depends on the number: a pipe, a thread's descriptors, a module, a connection.
@pytest.mark.parametrize(
    ("args", "counts"),
    [
        pytest.param(FILE, (5, 8), id="file"),
        pytest.param(PLAYER, (6,), id="player"),
        pytest.param(LOCAL_FILE, (6, 11), id="local", marks=LOCAL),
        pytest.param(DRY_RUN, (5,), id="dry run"),
    ],
)
def test_no_descriptors(say: Say, tmp_path: Path, args: list[str], counts: tuple[int, ...]) -> None:
    """With any number of descriptors, the run succeeds or reports the error, and leaves no empty part."""
    results = [say(*args, "Words.", under=limited(count)) for count in counts]

    assert [result for result in results if result.status and not is_one_message(result)] == []
    assert results[0].status in STATUSES
    assert [path for path in tmp_path.glob("*.part") if not path.stat().st_size] == []


@pytest.fixture(scope="module")
def system(needs: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> FaultySystem:
    """The library of faults, compiled once."""
    return FaultySystem(needs("gcc"), tmp_path_factory.mktemp("system"))


@pytest.mark.parametrize(
    ("args", "counts"),
    [
        pytest.param(FILE, (0, 1), id="file"),
        pytest.param(PLAYER, (1,), id="player"),
        pytest.param(LOCAL_FILE, (0, 1), id="local", marks=LOCAL),
        pytest.param(LIST, (0,), id="list"),
    ],
)
def test_no_threads(
    say: Say, tmp_path: Path, system: FaultySystem, args: list[str], counts: tuple[int, ...]
) -> None:
    """Without threads, or with only one, the run reports what it could not do."""
    results = [say(*args, "Words.", env=system("", threads=count)) for count in counts]

    assert [result for result in results if result.status and not is_one_message(result)] == []
    assert [path for path in tmp_path.glob("*.part") if not path.stat().st_size] == []


def test_no_null_device(say: Say, service: FakeService) -> None:
    """Without a null device, closed descriptors are filled with one that cannot be read or written.

    A player, whose output is discarded, plays all the same.
    """
    script = (
        "import os; os.devnull = '/nowhere/null'\n"
        "import sys; sys.argv[0] = 'lmnt-say'\n"
        "from lmnt_cli.__main__ import main; main()"
    )
    for closed, arguments, status in (
        ("2>&-", ["-p", "--player", "cat", "Words."], 0),
        (">&-", ["Words."], 7),
        ("<&- >&- 2>&-", [], 2),
    ):
        command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-c", script]
        result = subprocess.run(
            [*command, *arguments],
            env=say.environment,
            cwd=say.directory,
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert result.returncode == status
        assert b"Traceback" not in result.stderr


@LOCAL
def test_local_in_a_directory_of_scripts(say: Say, tmp_path: Path) -> None:
    """The service neither imports nor runs scripts of the current directory, whatever PYTHONPATH says."""
    for name in ("random.py", "queue.py", "types.py", "numpy.py", "av.py"):
        (tmp_path / name).write_text("open('executed', 'w'); raise SystemExit('mine')\n")
    (tmp_path / "lmnt_cli").mkdir()
    (tmp_path / "lmnt_cli/__init__.py").write_text("raise SystemExit('mine')\n")
    path = os.pathsep + str(tmp_path)
    script = f"import os; os.environ['PYTHONPATH'] = {path!r}; from lmnt_cli.__main__ import main; main()"
    result = subprocess.run(
        # Like the installed command, without the current directory on the path.
        [sys.executable, "-P", "-c", script, "--local", "-o", "a.mp3", "One."],
        env=say.environment,
        cwd=tmp_path,
        capture_output=True,
        timeout=30,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, b"")
    assert not (tmp_path / "executed").exists()
