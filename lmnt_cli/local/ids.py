"""Names of requests: `req_` and 22 characters, without the ones that look alike."""

from __future__ import annotations

import secrets


_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def new_request_id() -> str:
    """Return a request id that no other request has."""
    return "req_" + "".join(secrets.choice(_ALPHABET) for _ in range(22))
