"""The bodies of requests and responses: `lmnt_cli.local.http.messages`."""

from __future__ import annotations

import json

import pytest

from lmnt_cli.local.http.messages import HttpRequest, json_response, read_body
from lmnt_cli.local.requests import ErrorType, Refused


FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=edge"


def request(body: bytes, kind: str = "application/json") -> HttpRequest:
    return HttpRequest("POST", "/", "", {"content-type": kind}, body)


@pytest.mark.parametrize(
    ("body", "kind", "fields"),
    [
        (b'{"a": 1, "b": null, "c": "\xc3\xa9"}', "application/json", {"a": 1, "c": "é"}),
        (b'{"a": 1}', "", {"a": 1}),
        (b"a=1&b=&c=%C3%A9+x&a=2", FORM, {"a": "2", "b": "", "c": "é x"}),
        (b"a=%FF", FORM, {"a": "\ufffd"}),
        (b"", FORM, {}),
        (
            b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xc3\xa9\r\n--edge--\r\n',
            PARTS,
            {"a": "é"},
        ),
        (b"no edge at all", PARTS, {}),
    ],
)
def test_fields(body: bytes, kind: str, fields: dict[str, object]) -> None:
    """Fields are read from JSON and from both kinds of forms, as strings."""
    assert read_body(request(body, kind)) == fields


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"\xff", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json"),
        (b"&".join([b"a=1"] * 101), FORM),
    ],
)
def test_other_bodies_are_refused(body: bytes, kind: str) -> None:
    """Bodies nested too deep, with infinite numbers or with too many fields are refused."""
    with pytest.raises(Refused) as refused:
        read_body(request(body, kind))

    assert refused.value.type is ErrorType.INVALID_REQUEST


def test_a_response_in_json() -> None:
    """A response is JSON in UTF-8, even if it quotes a lone surrogate from a client."""
    response = json_response(400, {"detail": "é \ud800"}, ("retry-after", "1"))

    assert isinstance(response.body, bytes)
    assert json.loads(response.body) == {"detail": "é ?"}
    assert response.headers == (("content-type", "application/json"), ("retry-after", "1"))
