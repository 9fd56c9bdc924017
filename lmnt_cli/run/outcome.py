"""How a run ended: what ended it, what was kept of it, what is worth a notice."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ExitCode, SayError
from .exit import status_of


@dataclass(frozen=True)
class Kept:
    """What is left of a failed run: the name of the partial recording, and what became of unspoken text."""

    audio: str | None = None
    text: str | None = None


NOTHING = Kept()


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run. `failure` is None where everything was spoken and written."""

    failure: BaseException | None = None
    kept: Kept = NOTHING
    notices: tuple[str, ...] = ()

    @property
    def status(self) -> int:
        """The exit status, negative for the signal to die of."""
        return status_of(self.failure)


def in_our_words(failure: BaseException, *, was_ready: bool) -> BaseException:
    """Return a SayError for trouble of the system's that has no words yet; any other failure as it is.

    A program can be refused a thread, a descriptor or memory anywhere; that is no bug. The exit status is
    that of a run that never had a session, or was cut off.
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
            reason = "the system starts no more threads"
        case _:
            return failure
    error = SayError(f"could not {'continue' if was_ready else 'start'}: {reason}")
    error.code = ExitCode.CUT_OFF if was_ready else ExitCode.CONNECT
    return error
