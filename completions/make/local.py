"""Completion files and manual page of `lmnt-local`, generated from its parser."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from enum import StrEnum

from completions.make.options import Option
from completions.make.roff import escape, example, option_entry, page, section, terms
from completions.make.zsh import escaped, quoted, spec
from lmnt_cli import __version__
from lmnt_cli.local.arguments import make_parser
from lmnt_cli.local.faults import GROUPS, Faults
from lmnt_cli.local.requests import ErrorType


_VALUES: dict[str, type[StrEnum]] = {"--error": ErrorType}
_MADE = "made by completions/make: edit that instead"

_DESCRIPTION = """\
lmnt-local serves LMNT's protocol on this machine, with real speech and without a network:
speech sessions of every generation of the protocol, the voices, the account, and speech over HTTP.
The official SDKs run against it unchanged.
It has a voice for each of LMNT's system voices. They differ from one another, but do not sound like those.
It speaks English.

Its URL is printed on standard output as soon as it accepts connections,
then two lines for a shell on standard error, which point programs at it:

    export LMNT_BASE_URL=http://127.0.0.1:8123
    export LMNT_API_KEY=local

It refuses what LMNT refuses.
The options in the groups below make more go wrong, in all sessions, so that faults can be rehearsed.
With --faults-from-clients, a client sets them for one session, by the same names with underscores,
in its URL (?cut_after=3&no_pong) or in the header LMNT-Local (cut_after=3&no_pong).

Without a key, it can only be used from this machine, and by no web page:
a request whose Host is neither localhost nor an address, or that has the Origin of another page, is refused.
Listening on an address that other machines can reach requires a key.
"""

_EXIT = (
    ("0", "standard input ended, with --stop-with-stdin"),
    ("2", "usage: a bad option, a missing package, or an address that cannot be listened on"),
)

_SIGNALS = (("SIGINT, SIGTERM, SIGHUP", "end it at once. One that was ignored at start stays ignored."),)

_EXAMPLES = (
    ("Serve lmnt-say, or any program that talks to LMNT", "lmnt-local serve --port 8123"),
    ("Serve other machines", "lmnt-local serve --host 0.0.0.0 --key-file ~/.config/lmnt-local.key"),
    (
        "Cut off the first session after three audio messages",
        "lmnt-local serve --cut-after 3 --only-first 1",
    ),
    (
        "Refuse two attempts to connect",
        "lmnt-local serve --refuse 2 --refuse-status 429 --retry-after 1",
    ),
)


@dataclass(frozen=True)
class Local:
    """The command line of `lmnt-local`: the options before a command, and those of `serve` by group."""

    summary: str
    before: tuple[Option, ...]
    groups: dict[str, tuple[Option, ...]]
    repeatable: frozenset[str]

    @property
    def options(self) -> tuple[Option, ...]:
        """The options of `serve`."""
        return tuple(option for group in self.groups.values() for option in group)


def read_local() -> Local:
    """Read the parsers of `lmnt-local`."""
    parser, serve = make_parser()
    faults = {"--" + name.replace("_", "-"): field for name, field in Faults.__dataclass_fields__.items()}
    groups: dict[str, list[Option]] = {"": [], **{name: [] for name in GROUPS}}
    for action in _actions(serve):
        option = _read(action)
        group = faults[option.long].metadata["group"] if option.long in faults else ""
        groups[group].append(option)
    return Local(
        summary=parser.description or "",
        before=tuple(map(_read, _actions(parser))),
        groups={name: tuple(options) for name, options in groups.items()},
        repeatable=frozenset(each.option_strings[-1] for each in _actions(serve) if each.default == []),
    )


def local_files() -> dict[str, str]:
    """Return the content of the four files by name."""
    program = read_local()
    return {
        "lmnt-local.bash": _bash(program),
        "_lmnt-local": _zsh(program),
        "lmnt-local.fish": _fish(program),
        "lmnt-local.1": _manual(program),
    }


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the options of a parser, except hidden ones."""
    # argparse has no public list of options.
    return [each for each in parser._actions if each.option_strings and each.help != argparse.SUPPRESS]


