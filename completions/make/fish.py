"""Completion for fish."""

from __future__ import annotations

from completions.make.options import Option


_HEAD = """\
# fish completion for lmnt-say, made by completions/make: edit that instead.

# Files whose name ends in one of these, in any case, and directories.
function __lmnt_say_files
    set -l word (commandline -ct | string replace -r -- '^(--[^=]*=|-[a-z](?=.))' '')
    # The command has no completions of its own, so that fish offers files.
    complete -C "__lmnt_say_none $word" | string match -ri -- '.*(?:/|\\.(?:'(string join '|' $argv)'))$'
    or true
end

# The voices that were listed last, or else these.
function __lmnt_say_voices
    set -l cache $HOME/.cache
    set -q XDG_CACHE_HOME; and set cache $XDG_CACHE_HOME
    set -l mac $HOME/Library/Caches
    cat -- $cache/lmnt-say/voices $mac/lmnt-say/voices 2>/dev/null | string match -r '^[A-Za-z0-9._-]+$'
    or string split ' ' -- "$argv"
end

complete -c lmnt-say -f
"""


def fish(options: tuple[Option, ...]) -> str:
    """Return the whole script."""
    return _HEAD + "".join(_line(option) for option in options)


def _line(option: Option) -> str:
    words = ["complete -c lmnt-say"]
    if option.short:
        words.append(f"-s {option.short.removeprefix('-')}")
    words.append(f"-l {option.long.removeprefix('--')}")
    words += _argument(option)
    words.append(f"-d {_quoted(option.help)}")
    return " ".join(words) + "\n"


def _argument(option: Option) -> list[str]:
    if option.metavar is None:
        return []
    if option.extensions:
        return [f"-x -a {_quoted('(__lmnt_say_files ' + ' '.join(option.extensions) + ')')}"]
    if option.is_file:
        return ["-r -F"]
    if option.is_command:
        return ["-x -a '(__fish_complete_command)'"]
    if option.are_voices:
        return [f"-x -a {_quoted('(__lmnt_say_voices ' + ' '.join(option.values) + ')')}"]
    return [f"-x -a {_quoted(' '.join(option.values))}"] if option.values else ["-x"]


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
