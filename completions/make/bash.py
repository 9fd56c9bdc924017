"""Completion for bash: 4.1 or later, with or without the bash-completion package."""

from __future__ import annotations

from completions.make.options import Option


_HEAD = """\
# bash completion for lmnt-say, made by completions/make: edit that instead.

_lmnt_say() {
    local IFS=$' \\t\\n' word=$2 option=$3 i line
    # Readline cuts --format=wav at the equals sign.
    if [[ $word == = ]]; then
        word=
    elif [[ $option == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [[ " ${COMP_WORDS[*]:0:COMP_CWORD} " == *" -- "* ]]; then
        return # only text follows
    fi
    local -A help=(
"""

_TAIL = """\
    esac
    if [[ $word != -* ]]; then
        return # text
    fi
    COMPREPLY=($(compgen -W "${!help[*]}" -- "$word"))
    # A second Tab only shows what there is, so that the words may say what they mean.
    if ((COMP_TYPE == 63 && ${#COMPREPLY[@]} > 1)); then
        for i in "${!COMPREPLY[@]}"; do
            printf -v line '%-WIDTHs  %s' "${COMPREPLY[i]}" "${help[${COMPREPLY[i]}]}"
            COMPREPLY[i]=${line:0:${COLUMNS:-80} - 1}
        done
    fi
}

# Files whose name ends in one of these, in any case, and directories.
_lmnt_say_files() {
    local word=$1 name extension
    shift
    compopt -o filenames -o plusdirs
    while IFS= read -r name; do
        for extension; do
            if [[ ${name,,} == *."$extension" ]]; then
                COMPREPLY+=("$name")
            fi
        done
    done < <(compgen -f -- "$word")
}

# The voices that were listed last, or else these. Only names that mean nothing to compgen.
_lmnt_say_voices() {
    local mac=${HOME-}/Library/Caches
    cat -- "${XDG_CACHE_HOME:-${HOME-}/.cache}/lmnt-say/voices" "$mac/lmnt-say/voices" 2>/dev/null |
        grep -xE '[A-Za-z0-9._-]+' || printf '%s\\n' "$@"
}

complete -F _lmnt_say lmnt-say
"""


def bash(options: tuple[Option, ...]) -> str:
    """Return the whole script."""
    names = [name for option in options for name in option.names]
    helps = [f"        [{name}]={_quoted(option.help)}\n" for option in options for name in option.names]
    tail = _TAIL.replace("WIDTH", str(max(map(len, names))))
    return _HEAD + "".join(helps) + "    )\n    case $option in\n" + _cases(options) + tail


def _cases(options: tuple[Option, ...]) -> str:
    names_of: dict[str, list[str]] = {}
    for option in options:
        if option.metavar is not None:
            names_of.setdefault(_action(option), []).extend(option.names)
    return "".join(
        f"        {' | '.join(names)})\n            {action}\n            return ;;\n"
        for action, names in names_of.items()
    )


def _action(option: Option) -> str:
    """Return the shell code that completes the value of an option."""
    if option.extensions:
        return f'_lmnt_say_files "$word" {" ".join(option.extensions)}'
    if option.is_file:
        return "compopt -o default"
    if option.is_command:
        return 'COMPREPLY=($(compgen -c -- "$word"))'
    if option.are_voices:
        return f'COMPREPLY=($(compgen -W "$(_lmnt_say_voices {" ".join(option.values)})" -- "$word"))'
    if option.values:
        return f'COMPREPLY=($(compgen -W {_quoted(" ".join(option.values))} -- "$word"))'
    return ": # any value"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
