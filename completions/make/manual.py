"""The manual page `lmnt-say(1)`: the options from the program, the rest in words of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from completions.make.options import Option, Program
from completions.make.recipes import RECIPES, Paste, Recipe


_DESCRIPTION = """\
lmnt-say reads text as it arrives, from a pipe, a file, its arguments or the keyboard,
forwards every piece at once over one LMNT speech session,
and writes the audio as it comes back to standard output, a file or a player.
While it works, one line on the terminal shows text buffered against text synthesized.

Text is sent without waiting for a line or a sentence.
The service is asked to speak what it has (it is flushed) where --flush-on says, and at the end of the text.

An exit status of 0 is a proof: every byte read was sent, spoken, confirmed and written.
"""

# What a line of help has no room for.
_MORE = {
    "--file": """\
It may be given more than once: the files are read in order, with a blank line between them,
and all are opened before anything is connected.""",
    "--flush-on": """\
blank-line: after a line that holds nothing but white space.
newline: after each line with words.
sentence: after each sentence.
never: only at the end of the text.
Nothing is flushed where no word was sent since the last flush.""",
    "--strip": """\
markdown: marks, code blocks, HTML tags, link addresses, and the thoughts of a model
(<think>, <thinking> and <reasoning> at the start of a line). Link labels, list numbers and
table cells are spoken. What is not closed on its line or within 1,000 characters is text.
emoji: pictographs, flags and keycaps.
Both may be given, with a comma between. Terminal escape sequences are always taken out.""",
    "--language": "A code that LMNT's documentation does not list is sent with a notice.",
    "--format": """\
The extensions .mp3, .wav, .webm and .ulaw stand for the format of that name,
.pcm and .raw for pcm_s16le, .f32 for pcm_f32le; any other is an error.
An extension has no space in it and at most five letters.
All formats are mono; wav is made here from pcm_s16le.""",
    "--output": """\
An existing FILE is replaced when the audio is complete, and not before.
A FIFO or a device is written in place.""",
    "--play": """\
Without --output nothing is written then; with it, a player that fails leaves the recording alone.
The first of mpv, ffplay, pw-play, paplay and aplay that is found and takes the format plays.""",
    "--player": "It is split into words as a shell does, and started without one.",
    "--list-voices": "A table on a terminal, plain columns in a pipe.",
    "--api-key-file": "With - it is read from standard input, which can then not carry the text.",
    "--set-key": """\
It is asked for on a terminal, where what is typed does not show; otherwise a line of standard input is read.
The stored key is used where neither --api-key-file nor LMNT_API_KEY gives one.""",
    "--base-url": """\
An http, https, ws or wss URL; the path of the speech sessions is appended to its own.
Plain http and ws are refused to any host but this one.""",
    "--insecure-http": "Otherwise plain http and ws are refused to any host but this one.",
    "--proxy": """\
http, https or socks5; without a scheme it is http.
Without the option, wss_proxy, https_proxy, all_proxy and no_proxy count.""",
    "--retry": "The count starts again when more text has been confirmed. 0 is a single attempt.",
    "--on-drop": """\
resume: what is not confirmed is sent again on a new session, so that no word is lost.
fail: the program ends with exit status 6.""",
    "--no-save": "Otherwise it is saved where FILES says.",
    "--connect-timeout": "From looking up the host to the session's beginning, in seconds.",
    "--timeout": """\
The service may be silent for so many seconds while it owes speech.
The text may be silent for ever.""",
    "--local": "It is a service on this machine, with real offline speech; the key is not used.",
    "--progress": """\
auto: on a terminal.
always: also elsewhere, as a plain line every five seconds.""",
    "--debug": "It also says, for every setting that is not a default, where it comes from.",
    "--config": "The file must exist. The default one, which FILES names, need not.",
    "--profile": """\
