"""lmnt-say: text in as it arrives, speech out, over one LMNT speech session.

The map, from the words down to the wire:

    __main__   the entry: prepare descriptors and signals, then call cli
    cli        the command line: parse it, then speak, list or store the key
    options    every option, once: the table that cli, completions and documents are made from
    commandline/    arguments, help, what is wrong with them, the command that resumes a failed run
    configuration/  values in layers: arguments, environment, profile, file; where the key is kept
    settings   the decisions: one frozen `Settings` of a run, or an `Inquiry`, which listing answers
    endpoint   the service: URLs and key; proxy the way to it; catalogue its languages and voices
    run/       one run: open source and output, obey interrupts, salvage what is left, report, exit
    speak      the one task group
    core/      decides, never waits; conversation is the only door to
               text/ (decode, split, flush), session/ (protocol, ledger, recovery),
               audio/ (formats, time, containers, players), figures/ (meter, status line)
    io/        waits, never decides: source, connection, terminal; audio/: files and players
    local/     the embedded offline service
"""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """Look the version up only when asked: importlib.metadata costs more than our own start."""
    if name == "__version__":
        from importlib.metadata import version

        return version("lmnt-say")
    raise AttributeError(name)
