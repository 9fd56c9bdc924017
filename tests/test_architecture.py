"""Which module may import which, what is loaded when, and module sizes (contract, 9; style, 4.1, 6.1)."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.tools.each import each


TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "lmnt_cli"

# What each package or module may import from our package. A name includes everything in it; for a module the
# longest matching name applies.
CORE = {"core", "errors"}
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "__main__": {"cli", "run", "io.local_service", "errors"},
    "errors": set(),
    "lazy": set(),
    "core": {"errors"},
    "core.value": set(),
    "core.text": {"core.value", "core.text", "errors"},
    "core.audio": {"core.value", "core.audio", "errors"},
    "core.captions": {"core.value", "core.captions", "core.json_text", "core.session", "core.text", "errors"},
    "core.session": {"core.value", "core.session", "core.text", "core.audio", "errors"},
    "core.figures": {
        *("core.value", "core.figures", "core.captions", "core.session", "core.text", "core.audio", "errors"),
    },
    "core.conversation": CORE,
    "core.preview": {"core.session", "core.text"},
    "io": {"io", "lazy", *CORE},
    "io.rest": {"io", "endpoint", *CORE},
    "tasks": {"errors"},
    "speak": {"tasks", *CORE},
    "endpoint": {"core.value", "errors"},
    "catalogue": set(),
    "options": CORE,
    "proxy_choice": {"endpoint", "errors"},
    "configuration": {"configuration", "catalogue", "options", *CORE},
    "commandline": {"commandline", "options", "errors"},
    "commandline.set_key": {"configuration", "options", "run.signals", "errors"},
    "decisions": {"catalogue", "configuration", "endpoint", "options", "proxy_choice", *CORE},
    "settings": {"configuration", "decisions", "endpoint", "options", *CORE},
    "inquiry": {"configuration", "decisions", "options", "settings", *CORE},
    "preview": {"configuration", "decisions", "options", "settings", "speak", *CORE},
    "run": {
        "__init__",
        "run",
        "preview",
        "speak",
        "tasks",
        "io",
        "settings",
        "endpoint",
        "options",
        "commandline.resume",
        *CORE,
    },
    "listing": {"endpoint", "inquiry", "settings", "io", *CORE},
    "cli": {
        *("__init__", "commandline", "configuration", "inquiry", "listing", "options", "preview", "run"),
        *("settings", "io", "lazy", *CORE),
    },
}

# Libraries, and the only modules that may import them.
ONLY_IN = {
    "websockets": {"io.websocket"},
    "typer": {"cli"},
    "rich": {"io.status", "listing"},
    "platformdirs": {"io.state_files", "configuration.home"},
    "anyio": {"speak", "tasks", "preview", "run", "listing", "io"},
    "subprocess": {"io.child"},
    "threading": {"io.source", "io.background", "io.opening", "io.audio.writer"},
}
# Clocks, descriptors, threads, sockets, terminals: everything that waits or has side effects.
NOT_IN_CORE = set(
    """
    asyncio anyio concurrent datetime io logging multiprocessing os pathlib queue random rich select shutil
    signal socket ssl subprocess sys tempfile threading time typer websockets
    """.split()  # noqa: SIM905 - words are read and edited more easily than a list of literals
)
# The test module of the entry point; all others are named after their modules.
TESTED_ELSEWHERE = {"__main__": "test_main"}


@dataclass(frozen=True)
class Import:
    """One import: of `name`, dotted from the package or from outside; `late` if inside a function."""

    name: str
    ours: bool
    late: bool
    typing_only: bool

    @property
    def library(self) -> str:
        """The package that is imported, or that holds what is."""
        return self.name.split(".")[0]


@functools.cache
def modules() -> dict[str, Path]:
    """Return every module, dotted, without the package's name, except `local`, which is separate."""
    return {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}


def client() -> dict[str, Path]:
    """Return the modules outside the embedded service."""
    return {name: path for name, path in modules().items() if not name.startswith("local.")}


@functools.cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text())


