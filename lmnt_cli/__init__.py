"""lmnt-say: text in as it arrives, speech out, over one LMNT speech session.

The map, from the words down to the wire:

    __main__   the entry: signals and descriptors put in order, then cli
    cli        the words: options and their help; misuse, what is said of wrong ones
    settings   the decisions: one frozen `Settings`; addresses, its URLs and proxies; players, which one plays
    inquiry    the decisions where something is asked and nothing spoken; listing answers
    run        one run, from opened ends to words and an exit code; in its hands:
               input, output, signals, aftermath (what is saved), suggestion (what to try), ending
    speak      the one task group
    core/      decides, never waits
    io/        waits, never decides
    local/     the embedded offline service
"""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """Look the version up only when asked: importlib.metadata costs more than our own start."""
    if name == "__version__":
        from importlib.metadata import version

        return version("lmnt-say")
    raise AttributeError(name)
