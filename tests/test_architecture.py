"""Who may import whom, what is loaded when, how large a module is (contract, 9; style, 4.1 and 6.1)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "lmnt_cli"

# What each module may import of the package: a folder stands for all that is in it.
CORE = {"core", "errors"}
MAY_IMPORT = {
    "__init__": set[str](),
    "__main__": {"cli"},
    "errors": set(),
    "addresses": {"errors"},
    "players": CORE,
    "settings": {"addresses", "players", *CORE},
    "cli": {
        "__init__",
        "ending",
        "inquiry",
        "io",
        "listing",
        "misuse",
        "suggestion",
        "players",
        "run",
        "settings",
        *CORE,
    },
    "misuse": {"errors"},
    "run": {
        *("addresses", "aftermath", "ending", "input", "io", "output", "players", "settings", "signals"),
        *("speak", "suggestion"),
        *CORE,
    },
    "aftermath": {"output", "settings", "speak", "io", *CORE},
    "input": {"settings", "speak", "io", *CORE},
    "inquiry": {"addresses", "settings", *CORE},
    "suggestion": {"settings", "io", *CORE},
    "listing": {"inquiry", "settings", "io", *CORE},
    "output": {"settings", "speak", "io", *CORE},
    "signals": {"errors"},
    "ending": {"io.status", *CORE},
    "speak": CORE,
    "core.__init__": set(),
    "core.backoff": set(),
    "core.boundaries": set(),
    "core.conversation": CORE,
    "core.failures": CORE,
    "core.formats": set(),
    "core.ledger": {"core.messages", "core.segmenter", "core.utterance"},
    "core.messages": {"errors"},
    "core.meter": {"core.formats"},
    "core.plaintext": set(),
    "core.playtime": {"core.formats"},
    "core.protocol": {"core.messages", "errors"},
    "core.reading": {"core.boundaries", "core.plaintext", "core.segmenter", "errors"},
    "core.resumption": CORE,
    "core.riff": {"core.formats"},
    "core.segmenter": {"core.boundaries"},
    "core.silence": set(),
    "core.soundtrack": {"core.formats", "core.playtime", "core.riff"},
    "core.statusline": {"core.meter"},
    "core.utterance": {"core.messages", "core.segmenter"},
    "io.__init__": set(),
    # One subject in two modules: how a connection is opened, and what its failures are called.
    "io.connection": {"io.connect_errors", *CORE},
    "io.connect_errors": CORE,
    "io.local_service": CORE,
    # Playing: beside a file, with one player after another; which and how is decided above them all, by a
    # module that starts nothing.
    "io.alongside": {"io.playback", "io.sinks", "io.supply", "io.writer", *CORE},
    "io.playback": {"io.player", "io.supply", "players", *CORE},
    "io.supply": {"io.writer"},
    "io.player": {"players", *CORE},
    "io.remains": CORE,
    # A sink is one of three; what they have in common and the largest of them have modules of their own.
    "io.audio_file": CORE,
    "io.part_file": {"io.audio_file", *CORE},
    "io.sinks": {"io.audio_file", "io.part_file", *CORE},
    # The one step between shells: the line is drawn on what the module below it knows of terminals.
    "io.status": {"io.terminal", *CORE},
    "io.stdin": CORE,
    "io.terminal": CORE,
    "io.voice_cache": set(),
    "io.voices": CORE,
    "io.writer": CORE,
}

# Outside the package: which modules alone may import these.
ONLY_IN = {
    "websockets": {"io.connection", "io.connect_errors"},
    "typer": {"cli"},
    "rich": {"io.status", "listing"},
    "platformdirs": {"io.remains", "io.voice_cache", "settings"},
    "anyio": {"speak", "run", "aftermath", "listing", "signals", "suggestion", "io"},
    "subprocess": {"io.local_service", "io.player", "io.playback"},
    "threading": {"io.stdin", "io.writer"},
}
# A clock, a descriptor, a thread, a socket, a terminal: whatever waits or has an effect.
NOT_IN_CORE = set(
    """
    asyncio anyio concurrent datetime io logging multiprocessing os pathlib queue random rich select shutil
    signal socket ssl subprocess sys tempfile threading time typer websockets
    """.split()  # noqa: SIM905 - words are read and edited more easily than a list of literals
)

# Modules whose test module cannot have their name: test_terminal.py tests the terminal of the tests, and
# test_local_service.py the embedded service itself.
TESTED_ELSEWHERE = {
    "__main__": "test_main",
    "io.terminal": "test_terminal_io",
    "io.local_service": "test_local_service_io",
}


@dataclass(frozen=True)
class Import:
    """One import: of `name`, dotted from the package or from outside; `late` if it stands in a function."""

    name: str
    ours: bool
    late: bool
    typing_only: bool


def modules() -> dict[str, Path]:
    """Every module of the package, dotted, without the package's own name; `local` is a world of its own."""
    return {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}


def client() -> dict[str, Path]:
    """The modules that are not the embedded service."""
    return {name: path for name, path in modules().items() if not name.startswith("local.")}


