# zsh completion for lmnt-say and lmnt-local, made by completions/make: edit that instead.
# Source it anywhere in ~/.zshrc, before or after compinit, or without it.

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
fpath=("${${(%):-%x}:A:h}" $fpath)
autoload -Uz _lmnt-say _lmnt-local
compdef _lmnt-say lmnt-say
compdef _lmnt-local lmnt-local
