"""What all workers need is built by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tools.once import Once


def test_built_once(tmp_path: Path) -> None:
    """However many ask at the same time, all get the same filled directory."""
    built = []

    def build(directory: Path) -> None:
        built.append(directory)
        (directory / "file").write_text("whole")

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: (Once(tmp_path)("it", build) / "file").read_text(), range(4)))

    assert found == ["whole"] * 4
    assert built == [tmp_path / "it"]


def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    """After a failure the next worker tries again."""

    def fail(directory: Path) -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - whatever `build` raises
        Once(tmp_path)("it", fail)

    assert Once(tmp_path)("it", lambda directory: (directory / "file").touch()) == tmp_path / "it"
