"""Files kept between runs: unspoken text in the user's state directory, voice ids in the cache directory.

State is a convenience. If it cannot be saved (no home directory, a full or read-only disk), only OSError is
raised, and no temporary file is left.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from ..core.value import value


# The number of saved texts to keep; older ones are removed.
NEWEST = 20
# Shells read the list of voices, so allow only letters, digits and characters without meaning in a shell.
_PLAIN = r"[A-Za-z0-9._-]+"


@value
class Continuation:
    """Where saved text continues a recording: after `offset` bytes of `output`, or of its `.part`.

    `mid_utterance` states that it continues an utterance.
    """

    output: str
    offset: int
    format: str
    sample_rate: int
    mid_utterance: bool = False


def save_text(text: str, continuation: Continuation | None = None) -> str:
    """Write unspoken text to a new file with mode 0600 in the state directory; return its path.

    The continuation is written to a second file beside it. The newest 20 texts are kept. Raises OSError.
    """
    # Imported here because only a failed run needs the state directory.
    from platformdirs import user_state_path

    directory = _directory(user_state_path)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _write_new(directory, text, time.strftime("unspoken-%Y%m%d-%H%M%S-"), ".txt")
    if continuation is not None:
        import json

        beside = _beside(Path(path))
        try:
            beside.touch(0o600, exist_ok=False)
            beside.write_text(json.dumps(vars(continuation)))
        except OSError:
            _remove(Path(path))
            raise
    _remove_all_but_the_newest(directory)
    return path


def continuation_of(path: str) -> Continuation | None:
    """Return the continuation of a saved text, None if it has none or the file is not a saved text."""
    if not _is_saved(path):
        return None
    import json

    try:
        found = json.loads(_beside(Path(path)).read_bytes())
        continuation = Continuation(**found)
    except (OSError, ValueError, TypeError):
        return None
    kinds = (("output", str), ("offset", int), ("format", str), ("sample_rate", int), ("mid_utterance", bool))
    right = all(isinstance(getattr(continuation, name), kind) for name, kind in kinds)
    return continuation if right and continuation.offset >= 0 else None


def remove_text(path: str) -> None:
    """Remove a saved text that has been spoken, and its continuation. Any other file is left alone."""
    if _is_saved(path):
        _remove(Path(path))


def _is_saved(path: str) -> bool:
    """Return whether the path is that of a text in the state directory."""
    file = Path(path)
    if not (file.name.startswith("unspoken-") and file.suffix == ".txt"):
        return False
    from platformdirs import user_state_path

    try:
        return file.parent.samefile(_directory(user_state_path))
    except OSError:
        return False


def _beside(text: Path) -> Path:
    return text.with_suffix(".json")


def _remove(text: Path) -> None:
    for file in (text, _beside(text)):
        try:
            file.unlink()
        except OSError:
            pass  # removed by another run, or it never existed


def save_voice_ids(ids: Iterable[str]) -> None:
    """Replace the list of voice ids that shell completions offer for `--voice`.

    Ids containing characters that are special in a shell are left out. Raises nothing: the list has been
    printed, and completions work without it.
    """
    from platformdirs import user_cache_path

    lines = "".join(f"{each}\n" for each in ids if re.fullmatch(_PLAIN, each))
    try:
        directory = _directory(user_cache_path)
        directory.mkdir(parents=True, exist_ok=True)
        path = _write_new(directory, lines)
        try:
            os.replace(path, directory / "voices")
        except OSError:
            os.unlink(path)
    except OSError:
        pass  # see above


def _directory(of_the_user: Callable[[str], Path]) -> Path:
    """Return our directory of one kind. Raises OSError if the user has no home directory."""
    try:
        path = of_the_user("lmnt-say")
    except RuntimeError:
        path = Path("~")
    # Older versions of platformdirs return a literal ~ if the home directory is unknown.
    if not path.is_absolute():
        raise FileNotFoundError(errno.ENOENT, "the home directory is unknown", str(path))
    return path


def _write_new(directory: Path, content: str, prefix: str = "", suffix: str = "") -> str:
    """Write a new file with mode 0600 and a unique name; return its path. On failure no file is left."""
    descriptor, path = tempfile.mkstemp(suffix, prefix, directory)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(content)
    except BaseException:
        os.unlink(path)
        raise
    return path


def _remove_all_but_the_newest(directory: Path) -> None:
    try:
        by_age = sorted(directory.glob("unspoken-*.txt"), key=lambda path: path.stat().st_mtime_ns)
        for path in by_age[:-NEWEST]:
            _remove(path)
    except OSError:
        pass  # another run is doing the same