def _read(action: argparse.Action) -> Option:
    long = action.option_strings[-1]
    help_ = (action.help or "").replace("show this help message and exit", "show the help")
    text, _, default = help_.partition(" (default: ")
    takes_value = action.metavar is not None
    return Option(
        short=action.option_strings[0] if len(action.option_strings) > 1 else None,
        long=long,
        metavar=str(action.metavar) if takes_value else None,
        help=text[:1].upper() + text[1:],
        default=default.removesuffix(")") or None,
        values=tuple(_VALUES.get(long, ())),
        is_file=action.metavar == "FILE",
        ends=long in ("--help", "--version"),
    )


def _names(options: tuple[Option, ...]) -> str:
    return " ".join(name for option in options for name in option.names)


def _bash(program: Local) -> str:
    plain = [each.long for each in program.options if each.metavar and not (each.is_file or each.values)]
    values = "".join(
        f"        {each.long})\n"
        f"            COMPREPLY=($(compgen -W '{' '.join(each.values)}' -- \"$word\"))\n"
        "            return ;;\n"
        for each in program.options
        if each.values
    )
    files = " | ".join(each.long for each in program.options if each.is_file)
    return f"""\
# bash completion for lmnt-local, {_MADE}.

_lmnt_local() {{
    local IFS=$' \\t\\n' word=$2 option=$3
    # Readline cuts --port=8765 at the equals sign.
    if [[ $word == = ]]; then
        word=
    elif [[ $option == = ]]; then
        option=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'serve {_names(program.before)}' -- "$word"))
        return
    fi
    case $option in
        {files})
            compopt -o default
            return ;;
{values}        {" | ".join(plain)})
            return ;; # nobody can guess it
    esac
    COMPREPLY=($(compgen -W '{_names(program.options)}' -- "$word"))
}}

complete -F _lmnt_local lmnt-local
"""


def _zsh(program: Local) -> str:
    specs = [
        ("'*'" if option.long in program.repeatable else "") + spec(option) for option in program.options
    ]
    before = "".join(f" \\\n    {spec(option)}" for option in program.before)
    return f"""\
#compdef lmnt-local
# zsh completion for lmnt-local, {_MADE}.

if (( CURRENT == 2 )); then
  _arguments{before} \\
    {quoted("1:command:((serve" + chr(92) + ":" + escaped('"serve until stopped"') + "))")}
else
  shift words
  (( CURRENT-- ))
  _arguments -s \\
    {(" " + chr(92) + chr(10) + "    ").join(specs)}
fi
"""


def _fish(program: Local) -> str:
    lines = [
        f"# fish completion for lmnt-local, {_MADE}.\n",
        "complete -c lmnt-local -f",
        "complete -c lmnt-local -n __fish_use_subcommand -a serve -d 'Serve until stopped'",
        *(_fish_line(option, "__fish_use_subcommand") for option in program.before),
        *(_fish_line(option, "'__fish_seen_subcommand_from serve'") for option in program.options),
    ]
    return "\n".join(lines) + "\n"


def _fish_line(option: Option, condition: str) -> str:
    words = [f"complete -c lmnt-local -n {condition}"]
    if option.short:
        words.append(f"-s {option.short.removeprefix('-')}")
    words.append(f"-l {option.long.removeprefix('--')}")
    if option.is_file:
        words.append("-r -F")
    elif option.values:
        words.append(f"-x -a '{' '.join(option.values)}'")
    elif option.metavar:
        words.append("-x")
    help_ = option.help.replace("\\", "\\\\").replace("'", "\\'")
    return " ".join([*words, f"-d '{help_}'"])


def _manual(program: Local) -> str:
    options = [line for option in program.groups[""] for line in option_entry(option)]
    for name, text in GROUPS.items():
        options += [f".SS {name}", escape(text)]
        options += [line for each in program.groups[name] for line in option_entry(each)]
    body = [
        "[\\fIOPTIONS\\fR]",
        *section("DESCRIPTION", _DESCRIPTION),
        ".SH OPTIONS",
        *options,
        ".SH EXIT STATUS",
        *terms(_EXIT),
        ".SH SIGNALS",
        *terms(_SIGNALS),
        ".SH EXAMPLES",
        *(line for task, command in _EXAMPLES for line in example(task, command)),
        ".SH SEE ALSO",
        ".BR lmnt\\-say (1)",
    ]
    return page("lmnt-local", __version__, "an LMNT service on this machine", "lmnt-local serve", body)
