"""The settings of a listing, which needs only the service."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence

from .configuration.layers import Configured, choose, stack
from .core.value import field, value
from .decisions import origins
from .errors import UsageError
from .options import Flags
from .settings import DisplaySettings, ServiceSettings, key_notices, resolve_display, resolve_service


class Subject(enum.Enum):
    """The subject of a listing."""

    VOICES = "voices"
    ACCOUNT = "account"


@value
class Inquiry:
    """The settings of a listing. `words` filter a list of voices."""

    subject: Subject
    words: Sequence[str]
    json: bool
    service: ServiceSettings
    display: DisplaySettings
    notices: tuple[str, ...] = ()
    origins: tuple[str, ...] = field(default=(), hidden=True)


def resolve_inquiry(
    flags: Flags, environment: Mapping[str, str], configured: Configured | None = None
) -> Inquiry:
    """Return the settings of a listing. Raises UsageError or MissingKey."""
    lists = flags.list_voices or flags.voice == "?"
    if lists and flags.usage:
        raise UsageError("--list-voices and --usage cannot be used together")
    asked = "--list-voices" if flags.list_voices else "--usage" if flags.usage else "-v '?'"
    for option, given in (("--file", flags.file), ("--output", flags.output), ("--play", flags.play or None)):
        if given is not None:
            raise UsageError(f"{asked} and {option} cannot be used together: nothing is spoken")
    if flags.dry_run:
        raise UsageError(f"{asked} and --dry-run cannot be used together: a listing needs the service")
    if flags.usage and flags.text:
        raise UsageError(f"--usage takes no words: {' '.join(flags.text)}")
    chosen = choose(stack(flags, environment, configured or Configured()))
    service, key = resolve_service(chosen, environment, reads_stdin=False)
    return Inquiry(
        subject=Subject.VOICES if lists else Subject.ACCOUNT,
        words=flags.text or (),
        json=bool(flags.json),
        service=service,
        display=resolve_display(chosen.flags),
        notices=tuple(key_notices(key)),
        origins=tuple(origins(chosen, key)),
    )
