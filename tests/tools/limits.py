"""Time limits of tests: long enough for a busy machine, and used up only by a failure."""

from __future__ import annotations


LIMIT = 10.0
