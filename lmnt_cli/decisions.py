"""Decisions that need more than a default value: format, player and service, with notices about them."""

from __future__ import annotations

import enum
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from .configuration.key import ApiKey, read_api_key
from .configuration.layers import Chosen
from .core.audio.formats import AudioFormat, extension_of, format_of_extension
from .endpoint import DEFAULT_BASE_URL, Endpoint, check_base_url
from .errors import UsageError
from .options import Flags
from .proxy_choice import choose_proxy


if TYPE_CHECKING:
    from .core.audio.player_options import Choice


def choose_endpoint(
    chosen: Chosen, environment: Mapping[str, str], *, reads_stdin: bool
) -> tuple[Endpoint, ApiKey | None]:
    """Return the service and its key, None for the embedded service. Raises UsageError or MissingKey."""
    base, proxy = choose_urls(chosen, environment)
    if chosen.flags.local:
        # The embedded service has a key of its own, and never receives the real one.
        return Endpoint(base="", api_key="", local=True), None
    key = read_api_key(chosen.flags.api_key_file, environment, reads_stdin=reads_stdin)
    return Endpoint(base, key.text, proxy, insecure=bool(chosen.flags.insecure_http)), key


def choose_urls(chosen: Chosen, environment: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the base URL, "" for the embedded service, and the proxy to use. Raises UsageError."""
    flags = chosen.flags
    if flags.local:
        if flags.proxy is not None:
            # Validate it, though it is not used.
            choose_proxy(flags.proxy, environment, None, name=chosen.place("proxy"))
        return "", None
    insecure = bool(flags.insecure_http)
    base = flags.base_url or DEFAULT_BASE_URL
    base = check_base_url(base, name=chosen.place("base_url"), insecure=insecure)
    return base, choose_proxy(flags.proxy, environment, base, insecure=insecure, name=chosen.place("proxy"))


def choose_playing(flags: Flags, environment: Mapping[str, str], *, writes: bool) -> Choice:
    """Return the player. If nothing is written and no format was requested, the player chooses the format.

    Raises UsageError if there is no player.
    """
    from .core.audio.player_options import choose_player

    asked = flags.format or (choose_format(flags.output) if writes else None)
    return choose_player(flags.player, asked, _Programs(environment.get("PATH", os.defpath)))


class _Programs:
    """Finds programs on the given PATH."""

    def __init__(self, path: str) -> None:
        self._path = path

    def expand(self, name: str) -> str:
        return os.path.expanduser(name)

    def find(self, name: str) -> str | None:
        import shutil

        return shutil.which(name, path=self._path)

    def exists(self, name: str) -> bool:
        # Search PATH for a name without a directory, as a shell does. The file need not be executable.
        if os.path.dirname(name):
            return os.path.exists(name)
        return any(os.path.isfile(os.path.join(place, name)) for place in self._path.split(os.pathsep))


def choose_format(output: str | None) -> AudioFormat:
    """Return the format for the extension of the output, mp3 if it has none. Raises UsageError."""
    if output is None or output == "-":
        return AudioFormat.MP3
    extension = extension_of(output)
    if found := format_of_extension(extension):
        return found
    if not extension or _is_device(output):
        return AudioFormat.MP3
    names = ", ".join(each.value for each in AudioFormat)
    raise UsageError(f"no audio format has the extension {extension}", hint=f"use --format: {names}")


def notices(
    output: str | None, audio_format: AudioFormat, language: str | None, *, place: str = "--format"
) -> Iterator[str]:
    """Yield notices about these choices. `place` is the option or setting that specified the format."""
    if language not in (None, "auto"):
        from .catalogue import LANGUAGES

        if language not in LANGUAGES:
            yield f"LMNT's documentation does not list the language {language}"
    if output is not None:
        extension = extension_of(output)
        if extension and not _is_device(output) and format_of_extension(extension) is not audio_format:
            yield f"writing {audio_format.value} to {output}, as requested by {place}"


def origins(chosen: Chosen, key: ApiKey | None) -> Iterator[str]:
    """Yield a line for each setting that is not a default, with its value and where it comes from."""
    for option, value in chosen.flags.given():
        values = value if isinstance(value, tuple) else (value,)
        shown = " ".join(str(each.value if isinstance(each, enum.Enum) else each) for each in values)
        if option.metavar == "URL":
            shown = re.sub("//[^/@]*@", "//", shown)  # without user and password
        source = chosen.place(option.name) if option.name in chosen.places else "the command line"
        yield f"{option.key}: {shown.lower() if option.type is bool else shown}, from {source}"
    if key is not None:
        yield f"the API key, from {key.place}"


def _is_device(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def check_subtitles(names: Sequence[str], audio_format: AudioFormat) -> None:
    """Raise UsageError for subtitle files that cannot be written with this audio format."""
    # Imported only when needed: most runs write no subtitles.
    from .core.captions.formats import format_of_subtitles

    for name in names:
        extension = os.path.splitext(name)[1] or name
        if format_of_subtitles(extension) is None:
            raise UsageError(f"unknown subtitle format: {name!r}", hint="use .srt, .vtt or .jsonl")
    if audio_format is AudioFormat.WEBM:
        raise UsageError("--subtitles cannot be used with webm, which cannot be timed by its bytes")
