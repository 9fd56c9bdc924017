# bash completion for lmnt-local, made by completions/make: edit that instead.

_lmnt_local() {
    local IFS=$' \t\n' word=$2 option=$3
    # Readline cuts --port=8765 at the equals sign.
    if [[ $word == = ]]; then
        word=
    elif [[ $option == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W 'serve -h --help --version' -- "$word"))
        return
    fi
    case $option in
        --key-file)
            compopt -o default
            return ;;
        --error)
            COMPREPLY=($(compgen -W 'invalid_request_error authentication_error permission_error not_found_error payment_required_error rate_limit_error internal_server_error' -- "$word"))
            return ;;
        --port | --host | --key | --allow-host | --allow-origin | --frame-bytes | --empty-frames | --fragments | --pace | --first-sound | --late-times | --late-ready | --error-after | --error-close | --close-after | --close-code | --close-reason | --cut-after | --stall-after | --idle-close | --refuse | --refuse-status | --retry-after | --late-handshake | --only-first)
            return ;; # nobody can guess it
    esac
    COMPREPLY=($(compgen -W '-h --help --port --host --key --key-file --allow-host --allow-origin --faults-from-clients --stop-with-stdin --log --log-text --frame-bytes --empty-frames --fragments --pace --first-sound --new-stream --late-times --no-ready --late-ready --unknown-messages --silent-reset --strict-finish --error --error-after --error-close --close-after --close-code --close-reason --cut-after --stall-after --idle-close --no-close --no-pong --refuse --refuse-status --retry-after --late-handshake --only-first' -- "$word"))
}

complete -F _lmnt_local lmnt-local
