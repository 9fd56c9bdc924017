"""The configuration: its values, which layer wins, and how errors are reported (contract, 15)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lmnt_cli.configuration.config import read_config
from lmnt_cli.configuration.layers import Configured, choose, stack
from lmnt_cli.configuration.values import read_typed_value
from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.text.flush_rules import FlushRule
from lmnt_cli.core.text.strip.filters import Strip
from lmnt_cli.errors import ExitCode, UsageError
from lmnt_cli.options import OPTIONS, Flags, OnDrop, Progress
from tests.tools.each import each


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The directory of the default configuration."""
    (tmp_path / "lmnt-say").mkdir()
    return tmp_path / "lmnt-say"


def read(directory: Path, text: str, **flags: Any) -> Configured:
    """Return the configuration read from this text in the default file."""
    (directory / "config.toml").write_text(text)
    return read_config(Flags(**flags), {"XDG_CONFIG_HOME": str(directory.parent)})


def refusal(directory: Path, text: str, **flags: Any) -> str:
    """Return the message about an invalid configuration, without the directory."""
    with pytest.raises(UsageError) as raised:
        read(directory, text, **flags)
    assert raised.value.code is ExitCode.USAGE
    assert "\n" not in raised.value.message
    return raised.value.message.replace(f"{directory}/", "")


# For every configurable option, a value other than the default, in TOML and as parsed.
CONFIGURABLE: dict[str, tuple[str, Any]] = {
    "flush_on": ('"sentence"', FlushRule.SENTENCE),
    "flush_idle": ("2", 2.0),
    "strip": ('["markdown", "emoji"]', (Strip.MARKDOWN, Strip.EMOJI)),
    "max_chars": ("5", 5),
    "tee": ("true", True),
    "voice": ('"ava"', "ava"),
    "language": ('"de"', "de"),
    "format": ('"wav"', AudioFormat.WAV),
    "sample_rate": ("8000", 8000),
    "part": ("false", False),
    "clobber": ("false", False),
    "save": ("false", False),
    "play": ("true", True),
    "player": ('"mpv -"', "mpv -"),
    "api_key_file": ('"/a/key"', "/a/key"),
    "base_url": ('"https://a.b"', "https://a.b"),
    "insecure_http": ("true", True),
    "proxy": ('"http://p:1"', "http://p:1"),
    "retry": ("7", 7),
    "on_drop": ('"fail"', OnDrop.FAIL),
    "connect_timeout": ("2.5", 2.5),
    "timeout": ("7", 7.0),
    "local": ("true", True),
    "stats": ("true", True),
    "progress": ('"never"', Progress.NEVER),
    "quiet": ("true", True),
    "verbose": ("true", True),
    "debug": ("true", True),
}
# Other values, so that each layer has its own.
OTHERS: dict[str, tuple[str, str]] = {
    "flush_on": ('"never"', '"newline"'), "flush_idle": ("3", "4.5"), "strip": ('["emoji"]', '"markdown"'),
    "max_chars": ("6", "7"),
    "voice": ('"leah"', '"amy"'),
    "language": ('"fr"', '"es"'), "format": ('"ulaw"', '"webm"'), "sample_rate": ("16000", "24000"),
    "player": ('"a"', '"b"'), "api_key_file": ('"b"', '"c"'), "base_url": ('"https://c.d"', '"https://e.f"'),
    "proxy": ('"http://q"', '"http://r"'), "retry": ("1", "2"), "on_drop": ('"resume"', '"fail"'),
    "connect_timeout": ("3", "4"), "timeout": ("3", "4"), "progress": ('"always"', '"auto"'),
}  # fmt: skip


def test_every_option_is_tried() -> None:
    """The table above has every option except those of a single run."""
    assert set(CONFIGURABLE) == {name for name, option in OPTIONS.items() if not option.one_run}


