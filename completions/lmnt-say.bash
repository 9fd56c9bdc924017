# bash completion for lmnt-say, made by completions/make: edit that instead.

_lmnt_say() {
    local IFS=$' \t\n' word=$2 option=$3 i line
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
        [-f]='Read text from FILE; - is standard input'
        [--file]='Read text from FILE; - is standard input'
        [--flush-on]='Set the flush rule'
        [--flush-idle]='Flush too after S seconds without input'
        [--strip]='Strip from the text'
        [--max-chars]='End the input after N characters'
        [--tee]='Pass the text on, unchanged, as it is read'
        [-v]='Speak with this voice'
        [--voice]='Speak with this voice'
        [-l]='State the language of the text, or auto'
        [--language]='State the language of the text, or auto'
        [--format]='Set the format'
        [--sample-rate]='Set the sample rate, in hertz'
        [-o]='Write audio to FILE; - is standard output'
        [--output]='Write audio to FILE; - is standard output'
        [-c]='Append to the partial recording of an earlier run'
        [--continue]='Append to the partial recording of an earlier run'
        [--no-part]='Write FILE in place, not FILE.part until complete'
        [--no-clobber]='Refuse to replace an existing FILE'
        [--subtitles]='Write .srt, .vtt or .jsonl as the text is spoken'
        [--no-save]='Save no unspoken text after a failure'
        [-p]='Play audio as it arrives'
        [--play]='Play audio as it arrives'
        [--player]='Play with CMD, which reads audio on standard input'
        [--list-voices]='List the voices, or those that match the words'
        [--usage]='Show the account'\''s plan and usage'
        [--json]='Print --list-voices or --usage as JSON'
        [--api-key-file]='Read the key from FILE'
        [--set-key]='Store the key for good'
        [--base-url]='Use the service at URL'
        [--insecure-http]='Allow sending the key unencrypted'
        [--proxy]='Connect through an http or socks5 proxy'
        [--retry]='Make up to N further attempts'
        [--on-drop]='Handle a drop'
        [--connect-timeout]='Limit the wait for a session'
        [--timeout]='Limit silence while speech is owed'
        [--local]='Use the offline voice: no key, no network'
        [--progress]='Show the status line'
        [--no-progress]='Show no status line'
        [--stats]='Print figures at the end'
        [--events]='Write JSON lines to FILE or fd:N as things happen'
        [--dry-run]='Print what would be sent; connect to nothing'
        [-q]='Print errors only'
        [--quiet]='Print errors only'
        [--verbose]='Print a summary at the end'
        [--debug]='Print messages (> sent, < received) and settings'
        [--config]='Read the configuration from FILE'
        [--no-config]='Read no configuration'
        [--profile]='Use this profile of the configuration'
        [--version]='Print the version'
        [-h]='Print this help'
        [--help]='Print this help'
    )
    case $option in
        -f | --file | --subtitles | --api-key-file | --events)
            compopt -o default
            return ;;
        --flush-on)
            COMPREPLY=($(compgen -W 'blank-line newline sentence never' -- "$word"))
            return ;;
        --flush-idle | --max-chars | --base-url | --proxy | --retry | --connect-timeout | --timeout | --profile)
            : # any value
            return ;;
        --strip)
            COMPREPLY=($(compgen -W 'none markdown emoji' -- "$word"))
            return ;;
        -v | --voice)
            COMPREPLY=($(compgen -W "$(_lmnt_say_voices amy ansel ava curtis elowen leah lily mara-wilson morgan)" -- "$word"))
            return ;;
        -l | --language)
            COMPREPLY=($(compgen -W 'auto ar as bn cs da de en es fi fr hi id it ja ko ml mr nl pl pt ru sk sv ta te th tr uk ur vi zh' -- "$word"))
            return ;;
        --format)
            COMPREPLY=($(compgen -W 'mp3 wav pcm_s16le pcm_f32le ulaw webm' -- "$word"))
            return ;;
        --sample-rate)
            COMPREPLY=($(compgen -W '8000 16000 24000' -- "$word"))
            return ;;
        -o | --output)
            _lmnt_say_files "$word" mp3 wav webm ulaw pcm raw f32
            return ;;
        --player)
            COMPREPLY=($(compgen -c -- "$word"))
            return ;;
        --on-drop)
            COMPREPLY=($(compgen -W 'resume fail' -- "$word"))
            return ;;
        --progress)
            COMPREPLY=($(compgen -W 'auto always never' -- "$word"))
            return ;;
        --config)
            _lmnt_say_files "$word" toml
            return ;;
    esac
    if [[ $word != -* ]]; then
        return # text
    fi
    COMPREPLY=($(compgen -W "${!help[*]}" -- "$word"))
    # A second Tab only shows what there is, so that the words may say what they mean.
    if ((COMP_TYPE == 63 && ${#COMPREPLY[@]} > 1)); then
        for i in "${!COMPREPLY[@]}"; do
            printf -v line '%-17s  %s' "${COMPREPLY[i]}" "${help[${COMPREPLY[i]}]}"
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
        grep -xE '[A-Za-z0-9._-]+' || printf '%s\n' "$@"
}

complete -F _lmnt_say lmnt-say
