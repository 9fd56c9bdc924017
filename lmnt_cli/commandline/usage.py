"""Explain an error in the command line in one line, suggesting the nearest valid option."""

from __future__ import annotations

from typing import Any

from ..errors import UsageError
from ..options import documented


_NO_SPEED = "LMNT's speech sessions have no speed setting"
_NO_PITCH = "LMNT's speech sessions have no pitch setting"
_NO_MODEL = "LMNT's speech sessions have no model setting; all use the same model"
# Options of comparable tools, and what to use here instead.
_OF_OTHERS = {
    "--speed": _NO_SPEED,
    "--rate": _NO_SPEED,
    "-r": f"{_NO_SPEED}; --sample-rate sets the samples per second",
    "-s": _NO_SPEED,
    "--pitch": _NO_PITCH,
    "--volume": "set the volume of the player, as in --player 'mpv --volume=50 -'",
    "--model": _NO_MODEL,
    "--engine": _NO_MODEL,
    "--voices": "use --list-voices",
    "--list": "use --list-voices",
    "--text": 'give the text as arguments, as in lmnt-say "Hello", or in a file with -f FILE',
    "-t": 'give the text as arguments, as in lmnt-say "Hello", or in a file with -f FILE',
    "--stdin": "standard input is read if no text is given",
    "--input": "use -f FILE",
    "--input-file": "use -f FILE",
    "-i": "use -f FILE",
    "-w": "use -o FILE",
    "--write-media": "use -o FILE",
    "--output-file": "use -o FILE",
    "--out": "use -o FILE",
    "--write-subtitles": "use --subtitles FILE",
    "--force": "an existing FILE is replaced anyway, unless --no-clobber is given",
    "--overwrite": "an existing FILE is replaced anyway, unless --no-clobber is given",
    "--lang": "use -l CODE",
    "--retries": "use --retry N",
    "--silent": "use -q",
    "--no-color": "set NO_COLOR in the environment",
    "--color": "colour follows the terminal; NO_COLOR in the environment turns it off",
    "--no-verify": "certificates are always verified; SSL_CERT_FILE names your own certificate authority",
    "--insecure": "certificates are always verified; --insecure-http allows plain http",
}
_API_KEY = "the command line is visible in ps and in the shell's history"
# Similarity at which an option is suggested, from 0 to 1; --input must not suggest --output.
_LIKE = 0.75


def explain(error: Any) -> UsageError:  # Any: the class is Typer's own, without a public name
    """Return the UsageError for an error raised by Typer."""
    option = getattr(error, "option_name", None)
    if option is None:
        message = str(error.format_message()).rstrip(".")
        return UsageError(message[:1].lower() + message[1:], hint="lmnt-say --help lists the options")
    if type(error).__name__ != "NoSuchOption":
        return _wrong_use(str(option))
    return _no_such_option(str(option))


def nearest_option(option: str) -> str | None:
    """Return the long option that is spelled similarly or is the only one with this prefix, if any."""
    import difflib

    bare = option.lstrip("-")
    known = {each.long.lstrip("-"): each.long for each in documented()}
    known |= {each.opposite.lstrip("-"): each.opposite for each in documented() if each.opposite}
    near = difflib.get_close_matches(bare, known, n=1, cutoff=_LIKE)
    beginning = [name for name in known if name.startswith(bare) and len(bare) > 2]
    if not near and len(beginning) == 1:
        near = beginning
    return known[near[0]] if near and option.startswith("--") else None


def _no_such_option(option: str) -> UsageError:
    if option == "--api-key":
        return UsageError(
            f"there is no {option}: {_API_KEY}", hint="set LMNT_API_KEY, or use --api-key-file FILE"
        )
    if option in _OF_OTHERS:
        return UsageError(f"there is no {option}: {_OF_OTHERS[option]}")
    if option.isspace() or option[1:].isspace():
        return UsageError("an option and a space are in one argument; to speak it, put -- before it")
    if nearest := nearest_option(option):
        return UsageError(f"no such option: {option}; did you mean {nearest}?")
    return UsageError(f"no such option: {option}; to speak text that begins with a dash, put -- before it")


def _wrong_use(option: str) -> UsageError:
    """Explain an option without a value, or a switch with one."""
    for each in documented():
        if option in each.names and each.metavar is not None:
            return UsageError(f"{option} needs a value: {option} {each.metavar}")
    return UsageError(f"{option} takes no value")
