"""How a session fails, in words: what was being done and what went wrong (contract, 7)."""

from __future__ import annotations

import pytest

from lmnt_cli.core.session.failures import close_words, lost, never_ready, quote, refused, silent
from lmnt_cli.core.session.ledger import Ledger
from lmnt_cli.core.session.messages import Closed, ErrorMessage, Init
from lmnt_cli.core.session.protocol import SpeechProtocol
from lmnt_cli.core.text.segmenter import Mark
from lmnt_cli.errors import ConnectError, ConnectionLost, ExitCode


def session(*, ready: bool) -> SpeechProtocol:
    protocol = SpeechProtocol()
    protocol.send(Init("key", "lily", "mp3", 24000))
    if ready:
        protocol.receive_message('{"type":"ready","request_id":"req_1"}')
    return protocol


def account() -> Ledger:
    """Four bytes confirmed, four sent, three unsent."""
    ledger = Ledger()
    ledger.add(["One.", Mark.FLUSH, "Two."])
    while ledger.take_next():
        pass
    ledger.confirm_first(0.0, 0)
    ledger.add(["Six"])
    return ledger


def test_lost() -> None:
    """A lost session says how much was confirmed, from which words it was not, and the request's id."""
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
    """Without a session it is a failure to connect: exit status 5."""
    error = lost("api.lmnt.com", "it broke off", session(ready=False), account())

    assert isinstance(error, ConnectError)
    assert error.code is ExitCode.CONNECT
    assert error.transient


def test_never_ready() -> None:
    """A service that takes the connection and never says `ready` is exit status 5, and may be tried again."""
    error = never_ready("127.0.0.1", 10.0)

    assert error.code is ExitCode.CONNECT
    assert error.transient
    assert "ready within 10 s" in error.message


@pytest.mark.parametrize(
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
    """An error message decides by its type; its words, its type and its request id are told."""
    error = refused("api.lmnt.com", ErrorMessage(kind, "No such thing.", "req_2"), "req_1")

    assert error.code is code
    assert error.request_id == "req_2"
    assert "No such thing." in error.message
    assert kind in error.message


@pytest.mark.parametrize(
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
    """Key, permission, payment, voice and invalid requests are never tried again."""
    assert refused("x", ErrorMessage(kind, "No."), None).transient is transient


def test_request_id_of_the_session() -> None:
    """An error without a request id of its own has the session's."""
    assert refused("x", ErrorMessage("not_found_error", "No."), "req_1").request_id == "req_1"


@pytest.mark.parametrize("words", ["Invalid API key", "invalid api-key", "Unauthorized", "Forbidden"])
def test_a_refused_key_of_old(words: str) -> None:
    """The plain strings of older generations say the same: exit status 3, with a hint."""
    error = refused("x", ErrorMessage("", words), None)

    assert error.code is ExitCode.AUTHENTICATION
    assert "LMNT_API_KEY" in str(error.hint)


def test_no_words() -> None:
    """An error without words is told as such."""
    assert "no reason" in refused("x", ErrorMessage("", ""), None).message


def test_silent() -> None:
    """Words confirmed without audio are exit status 8, and named."""
    error = silent("Hello there.", "req_1")

    assert error.code is ExitCode.REFUSED
    assert "“Hello there.”" in error.message


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Closed(1011, "overloaded"), "close code 1011: overloaded"),
        (Closed(1000), "close code 1000"),
        (Closed(1006), "no close code"),
    ],
)
def test_close_words(event: Closed, words: str) -> None:
    """A close is reported with its code and its reason; 1006 stands for none."""
    assert close_words(event) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), (" \n ", ""), ("One\n two", "“One two”"), ("word " * 20, "“" + ("word " * 8) + "…”")],
)
def test_quote(text: str, expected: str) -> None:
    """Text is quoted on one line, and not more of it than people read."""
    assert quote(text) == expected
