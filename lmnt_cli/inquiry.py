"""What is asked of the service instead of speech: its voices, or the account."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .endpoint import choose_proxy
from .errors import UsageError
from .settings import Flags, check_seconds, choose_url, read_api_key


class Subject(enum.Enum):
    """What is asked for."""

    VOICES = "voices"
    ACCOUNT = "account"


@dataclass(frozen=True)
class Inquiry:
    """The choices of an inquiry. `words` narrow a list of voices. `url` is that of speech sessions, None for
    the embedded service. `timeout` is in seconds.
    """

    subject: Subject
    words: Sequence[str]
    json: bool
    api_key: str = field(repr=False)
    url: str | None
    proxy: str | None
    timeout: float

    @property
    def service(self) -> str:
        """What messages call the service."""
        return "the local service" if self.url is None else urlsplit(self.url).hostname or self.url


def resolve_inquiry(flags: Flags, environment: Mapping[str, str]) -> Inquiry:
    """The inquiry these flags mean. Raises UsageError, or MissingKey."""
    lists = flags.list_voices or flags.voice == "?"
    if lists and flags.usage:
        raise UsageError("--list-voices and --usage are asked for one at a time")
    asked = "--list-voices" if flags.list_voices else "--usage" if flags.usage else "-v '?'"
    for option, given in (("--file", flags.file), ("--output", flags.output), ("--play", flags.play or None)):
        if given is not None:
            raise UsageError(f"{asked} speaks nothing, so {option} makes no sense beside it")
    if flags.usage and flags.text:
        raise UsageError(f"--usage takes no words: {' '.join(flags.text)}")
    check_seconds("--connect-timeout", flags.connect_timeout)
    url = None if flags.local else choose_url(flags, environment)
    return Inquiry(
        subject=Subject.VOICES if lists else Subject.ACCOUNT,
        words=flags.text,
        json=flags.json,
        api_key="local" if flags.local else read_api_key(flags.api_key_file, environment, reads_stdin=False),
        url=url,
        proxy=choose_proxy(flags.proxy, environment, url, insecure=flags.insecure_http),
        timeout=flags.connect_timeout,
    )
