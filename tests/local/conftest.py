"""Fixtures shared by the tests of the embedded service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.local_service import LocalService


@pytest.fixture(scope="session")
def mute(voiceless: dict[str, str]) -> Iterator[LocalService]:
    """A service without options whose voice cannot be loaded."""
    with LocalService(**voiceless) as service:
        yield service


@pytest.fixture(scope="session")
def locked(voiceless: dict[str, str]) -> Iterator[LocalService]:
    """A service that requires the key "the key", and has no voice."""
    with LocalService("--key", "the key", **voiceless) as service:
        yield service