@each("name", CONFIGURABLE)
def test_keys(directory: Path, name: str) -> None:
    """The key of an option is its long spelling without dashes, in the positive form."""
    text, value = CONFIGURABLE[name]
    flags = read(directory, f"{OPTIONS[name].key} = {text}").rest.flags

    assert flags == Flags(**{name: value})


def toml(name: str, number: int) -> str:
    """Return the n-th value of an option in TOML; a switch has two."""
    texts = (CONFIGURABLE[name][0], *OTHERS.get(name, ()))
    return texts[number] if len(texts) > 1 else ("true", "false")[(texts[0] == "true") != (number % 2 == 0)]


def value(name: str, number: int) -> Any:
    """Return the parsed n-th value."""
    import tomllib

    return read_typed_value(OPTIONS[name], tomllib.loads(f"x = {toml(name, number)}")["x"], "")


@each("name", CONFIGURABLE)
@each("chosen_by", ["flag", "file"])
def test_precedence(directory: Path, name: str, chosen_by: str) -> None:
    """The order is: command line, environment, profile, file, default; a profile named on the command line
    precedes the environment. Each layer is removed in turn, the nearest first.
    """
    key, variable = OPTIONS[name].key, OPTIONS[name].variable
    rest, profile = f"{key} = {toml(name, 0)}\n", f"{key} = {toml(name, 1)}\n"
    choice = 'profile = "p"\n' if chosen_by == "file" else ""
    flags: dict[str, Any] = {"profile": "p"} if chosen_by == "flag" else {}
    environment = {variable: toml(name, 2).strip('"')} if variable else {}

    def held(text: str, environment: dict[str, str], **given: Any) -> Any:
        configured = read(directory, text, **flags)
        return getattr(choose(stack(Flags(**flags, **given), environment, configured)).flags, name)

    whole = f"{choice}{rest}[profile.p]\n{profile}"
    nearest = value(name, 2)
    assert held(whole, environment, **{name: nearest}) == nearest
    beats = variable and chosen_by == "file"
    assert held(whole, environment) == (nearest if beats else value(name, 1))
    assert held(whole, {}) == value(name, 1)
    assert held(f"{choice}{rest}[profile.p]\n", {}) == value(name, 0)
    assert held(f"{choice}[profile.p]\n", environment) == (nearest if variable else None)
    assert held(f"{choice}[profile.p]\n", {}) is None


@each(
    ("near", "far", "expected"),
    [
        ("local = true", 'base-url = "https://a"', Flags(local=True)),
        ('base-url = "https://a"', "local = true", Flags(base_url="https://a")),
        ("local = false", "local = true", Flags(local=False)),
        ("quiet = true", "verbose = true", Flags(quiet=True)),
    ],
)
def test_what_excludes_each_other(directory: Path, near: str, far: str, expected: Flags) -> None:
    """Of two options that exclude each other, the one from the nearer layer wins."""
    configured = read(directory, f'profile = "p"\n{far}\n[profile.p]\n{near}\n')

    assert choose(stack(Flags(), {}, configured)).flags == expected


def test_the_key_of_the_environment_is_nearer(directory: Path) -> None:
    """LMNT_API_KEY overrides a configured key file, but not one on the command line."""
    configured = read(directory, 'api-key-file = "k"')
    environment = {"LMNT_API_KEY": "x"}

    assert choose(stack(Flags(), environment, configured)).flags.api_key_file is None
    assert choose(stack(Flags(), {}, configured)).flags.api_key_file == "k"
    assert choose(stack(Flags(api_key_file="l"), environment, configured)).flags.api_key_file == "l"


