"""Which test runs start workers: the whole suite on its own, and never a worker."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import pytest_cmdline_main


def workers_of(source: pytest.Config.ArgsSource, **more: object) -> int | None:
    """Return the number of workers that a run with these arguments starts."""
    option = SimpleNamespace(numprocesses=more.pop("asked", None), usepdb=more.pop("pdb", False), dist="no")
    config: Any = SimpleNamespace(args_source=source, option=option, **more)
    pytest_cmdline_main(config)
    return option.numprocesses  # type: ignore[no-any-return]  # an option


WHOLE, NAMED = pytest.Config.ArgsSource.TESTPATHS, pytest.Config.ArgsSource.ARGS


def test_the_whole_suite_is_spread() -> None:
    """`pytest` alone starts workers; a number that was asked for holds."""
    assert (workers_of(WHOLE) or 0) >= 1
    assert workers_of(WHOLE, asked=0) == 0
    assert workers_of(WHOLE, pdb=True) is None


def test_named_modules_run_in_one_process() -> None:
    """Modules that are named start no workers."""
    assert workers_of(NAMED) is None


def test_a_worker_starts_no_workers() -> None:
    """The hook runs in each worker too, which must not spread the suite again."""
    assert workers_of(WHOLE, workerinput={}) is None
