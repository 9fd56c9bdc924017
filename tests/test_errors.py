"""The errors and their exit statuses: the table of the contract, 7."""

from __future__ import annotations

from lmnt_cli.errors import (
    ConnectError,
    ConnectionLost,
    ExitCode,
    Killed,
    LocalProtocolError,
    MissingKey,
    NothingToSay,
    OutputError,
    ReaderLeft,
    RemoteProtocolError,
    RetriableError,
    SayError,
    ServiceError,
    UsageError,
)
from tests.tools.each import each


@each(
    ("error", "status"),
    [
        (UsageError("x"), 2),
        (MissingKey("x"), 3),
        (ConnectionLost("x"), 6),
        (OutputError("x"), 7),
        (RemoteProtocolError("x"), 8),
        (NothingToSay("x"), 9),
    ],
)
def test_status(error: SayError, status: int) -> None:
    """Each kind of failure has its own status."""
    assert error.code == status


@each(
    ("handshake", "status"),
    [
        (None, 5),
        (401, 3),
        (403, 3),
        (402, 4),
        (429, 4),
        (400, 8),
        (404, 8),
        (426, 8),
        (500, 5),
        (502, 5),
        (503, 5),
    ],
)
def test_status_of_a_handshake(handshake: int | None, status: int) -> None:
    """The HTTP status of a refused handshake decides; without one it is "could not connect"."""
    assert ConnectError("x", status=handshake).code == status


@each(
    ("kind", "status"),
    [
        ("authentication_error", 3),
        ("permission_error", 3),
        ("payment_required_error", 4),
        ("rate_limit_error", 4),
        ("invalid_request_error", 8),
        ("not_found_error", 8),
        ("internal_server_error", 8),
        ("brand_new_error", 8),
        ("", 8),
    ],
)
def test_status_of_an_error_message(kind: str, status: int) -> None:
    """The type of an error message decides; an unknown type is a refusal."""
    assert ServiceError(kind, "x").code == status


def test_codes() -> None:
    """The statuses are those of the table: 0 to 9, each once."""
    assert sorted(ExitCode) == list(range(10))


@each(
    ("kind", "transient"),
    [
        ("rate_limit_error", True),
        ("internal_server_error", True),
        ("authentication_error", False),
        ("", False),
    ],
)
def test_transient(kind: str, transient: bool) -> None:
    """Rate limits and failures of the service are temporary; refusals are permanent."""
    assert ServiceError(kind, "x").transient is transient


def test_what_the_user_is_told() -> None:
    """Every error has a message, and possibly a hint and the service's request id."""
    error = ServiceError("not_found_error", "no such voice", hint="try another", request_id="req_1")

    assert (str(error), error.message) == ("no such voice", "no such voice")
    assert (error.hint, error.request_id) == ("try another", "req_1")


@each("error", [ConnectError("x"), ConnectionLost("x"), ServiceError("", "x")])
def test_retriable(error: SayError) -> None:
    """These errors may be retried."""
    assert isinstance(error, RetriableError)


@each("error", [UsageError("x"), OutputError("x"), NothingToSay("x"), RemoteProtocolError("x")])
def test_not_retriable(error: SayError) -> None:
    """These are not."""
    assert not isinstance(error, RetriableError)


@each("error", [LocalProtocolError("x"), ReaderLeft(), Killed(15)])
def test_outside_the_tree(error: Exception) -> None:
    """A bug, a reader that left and a signal are not errors reported in one line."""
    assert not isinstance(error, SayError)
