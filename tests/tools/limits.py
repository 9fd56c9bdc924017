"""How long a test waits for what must come: long enough for a busy machine, and spent only by a failure."""

from __future__ import annotations


LIMIT = 10.0