def test_a_home_in_a_name(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `~` in a configured file name is expanded, since no shell does it."""
    monkeypatch.setenv("HOME", "/home/me")

    assert read(directory, 'api-key-file = "~/k"').rest.flags.api_key_file == "/home/me/k"


def test_no_file(directory: Path, tmp_path: Path) -> None:
    """The default file need not exist; a file that was named must."""
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}

    assert read_config(Flags(), environment) == Configured()
    with pytest.raises(UsageError, match="could not read the configuration none: No such file"):
        read_config(Flags(config="none"), environment)
    with pytest.raises(UsageError, match="Is a directory"):
        read_config(Flags(config=str(directory)), environment)
    with pytest.raises(UsageError, match="--profile needs a configuration"):
        read_config(Flags(profile="p"), environment)


def test_which_file(directory: Path, tmp_path: Path) -> None:
    """`--config` reads another file, `--no-config` none, however broken the default one is."""
    (tmp_path / "other.toml").write_text('voice = "ava"')

    assert read(directory, "broken", config=str(tmp_path / "other.toml")).rest.flags.voice == "ava"
    assert read(directory, "broken", no_config=True) == Configured()


@each(
    "text",
    [
        'profile = "p"\nvoice = "x"\n[profile.p]\nvoice = "ava"\n',
        '# profile = "q"\n\n  "profile"="p"  # it\n[profile.q]\nvoice="x"\n[profile]\np = {voice = "ava"}\n',
        "'profile' = 'p'\nplayer = \"\"\"\nprofile = 'q'\n\"\"\"\n[profile.p]\nvoice = 'ava'\n",
        "player = \"\"\"\nprofile = 'q'\n\"\"\"\nprofile = 'p'\n[profile.p]\nvoice = 'ava'\n",
    ],
)
def test_a_profile_chosen_in_the_file(directory: Path, text: str) -> None:
    """The key `profile` selects a table, although TOML forbids both."""
    configured = read(directory, text)

    assert configured.profile.flags.voice == "ava"
    assert not configured.named


def test_the_command_line_chooses_another(directory: Path) -> None:
    """`--profile` overrides the selection in the file."""
    text = 'profile = "p"\n[profile.p]\nvoice = "x"\n[profile."two words"]\nvoice = "ava"\n'
    configured = read(directory, text, profile="two words")

    assert (configured.profile.flags.voice, configured.named) == ("ava", True)


@each(
    ("text", "message"),
    [
        ("voise = 'x'", "config.toml:1: unknown key voise; did you mean voice?"),
        ("\n\nflush_on = 'never'", "config.toml:3: unknown key flush_on; did you mean flush-on?"),
        ("retry = 1\nxyzzy = 1", "config.toml:2: unknown key xyzzy"),
        ("no-part = true", "config.toml:1: unknown key no-part; write part = false"),
        ("no-progress = true", 'config.toml:1: unknown key no-progress; write progress = "never"'),
        ("profile = true", "config.toml:1: profile takes the name of a profile, not true"),
        ("voice = {a = 1}", "config.toml:1: voice takes text, not a table"),
        ("voice = ['a']", "config.toml:1: voice takes text, not a list"),
        ("strip = ['none', 'emoji']", "config.toml:1: strip takes none only on its own"),
        ("[profile.p]\nvoise = 'x'", "config.toml:2: unknown key voise; did you mean voice?"),
        ("[profiles.p]\nvoice = 'x'", "config.toml:1: unknown key profiles; did you mean profile?"),
        ("retry = '5'", 'config.toml:1: retry takes a number of at least 0, not "5"'),
        ("play = 'yes'", 'config.toml:1: play takes true or false, not "yes"'),
        ("# a\ntimeout = 0", "config.toml:2: timeout takes a number of seconds above 0, not 0"),
        (
            "format = 'ogg'",
            "config.toml:1: format takes mp3, wav, pcm_s16le, pcm_f32le, ulaw or webm, not ogg",
        ),
        (
            "language = 'english'",
            "config.toml:1: language takes auto or a code of two or three letters, not english; did you",
        ),
        ("sample-rate = 16001", "config.toml:1: sample-rate takes 8000, 16000 or 24000, not 16001"),
        ("voice = ''", "config.toml:1: voice is empty"),
        ('player = """\na\n"""\nvoice = 3', "config.toml:4: voice takes text, not 3"),
        ("a.b = 1", "config.toml:1: unknown key a"),
        (
            "api-key = 's3cr3t'",
            "config.toml:1: the API key does not belong in a configuration; store it with --set-key",
        ),
        (
            "api_key = 's3cr3t'",
            "config.toml:1: the API key does not belong in a configuration; store it with --set-key",
        ),
        ("output = 'a'", "config.toml:1: output applies to a single run; give --output on the command line"),
        ("file = 'a'", "config.toml:1: file applies to a single run; give --file on the command line"),
        ("text = 'a'", "config.toml:1: text applies to a single run; give the text on the command line"),
        (
            "list-voices = true",
            "config.toml:1: list-voices applies to a single run; give --list-voices",
        ),
        (
            "[profile.p]\nprofile = 'q'",
            "config.toml:2: profile applies to a single run; give --profile on the command line",
        ),
        ("profile = 3", "config.toml:1: profile takes the name of a profile, not 3"),
        (
            "profile = 'pod'\n[profile.podcast]",
            "config.toml:1: there is no profile pod in config.toml; did you mean podcast?",
        ),
        ("voice = 'ava'\nretry =", "config.toml:2: invalid TOML: invalid value"),
        ("voice = 'ava'\nvoice = 'amy'", "config.toml:2: invalid TOML: cannot overwrite a value"),
        ("voice = ", "config.toml:1: invalid TOML: invalid value"),
        (
            "local = true\nbase-url = 'https://a'",
            "config.toml:2: local and base-url cannot be used together",
        ),
        (
            "[profile]\nvoice = 'x'",
            "config.toml:2: voice is not a table; write [profile.NAME] above its keys",
        ),
    ],
)
def test_mistakes(directory: Path, text: str, message: str) -> None:
    """An error is reported with file, line, key and the nearest valid one, even in an unused profile."""
    assert refusal(directory, text).startswith(message)
    assert "s3cr3t" not in refusal(directory, text)


def test_a_profile_that_there_is_not(directory: Path) -> None:
    """An unknown profile on the command line is answered with the nearest one."""
    message = refusal(directory, "[profile.podcast]\n", profile="podcats")

    assert message == "--profile: there is no profile podcats in config.toml; did you mean podcast?"


@each(
    ("content", "words"),
    [
        (b"voice = 'a'\nx = '\xff'", "config.toml:2: the configuration is not UTF-8"),
        (b"#" * (2 << 20), "longer than 1 MiB"),
    ],
    ids=["not UTF-8", "too long"],
)
def test_no_text(directory: Path, content: bytes, words: str) -> None:
    """A file that is not text, or is far too large, is refused."""
    (directory / "config.toml").write_bytes(content)
    with pytest.raises(UsageError) as raised:
        read_config(Flags(), {"XDG_CONFIG_HOME": str(directory.parent)})
    assert words in raised.value.message


def test_a_byte_order_mark(directory: Path) -> None:
    """A byte order mark and CRLF, as written on Windows, are accepted."""
    (directory / "config.toml").write_bytes(b"\xef\xbb\xbfvoice = 'ava'\r\nretry = 5\r\n")
    configured = read_config(Flags(), {"XDG_CONFIG_HOME": str(directory.parent)})

    assert configured.rest.flags == Flags(voice="ava", retry=5)


def test_places(directory: Path) -> None:
    """The place of a setting has file, line and key, however it is written."""
    text = '# first\nvoice = "ava"\n\n[profile.p]\n"retry" = 5\n'
    chosen = choose(stack(Flags(profile="p"), {}, read(directory, text, profile="p")))

    assert chosen.place("voice") == f"{directory}/config.toml:2: voice"
    assert chosen.place("retry") == f"{directory}/config.toml:5: retry"
    assert chosen.place("timeout") == "--timeout"