@functools.cache
def imports(name: str, path: Path) -> tuple[Import, ...]:
    """Return all imports of a module, wherever they are."""
    return tuple(_imports(name, path))


def client_imports() -> Iterator[tuple[str, Import]]:
    """Return every import of the client, with the module that has it."""
    for name, path in client().items():
        for found in imports(name, path):
            yield name, found


def _imports(name: str, path: Path) -> Iterator[Import]:
    found: list[tuple[ast.stmt, bool, bool]] = []

    def visit(node: ast.AST, late: bool, typing_only: bool) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append((node, late, typing_only))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            typing_only = True
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                continue  # no import stands in it
            visit(child, late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef), typing_only)

    visit(parsed(path), False, False)
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
            names = [_module_of(dotted) for dotted in whole] if ours else [".".join(base)]
        for imported in names:
            if imported.split(".")[0] == "lmnt_cli":
                imported, ours = imported.partition(".")[2], True
            yield Import(imported, ours, late, typing_only)


def _module_of(dotted: str) -> str:
    """Return the module that a dotted name is or is in."""
    known = modules()
    if dotted in known:
        return dotted
    parent = dotted.rpartition(".")[0]
    return parent if parent in known else f"{parent}.__init__".lstrip(".")


def within(name: str, rooms: Iterable[str]) -> str | None:
    """Return the longest of these names that a module is, or is in."""
    fitting = (room for room in rooms if name == room or name.startswith(f"{room}."))
    return max(fitting, key=len, default=None)


def test_every_module_is_in_a_room() -> None:
    """A new module has to state what it may import."""
    assert [name for name in client() if within(name, MAY_IMPORT) is None] == []


def test_imports_point_downwards() -> None:
    """A module imports only what the table allows, at the top or in a function."""
    wrong = []
    for name, found in client_imports():
        room = within(name, MAY_IMPORT)
        assert room is not None
        if found.ours and within(found.name, MAY_IMPORT[room]) is None:
            wrong.append((name, found.name))

    assert wrong == []


def test_modules_have_no_cycle() -> None:
    """No module imports itself by way of others."""
    below = {
        name: {found.name for found in imports(name, path) if found.ours and not found.typing_only}
        for name, path in client().items()
    }
    while done := [name for name, rest in below.items() if not rest & set(below)]:
        for name in done:
            del below[name]

    assert set(below) == set()


def test_core_never_waits() -> None:
    """The core uses no clock, descriptor, thread, socket or terminal."""
    of_the_core = [(name, found) for name, found in client_imports() if name.startswith("core.")]

    assert of_the_core
    assert [
        (name, found.name) for name, found in of_the_core if not found.ours and found.library in NOT_IN_CORE
    ] == []


def test_one_place_for_each_library() -> None:
    """A library assigned to one module is imported only there."""
    assert [
        (name, found.name)
        for name, found in client_imports()
        if not found.ours and found.library in ONLY_IN and within(name, ONLY_IN[found.library]) is None
    ] == []


def test_nobody_imports_the_embedded_service() -> None:
    """The client starts the service as a program and imports nothing from it."""
    assert [
        (name, found.name)
        for name, found in client_imports()
        if found.ours and found.name.startswith("local")
    ] == []


