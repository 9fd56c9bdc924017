"""The table of all options, from which Typer's command, the completions and the documents are made.

The table is `Flags`: each field is an option, described completely by its metadata. Each layer (the command
line, the environment, a configuration) is a `Flags` object, in which None means that the option is not given.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .core.audio.formats import SAMPLE_RATES, AudioFormat
from .core.text.flush_rules import FlushRule
from .core.text.strip.filters import Strip
from .core.value import described, field, value


class Progress(enum.Enum):
    """When the status line is shown."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class OnDrop(enum.Enum):
    """What happens when the connection is lost."""

    RESUME = "resume"
    FAIL = "fail"


TEXT = "Text"
AUDIO = "Voice and audio"
OUTPUT = "Output"
PLAYING = "Playing"
SERVICE = "Service"
DISPLAY = "Display"
GROUPS = (TEXT, AUDIO, OUTPUT, PLAYING, SERVICE, DISPLAY)


class Option(NamedTuple):
    """An option. `type` is the type of a single value; `bool` makes it a switch.

    `default` is the default as documented. `values` are the usual values of an option that accepts others
    too, or checks them elsewhere; an enumeration supplies its own. `variable` is the environment variable
    that sets the option. `listed`: takes a comma-separated list of an enumeration's values. `many`: may be
    repeated. `single`: must not be repeated. `one_run`: applies to a single run and is not a configuration
    key. `resumes`: is part of the command that resumes a failed run. `negative`: is documented as
    `--no-NAME`, and the positive form undoes it. `least` is the smallest number allowed.
    """

    type: type[Any]
    group: str
    help: str
    metavar: str | None = None
    short: str | None = None
    default: str | None = None
    values: tuple[str, ...] = ()
    variable: str | None = None
    listed: bool = False
    many: bool = False
    single: bool = False
    one_run: bool = False
    resumes: bool = False
    negative: bool = False
    least: int = 0
    name: str = ""

    @property
    def key(self) -> str:
        """The configuration key, which is the long spelling without dashes."""
        return self.name.rstrip("_").replace("_", "-")

    @property
    def long(self) -> str:
        """The documented long spelling."""
        return f"--no-{self.key}" if self.negative else f"--{self.key}"

    @property
    def opposite(self) -> str | None:
        """The spelling that undoes the switch when another layer has set it; None if there is none."""
        if self.type is not bool or self.one_run:
            return None
        return f"--{self.key}" if self.negative else f"--no-{self.key}"

    @property
    def names(self) -> tuple[str, ...]:
        """The documented spellings, the short one first."""
        return (self.long,) if self.short is None else (self.short, self.long)

    @property
    def choices(self) -> tuple[str, ...]:
        """The values to offer."""
        if issubclass(self.type, enum.Enum):
            return (*(("none",) if self.listed else ()), *(member.value for member in self.type))
        return self.values

    @property
    def help_text(self) -> str:
        """The help text with the choices and the default."""
        *others, last = self.choices or ("",)
        choices = f": {', '.join(others)} or {last}" if others else ""
        default = f" [default: {self.default}]" if self.default is not None else ""
        return f"{self.help}{choices}{default}"

    def words(self, value: object) -> list[str]:
        """Return the arguments that set this value."""
        if value is None:
            return []
        if isinstance(value, bool):
            spelling = self.long if value is not self.negative else self.opposite
            return [spelling] if spelling else []
        if isinstance(value, tuple) and self.listed:
            value = ",".join(each.value for each in value) or "none"
        if isinstance(value, tuple):
            return [word for each in value for word in self.words(each)]
        text = value.value if isinstance(value, enum.Enum) else value
        text = f"{text:g}" if isinstance(text, float) else str(text)
        # A value that looks like an option needs the equals sign to be read as a value.
        return [f"{self.long}={text}"] if text.startswith("-") and text != "-" else [self.names[0], text]


def _option(type_: type[Any], group: str, help_: str, **more: Any) -> Any:
    """Return a field of `Flags`, typed as Any because the field has the type of its values."""
    return field(default=None, about=Option(type_, group, help_, **more))


