"""What is said of a command line that cannot be: one line, with the nearest right word in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import UsageError


# Asked for often enough elsewhere to deserve better than "no such option".
_NOT_OURS = {
    "--api-key": (
        "there is no --api-key: a command line shows in ps and in the shell's history",
        "set LMNT_API_KEY, or use --api-key-file FILE",
    ),
    "--speed": ("there is no --speed: LMNT's speech sessions know no speed", None),
    "--model": ("there is no --model: LMNT's speech sessions know no model, all run the same one", None),
}


def explain(
    error: Any, known: Sequence[str]
) -> UsageError:  # Any: the class is Typer's own, without a public name
    """The error in our words; `known` are all options there are."""
    option = getattr(error, "option_name", None)
    if type(error).__name__ != "NoSuchOption":
        message = str(error.format_message()).rstrip(".")
        return UsageError(message[:1].lower() + message[1:], hint="lmnt-say --help lists the options")
    if option in _NOT_OURS:
        message, hint = _NOT_OURS[option]
        return UsageError(message, hint=hint)
    import difflib

    nearest = difflib.get_close_matches(str(option), known, n=1, cutoff=0.5)
    return UsageError(f"no such option: {option}" + (f"; did you mean {nearest[0]}?" if nearest else ""))
