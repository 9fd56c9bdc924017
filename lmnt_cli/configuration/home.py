"""The directory of the user's configuration and key, found without importing anything large."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def config_directory(environment: Mapping[str, str]) -> str | None:
    """Return the path of our configuration directory, which need not exist; None without a home directory."""
    if sys.platform == "linux":
        # The same as platformdirs, without importing it: most users have no configuration.
        base = environment.get("XDG_CONFIG_HOME", "").strip()
        if not base:
            base = os.path.join(environment.get("HOME") or os.path.expanduser("~"), ".config")
        directory = os.path.join(base, "lmnt-say")
    else:
        from platformdirs import user_config_dir

        directory = user_config_dir("lmnt-say")
    return directory if os.path.isabs(directory) else None
