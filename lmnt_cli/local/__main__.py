"""The entry point of `lmnt-local` and `python -m lmnt_cli.local`."""

from __future__ import annotations

import gc
import os
import select
import sys


def main() -> None:
    """Run the program."""
    # Imports leave no garbage, and looking for it takes time. `Workers` enables it again with the voice.
    gc.disable()
    workers = None
    if "--key-from-stdin" in sys.argv:
        # lmnt-say waits for sound and not for the URL. Loading the voice's neural network takes longest
        # and does not hold the GIL, so it comes first, and the other modules are imported at the same time.
        from .speech.hibari_engine import import_libraries
        from .threads import run_in_thread
        from .workers import Workers

        run_in_thread(_end_with_parent)
        try:
            import_libraries()
        except ImportError:
            pass  # `run` reports it
        else:
            workers = Workers()
    from .cli import main as run

    try:
        run(workers=workers)
    except SystemExit as end:
        if workers is None:
            raise
        # The interpreter may crash if it shuts down while threads are loading libraries.
        os._exit(end.code if isinstance(end.code, int) else 0)


def _end_with_parent() -> None:
    """End at once when standard input is closed, even before the key is read from it."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(0, 0)  # for a hang-up, which is always reported
        poll.poll()
        os._exit(0)


if __name__ == "__main__":
    main()
