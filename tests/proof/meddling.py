"""Another program that meddles with a file while it is written."""

from __future__ import annotations

import os
from pathlib import Path


KINDS = ("cut", "empty", "grow", "replace", "remove")


def meddle(path: Path, kind: str) -> bool:
    """Meddle with a file in this way; return whether there was anything to change."""
    if not path.exists():
        return False
    size = path.stat().st_size
    match kind:
        case "cut":
            os.truncate(path, size * 2 // 3)
            return size > 0
        case "empty":
            os.truncate(path, 0)
            return size > 0
        case "grow":
            with path.open("ab") as file:
                file.write(b"not ours" * 100)
        case "replace":
            other = path.with_name("other")
            other.write_bytes(path.read_bytes() + b"not ours")
            other.replace(path)
        case _:
            path.unlink()
    return True
