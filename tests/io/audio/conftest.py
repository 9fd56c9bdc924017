"""Fixtures shared by the tests of files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Run the test in its own directory, since names are used as given; close what a sink leaves open."""
    monkeypatch.chdir(tmp_path)
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    yield tmp_path
    for name in set(os.listdir("/proc/self/fd")) - before if before else ():
        try:
            os.close(int(name))
        except OSError:
            pass
