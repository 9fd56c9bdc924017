"""What `--help` prints around and about the options; their own help stands in the table of options."""

from __future__ import annotations

from collections.abc import Iterator

from ..options import GROUPS, Option, documented


DESCRIPTION = """Speak text as it arrives: a pipe, files or words in; a file, a pipe or a player out.

\b
  llm "tell me a story" | lmnt-say --voice lily > story.mp3
  lmnt-say -f chapter.txt -o chapter.wav
  echo "Works without a key, offline." | lmnt-say --local > hello.mp3
"""

EPILOG = """\b
Environment:
  LMNT_API_KEY   the key; empty is unset
  LMNT_BASE_URL  the service, if it is not https://api.lmnt.com
  LMNT_VOICE     the voice, if --voice is not given

\b
Exit status:
  0  complete: all text was confirmed, all audio written
  1  a bug in lmnt-say
  2  usage: bad option, missing or unreadable input
  3  the key is missing or was refused
  4  payment, quota or rate limit
  5  could not connect: no session was ever ready
  6  cut off: some text is not confirmed; partial audio is kept
  7  the output could not be created or written
  8  the service refused the request, or answered nonsense
  9  nothing to say: the text has no word in it
  Killed by SIGINT, SIGTERM or SIGHUP it dies of the signal; by SIGPIPE (141)
  when the reader of its output has left.
"""

# Where the meaning of an option begins: the same column in every group.
COLUMN = 28


def groups() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each group of options: its title, and what to type and what it does for each option."""
    options = documented()
    for group in GROUPS:
        yield group, [(_usage(option), option.help_text) for option in options if option.group == group]


def _usage(option: Option) -> str:
    # A long spelling starts in the same column with or without a short one.
    names = f"{option.short}, {option.long}" if option.short else f"    {option.long}"
    return f"{names} {option.metavar or ''}".ljust(COLUMN - 4)
