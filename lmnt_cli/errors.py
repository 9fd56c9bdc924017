"""The errors of the program and their exit statuses.

SayError                 every error that is reported to the user, in one line
├─ UsageError            2        invalid options, unreadable input, a missing extra
├─ ConnectError          5, or 3, 4, 8 by HTTP status   no session became ready
├─ ConnectionLost        6        the session ended before the speech was complete
├─ ServiceError          8, or 3, 4 by error type       the service sent an error message
├─ RemoteProtocolError   8        the service violated the protocol
├─ OutputError           7        the audio could not be written
└─ NothingToSay          9        the text contains no word
ReaderLeft               killed by SIGPIPE: the reader of the audio has left
LocalProtocolError       1        a bug in lmnt-say
"""

from __future__ import annotations

import enum


# The hint of every error that means the service rejected the key.
CHECK_KEY = "check the key in LMNT_API_KEY or --api-key-file, or store another with --set-key"


class ExitCode(enum.IntEnum):
    """The exit statuses of the program, as documented in the README."""

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
    """An error that is reported in one line. `hint` suggests what to try."""

    code = ExitCode.BUG

    def __init__(self, message: str, *, hint: str | None = None, request_id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.request_id = request_id


class UsageError(SayError):
    """An option, an argument, the configuration or the input is invalid."""

    code = ExitCode.USAGE


class MissingKey(UsageError):
    """There is no usable API key."""

    code = ExitCode.AUTHENTICATION


class RetriableError(SayError):
    """A failure after which another attempt may succeed.

    `transient` states whether a retry is allowed, `retry_after` is the delay in seconds that the service
    requested, and `why` is a shorter form of the message; by default it is the message.
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


# Request Timeout and Too Early (RFC 9110, 15.5.9; RFC 8470, 5.2): the same request may succeed later.
_WORTH_ANOTHER_ATTEMPT = (408, 425)


class ConnectError(RetriableError):
    """The service could not be reached.

    `status` is the status of the HTTP response, if there was one. `by_page` states that the response was an
    HTML page, as sent by firewalls and captive portals: a 403 is then not about the key.
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
    """A session ended before all text was confirmed."""

    code = ExitCode.CUT_OFF


# The types of error messages (LMNT docs, api/errors). Every other type means exit status 8.
_CODE_OF_TYPE = {
    "authentication_error": ExitCode.AUTHENTICATION,
    "permission_error": ExitCode.AUTHENTICATION,
    "payment_required_error": ExitCode.QUOTA,
    "rate_limit_error": ExitCode.QUOTA,
}
# "5xx: retry with exponential backoff" (LMNT docs, api/errors); rate limits are temporary too.
_TRANSIENT_TYPES = {"rate_limit_error", "internal_server_error"}


class ServiceError(RetriableError):
    """The service sent an error message. `type` is the type given in it, "" if there was none."""

    code = ExitCode.REFUSED

    def __init__(self, type: str, message: str, *, hint: str | None = None, request_id: str | None = None):  # noqa: A002 - the wire's name
        super().__init__(message, hint=hint, request_id=request_id, transient=type in _TRANSIENT_TYPES)
        self.type = type
        self.code = _CODE_OF_TYPE.get(type, ExitCode.REFUSED)


class RemoteProtocolError(SayError):
    """The service violated the protocol, or speaks a different one."""

    code = ExitCode.REFUSED


STDOUT_CLOSED = "could not write standard output: it is closed"


class OutputError(SayError):
    """The audio could not be created or written."""

    code = ExitCode.OUTPUT


class NothingToSay(SayError):
    """The text contains no letter or digit."""

    code = ExitCode.NOTHING_TO_SAY


class ReaderLeft(Exception):
    """The reader of the audio has left. The program ends itself with SIGPIPE, silently."""


class Killed(Exception):
    """A signal asked the program to end. `signal` is its number; the program ends itself with it."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal


class LocalProtocolError(RuntimeError):
    """We violated the protocol ourselves: a bug, which is never caught."""
