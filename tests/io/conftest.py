"""Fixtures shared by the tests of io."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.tools.dialing import Greeter


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The two ends of a pipe; whatever the test leaves open is closed."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            pass


@pytest.fixture
def greeter() -> Iterator[Greeter]:
    """A server that sends a greeting."""
    from tests.tools.dialing import Greeter

    with Greeter() as running:
        yield running
