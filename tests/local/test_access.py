"""Access control: `lmnt_cli.local.access`."""

from __future__ import annotations

import pytest

from lmnt_cli.local.access import AccessPolicy
from lmnt_cli.local.requests import ErrorType, Refused


OPEN = AccessPolicy()


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:80",
        "127.0.0.1",
        "127.0.0.1:8765",
        "192.168.1.7:1",
        "[::1]:8765",
        "[::1]",
        "[fe80::1%eth0]",
    ],
)
def test_hosts_that_cannot_be_rebound(host: str) -> None:
    """`localhost` and literal addresses are accepted, with any port: no page can make them resolve to us."""
    assert OPEN.problem_with(host, None) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        ":8765",
        "evil.example",
        "evil.example:8765",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "127.0.0.1:80:80",
        "127.0.0.1@evil.example",
        "[::1",
        "::1]:80",
        "localhost:x",
        "x\x1b[2J",
    ],
)
def test_other_hosts_are_refused(host: str) -> None:
    """Names that others may resolve to this machine, and malformed addresses, are refused."""
    problem = OPEN.problem_with(host, None)

    assert problem is not None
    assert "--allow-host" in problem


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "https://127.0.0.1:8765",
        "http://127.0.0.1:8766",
        "http://127.0.0.1",
        "http://localhost:8765",
        "file://",
    ],
)
def test_other_origins_are_refused(origin: str) -> None:
    """Pages of any other scheme, host or port, and those without an origin (`null`), are refused."""
    problem = OPEN.problem_with("127.0.0.1:8765", origin)

    assert problem is not None
    assert "--allow-origin" in problem
    assert not OPEN.is_allowed_origin("127.0.0.1:8765", origin)


def test_its_own_origin_is_allowed() -> None:
    """A page served by the service itself is allowed, however its name is spelled."""
    assert OPEN.problem_with("LocalHost:8765", "http://localhost:8765") is None
    assert OPEN.is_allowed_origin("[::1]:1", "http://[::1]:1")


def test_hosts_and_origins_can_be_listed() -> None:
    """Hosts and origins are listed by name, hosts without a port; `null` can be listed."""
    policy = AccessPolicy(hosts=frozenset({"dev.test"}), origins=frozenset({"http://app.test:3000", "null"}))

    assert policy.problem_with("Dev.Test:8765", "http://app.test:3000") is None
    assert policy.problem_with("localhost", "null") is None
    assert policy.problem_with("localhost", "http://app.test") is not None
    assert policy.problem_with("app.test", None) is not None


def test_a_key_replaces_the_checks() -> None:
    """With a key any host and origin may connect, as a page does not know it. Only listed ones may read."""
    policy = AccessPolicy("the key")

    assert policy.problem_with("speech.example", "https://evil.example") is None
    assert not policy.is_allowed_origin("speech.example", "https://evil.example")


@pytest.mark.parametrize("key", ["", "the ke", "the key2", "THE KEY", "the keÿ", "\ud800"])
def test_other_keys_are_refused(key: str) -> None:
    """The refusal is worded as by the service."""
    with pytest.raises(Refused) as refused:
        AccessPolicy("the key").check_key(key)

    assert refused.value.type is ErrorType.AUTHENTICATION
    assert refused.value.message == ("Invalid API key" if key else "Missing API key")


def test_any_key_but_none_is_accepted_without_one() -> None:
    """A client must send a key, as to LMNT, but any will do."""
    AccessPolicy("the key").check_key("the key")
    OPEN.check_key("x")
    with pytest.raises(Refused, match="Missing API key"):
        OPEN.check_key("")
