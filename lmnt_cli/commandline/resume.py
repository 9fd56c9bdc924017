"""The command that resumes a failed run, built from the table of options and quoted for a shell."""

from __future__ import annotations

import shlex

from ..options import OPTIONS, Flags


def resume_command(flags: Flags, saved: str, *, output: str | None = None, appends: bool = False) -> str:
    """Return the command that speaks the saved text with the options of the run that saved it.

    `flags` are the options as given on the command line, and those the run inferred from its output or its
    terminal. `output` is the recording to complete; `appends` states that part of it exists.
    """
    words = ["lmnt-say", *(["-c"] if appends else []), *OPTIONS["output"].words(output)]
    for option, value in flags.given():
        if option.resumes:
            words += option.words(value)
    words += OPTIONS["file"].words(saved)
    return " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """Return the word quoted for a shell, using only characters that can be printed and copied.

    Others (controls, directional marks, bytes that are not text) are written as octal bytes in `$'…'`, which
    is understood by bash, zsh, ksh and shells that follow POSIX.1-2024.
    """
    if word.isprintable():
        return shlex.quote(word)
    escaped = (
        f"\\{character}" if character in "\\'"
        else character if character.isprintable()
        else "".join(f"\\{byte:03o}" for byte in character.encode(errors="surrogateescape"))
        for character in word
    )  # fmt: skip
    return f"$'{''.join(escaped)}'"
