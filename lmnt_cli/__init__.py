"""lmnt-say: speak text as it arrives, over one LMNT speech session.

The modules and packages, from the command line down to the wire:

    __main__   the entry point: prepare descriptors and signals, then call cli
    cli        parse the command line, then speak, list or store the key
    options    the table of all options, from which cli, completions and documents are made
    commandline/    arguments, help, usage errors, the command that resumes a failed run
    configuration/  option values in layers (arguments, environment, profile, file), and the stored key
    settings   the decisions: a frozen `Settings` for a run, or an `Inquiry` for a listing
    endpoint   the service's URLs and key; proxy chooses a proxy; catalogue lists languages and voices
    run/       one run: open input and output, handle signals, salvage a failed run, report, exit
    speak      the task group of a run
    core/      decides, never waits; its entry point is conversation
               text/ (decode, split, flush), session/ (protocol, ledger, recovery),
               audio/ (formats, time, containers, players), figures/ (meter, status line)
    io/        waits, never decides: source, connection, terminal; audio/: files and players
    local/     the embedded offline service
"""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """Look up the version only when needed: importlib.metadata takes longer than the rest of our start."""
    if name == "__version__":
        from importlib.metadata import version

        return version("lmnt-say")
    raise AttributeError(name)
