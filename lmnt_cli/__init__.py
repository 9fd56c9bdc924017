"""lmnt-say: speak text as it arrives, over one LMNT speech session.

The modules and packages, from the command line down to the wire:

    __main__   the entry point: prepare descriptors and signals, then call cli
    cli        parse the command line, then speak, print a dry run, list or store the key
    options    the table of all options, from which cli, completions and documents are made
    commandline/    arguments, help, usage errors, the command that resumes a failed run
    configuration/  option values in layers (arguments, environment, profile, file), and the stored key
    settings   the resolved values: a frozen `Settings` for a run; inquiry: those for a listing;
               decisions: which format, player and service, where no option names one
    endpoint   the service's URLs and key; proxy_choice picks a proxy
    catalogue  the languages and voices in LMNT's documentation
    listing    answers --list-voices and --usage; preview answers --dry-run
    run/       one run: open input and output, handle signals, salvage a failed run, report, exit
    speak      the task group of a run; tasks: one error of several, and a bell
    core/      decides, never waits; its entry point is conversation, which explains the states of the text
               text/      decode, split, flush; strip/ removes Markdown and emoji
               session/   protocol, messages, ledger, recovery
               audio/     formats, time, containers, players
               captions/  words with their times, subtitles
               figures/   status line, statistics, events, redaction
    io/        waits: source, dialing with proxies and TLS, connection, terminal, status, events, child
               processes; audio/: files and players
    errors     every error the program reports, with its exit status
    lazy       defers imports until they are used
    local/     the embedded offline service, which has a map of its own
"""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """Look up the version only when needed: importlib.metadata takes longer than the rest of our start."""
    if name == "__version__":
        from importlib.metadata import version

        return version("lmnt-say")
    raise AttributeError(name)
