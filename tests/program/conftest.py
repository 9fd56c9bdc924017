"""Fixtures shared by the tests of the whole program."""

from __future__ import annotations

import pytest

from tests.tools.costs import Measured
from tests.tools.figures import Figures
from tests.tools.program import Say


@pytest.fixture
def measured(request: pytest.FixtureRequest, say: Say, figures: Figures) -> Measured:
    """Runs whose costs are put in a table at the end of the test run, under the module's TITLE."""
    return Measured(say, figures, request.module.TITLE)
