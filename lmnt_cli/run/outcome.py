"""The outcome of a run: the failure that ended it, what was kept, and notices."""

from __future__ import annotations

from ..core.value import value
from ..errors import ExitCode, SayError
from .exit import status_of


@value
class Kept:
    """What was kept of a failed run.

    The names of the partial recording and of its subtitles, and a remark on the unspoken text.
    """

    audio: str | None = None
    text: str | None = None
    subtitles: tuple[str, ...] = ()


NOTHING = Kept()


@value
class Outcome:
    """The outcome of a run. `failure` is None if everything was spoken and written."""

    failure: BaseException | None = None
    kept: Kept = NOTHING
    notices: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """The exit status; a negative one is the signal to end with."""
        return status_of(self.failure)


def in_our_words(failure: BaseException, *, was_ready: bool) -> BaseException:
    """Return a SayError for an error of the operating system, and any other failure unchanged.

    The system can refuse a thread, a descriptor or memory anywhere, which is not a bug. The exit status is
    that of a run that was cut off, or never had a session.
    """
    while isinstance(failure, BaseExceptionGroup) and len(failure.exceptions) == 1:
        failure = failure.exceptions[0]
    match failure:
        case SayError():
            return failure
        case MemoryError():
            reason = "out of memory"
        case OSError():
            reason = failure.strerror or f"{failure}" or type(failure).__name__
            if failure.filename is not None:
                reason += f": {failure.filename}"
        case RuntimeError() if "start new thread" in f"{failure}":
            reason = "the system cannot start another thread"
        case _:
            return failure
    error = SayError(f"could not {'continue' if was_ready else 'start'}: {reason}")
    error.code = ExitCode.CUT_OFF if was_ready else ExitCode.CONNECT
    return error