def through_the_door(tree: ast.AST) -> Iterator[str]:
    """Return attribute chains that reach through a conversation into its parts."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Attribute):
            continue
        holder = node.value.value
        name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
        if name.strip("_") == "conversation":
            yield f"{name}.{node.value.attr}.{node.attr}"


def test_one_door() -> None:
    """Outside the core nothing reaches through the conversation, which answers with values.

    Neither does the proof, which may see only what the program sees.
    """
    outside = [path for name, path in client().items() if not name.startswith("core.")]
    proof = list((TESTS / "proof").glob("*.py"))

    assert outside
    assert proof
    assert [(path.name, chain) for path in outside + proof for chain in through_the_door(parsed(path))] == []


@each("line", ["conversation.ledger.resumable", "self._conversation.track.patches(1)", "conversation.a.b.c"])
def test_the_door_is_looked_at(line: str) -> None:
    """Such a chain is found."""
    assert list(through_the_door(ast.parse(line)))


def test_click_is_never_imported() -> None:
    """Typer has its own copy of click since 0.26."""
    found = {found.library for name, path in modules().items() for found in imports(name, path)}

    assert "click" not in found


def test_rich_is_imported_late() -> None:
    """Rich is imported with the first status line or table, not before."""
    of_rich = [(name, found) for name, found in client_imports() if found.library == "rich"]

    assert of_rich
    assert [name for name, found in of_rich if not (found.late or found.typing_only)] == []


HEAVY = {
    *("rich", "websockets", "asyncio", "anyio", "pydantic", "ssl", "email", "importlib.metadata"),
    *("bz2", "lzma", "shellingham", "tokenize"),
}


# Runs the program for each of these command lines, in one process, which ends after the last.
ANSWERS = """
import sys, lmnt_cli.__main__ as program, lmnt_cli.settings
statuses = []
program.leave = statuses.append
for line in "--help", "--voise", "--sample-rate x", "--format ogg":
    sys.argv[1:] = line.split()
    program.main()
print(*statuses)
print(*sys.modules)
"""


def test_nothing_heavy_for_an_answer() -> None:
    """Help, usage errors and the settings import nothing that only a session needs."""
    command = [sys.executable, "-c", ANSWERS]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    *help_, statuses, modules_ = result.stdout.splitlines()

    assert (statuses, len(result.stderr.splitlines())) == ("0 2 2 2", 3)
    assert help_
    loaded = set(modules_.split())
    assert {"typer", "lmnt_cli.cli"} <= loaded
    assert loaded & HEAVY == set()


def test_a_test_of_the_core_needs_no_server_and_no_terminal() -> None:
    """Test modules of the core are collected and run without other fixtures."""
    script = """
import sys, pytest
status = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", sys.argv[1]])
print(status == 0, *sys.modules, sep="\\n")
"""
    command = [sys.executable, "-c", script, "tests/core/session/test_protocol.py"]
    result = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, timeout=50, check=True)
    lines = set(result.stdout.splitlines())

    assert "True" in lines, result.stdout
    assert lines & {"pyte", "websockets", "rich", "typer", "av", "lmnt", "tests.tools.terminal"} == set()


def test_nothing_is_loaded_for_no_configuration(tmp_path: Path) -> None:
    """tomllib is imported only for a file, and platformdirs not at all to look for one."""
    (tmp_path / "lmnt-say").mkdir()
    found = []
    for text in (None, 'voice = "ava"'):
        if text is not None:
            (tmp_path / "lmnt-say/config.toml").write_text(text)
        command = [sys.executable, "-X", "importtime", "-m", "lmnt_cli", "-f", "nowhere"]
        environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "LMNT_API_KEY": "k"}
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=20, check=False
        )
        assert result.returncode == 2
        loaded = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines() if "|" in line}
        found.append(loaded & {"tomllib", "platformdirs", "lmnt_cli.configuration.config"})

    assert found == [{"lmnt_cli.configuration.config"}, {"lmnt_cli.configuration.config", "tomllib"}]


def test_one_test_module_for_each_module() -> None:
    """Every module has its own test module, at the same place under tests/."""
    expected = {
        name: TESTED_ELSEWHERE.get(name, re.sub(r"(\w+)$", r"test_\1", name)).replace(".", "/")
        for name in client()
        if not name.endswith("__init__")
    }

    assert {name: test for name, test in expected.items() if not (TESTS / f"{test}.py").exists()} == {}


def test_size() -> None:
    """A module is short enough to read at once: 250 lines is the goal (shown with -rP), 300 the limit."""
    lengths = {name: len(path.read_text().splitlines()) for name, path in modules().items()}
    for name, length in sorted(lengths.items()):
        if length > 250:
            print(f"{name} has {length} lines")

    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_every_module_says_what_it_owns() -> None:
    """A module begins with a docstring that states its purpose."""
    assert [name for name, path in modules().items() if not ast.get_docstring(parsed(path))] == []
