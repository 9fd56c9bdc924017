"""Deferred imports: `lmnt_cli.local.lazy`."""

from __future__ import annotations

import subprocess
import sys

import pytest


SCRIPT = """
import sys
from lmnt_cli.local.lazy import defer_import

defer_import({name!r})
print("zipfile" in sys.modules)
import {name}
print("zipfile" in sys.modules)
print({name}.{attribute})
print("zipfile" in sys.modules)
"""


@pytest.mark.parametrize(
    ("name", "attribute", "loaded"),
    [("importlib.metadata", "version", True), ("math", "pi", False), ("sys", "path", False)],
)
def test_a_module_is_executed_when_it_is_used(name: str, attribute: str, loaded: bool) -> None:
    """A module is executed on first use, not on import; one already loaded is unaffected."""
    script = SCRIPT.format(name=name, attribute=attribute)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines()[:2] == ["False", "False"]
    assert ran.stdout.splitlines()[3] == str(loaded)


def test_a_module_that_is_not_there() -> None:
    """A missing module is an error on first use."""
    script = "from lmnt_cli.local.lazy import defer_import; defer_import('xyzzy'); import xyzzy; xyzzy.plugh"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert "ModuleNotFoundError: No module named 'xyzzy'" in ran.stderr
