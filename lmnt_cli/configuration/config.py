"""The configuration: a TOML file of profiles and a key for every option that is not specific to one run.

The whole file is checked like the command line before anything else happens, including profiles that are not
selected. TOML forbids a key `profile` next to tables `[profile.NAME]`; here the key selects one of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ..core.value import value
from ..errors import UsageError
from ..options import OPTIONS, Flags, Option
from .home import config_directory
from .layers import Configured, Layer, find_exclusive
from .values import in_toml, read_typed_value


# A configuration has a few dozen lines; a file larger than this is something else.
_LARGEST = 1 << 20
# The key that selects a profile is renamed to this before TOML is parsed. No user's key has this name.
_CHOICE = "profile \u2192"
_CHOICE_LINE = r"""\s*(profile|"profile"|'profile')\s*="""
_KEYS = {option.key: option for option in OPTIONS.values() if not option.one_run}


def read_config(flags: Flags, environment: Mapping[str, str]) -> Configured:
    """Return the configuration, unless the command line disables it. Raises UsageError."""
    path = None if flags.no_config else flags.config or _default_path(environment)
    if path is None:
        if flags.profile is not None:
            raise UsageError("--profile needs a configuration file, and there is none")
        return Configured()
    file = _File(path, _read(path))
    chosen = flags.profile or file.choice
    if chosen is not None and chosen not in file.profiles:
        place = "--profile" if flags.profile else file.place((_CHOICE,))
        raise UsageError(
            f"{place}: there is no profile {chosen} in {path}{_near(chosen, list(file.profiles))}"
        )
    profile = Layer(Flags()) if chosen is None else file.profiles[chosen]
    return Configured(profile, file.rest, named=flags.profile is not None)


def _default_path(environment: Mapping[str, str]) -> str | None:
    directory = config_directory(environment)
    path = None if directory is None else os.path.join(directory, "config.toml")
    return path if path is not None and os.path.lexists(path) else None


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"could not read the configuration {path}: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise UsageError(f"the configuration {path} is longer than {_LARGEST >> 20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: the configuration is not UTF-8") from error


class _File:
    """A configuration file. Raises UsageError if the text is invalid."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = _rename_choice(text)
        content = self._parse()
        choice = content.pop(_CHOICE, None)
        if choice is not None and not isinstance(choice, str):
            raise UsageError(
                f"{self.place((_CHOICE,))}: profile takes the name of a profile, not {in_toml(choice)}"
            )
        self.choice: str | None = choice
        self.profiles = {name: self._layer(table, ("profile", name)) for name, table in self._tables(content)}
        self.rest = self._layer(content, ())

    def place(self, keys: tuple[str, ...]) -> str:
        """Return the file and line of a key."""
        return f"{self._path}:{_line_of(self._text, keys)}"

    def _parse(self) -> dict[str, Any]:
        # Imported only if there is a file.
        import tomllib

        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            where = re.search(r"line (\d+)", str(error))
            line = int(where[1]) if where else self._text.rstrip().count("\n") + 1
            reason = re.sub(r" \(at .*\)$", "", str(error))
            raise UsageError(
                f"{self._path}:{line}: invalid TOML: {reason[:1].lower()}{reason[1:]}"
            ) from error

    def _tables(self, content: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """Remove the profiles from the content and return them."""
        profiles = content.pop("profile", {})
        if not isinstance(profiles, dict):
            raise UsageError(f"{self.place(('profile',))}: profile takes tables, as in [profile.NAME]")
        for name, table in profiles.items():
            if not isinstance(table, dict):
                place = self.place(("profile", name))
                raise UsageError(f"{place}: {name} is not a table; write [profile.NAME] above its keys")
        return list(profiles.items())

    def _layer(self, table: dict[str, Any], above: tuple[str, ...]) -> Layer:
        values: dict[str, Any] = {}
        places: dict[str, Callable[[], str]] = {}
        for key, given in table.items():
            if key not in _KEYS:
                _refuse(key, f"{self.place((*above, key))}: ", inside=bool(above))
            option = _KEYS[key]
            values[option.name] = self._value(option, given, (*above, key))
            places[option.name] = _Place(self, (*above, key))
        layer = Layer(Flags(**values), places)
        if pair := find_exclusive(layer.flags):
            keys = sorted((option.key for option in pair), key=list(table).index)
            place = self.place((*above, keys[1]))
            raise UsageError(f"{place}: {keys[0]} and {keys[1]} cannot be used together")
        return layer

    def _value(self, option: Option, value: object, keys: tuple[str, ...]) -> Any:
        if option.metavar == "FILE" and isinstance(value, str):
            value = os.path.expanduser(value)
        try:
            return read_typed_value(option, value, option.key)
        except UsageError as error:
            raise UsageError(f"{self.place(keys)}: {error.message}") from error


@value
class _Place:
    """The place of a key. The line is searched for only when called."""

    file: _File
    keys: tuple[str, ...]

    def __call__(self) -> str:
        return f"{self.file.place(self.keys)}: {self.keys[-1]}"


def _refuse(key: str, place: str, *, inside: bool) -> NoReturn:
    """Raise UsageError for an unknown key, suggesting the nearest one or an alternative."""
    if key.replace("_", "-") in ("api-key", "key", "lmnt-api-key"):
        raise UsageError(f"{place}the API key does not belong in a configuration; store it with --set-key")
    belongs_to_one_run = {option.key: option for option in OPTIONS.values() if option.one_run}
    if key in belongs_to_one_run or (key == "text" and not inside):
        spelling = belongs_to_one_run[key].long if key in belongs_to_one_run else "the text"
        raise UsageError(f"{place}{key} applies to a single run; give {spelling} on the command line")
    positive = key.removeprefix("no-")
    if positive != key and positive in _KEYS:
        value = "false" if _KEYS[positive].type is bool else '"never"'  # no-progress
        raise UsageError(f"{place}unknown key {key}; write {positive} = {value}")
    known = list(_KEYS) if inside else [*_KEYS, "profile"]
    raise UsageError(f"{place}unknown key {key}{_near(key.replace('_', '-'), known)}")


def _near(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _rename_choice(text: str) -> str:
    """Rename the key that selects a profile, which precedes the first table."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.lstrip().startswith("["):
            break
        if (found := re.match(_CHOICE_LINE, line)) and _parses("".join(lines[:number])) is not None:
            lines[number] = f"{line[: found.start(1)]}{_quoted(_CHOICE)}{line[found.end(1) :]}"
            break
    return "".join(lines)


def _quoted(key: str) -> str:
    return f'"{key}"'


def _parses(text: str) -> dict[str, Any] | None:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _line_of(text: str, keys: tuple[str, ...]) -> int:
    """Return the number of the line in which a key is set.

    TOML's parser reports no line numbers, so parse ever longer prefixes of the text. However the key is
    spelled, the text before its line parses without the key, and the text up to the end of its value parses
    with it. The key's line is the one after the last prefix that parses without it.
    """
    lines = text.splitlines(keepends=True)
    begin = 1
    for end in range(1, len(lines) + 1):
        content: Any = _parses("".join(lines[:end]))
        if content is None:
            continue
        for key in keys:
            content = content.get(key) if isinstance(content, dict) else None
        if content is not None:
            return begin
        begin = end + 1
    return begin