@value
class Flags:
    """The options of one layer; None means not given. `text` holds the words on the command line."""

    text: tuple[str, ...] | None = None

    file: tuple[str, ...] | None = _option(
        str,
        TEXT,
        "Read text from FILE; - is standard input",
        metavar="FILE",
        short="-f",
        many=True,
        one_run=True,
    )
    flush_on: FlushRule | None = _option(
        FlushRule, TEXT, "Set the flush rule", metavar="RULE",
        default="blank-line, newline when typed", resumes=True,
    )  # fmt: skip
    flush_idle: float | None = _option(
        float, TEXT, "Flush too after S seconds without input", metavar="S", resumes=True
    )
    strip: tuple[Strip, ...] | None = _option(
        Strip, TEXT, "Strip from the text", metavar="LIST", listed=True, resumes=True
    )
    max_chars: int | None = _option(int, TEXT, "End the input after N characters", metavar="N", least=1)
    tee: bool | None = _option(bool, TEXT, "Pass the text on, unchanged, as it is read", resumes=True)
    voice: str | None = _option(
        str, AUDIO, "Speak with this voice", metavar="NAME", short="-v", default="lily",
        variable="LMNT_VOICE", resumes=True,
    )  # fmt: skip
    language: str | None = _option(
        str, AUDIO, "State the language of the text, or auto", metavar="CODE", short="-l", resumes=True
    )
    format: AudioFormat | None = _option(
        AudioFormat,
        AUDIO,
        "Set the format",
        metavar="FORMAT",
        default="by extension, else mp3",
        resumes=True,
    )
    sample_rate: int | None = _option(
        int, AUDIO, "Set the sample rate, in hertz", metavar="HZ", default="24000, ulaw 8000",
        values=tuple(map(str, SAMPLE_RATES)), resumes=True,
    )  # fmt: skip
    output: str | None = _option(
        str, OUTPUT, "Write audio to FILE; - is standard output", metavar="FILE", short="-o", single=True,
        one_run=True,
    )  # fmt: skip
    continue_: bool | None = _option(
        bool, OUTPUT, "Append to the partial recording of an earlier run", short="-c", one_run=True
    )
    part: bool | None = _option(
        bool, OUTPUT, "Write FILE in place, not FILE.part until complete", negative=True, resumes=True
    )
    clobber: bool | None = _option(
        bool, OUTPUT, "Refuse to replace an existing FILE", negative=True, resumes=True
    )
    subtitles: tuple[str, ...] | None = _option(
        str, OUTPUT, "Write .srt, .vtt or .jsonl as the text is spoken", metavar="FILE", many=True,
        one_run=True, resumes=True,
    )  # fmt: skip
    save: bool | None = _option(
        bool, OUTPUT, "Save no unspoken text after a failure", negative=True, resumes=True
    )
    play: bool | None = _option(
        bool, PLAYING, "Play audio as it arrives", short="-p", default="on a terminal", resumes=True
    )
    player: str | None = _option(
        str, PLAYING, "Play with CMD, which reads audio on standard input", metavar="CMD", resumes=True
    )
    list_voices: bool | None = _option(
        bool, SERVICE, "List the voices, or those that match the words", one_run=True
    )
    usage: bool | None = _option(bool, SERVICE, "Show the account's plan and usage", one_run=True)
    json: bool | None = _option(bool, SERVICE, "Print --list-voices or --usage as JSON", one_run=True)
    api_key_file: str | None = _option(str, SERVICE, "Read the key from FILE", metavar="FILE", resumes=True)
    set_key: bool | None = _option(bool, SERVICE, "Store the key for good", one_run=True)
    base_url: str | None = _option(
        str, SERVICE, "Use the service at URL", metavar="URL", variable="LMNT_BASE_URL", resumes=True
    )
    insecure_http: bool | None = _option(bool, SERVICE, "Allow sending the key unencrypted", resumes=True)
    proxy: str | None = _option(
        str, SERVICE, "Connect through an http or socks5 proxy", metavar="URL", resumes=True
    )
    retry: int | None = _option(
        int, SERVICE, "Make up to N further attempts", metavar="N", default="3", resumes=True
    )
    on_drop: OnDrop | None = _option(
        OnDrop,
        SERVICE,
        "Handle a drop",
        metavar="ACTION",
        default="resume",
        resumes=True,
    )
    connect_timeout: float | None = _option(
        float, SERVICE, "Limit the wait for a session", metavar="S", default="10",
        resumes=True,
    )  # fmt: skip
    timeout: float | None = _option(
        float, SERVICE, "Limit silence while speech is owed", metavar="S", default="30",
        resumes=True,
    )  # fmt: skip
    local: bool | None = _option(bool, SERVICE, "Use the offline voice: no key, no network", resumes=True)
    progress: Progress | None = _option(
        Progress, DISPLAY, "Show the status line", metavar="WHEN", default="auto", resumes=True
    )
    stats: bool | None = _option(bool, DISPLAY, "Print figures at the end", resumes=True)
    events: str | None = _option(
        str, DISPLAY, "Write JSON lines to FILE or fd:N as things happen", metavar="FILE", single=True,
        one_run=True,
    )  # fmt: skip
    dry_run: bool | None = _option(
        bool, DISPLAY, "Print what would be sent; connect to nothing", one_run=True
    )
    quiet: bool | None = _option(bool, DISPLAY, "Print errors only", short="-q", resumes=True)
    verbose: bool | None = _option(bool, DISPLAY, "Print a summary at the end", resumes=True)
    debug: bool | None = _option(
        bool, DISPLAY, "Print messages (> sent, < received) and settings", resumes=True
    )
    config: str | None = _option(
        str,
        DISPLAY,
        "Read the configuration from FILE",
        metavar="FILE",
        single=True,
        one_run=True,
        resumes=True,
    )
    no_config: bool | None = _option(bool, DISPLAY, "Read no configuration", one_run=True, resumes=True)
    profile: str | None = _option(
        str, DISPLAY, "Use this profile of the configuration", metavar="NAME", one_run=True, resumes=True
    )

    @property
    def asks(self) -> bool:
        """Whether a listing is requested instead of speech."""
        return bool(self.list_voices or self.usage) or self.voice == "?"

    def given(self) -> Iterator[tuple[Option, Any]]:
        """Yield each option that was given, with its value."""
        for option in OPTIONS.values():
            value = getattr(self, option.name)
            if value is not None:
                yield option, value


OPTIONS: Mapping[str, Option] = {
    name: option._replace(name=name) for name, option in described(Flags).items()
}
# A shorthand for a value of another option, and the options that exit. None of them has a value.
NO_PROGRESS = Option(bool, DISPLAY, "Show no status line", name="no_progress", one_run=True)
VERSION = Option(bool, DISPLAY, "Print the version", name="version", one_run=True)
HELP = Option(bool, DISPLAY, "Print this help", short="-h", name="help", one_run=True)


def documented() -> list[Option]:
    """Return all options in the order of the help."""
    options = [*OPTIONS.values(), VERSION, HELP]
    options.insert(options.index(OPTIONS["progress"]) + 1, NO_PROGRESS)
    return options
