"""The command that resumes a failed run, made from the table of options and quoted for a shell."""

from __future__ import annotations

import shlex

from ..options import OPTIONS, Flags


def resume_command(flags: Flags, saved: str, *, output: str | None = None, appends: bool = False) -> str:
    """Return the command that speaks a saved text with the options of the run that left it.

    `flags` are the options as given on the command line, those the run inferred from its output or its
    terminal included. `output` is the recording to complete, `appends` whether some of it is there.
    """
    words = ["lmnt-say", *(["-c"] if appends else []), *OPTIONS["output"].words(output)]
    for option, value in flags.given():
        if option.resumes:
            words += option.words(value)
    words += OPTIONS["file"].words(saved)
    return " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """Return the word as a shell reads it back, in characters that can all be printed and copied.

    What cannot be printed (controls, marks of direction, bytes that are no text) stands as octal bytes in
    `$'…'`, which bash, zsh, ksh and POSIX shells since 2024 read.
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
