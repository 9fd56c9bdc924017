"""The embedded service's own modules: who may import whom, and which test module holds each."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest


TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "lmnt_cli" / "local"

# From the wire's words up to the program; a module may import those of the rows above its own.
LAYERS = (
    ("messages", "ids", "http_types"),
    ("faults", "voices", "words", "spelling", "sentences", "fields", "bodies", "access"),
    ("engine", "initial", "script", "settings"),
    ("encoder",),
    ("containers",),
    ("encoders",),
    ("studio",),
    ("speaker", "websocket"),
    ("dialects", "outlet", "recital"),
    ("session", "rest", "exchange"),
    ("service",),
    ("cli",),
    ("__main__",),
)

TESTED_IN = {
    "test_local_conformance": {"session", "dialects", "initial", "script", "ids", "access"},
    "test_local_dialects": {"dialects", "initial", "fields", "messages"},
    "test_local_encoders": {"encoder", "containers", "encoders"},
    "test_local_engine": {"engine", "voices"},
    "test_local_faults": {"faults", "outlet"},
    "test_local_rest": {"rest", "bodies", "recital", "exchange", "http_types"},
    "test_local_script": {"script"},
    "test_local_sentences": {"sentences"},
    "test_local_service": {"__main__", "cli", "service", "settings", "websocket", "studio"},
    "test_local_speaker": {"speaker", "studio"},
    "test_local_spelling": {"spelling"},
    "test_local_words": {"words"},
}

HEAVY = {"av", "numpy", "onnxruntime", "hibari"}


def modules() -> dict[str, ast.Module]:
    return {
        path.stem: ast.parse(path.read_text()) for path in PACKAGE.glob("*.py") if path.stem != "__init__"
    }


def imports(tree: ast.Module, *, late: bool = True) -> set[tuple[int, str]]:
    """The level and the name of each import; with `late` also those within functions."""
    nodes = list(ast.walk(tree)) if late else tree.body
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    found = {(node.level, node.module or name.name) for node in froms for name in node.names}
    return found | {(0, name.name) for node in nodes if isinstance(node, ast.Import) for name in node.names}


def test_every_module_has_its_layer_and_its_test() -> None:
    """A new module has to say where it belongs."""
    assert {name for layer in LAYERS for name in layer} == set(modules())
    assert set.union(*TESTED_IN.values()) == set(modules())
    assert [name for name in TESTED_IN if not (TESTS / f"{name}.py").exists()] == []


@pytest.mark.parametrize("name", modules())
def test_imports_point_to_layers_below(name: str) -> None:
    """And nothing of the client is imported: the service reads the protocol for itself."""
    rank = {module: row for row, layer in enumerate(LAYERS) for module in layer}
    found = imports(modules()[name])
    ours = {module.split(".")[0] for level, module in found if level == 1}

    assert {level for level, _ in found} <= {0, 1}
    assert not any(module.startswith("lmnt_cli") for _, module in found)
    assert [module for module in ours if rank[module] >= rank[name]] == []


@pytest.mark.parametrize("name", ["cli", "studio", "service", "session", "speaker", "exchange", "websocket"])
def test_nothing_heavy_is_imported_before_the_url_is_printed(name: str) -> None:
    """The voice and its libraries are loaded in threads of their own."""
    tree = modules()[name]
    top = {module.split(".")[0] for level, module in imports(tree, late=False) if level == 0}

    assert top & HEAVY == set()
    assert {module for level, module in imports(tree, late=False) if level == 1} & {
        "engine",
        "encoders",
    } == set()
