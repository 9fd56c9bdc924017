"""What the tests of the recipes share: a shell in a directory of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.fake_service import FakeService
from tests.tools.recipes import Desk


@pytest.fixture
def desk(service: FakeService, environment: dict[str, str], tmp_path: Path) -> Iterator[Desk]:
    """A shell whose `lmnt-say` talks to the double."""
    shell = Desk({**environment, "LMNT_BASE_URL": service.url}, tmp_path)
    yield shell
    shell.close()
