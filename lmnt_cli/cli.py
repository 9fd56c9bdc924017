"""The words: options, their help, and the one line a usage error gets. Decides nothing; see settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import Enum
from typing import Annotated

import typer
from typer.main import get_command

from .core.audio.formats import AudioFormat
from .core.text.flush_rules import FlushRule
from .errors import SayError, UsageError
from .settings import Flags, Settings, resolve
from .usage import explain


# Its parent is the class of everything that is wrong with a command line; Typer exports no name for it.
_BadCommandLine: type[Exception] = typer.BadParameter.__bases__[0]


class Progress(Enum):
    """When the status line is shown."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class OnDrop(Enum):
    """What becomes of a session whose connection is lost."""

    RESUME = "resume"
    FAIL = "fail"


_HELP = """Speak text as it arrives: a pipe, a file or words in, audio out, over one LMNT speech session.

\b
  llm "tell me a story" | lmnt-say --voice lily > story.mp3
  lmnt-say -f chapter.txt -o chapter.wav
  echo "Works without a key, offline." | lmnt-say --local > hello.mp3
"""

_EPILOG = """\b
Environment:
  LMNT_API_KEY   the key; empty is unset
  LMNT_BASE_URL  the service, if it is not https://api.lmnt.com
  LMNT_VOICE     the voice, if --voice does not say

\b
Exit status:
  0  complete: all text was confirmed, all audio written
  1  a bug in lmnt-say
  2  usage: bad option, missing or unreadable input
  3  the key is missing or was refused
  4  payment, quota or rate limit
  5  could not connect: no session was ever ready
  6  cut off: some text is not confirmed; partial audio is kept
  7  the output could not be created or written
  8  the service refused the request, or answered nonsense
  9  nothing to say: the text has no word in it
  Killed by SIGINT, SIGTERM or SIGHUP it dies of the signal; by
  SIGPIPE (141) when the reader of its output has left.
"""

# No completion installer: completions/ holds static files, which answer without starting Python.
# No markup: it would import Rich for --help, and show errors in boxes.
app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        from . import __version__

        typer.echo(f"lmnt-say {__version__}")
        raise typer.Exit