A table [profile.NAME] of the configuration is laid over the rest of it.
A profile that is named so beats the environment, too.""",
}

_WAYS_BACK = """\
Every switch has a way back, such as --no-play, --no-local or --part, for what a configuration has turned on.
Where two options exclude each other, as --local and --base-url do, the nearer one holds:
that of the command line before that of the environment, of the profile, of the rest of the configuration."""

_FILES = (
    (
        "FILE.part",
        "where -o FILE is written until it is complete; only then it is renamed to FILE. "
        "After a failure or Ctrl-C it stays, and is named. With --no-part, FILE itself is written.",
    ),
    (
        "~/.config/lmnt-say/config.toml",
        "the configuration: every option that is not of one run under its long name without dashes "
        '(flush-on = "sentence", part = false), and tables [profile.NAME] of the same; profile = "NAME" at '
        "the top chooses one. XDG_CONFIG_HOME moves it; other systems have places of their own.",
    ),
    (
        "~/.config/lmnt-say/key",
        "the key that --set-key stores, readable by its owner alone.",
    ),
    (
        "~/.local/state/lmnt-say/unspoken-*.txt",
        "text left unspoken by a failure, readable by its owner alone. The message names the file, and the "
        "command that resumes from there. XDG_STATE_HOME moves it; other systems have places of their own.",
    ),
)

_SIGNALS = (
    (
        "SIGINT, SIGTERM, SIGHUP",
        "end the program within a second; what was received is kept, and it dies of the signal, "
        "so that a shell stops its loop. One that was ignored at start stays ignored.",
    ),
    (
        "SIGINT",
        "where text is typed and no reader but a person is waiting: the first drops what is being said, "
        "one while nothing is being said ends the program.",
    ),
    ("SIGUSR2", "drops what was sent and not yet said; text not sent yet is kept."),
    ("SIGPIPE", "when the reader of the audio leaves, the program stops at once, silently."),
    ("SIGTSTP, SIGCONT", "erase the status line, and draw it again."),
)

_EXAMPLES = (
    ("Speak what a language model writes, while it writes", 'llm "tell me a story" | lmnt-say > story.mp3'),
    ("A file into a file", "lmnt-say -f chapter.txt -o chapter.wav"),
    ("Listen while it comes", 'llm "tell me a story" | lmnt-say | mpv -'),
    (
        "Speak each line as it is typed",
        "lmnt-say | ffplay -nodisp -autoexit -probesize 32 -f mp3 -",
    ),
    ("Without a key and without a network", 'echo "Hello." | lmnt-say --local > hello.mp3'),
)


def manual(program: Program) -> str:
    """Return the whole page, in the man macros (groff_man(7))."""
    return "\n".join(
        [
            '.\\" Made by completions/make: edit that instead.',
            '.TH LMNT\\-SAY 1 "" lmnt\\-say "User Commands"',
            ".SH NAME",
            "lmnt\\-say \\- " + _escaped(_lower(program.summary.partition(":")[0])),
            ".SH SYNOPSIS",
            ".B lmnt\\-say",
            "[\\fIOPTIONS\\fR] [\\fITEXT\\fR...]",
            ".SH DESCRIPTION",
            *_prose(_DESCRIPTION),
            ".SH OPTIONS",
            *(line for option in program.options for line in _option(option)),
            ".PP",
            *_prose(_WAYS_BACK),
            *_terms("ENVIRONMENT", program.sections["Environment"]),
            *_terms("FILES", _FILES),
            *_terms("EXIT STATUS", program.sections["Exit status"]),
            *_terms("SIGNALS", _SIGNALS),
            ".SH EXAMPLES",
            *(line for task, command in _EXAMPLES for line in _example(task, command)),
            ".SH RECIPES",
            *(line for recipe in RECIPES for line in _recipe(recipe)),
            "",
        ]
    )


def _option(option: Option) -> list[str]:
    names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in option.names)
    metavar = "" if option.metavar is None else f" \\fI{_escaped(option.metavar)}\\fR"
    values = f": {', '.join(option.values)}" if option.values and not option.is_open else ""
    default = [_escaped(f"Default: {option.default}.")] if option.default else []
    more = _prose(_MORE.get(option.long, ""))
    return [".TP", names + metavar, _escaped(f"{option.help}{values}."), *more, *default]


def _terms(title: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    lines = [f".SH {title}"]
    for term, text in pairs:
        lines += [".TP", f"\\fB{_escaped(term)}\\fR", _escaped(text)]
    return lines


def _example(task: str, command: str) -> list[str]:
    return [".PP", f"{_escaped(task)}:", ".PP", *_shown(command)]


def _recipe(recipe: Recipe) -> list[str]:
    lines = [f".SS {_escaped(recipe.title)}"]
    for part in recipe.parts:
        lines += [".PP", *(_shown(part.lines) if isinstance(part, Paste) else _prose(part))]
    return lines


def _shown(text: str) -> list[str]:
    """Return lines that are shown as they stand."""
    return [".RS 4", ".EX", *map(_escaped, text.splitlines()), ".EE", ".RE"]


def _prose(text: str) -> list[str]:
    """Return lines of text; what a choice means begins a line of its own."""
    lines: list[str] = []
    for line in text.splitlines():
        if re.match(r"[a-z-]+: ", line):
            lines.append(".br")
        lines.append(_escaped(line) if line else ".PP")
    return lines


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


# Characters that troff has a use for, or shows as others that cannot be copied.
_ESCAPES = str.maketrans(
    {"\\": "\\e", "-": "\\-", '"': "\\(dq", "'": "\\(aq", "~": "\\(ti", "^": "\\(ha", "`": "\\(ga"}
)


def _escaped(text: str) -> str:
    """Text that troff shows as it stands, with no line taken for a command."""
    text = text.translate(_ESCAPES)
    return f"\\&{text}" if text.startswith(".") else text
