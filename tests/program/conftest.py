"""Fixtures shared by the tests of the whole program."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tools.certificates import Authority
from tests.tools.costs import Measured
from tests.tools.figures import Figures
from tests.tools.program import Say


@pytest.fixture
def measured(request: pytest.FixtureRequest, say: Say, figures: Figures) -> Measured:
    """Runs whose costs are put in a table at the end of the test run, under the module's TITLE."""
    return Measured(say, figures, request.module.TITLE)


@pytest.fixture(scope="session")
def authority(needs: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority that is trusted only where it is configured, made once for a worker."""
    return Authority(needs("openssl"), tmp_path_factory.mktemp("certificates") / "authority")
