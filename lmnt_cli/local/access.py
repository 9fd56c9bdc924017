"""Who may use the service."""

from __future__ import annotations

from dataclasses import dataclass

from .requests import ErrorType, Refused


@dataclass(frozen=True)
class AccessPolicy:
    """The only key there is; None means that any will do, but not none."""

    key: str | None = None

    def check(self, key: str) -> None:
        """Raise `Refused` if this key opens nothing."""
        if not key:
            raise Refused(ErrorType.AUTHENTICATION, "Missing API key")
        if self.key is not None and key != self.key:
            raise Refused(ErrorType.AUTHENTICATION, "Invalid API key")
