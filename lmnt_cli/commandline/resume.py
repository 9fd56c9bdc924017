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

    Others (controls, directional marks, bytes that are not text) are written as octal bytes that `printf`
    turns back, because dash, the `sh` of Debian, and fish know no `$'…'`. A substitution loses the newlines
    at the end of a word, so a word with one is written as `$'…'`, for bash, zsh, ksh and POSIX.1-2024.
    """
    if word.isprintable():
        return shlex.quote(word)
    escaped = "".join(map(octal, word))
    return f"$'{escaped}'" if word.endswith("\n") else f"\"$(printf '{escaped}')\""


def octal(character: str) -> str:
    """Return the character, or octal escapes of its bytes where it has a meaning to `printf` or a shell."""
    if character.isprintable() and (character.isalnum() or character in " ._/,:+=@()[]{}~#"):
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode(errors="surrogateescape"))
