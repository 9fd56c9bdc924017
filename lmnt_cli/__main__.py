"""The entry of `lmnt-say` and `python -m lmnt_cli`."""

from __future__ import annotations


def main() -> None:
    """Run the program; never returns a status by value."""
    raise NotImplementedError


if __name__ == "__main__":
    main()
