"""The directory of the configuration is that of platformdirs, found without importing it (contract, 15)."""

from __future__ import annotations

import os
import subprocess
import sys

from lmnt_cli.configuration.home import config_directory
from tests.tools.each import each


@each(
    "environment",
    [
        {},
        {"XDG_CONFIG_HOME": "/somewhere"},
        {"XDG_CONFIG_HOME": ""},
        {"XDG_CONFIG_HOME": " "},
        {"HOME": "/home/me"},
    ],
    ids=["home", "set", "empty", "blank", "other"],
)
def test_the_same_as_platformdirs(environment: dict[str, str]) -> None:
    """It is the directory that platformdirs gives."""
    around = {name: value for name, value in os.environ.items() if name != "XDG_CONFIG_HOME"}
    script = "import platformdirs; print(platformdirs.user_config_dir('lmnt-say'))"
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**around, **environment},
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )

    assert config_directory({**around, **environment}) == run.stdout.strip()


def test_no_home() -> None:
    """Without an absolute path there is none."""
    assert config_directory({"XDG_CONFIG_HOME": "relative"}) is None
