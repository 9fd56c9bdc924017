"""Completion for zsh: a function `_lmnt-say`, to be placed in a directory of `fpath`."""

from __future__ import annotations

from completions.make.options import Option


_HEAD = """\
#compdef lmnt-say
# zsh completion for lmnt-say, made by completions/make: edit that instead.

# The voices that were listed last, or else these.
_lmnt_say_voices() {
  local -a voices files
  files=(${XDG_CACHE_HOME:-${HOME-}/.cache}/lmnt-say/voices(N) ${HOME-}/Library/Caches/lmnt-say/voices(N))
  (( $#files )) && voices=(${(f)"$(<$files[1])"})
  (( $#voices )) || voices=("$@")
  compadd -a voices
}

_arguments -s -S \\
"""


# compinit finds functions in directories that are on `fpath` before it runs and that nobody else can write
# to. A checkout may be neither. Functions that are declared by hand are always found.
SETUP = """\
# zsh completion for lmnt-say and lmnt-local, made by completions/make: edit that instead.
# Source it anywhere in ~/.zshrc, before or after compinit, or without it.

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
fpath=("${${(%):-%x}:A:h}" $fpath)
autoload -Uz _lmnt-say _lmnt-local
compdef _lmnt-say lmnt-say
compdef _lmnt-local lmnt-local
"""


def zsh(options: tuple[Option, ...]) -> str:
    """Return the whole function."""
    specs = [f"  {spec(option)} \\\n" for option in options]
    return _HEAD + "".join(specs) + "  '*:text to speak: '\n"


def spec(option: Option) -> str:
    """Return one option as a spec for `_arguments` (zshcompsys(1)): names, description and argument."""
    excluded = "(- *)" if option.ends else f"({' '.join(option.names)})" if option.short else ""
    names = [_name(name, takes_value=option.metavar is not None) for name in option.names]
    spelling = names[0] if len(names) == 1 else f"{{{','.join(names)}}}"
    meaning = f"[{escaped(option.help)}]{_argument(option)}"
    before = f"'{excluded}'" if excluded else ""
    return f"{before}{spelling}{quoted(meaning)}"


def _name(name: str, *, takes_value: bool) -> str:
    """Return a name that takes a value: `+` allows it in the same word, `=` after an equals sign, or next."""
    if not takes_value:
        return name
    return f"{name}=" if name.startswith("--") else f"{name}+"


def _argument(option: Option) -> str:
    if option.metavar is None:
        return ""
    message = escaped(option.metavar if "|" not in option.metavar else "value")
    if option.extensions:
        return f':{message}:_files -g "*.(#i)({"|".join(option.extensions)})"'
    if option.is_file:
        return f":{message}:_files"
    if option.is_command:
        return f":{message}:_command_names -e"
    if option.are_voices:
        # The leading space keeps _arguments from inserting arguments of its own before the values.
        return f":{message}: _lmnt_say_voices {' '.join(option.values)}"
    values = f"({' '.join(option.values)})" if option.values else " "
    return f":{message}:{values}"


def escaped(text: str) -> str:
    for character in "\\[]:":
        text = text.replace(character, f"\\{character}")
    return text


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
