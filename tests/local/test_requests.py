"""The requests: `lmnt_cli.local.requests`."""

from __future__ import annotations

import re

from lmnt_cli.local.requests import LANGUAGES, ErrorType, Refused, new_request_id


def test_request_ids() -> None:
    """An id is `req_` and 22 characters that do not look alike; no two are equal."""
    ids = {new_request_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert all(re.fullmatch("req_[2-9A-HJ-NP-Za-km-z]{22}", each) for each in ids)


def test_a_refusal_has_a_type_and_words() -> None:
    """A refusal's type and message are both sent; its text is the message."""
    refused = Refused(ErrorType.RATE_LIMIT, "Slow down")

    assert (refused.type, refused.message, str(refused)) == ("rate_limit_error", "Slow down", "Slow down")


def test_languages_are_those_of_the_documentation() -> None:
    """There are 31 languages, and `auto`."""
    assert len(LANGUAGES) == 32
    assert {"auto", "en", "de", "zh"} <= LANGUAGES
