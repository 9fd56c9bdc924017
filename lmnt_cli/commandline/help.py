"""What `--help` prints around and about the options; their own help stands in the table of options."""

from __future__ import annotations

from collections.abc import Iterator

from ..options import GROUPS, Option, documented


DESCRIPTION = """Speak text as it arrives: from a pipe, files, words or the keyboard.

\b
  llm "tell me a story" | lmnt-say --voice lily > story.mp3
  lmnt-say -f chapter.txt -o chapter.wav
  echo "Works without a key, offline." | lmnt-say --local > hello.mp3
"""

# The manual page has each of these in full.
EPILOG = """\b
Environment: LMNT_API_KEY (the key), LMNT_BASE_URL, LMNT_VOICE
Exit status: 0 complete, 1 bug, 2 usage, 3 key, 4 payment or quota,
  5 not connected, 6 cut off, 7 output, 8 refused, 9 nothing to say
Manual page: lmnt-say(1)
"""

# Where the meaning of an option begins: the same column in every group.
COLUMN = 27


def groups() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each group of options: its title, and what to type and what it does for each option."""
    options = documented()
    for group in GROUPS:
        yield group, [(_usage(option), option.help_text) for option in options if option.group == group]


def _usage(option: Option) -> str:
    # A long spelling starts in the same column with or without a short one.
    names = f"{option.short}, {option.long}" if option.short else f"    {option.long}"
    return f"{names} {option.metavar or ''}".ljust(COLUMN - 4)
