"""Completion for PowerShell: a script to be dot-sourced in a profile."""

from __future__ import annotations

from completions.make.options import Option


_HEAD = """\
# PowerShell completion for lmnt-say, made by completions/make: edit that instead.
# Add to $PROFILE:  . PATH/TO/lmnt-say.ps1

Register-ArgumentCompleter -Native -CommandName lmnt-say -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
"""

_TAIL = """\
    # The voices that were listed last, where there is a list.
    $cache = if ($env:XDG_CACHE_HOME) { "$env:XDG_CACHE_HOME/lmnt-say" }
        elseif ($env:LOCALAPPDATA) { "$env:LOCALAPPDATA/lmnt-say/lmnt-say/Cache" }
        elseif ($IsMacOS) { "$HOME/Library/Caches/lmnt-say" }
        else { "$HOME/.cache/lmnt-say" }
    if (Test-Path "$cache/voices") {
        $values['-v'] = $values['--voice'] = @(Get-Content "$cache/voices")
    }
    $word, $given = [string]$wordToComplete, ''
    $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
    $option = if ($before.Count) { $before[-1].Extent.Text } else { '' }
    if ($word -match '^(--[^=]+)=(.*)$') {
        $option, $word, $given = $Matches[1], $Matches[2], "$($Matches[1])="
    }
    if ($values.ContainsKey($option)) {
        $values[$option] | Where-Object { $_.StartsWith($word) } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new("$given$_", $_, 'ParameterValue', $_)
        }
    } elseif ($takesValue -notcontains $option -and $word.StartsWith('-')) {
        $help.GetEnumerator() | Where-Object { $_.Key.StartsWith($word) } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_.Key, $_.Key, 'ParameterName', $_.Value)
        }
    }
    # With no answer PowerShell offers files by itself.
}
"""


def powershell(options: tuple[Option, ...]) -> str:
    """Return the whole script."""
    helps = [
        f"        {_quoted(name)} = {_quoted(option.help)}\n" for option in options for name in option.names
    ]
    values = [
        f"        {_quoted(name)} = {_list(option.values)}\n"
        for option in options
        if option.values
        for name in option.names
    ]
    others = [name for option in options if option.metavar and not option.values for name in option.names]
    return (
        _HEAD
        + "    $help = [ordered]@{\n"
        + "".join(helps)
        + "    }\n    $values = @{\n"
        + "".join(values)
        + f"    }}\n    $takesValue = {_list(tuple(others))}\n"
        + _TAIL
    )


def _list(words: tuple[str, ...]) -> str:
    return f"@({', '.join(map(_quoted, words))})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
