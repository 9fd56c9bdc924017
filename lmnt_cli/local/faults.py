"""What can be made to go wrong, and what the protocol leaves open, each with the likeliest default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Faults:
    """How a service behaves where it may choose, or should not have."""

    frame_bytes: int = 0
    error_code: int = 1002