@app.command(help=_HELP, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
def _command(
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help="Words to speak; without any, standard input"),
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", metavar="FILE", help="Read FILE; - is standard input")
    ] = None,
    flush_on: Annotated[
        FlushRule | None,
        typer.Option("--flush-on", help="When to have it spoken  [default: blank-line, newline when typed]"),
    ] = None,
    flush_idle: Annotated[
        float | None, typer.Option("--flush-idle", metavar="SECONDS", help="Also when input pauses this long")
    ] = None,
    voice: Annotated[
        str | None, typer.Option("--voice", "-v", metavar="NAME", help="Voice to speak with  [default: lily]")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", "-l", metavar="CODE", help="Language of the text, or auto")
    ] = None,
    audio_format: Annotated[
        AudioFormat | None,
        typer.Option("--format", help="Audio format  [default: by FILE's extension, or mp3]"),
    ] = None,
    sample_rate: Annotated[
        int | None,
        typer.Option(
            "--sample-rate",
            metavar="<8000|16000|24000>",
            help="Samples a second  [default: 24000, ulaw 8000]",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write audio to FILE; - is standard output"),
    ] = None,
    no_part: Annotated[
        bool, typer.Option("--no-part", help="Write FILE in place, not FILE.part until complete")
    ] = False,
    no_clobber: Annotated[
        bool, typer.Option("--no-clobber", help="Refuse to replace an existing FILE")
    ] = False,
    play: Annotated[
        bool, typer.Option("--play", "-p", help="Play it while it comes; the default on a terminal")
    ] = False,
    player: Annotated[
        str | None,
        typer.Option("--player", metavar="CMD", help="Play with CMD, which reads audio on standard input"),
    ] = None,
    list_voices: Annotated[
        bool, typer.Option("--list-voices", help="List the voices, or those that fit the words; as -v '?'")
    ] = False,
    usage: Annotated[bool, typer.Option("--usage", help="Show the account's plan and usage")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --list-voices or --usage: what the service answers")
    ] = False,
    api_key_file: Annotated[
        str | None, typer.Option("--api-key-file", metavar="FILE", help="Read the key from FILE")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", metavar="URL", help="Where the service is")
    ] = None,
    insecure_http: Annotated[
        bool, typer.Option("--insecure-http", help="Allow sending the key unencrypted")
    ] = False,
    proxy: Annotated[
        str | None, typer.Option("--proxy", metavar="URL", help="Reach it through an http or socks5 proxy")
    ] = None,
    retry: Annotated[
        int, typer.Option("--retry", metavar="N", help="Further attempts after a failed one")
    ] = 3,
    on_drop: Annotated[
        OnDrop, typer.Option("--on-drop", help="What a lost connection means")
    ] = OnDrop.RESUME,
    no_save: Annotated[bool, typer.Option("--no-save", help="Save no unspoken text after a failure")] = False,
    connect_timeout: Annotated[
        float,
        typer.Option(
            "--connect-timeout", metavar="SECONDS", show_default="10", help="Limit until the service is ready"
        ),
    ] = 10.0,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", metavar="SECONDS", show_default="30", help="Silence limit while speech is owed"
        ),
    ] = 30.0,
    local: Annotated[bool, typer.Option("--local", help="Use the offline voice: no key, no network")] = False,
    progress: Annotated[Progress, typer.Option("--progress", help="Show the status line")] = Progress.AUTO,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Show no status line")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say at the end what was done")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the messages: > sent, < received")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version", is_eager=True, callback=_print_version)
    ] = False,
) -> Flags:
    assert not version, "its callback has ended the program"
    if local and base_url is not None:
        raise UsageError("--local and --base-url exclude each other")
    if as_json and not (list_voices or usage or voice == "?"):
        raise UsageError("--json belongs to --list-voices and --usage")
    return Flags(
        text=tuple(text or ()),
        file=file,
        flush_on=flush_on,
        flush_idle=flush_idle,
        voice=voice,
        language=language,
        format=audio_format,
        sample_rate=sample_rate,
        output=output,
        part=not no_part,
        clobber=not no_clobber,
        # Naming a player here is asking for it; in a configuration it is a preference.
        play=play or player is not None,
        player=player,
        list_voices=list_voices,
        usage=usage,
        json=as_json,
        api_key_file=api_key_file,
        base_url=base_url,
        insecure_http=insecure_http,
        proxy=proxy,
        retry=retry,
        resume=on_drop is OnDrop.RESUME,
        save=not no_save,
        connect_timeout=connect_timeout,
        timeout=timeout,
        local=local,
        progress="never" if no_progress else progress.value,
        quiet=quiet,
        verbose=verbose,
        debug=debug,
    )


def parse(arguments: Sequence[str]) -> Flags | None:
    """The flags of a command line; None when it was answered (--help, --version). Raises UsageError."""
    try:
        result = get_command(app).main(list(arguments), prog_name="lmnt-say", standalone_mode=False)
    except _BadCommandLine as error:
        known = [name for parameter in get_command(app).params for name in parameter.opts]
        raise explain(error, known) from error
    return result if isinstance(result, Flags) else None


def say(closed: frozenset[int]) -> None:
    """Speak as the command line asks; `closed` names the standard descriptors that were closed at start."""
    from .io.status import Display
    from .io.terminal import is_terminal

    try:
        flags = parse(sys.argv[1:])
        if flags is None:
            return
        if flags.asks:
            _answer(flags)
            return
        settings: Settings = resolve(
            flags,
            os.environ,
            stdin_typed=is_terminal(0),
            stdout_terminal=is_terminal(1) and 1 not in closed,
        )
    except SayError as error:
        from .run.report import tell

        tell(Display(), error)
        sys.exit(error.code)

    from .run.run import run

    run(settings, closed)


def _answer(flags: Flags) -> None:
    """Print what was asked for instead of speech. Raises SayError for what cannot be asked."""
    from .core.figures.redaction import Redaction
    from .inquiry import resolve_inquiry
    from .io.status import Display
    from .listing import answer
    from .run.report import tell

    inquiry = resolve_inquiry(flags, os.environ)
    redact = Redaction.of(inquiry.api_key, inquiry.url, inquiry.proxy)
    display = Display(redact=redact)
    try:
        notice = answer(inquiry, redact)
    except SayError as error:
        tell(display, error)
        sys.exit(error.code)
    if notice and not flags.quiet:
        display.line(f"lmnt-say: {notice}")
