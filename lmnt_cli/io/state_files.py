"""Files kept between runs: unspoken text in the user's state directory, voice ids in the cache directory.

State is a convenience. A system that has no place for it (no home directory, a full or read-only disk) raises
OSError here and nothing else, and no temporary file is left.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


# How many saved texts are kept; the oldest are removed.
NEWEST = 20
# Shells read the list of voices: letters, digits and marks that mean nothing to them.
_PLAIN = r"[A-Za-z0-9._-]+"


@dataclass(frozen=True)
class Continuation:
    """Where a saved text continues a recording: after `offset` bytes of `output`, or of its `.part`."""

    output: str
    offset: int
    format: str
    sample_rate: int


def save_text(text: str, continuation: Continuation | None = None) -> str:
    """Write unspoken text to a new file of mode 0600 in the state directory and return its path.

    What it continues stands beside it. The newest 20 texts are kept. Raises OSError.
    """
    # Imported here: only a failed run needs to know where state is kept.
    from platformdirs import user_state_path

    directory = _directory(user_state_path)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _write_new(directory, text, time.strftime("unspoken-%Y%m%d-%H%M%S-"), ".txt")
    if continuation is not None:
        import json

        beside = _beside(Path(path))
        try:
            beside.touch(0o600, exist_ok=False)
            beside.write_text(json.dumps(asdict(continuation)))
        except OSError:
            _remove(Path(path))
            raise
    _remove_all_but_the_newest(directory)
    return path


def continuation_of(path: str) -> Continuation | None:
    """Return what a saved text continues; None for any other file, or for one that continues nothing."""
    if not _is_saved(path):
        return None
    import json

    try:
        found = json.loads(_beside(Path(path)).read_bytes())
        continuation = Continuation(**found)
    except (OSError, ValueError, TypeError):
        return None
    kinds = (("output", str), ("offset", int), ("format", str), ("sample_rate", int))
    right = all(isinstance(getattr(continuation, name), kind) for name, kind in kinds)
    return continuation if right and continuation.offset >= 0 else None


def remove_text(path: str) -> None:
    """Remove a saved text that has been spoken, and what stands beside it. Leaves any other file alone."""
    if _is_saved(path):
        _remove(Path(path))


def _is_saved(path: str) -> bool:
    """Return whether the path is that of a text saved here."""
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
            pass  # another run removed it, or it is not there


def save_voice_ids(ids: Iterable[str]) -> None:
    """Replace the list of voice ids that the shells' completions offer after `--voice`.

    Ids with characters that a shell would act on are left out. Raises nothing: the list has been shown, and
    completions can do without it.
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
    """Return our directory of that kind. Raises OSError if the user has no home."""
    try:
        path = of_the_user("lmnt-say")
    except RuntimeError:
        path = Path("~")
    # Older versions of platformdirs answer with a literal ~ where no home directory is known.
    if not path.is_absolute():
        raise FileNotFoundError(errno.ENOENT, "no home directory is known", str(path))
    return path


def _write_new(directory: Path, content: str, prefix: str = "", suffix: str = "") -> str:
    """Write a new file of mode 0600 with a unique name; return its path. Leaves nothing if it fails."""
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
