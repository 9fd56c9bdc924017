# fish completion for lmnt-say, made by completions/make: edit that instead.

# Files whose name ends in one of these, in any case, and directories.
function __lmnt_say_files
    set -l word (commandline -ct | string replace -r -- '^(--[^=]*=|-[a-z](?=.))' '')
    # The command has no completions of its own, so that fish offers files.
    complete -C "__lmnt_say_none $word" | string match -ri -- '.*(?:/|\.(?:'(string join '|' $argv)'))$'
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
complete -c lmnt-say -s f -l file -r -F -d 'Read text from FILE; - is standard input'
complete -c lmnt-say -l flush-on -x -a 'blank-line newline sentence never' -d 'Set the flush rule'
complete -c lmnt-say -l flush-idle -x -d 'Flush too after S seconds without input'
complete -c lmnt-say -l strip -x -a 'none markdown emoji' -d 'Strip from the text'
complete -c lmnt-say -l max-chars -x -d 'End the input after N characters'
complete -c lmnt-say -l tee -d 'Pass the text on, unchanged, as it is read'
complete -c lmnt-say -s v -l voice -x -a '(__lmnt_say_voices amy ansel ava curtis elowen leah lily mara-wilson morgan)' -d 'Speak with this voice'
complete -c lmnt-say -s l -l language -x -a 'auto ar as bn cs da de en es fi fr hi id it ja ko ml mr nl pl pt ru sk sv ta te th tr uk ur vi zh' -d 'State the language of the text, or auto'
complete -c lmnt-say -l format -x -a 'mp3 wav pcm_s16le pcm_f32le ulaw webm' -d 'Set the format'
complete -c lmnt-say -l sample-rate -x -a '8000 16000 24000' -d 'Set the sample rate, in hertz'
complete -c lmnt-say -s o -l output -x -a '(__lmnt_say_files mp3 wav webm ulaw pcm raw f32)' -d 'Write audio to FILE; - is standard output'
complete -c lmnt-say -s c -l continue -d 'Append to the partial recording of an earlier run'
complete -c lmnt-say -l no-part -d 'Write FILE in place, not FILE.part until complete'
complete -c lmnt-say -l no-clobber -d 'Refuse to replace an existing FILE'
complete -c lmnt-say -l subtitles -r -F -d 'Write .srt, .vtt or .jsonl as the text is spoken'
complete -c lmnt-say -l no-save -d 'Save no unspoken text after a failure'
complete -c lmnt-say -s p -l play -d 'Play audio as it arrives'
complete -c lmnt-say -l player -x -a '(__fish_complete_command)' -d 'Play with CMD, which reads audio on standard input'
complete -c lmnt-say -l list-voices -d 'List the voices, or those that match the words'
complete -c lmnt-say -l usage -d 'Show the account\'s plan and usage'
complete -c lmnt-say -l json -d 'Print --list-voices or --usage as JSON'
complete -c lmnt-say -l api-key-file -r -F -d 'Read the key from FILE'
complete -c lmnt-say -l set-key -d 'Store the key for good'
complete -c lmnt-say -l base-url -x -d 'Use the service at URL'
complete -c lmnt-say -l insecure-http -d 'Allow sending the key unencrypted'
complete -c lmnt-say -l proxy -x -d 'Connect through an http or socks5 proxy'
complete -c lmnt-say -l retry -x -d 'Make up to N further attempts'
complete -c lmnt-say -l on-drop -x -a 'resume fail' -d 'Handle a drop'
complete -c lmnt-say -l connect-timeout -x -d 'Limit the wait for a session'
complete -c lmnt-say -l timeout -x -d 'Limit silence while speech is owed'
complete -c lmnt-say -l local -d 'Use the offline voice: no key, no network'
complete -c lmnt-say -l progress -x -a 'auto always never' -d 'Show the status line'
complete -c lmnt-say -l no-progress -d 'Show no status line'
complete -c lmnt-say -l stats -d 'Print figures at the end'
complete -c lmnt-say -l events -r -F -d 'Write JSON lines to FILE or fd:N as things happen'
complete -c lmnt-say -l dry-run -d 'Print what would be sent; connect to nothing'
complete -c lmnt-say -s q -l quiet -d 'Print errors only'
complete -c lmnt-say -l verbose -d 'Print a summary at the end'
complete -c lmnt-say -l debug -d 'Print messages (> sent, < received) and settings'
complete -c lmnt-say -l config -x -a '(__lmnt_say_files toml)' -d 'Read the configuration from FILE'
complete -c lmnt-say -l no-config -d 'Read no configuration'
complete -c lmnt-say -l profile -x -d 'Use this profile of the configuration'
complete -c lmnt-say -l version -d 'Print the version'
complete -c lmnt-say -s h -l help -d 'Print this help'
