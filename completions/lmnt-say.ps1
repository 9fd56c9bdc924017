# PowerShell completion for lmnt-say, made by completions/generate.py: edit that instead.
# Add to $PROFILE:  . PATH/TO/lmnt-say.ps1

Register-ArgumentCompleter -Native -CommandName lmnt-say -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $help = [ordered]@{
        '-f' = 'Read FILE; - is standard input'
        '--file' = 'Read FILE; - is standard input'
        '--flush-on' = 'When to have it spoken'
        '--flush-idle' = 'Also when input pauses this long'
        '-v' = 'Voice to speak with'
        '--voice' = 'Voice to speak with'
        '-l' = 'Language of the text, or auto'
        '--language' = 'Language of the text, or auto'
        '--format' = 'Audio format'
        '--sample-rate' = 'Samples a second'
        '-o' = 'Write audio to FILE; - is standard output'
        '--output' = 'Write audio to FILE; - is standard output'
        '--no-part' = 'Write FILE in place, not FILE.part until complete'
        '--no-clobber' = 'Refuse to replace an existing FILE'
        '-p' = 'Play it while it comes; the default on a terminal'
        '--play' = 'Play it while it comes; the default on a terminal'
        '--player' = 'Play with CMD, which reads audio on standard input'
        '--list-voices' = 'List the voices, or those that fit the words; as -v ''?'''
        '--usage' = 'Show the account''s plan and usage'
        '--json' = 'With --list-voices or --usage: what the service answers'
        '--api-key-file' = 'Read the key from FILE'
        '--base-url' = 'Where the service is'
        '--insecure-http' = 'Allow sending the key unencrypted'
        '--proxy' = 'Reach it through an http or socks5 proxy'
        '--retry' = 'Further attempts after a failed one'
        '--on-drop' = 'What a lost connection means'
        '--no-save' = 'Save no unspoken text after a failure'
        '--connect-timeout' = 'Limit until the service is ready'
        '--timeout' = 'Silence limit while speech is owed'
        '--local' = 'Use the offline voice: no key, no network'
        '--progress' = 'Show the status line'
        '--no-progress' = 'Show no status line'
        '-q' = 'Say nothing but errors'
        '--quiet' = 'Say nothing but errors'
        '--verbose' = 'Say at the end what was done'
        '--debug' = 'Show the messages: > sent, < received'
        '--version' = 'Show the version'
        '-h' = 'Show this message and exit'
        '--help' = 'Show this message and exit'
    }
    $values = @{
        '--flush-on' = @('blank-line', 'newline', 'sentence', 'never')
        '-v' = @('amy', 'ansel', 'ava', 'curtis', 'elowen', 'leah', 'lily', 'mara-wilson', 'morgan')
        '--voice' = @('amy', 'ansel', 'ava', 'curtis', 'elowen', 'leah', 'lily', 'mara-wilson', 'morgan')
        '-l' = @('auto', 'ar', 'as', 'bn', 'cs', 'da', 'de', 'en', 'es', 'fi', 'fr', 'hi', 'id', 'it', 'ja', 'ko', 'ml', 'mr', 'nl', 'pl', 'pt', 'ru', 'sk', 'sv', 'ta', 'te', 'th', 'tr', 'uk', 'ur', 'vi', 'zh')
        '--language' = @('auto', 'ar', 'as', 'bn', 'cs', 'da', 'de', 'en', 'es', 'fi', 'fr', 'hi', 'id', 'it', 'ja', 'ko', 'ml', 'mr', 'nl', 'pl', 'pt', 'ru', 'sk', 'sv', 'ta', 'te', 'th', 'tr', 'uk', 'ur', 'vi', 'zh')
        '--format' = @('mp3', 'wav', 'pcm_s16le', 'pcm_f32le', 'ulaw', 'webm')
        '--sample-rate' = @('8000', '16000', '24000')
        '--on-drop' = @('resume', 'fail')
        '--progress' = @('auto', 'always', 'never')
    }
    $takesValue = @('-f', '--file', '--flush-idle', '-o', '--output', '--player', '--api-key-file', '--base-url', '--proxy', '--retry', '--connect-timeout', '--timeout')
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
