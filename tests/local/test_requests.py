"""What a request can be: `lmnt_cli.local.requests`."""

from __future__ import annotations

import re

from lmnt_cli.local.requests import LANGUAGES, ErrorType, Refused, new_request_id


def test_request_ids() -> None:
    """`req_` and 22 characters that cannot be taken for one another; no two are alike."""
    ids = {new_request_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert all(re.fullmatch("req_[2-9A-HJ-NP-Za-km-z]{22}", each) for each in ids)


def test_a_refusal_has_a_type_and_words() -> None:
    """Both are sent; its text is the words."""
    refused = Refused(ErrorType.RATE_LIMIT, "Slow down")

    assert (refused.type, refused.message, str(refused)) == ("rate_limit_error", "Slow down", "Slow down")


def test_languages_are_those_of_the_documentation() -> None:
    """31, and `auto`."""
    assert len(LANGUAGES) == 32
    assert {"auto", "en", "de", "zh"} <= LANGUAGES
