"""The messages with which a session fails: what was being done and what went wrong (contract, 7)."""

from __future__ import annotations

from lmnt_cli.core.session.failures import close_words, lost, never_ready, quote, refused, silent
from lmnt_cli.core.session.ledger import Ledger
from lmnt_cli.core.session.messages import Closed, ErrorMessage
from lmnt_cli.core.session.protocol import SpeechProtocol
from lmnt_cli.core.session.requests import Init
from lmnt_cli.core.text.segmenter import Mark
from lmnt_cli.errors import ConnectError, ConnectionLost, ExitCode
from tests.tools.each import each


def session(*, ready: bool) -> SpeechProtocol:
    protocol = SpeechProtocol()
    protocol.send(Init("key", "lily", "mp3", 24000))
    if ready:
        protocol.receive_message('{"type":"ready","request_id":"req_1"}')
    return protocol


def account() -> Ledger:
    """Return an account of four bytes confirmed, four sent, three unsent."""
    ledger = Ledger()
    ledger.add(["One.", Mark.FLUSH, "Two."])
    while ledger.take_next():
        pass
    ledger.confirm_first(0.0, 0)
    ledger.add(["Six"])
    return ledger


def test_lost() -> None:
    """The error for a lost session gives the bytes confirmed, the next words, and the request id."""
    error = lost("api.lmnt.com", "it broke off", session(ready=True), account())

    assert isinstance(error, ConnectionLost)
    assert error.code is ExitCode.CUT_OFF
    assert error.request_id == "req_1"
    assert "api.lmnt.com" in error.message
    assert error.why == "it broke off"
    assert error.message == (
        "lost the connection to api.lmnt.com (it broke off): 4 of 11 bytes of text confirmed;"
        " the rest starts at “Two.Six”"
    )


def test_never_begun() -> None:
    """Without any session, the error is a failure to connect: exit status 5."""
    error = lost("api.lmnt.com", "it broke off", session(ready=False), account())

    assert isinstance(error, ConnectError)
    assert error.code is ExitCode.CONNECT
    assert error.transient


def test_never_ready() -> None:
    """A service that accepts the connection but is never ready is exit status 5, and may be retried."""
    error = never_ready("127.0.0.1", 10.0)

    assert error.code is ExitCode.CONNECT
    assert error.transient
    assert "ready within 10 s" in error.message


@each(
    ("kind", "code"),
    [
        ("authentication_error", ExitCode.AUTHENTICATION),
        ("permission_error", ExitCode.AUTHENTICATION),
        ("payment_required_error", ExitCode.QUOTA),
        ("rate_limit_error", ExitCode.QUOTA),
        ("invalid_request_error", ExitCode.REFUSED),
        ("not_found_error", ExitCode.REFUSED),
        ("internal_server_error", ExitCode.REFUSED),
        ("surprise", ExitCode.REFUSED),
        ("", ExitCode.REFUSED),
    ],
)
def test_refused(kind: str, code: ExitCode) -> None:
    """The type of an error message decides; its text, its type and its request id are reported."""
    error = refused("api.lmnt.com", ErrorMessage(kind, "No such thing.", "req_2"), "req_1")

    assert error.code is code
    assert error.request_id == "req_2"
    assert "No such thing." in error.message
    assert kind in error.message


@each(
    ("kind", "transient"),
    [
        ("rate_limit_error", True),
        ("internal_server_error", True),
        ("authentication_error", False),
        ("permission_error", False),
        ("payment_required_error", False),
        ("not_found_error", False),
        ("invalid_request_error", False),
        ("", False),
    ],
)
def test_what_another_attempt_may_mend(kind: str, transient: bool) -> None:
    """Errors of key, permission, payment, voice and invalid request are never retried."""
    assert refused("x", ErrorMessage(kind, "No."), None).transient is transient


def test_request_id_of_the_session() -> None:
    """An error without a request id has the session's."""
    assert refused("x", ErrorMessage("not_found_error", "No."), "req_1").request_id == "req_1"


@each("words", ["Invalid API key", "invalid api-key", "Unauthorized", "Forbidden"])
def test_a_refused_key_of_old(words: str) -> None:
    """The plain strings of older generations are treated alike: exit status 3, with a hint."""
    error = refused("x", ErrorMessage("", words), None)

    assert error.code is ExitCode.AUTHENTICATION
    assert "LMNT_API_KEY" in str(error.hint)


def test_no_words() -> None:
    """An error without a message is reported as one without a reason."""
    assert "no reason" in refused("x", ErrorMessage("", ""), None).message


def test_silent() -> None:
    """Words confirmed without audio are exit status 8, and are quoted."""
    error = silent("Hello there.", "req_1")

    assert error.code is ExitCode.REFUSED
    assert "“Hello there.”" in error.message


@each(
    ("event", "words"),
    [
        (Closed(1011, "overloaded"), "close code 1011: overloaded"),
        (Closed(1000), "close code 1000"),
        (Closed(1006), "no close code"),
    ],
)
def test_close_words(event: Closed, words: str) -> None:
    """A close is reported with its code and its reason; 1006 means that there was none."""
    assert close_words(event) == words


@each(
    ("text", "expected"),
    [("", ""), (" \n ", ""), ("One\n two", "“One two”"), ("word " * 20, "“" + ("word " * 8) + "…”")],
)
def test_quote(text: str, expected: str) -> None:
    """A quotation is one line, and of readable length."""
    assert quote(text) == expected
