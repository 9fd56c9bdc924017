"""The modules of the embedded service: which may import which, and the test module of each."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest


TESTS = Path(__file__).parent
PACKAGE = TESTS.parent.parent / "lmnt_cli" / "local"

# From the protocol's vocabulary up to the program; a module may import those in the rows above its own.
LAYERS = (
    ("requests", "threads", "lazy", "stdio", "speech.lexicon", "speech.alignment"),
    (
        "faults",
        "log",
        "key",
        "speech.voices",
        "speech.accents",
        "speech.spans",
        "speech.spelling",
        "speech.sentences",
        "fields",
        "http.messages",
        "access",
    ),
    ("arguments", "speech.hibari_engine", "session.agenda"),
    ("encoders.base",),
    ("encoders.containers",),
    ("encoders.codecs",),
    ("workers",),
    ("speech_stream", "session.websocket"),
    ("session.dialects", "session.sending", "http.one_shot"),
    ("session.session", "http.rest", "connection"),
    ("service",),
    ("cli",),
    ("__main__",),
)

HEAVY = {"av", "numpy", "onnxruntime", "hibari"}


@functools.cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the service, with its path from the package."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(path.read_text())
        for path in PACKAGE.rglob("*.py")
        if path.stem != "__init__"
    }


def imports(name: str, *, late: bool = True) -> set[tuple[int, str]]:
    """Yield the level and the name of each import, dotted if ours; with `late` also those in functions."""
    tree = modules()[name]
    nodes = list(ast.walk(tree)) if late else tree.body
    found = {(0, each.name) for node in nodes if isinstance(node, ast.Import) for each in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            above = name.split(".")[: -node.level] if node.level else []
            for each in node.names:
                base = ".".join([*above, *(node.module or "").split(".")]).strip(".")
                full = f"{base}.{each.name}".strip(".")
                found.add((node.level, full if node.level and full in modules() else base))
    return found


def test_every_module_has_its_layer() -> None:
    """Every module is listed in a layer."""
    assert sorted(name for layer in LAYERS for name in layer) == sorted(modules())


def test_every_module_has_its_test_module_at_the_same_place() -> None:
    """The paths of a module and its test module correspond."""
    places = [name.replace("__main__", "main").split(".") for name in modules()]
    expected = {Path(*rooms, f"test_{module}.py") for *rooms, module in places}

    assert [str(path) for path in sorted(expected) if not (TESTS / path).exists()] == []


@pytest.mark.parametrize("name", modules())
def test_imports_point_to_layers_below(name: str) -> None:
    """Nothing of the client is imported either: the service has its own implementation of the protocol."""
    rank = {module: row for row, layer in enumerate(LAYERS) for module in layer}
    found = imports(name)
    ours = {module for level, module in found if level}

    assert all(level <= name.count(".") + 1 for level, _ in found)
    assert not any(module.startswith("lmnt_cli") for _, module in found)
    assert [module for module in ours if rank[module] >= rank[name]] == []


@pytest.mark.parametrize(
    "name",
    ["cli", "workers", "service", "session.session", "speech_stream", "connection", "session.websocket"],
)
def test_nothing_heavy_is_imported_before_the_url_is_printed(name: str) -> None:
    """The voice and its libraries are only loaded in threads of their own."""
    found = imports(name, late=False)

    assert {module.split(".")[0] for level, module in found if not level} & HEAVY == set()
    assert {module for level, module in found if level} & {"speech.hibari_engine", "encoders.codecs"} == set()
