"""The wheel: what an installation brings."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from words import ROOT


WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]


def test_contents(tmp_path: Path) -> None:
    """It has the program with its `py.typed`, completions and manual page for share/, and no tests."""
    backend = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    build = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *backend, "-w", tmp_path, ROOT],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    if build.returncode and not backend and os.environ.get("CI") != "true":
        pytest.skip(f"hatchling is not installed, and cannot be: {build.stderr.strip()[-200:]}")

    assert build.returncode == 0, build.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    data = {name.partition(".data/data/")[2] for name in names if ".data/data/" in name}
    assert data == set(WHEEL["shared-data"].values())
    assert {"lmnt_cli/cli.py", "lmnt_cli/py.typed"} <= set(names)
    assert not [name for name in names if "test" in name.lower()]
