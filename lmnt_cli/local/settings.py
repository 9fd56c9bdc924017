"""`Settings`: what a service was started with, resolved once."""

from __future__ import annotations

from dataclasses import dataclass, field

from .faults import Faults


@dataclass(frozen=True)
class Settings:
    """A service's choices. `port` 0 takes a free one; `key` None accepts any key."""

    host: str = "127.0.0.1"
    port: int = 0
    key: str | None = None
    faults: Faults = field(default_factory=Faults)
