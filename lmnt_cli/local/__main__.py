"""The entry point of `lmnt-local` and `python -m lmnt_cli.local`."""

from __future__ import annotations

from .cli import main


__all__ = ["main"]

if __name__ == "__main__":
    main()
