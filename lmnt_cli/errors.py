"""What can go wrong, grouped by whose fault it is, and the exit status of each.

SayError                 everything that is reported to the user in one line
├─ UsageError            2        impossible settings, unreadable input, a missing extra
├─ ConnectError          5, 3, 4, 8 by handshake status   no session was ever ready
├─ ConnectionLost        6        it was there and went away before the speech was complete
├─ ServiceError          3, 4, 8 by error type            the service said no
├─ RemoteProtocolError   8        the service said something that makes no sense
├─ OutputError           7        the audio could not be written
└─ NothingToSay          9        the text has no word
ReaderLeft               killed by SIGPIPE: whoever read the audio is gone
LocalProtocolError       1        a bug of ours, outside the tree that users see
"""

from __future__ import annotations

import enum


# What to try when the service does not take the key, wherever it says so.
CHECK_KEY = "check the key in LMNT_API_KEY or --api-key-file"


class ExitCode(enum.IntEnum):
    """The exit status of the program: the table of the README, and nothing else."""

    COMPLETE = 0
    BUG = 1
    USAGE = 2
    AUTHENTICATION = 3
    QUOTA = 4
    CONNECT = 5
    CUT_OFF = 6
    OUTPUT = 7
    REFUSED = 8
    NOTHING_TO_SAY = 9


class SayError(Exception):
    """An error reported in one line; `hint` is the line that says what to try."""

    code = ExitCode.BUG

    def __init__(self, message: str, *, hint: str | None = None, request_id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.request_id = request_id


class UsageError(SayError):
    """The program was asked for something it cannot do."""

    code = ExitCode.USAGE


class MissingKey(UsageError):
    """No API key was given."""

    code = ExitCode.AUTHENTICATION


class RetriableError(SayError):
    """A failure that another attempt may mend.

    `transient` says whether one may; `retry_after` is the wait in seconds the service asked for; `why` is the
    message in fewer words, where there are any.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        request_id: str | None = None,
        transient: bool = True,
        retry_after: float | None = None,
        why: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, request_id=request_id)
        self.why = why or message
        self.transient = transient
        self.retry_after = retry_after


# Request Timeout and Too Early (RFC 9110, 15.5.9; RFC 8470, 5.2): the same request may be taken next time.
_WORTH_ANOTHER_ATTEMPT = (408, 425)


class ConnectError(RetriableError):
    """The service could not be reached.

    `status` is that of the HTTP answer, if there was one. `by_page` says that it came with a page for people,
    as those of firewalls and captive networks do: it is then not our key that was refused.
    """

    code = ExitCode.CONNECT

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        hint: str | None = None,
        transient: bool = True,
        retry_after: float | None = None,
        by_page: bool = False,
    ) -> None:
        super().__init__(message, hint=hint, transient=transient, retry_after=retry_after)
        self.status = status
        if status is None or status in _WORTH_ANOTHER_ATTEMPT or status >= 500:
            self.code = ExitCode.CONNECT
        elif status == 401 or (status == 403 and not by_page):
            self.code = ExitCode.AUTHENTICATION
        elif status in (402, 429):
            self.code = ExitCode.QUOTA
        else:
            self.code = ExitCode.REFUSED


class ConnectionLost(RetriableError):
    """There was a session, and it ended before all text was confirmed."""

    code = ExitCode.CUT_OFF


# LMNT docs, api/errors: the types of an error message. Every type not named here is exit status 8.
_CODE_OF_TYPE = {
    "authentication_error": ExitCode.AUTHENTICATION,
    "permission_error": ExitCode.AUTHENTICATION,
    "payment_required_error": ExitCode.QUOTA,
    "rate_limit_error": ExitCode.QUOTA,
}
# "5xx: retry with exponential backoff" (LMNT docs, api/errors), and limits pass.
_TRANSIENT_TYPES = {"rate_limit_error", "internal_server_error"}


class ServiceError(RetriableError):
    """The service sent an error message; `type` is its own word for the kind, "" if it gave none."""

    code = ExitCode.REFUSED

    def __init__(self, type: str, message: str, *, hint: str | None = None, request_id: str | None = None):  # noqa: A002 - the wire's name
        super().__init__(message, hint=hint, request_id=request_id, transient=type in _TRANSIENT_TYPES)
        self.type = type
        self.code = _CODE_OF_TYPE.get(type, ExitCode.REFUSED)


class RemoteProtocolError(SayError):
    """The service broke the protocol, or speaks another one."""

    code = ExitCode.REFUSED


STDOUT_CLOSED = "could not write standard output: it is closed"


class OutputError(SayError):
    """The audio could not be created or written."""

    code = ExitCode.OUTPUT


class NothingToSay(SayError):
    """The text holds no letter and no digit."""

    code = ExitCode.NOTHING_TO_SAY


class ReaderLeft(Exception):
    """Whoever read the audio has gone: the program dies of SIGPIPE, silently."""


class Killed(Exception):
    """A signal asked us to end; `signal` is its number, which the program dies of."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal


class LocalProtocolError(RuntimeError):
    """We broke the protocol ourselves: a bug, never caught, outside the tree that users see."""
