"""Similar voices are suggested if the service does not know the voice (contract, 7)."""

from __future__ import annotations

import pytest

from lmnt_cli.errors import ServiceError
from lmnt_cli.options import Flags
from lmnt_cli.run.hints import suggest_voice
from lmnt_cli.settings import resolve
from tests.doubles.fake_rules import KEY
from tests.doubles.rest_service import RestService


pytestmark = pytest.mark.anyio
ALL = "lmnt-say --list-voices lists the voices"


async def hint(rest: RestService, voice: str, error: ServiceError | None = None) -> str | None:
    """Return the hint of an error when this voice was requested."""
    settings = resolve(
        Flags(text=("words",), base_url=rest.url, voice=voice),
        {"LMNT_API_KEY": KEY},
        stdin_typed=False,
        stdout_terminal=False,
    )
    failure = error or ServiceError("not_found_error", f"refused: Voice '{voice}' not found.")
    await suggest_voice(failure, settings, None)
    return failure.hint


@pytest.mark.parametrize(
    ("voice", "expected"),
    [
        ("Lilly", f"did you mean lily? {ALL}"),
        ("morgen", f"did you mean morgan? {ALL}"),
        ("xyzzy", ALL),
    ],
)
async def test_an_unknown_voice(rest: RestService, voice: str, expected: str) -> None:
    """Voices with similar names are suggested, and how to list all."""
    assert await hint(rest, voice) == expected


class Local:
    """Stands in for the embedded service, which is found only once it runs."""

    key = KEY

    def __init__(self, url: str) -> None:
        self._url = url

    async def url(self, timeout: float) -> str:
        assert timeout > 0
        return self._url


async def test_a_voice_of_the_embedded_service(rest: RestService) -> None:
    """The embedded service is asked for its voices where it runs, with the key of this run."""
    flags = Flags(text=("words",), local=True, voice="Lilly")
    settings = resolve(flags, {}, stdin_typed=False, stdout_terminal=False)
    failure = ServiceError("not_found_error", "refused: Voice 'Lilly' not found.")
    await suggest_voice(failure, settings, Local(rest.url))  # type: ignore[arg-type]  # the part of it that is used

    assert failure.hint == f"did you mean lily? {ALL}"


async def test_several(rest: RestService) -> None:
    """Of several voices, the most similar comes first."""
    rest.says("/v1/ai/voice/list", [{"id": "lila"}, {"id": "lily"}, {"id": "bob"}])

    assert await hint(rest, "lilly") == f"did you mean lily or lila? {ALL}"


async def test_no_list(rest: RestService) -> None:
    """If the list cannot be fetched or used, the hint still tells how to list the voices."""
    rest.says("/v1/ai/voice/list", b"", 500)
    assert await hint(rest, "lilly") == ALL

    odd = {"id": ["a"], "name": {"b": 1}, "tags": 5, "description": 7, "owner": [], "gender": {}}
    rest.says(
        "/v1/ai/voice/list", [odd, {"id": None, "name": None}, {}, {"id": "\ud800", "name": "\x1b[31m"}]
    )
    assert await hint(rest, "lilly") == ALL


@pytest.mark.parametrize(
    "error",
    [
        ServiceError("invalid_request_error", "refused: format: no such format"),
        ServiceError("authentication_error", "refused: this voice is not yours", hint="check the key"),
        ServiceError("internal_server_error", "refused: the voice engine is down"),
    ],
)
async def test_other_errors(rest: RestService, error: ServiceError) -> None:
    """For any other error the list is not fetched, and no hint is changed."""
    before = error.hint

    assert await hint(rest, "lilly", error) == before
    assert rest.asked == []


async def test_no_service_error(rest: RestService) -> None:
    """The same holds for an error that is not from the service."""
    settings = resolve(
        Flags(text=("words",), base_url=rest.url),
        {"LMNT_API_KEY": KEY},
        stdin_typed=False,
        stdout_terminal=False,
    )
    await suggest_voice(None, settings, None)

    assert rest.asked == []