def imports(name: str, path: Path) -> Iterator[Import]:
    """All imports of a module, wherever they stand."""
    found: list[tuple[ast.stmt, bool, bool]] = []

    def visit(node: ast.AST, late: bool, typing_only: bool) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append((node, late, typing_only))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            typing_only = True
        for child in ast.iter_child_nodes(node):
            visit(child, late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef), typing_only)

    visit(ast.parse(path.read_text()), False, False)
    package = name.split(".")[:-1]
    for node, late, typing_only in found:
        if isinstance(node, ast.Import):
            names, ours = [alias.name for alias in node.names], False
        else:
            assert isinstance(node, ast.ImportFrom)
            ours = node.level > 0
            above = package[: len(package) - node.level + 1] if ours else []
            base = [*above, *(node.module or "").split(".")] if node.module else above
            whole = [".".join([*base, alias.name]) for alias in node.names]
            names = [_module_of(each) for each in whole] if ours else [".".join(base)]
        for each in names:
            if each.split(".")[0] == "lmnt_cli":
                each, ours = each.partition(".")[2], True
            yield Import(each, ours, late, typing_only)


def _module_of(dotted: str) -> str:
    """The module a dotted name is or stands in."""
    known = modules()
    if dotted in known:
        return dotted
    parent = dotted.rpartition(".")[0]
    return parent if parent in known else f"{parent}.__init__".lstrip(".")


def allowed(name: str, permitted: set[str]) -> bool:
    """Whether a module, or a folder it is in, is in the set."""
    return name in permitted or name.split(".")[0] in permitted


def test_every_module_is_in_the_table() -> None:
    """A new module has to say what it may import."""
    assert set(client()) - set(MAY_IMPORT) == set()


@pytest.mark.parametrize("name", sorted(client()))
def test_imports_point_downwards(name: str) -> None:
    """A module imports of the package what the table allows it, late or not."""
    found = {each.name for each in imports(name, client()[name]) if each.ours}

    assert {each for each in found if not allowed(each, MAY_IMPORT.get(name, set()))} == set()


def test_the_table_has_no_cycle() -> None:
    """Read as steps downwards, the table ends: no module is below itself."""
    below = {
        name: {each.name for each in imports(name, path) if each.ours and not each.typing_only}
        for name, path in client().items()
    }
    while done := [name for name, rest in below.items() if not rest & set(below)]:
        for name in done:
            del below[name]

    assert set(below) == set()


@pytest.mark.parametrize("name", sorted(name for name in client() if name.startswith("core.")))
def test_core_never_waits(name: str) -> None:
    """The core knows no clock, descriptor, thread, socket or terminal."""
    found = {each.name.split(".")[0] for each in imports(name, client()[name]) if not each.ours}

    assert found & NOT_IN_CORE == set()


@pytest.mark.parametrize("name", sorted(client()))
def test_one_place_for_each_library(name: str) -> None:
    """What can be named in one module is named in that one only."""
    found = {each.name.split(".")[0] for each in imports(name, client()[name]) if not each.ours}

    assert [each for each in found if each in ONLY_IN and not allowed(name, ONLY_IN[each])] == []


@pytest.mark.parametrize("name", sorted(client()))
def test_nobody_imports_the_embedded_service(name: str) -> None:
    """The client starts it as a program and knows nothing of it."""
    assert [
        each for each in imports(name, client()[name]) if each.ours and each.name.startswith("local")
    ] == []


def test_click_is_never_imported() -> None:
    """Typer has its own since 0.26."""
    found = {each.name.split(".")[0] for name, path in modules().items() for each in imports(name, path)}

    assert "click" not in found


def test_rich_is_imported_late() -> None:
    """Rich is loaded with the first status line or table, not before."""
    found = [
        each
        for name in ONLY_IN["rich"] & set(client())
        for each in imports(name, client()[name])
        if each.name.startswith("rich")
    ]

    assert found
    assert all(each.late or each.typing_only for each in found)


HEAVY = {"rich", "websockets", "asyncio", "anyio", "pydantic", "ssl", "email", "importlib.metadata"}


@pytest.mark.parametrize("arguments", [["--help"], ["--voise"], ["--sample-rate", "x"], ["--format", "ogg"]])
def test_nothing_heavy_for_an_answer(arguments: list[str]) -> None:
    """Help and usage errors load nothing that only a session needs."""
    command = [sys.executable, "-X", "importtime", "-m", "lmnt_cli", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    loaded = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines() if "|" in line}

    assert {"typer", "lmnt_cli.cli"} <= loaded
    assert loaded & HEAVY == set()


def test_nothing_heavy_for_the_settings() -> None:
    """Nor do the modules of the words and the decisions, when they are imported."""
    script = "import sys, lmnt_cli.__main__, lmnt_cli.settings, lmnt_cli.cli; print(*sys.modules, sep='\\n')"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True
    )

    assert set(result.stdout.split()) & HEAVY == set()


def test_one_test_module_for_each_module() -> None:
    """Every module has its own test module, named after it."""
    expected = {
        name: TESTED_ELSEWHERE.get(name, f"test_{name.rpartition('.')[2]}")
        for name in client()
        if not name.endswith("__init__")
    }

    assert {name: test for name, test in expected.items() if not (TESTS / f"{test}.py").exists()} == {}
    assert len(set(expected.values())) == len(expected)


def test_size() -> None:
    """A module fits in one reading: 250 lines are the measure (told with -rP), 300 the limit."""
    lengths = {name: len(path.read_text().splitlines()) for name, path in modules().items()}
    for name, length in sorted(lengths.items()):
        if length > 250:
            print(f"{name} has {length} lines")

    assert {name: length for name, length in lengths.items() if length > 300} == {}


@pytest.mark.parametrize("name", sorted(modules()))
def test_every_module_says_what_it_owns(name: str) -> None:
    """A module begins with what it owns and its rules."""
    assert ast.get_docstring(ast.parse(modules()[name].read_text()))
