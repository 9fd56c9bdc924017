"""Deferred imports: `lmnt_cli.lazy`."""

from __future__ import annotations

import subprocess
import sys

import pytest


SCRIPT = """
import sys
from lmnt_cli.lazy import deferred

with deferred({name!r}, "xml.dom"):
    import {name} as early
print("zipfile" in sys.modules)
import {name} as later
print("zipfile" in sys.modules)
print(early.{attribute} == later.{attribute}, {name!r} in sys.modules, "xml.dom" in sys.modules)
"""


@pytest.mark.parametrize(
    ("name", "attribute", "loaded"),
    [("importlib.metadata", "version", True), ("math", "pi", False), ("sys", "path", False)],
)
def test_a_module_is_executed_when_it_is_used(name: str, attribute: str, loaded: bool) -> None:
    """An import in the block executes nothing, a later one does, and both modules have the same contents.

    One that is loaded already is unaffected, and of one that was not imported nothing is left.
    """
    script = SCRIPT.format(name=name, attribute=attribute)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines() == ["False", str(loaded), "True True False"]


def test_an_import_in_the_block_may_use_it() -> None:
    """A name that is imported from the module loads it at once."""
    script = (
        "from lmnt_cli.lazy import deferred\nwith deferred('glob'):\n from glob import glob\nprint(glob('.'))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "['.']\n"


def test_a_module_that_is_not_there() -> None:
    """A missing module is an error when it is used, and can be looked for again."""
    script = "from lmnt_cli.lazy import deferred\nwith deferred('xyzzy'):\n import xyzzy\nxyzzy.plugh"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert "ModuleNotFoundError: No module named 'xyzzy'" in ran.stderr
