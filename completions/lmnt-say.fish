# fish completion for lmnt-say, made by completions/generate.py: edit that instead.

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
complete -c lmnt-say -s f -l file -r -F -d 'Read FILE; - is standard input'
complete -c lmnt-say -l flush-on -x -a 'blank-line newline sentence never' -d 'When to have it spoken'
complete -c lmnt-say -l flush-idle -x -d 'Also when input pauses this long'
complete -c lmnt-say -s v -l voice -x -a '(__lmnt_say_voices amy ansel ava curtis elowen leah lily mara-wilson morgan)' -d 'Voice to speak with'
complete -c lmnt-say -s l -l language -x -a 'auto ar as bn cs da de en es fi fr hi id it ja ko ml mr nl pl pt ru sk sv ta te th tr uk ur vi zh' -d 'Language of the text, or auto'
complete -c lmnt-say -l format -x -a 'mp3 wav pcm_s16le pcm_f32le ulaw webm' -d 'Audio format'
complete -c lmnt-say -l sample-rate -x -a '8000 16000 24000' -d 'Samples a second'
complete -c lmnt-say -s o -l output -x -a '(__lmnt_say_files mp3 wav webm ulaw pcm raw f32)' -d 'Write audio to FILE; - is standard output'
complete -c lmnt-say -l no-part -d 'Write FILE in place, not FILE.part until complete'
complete -c lmnt-say -l no-clobber -d 'Refuse to replace an existing FILE'
complete -c lmnt-say -s p -l play -d 'Play it while it comes; the default on a terminal'
complete -c lmnt-say -l player -x -a '(__fish_complete_command)' -d 'Play with CMD, which reads audio on standard input'
complete -c lmnt-say -l list-voices -d 'List the voices, or those that fit the words; as -v \'?\''
complete -c lmnt-say -l usage -d 'Show the account\'s plan and usage'
complete -c lmnt-say -l json -d 'With --list-voices or --usage: what the service answers'
complete -c lmnt-say -l api-key-file -r -F -d 'Read the key from FILE'
complete -c lmnt-say -l base-url -x -d 'Where the service is'
complete -c lmnt-say -l insecure-http -d 'Allow sending the key unencrypted'
complete -c lmnt-say -l proxy -x -d 'Reach it through an http or socks5 proxy'
complete -c lmnt-say -l retry -x -d 'Further attempts after a failed one'
complete -c lmnt-say -l on-drop -x -a 'resume fail' -d 'What a lost connection means'
complete -c lmnt-say -l no-save -d 'Save no unspoken text after a failure'
complete -c lmnt-say -l connect-timeout -x -d 'Limit until the service is ready'
complete -c lmnt-say -l timeout -x -d 'Silence limit while speech is owed'
complete -c lmnt-say -l local -d 'Use the offline voice: no key, no network'
complete -c lmnt-say -l progress -x -a 'auto always never' -d 'Show the status line'
complete -c lmnt-say -l no-progress -d 'Show no status line'
complete -c lmnt-say -s q -l quiet -d 'Say nothing but errors'
complete -c lmnt-say -l verbose -d 'Say at the end what was done'
complete -c lmnt-say -l debug -d 'Show the messages: > sent, < received'
complete -c lmnt-say -l version -d 'Show the version'
complete -c lmnt-say -s h -l help -d 'Show this message and exit'
