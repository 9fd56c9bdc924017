# PowerShell completion for lmnt-say, made by completions/make: edit that instead.
# Add to $PROFILE:  . PATH/TO/lmnt-say.ps1

Register-ArgumentCompleter -Native -CommandName lmnt-say -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $help = [ordered]@{
        '-f' = 'Read text from FILE; - is standard input'
        '--file' = 'Read text from FILE; - is standard input'
        '--flush-on' = 'Set the flush rule'
        '--flush-idle' = 'Flush too after S seconds without input'
        '--strip' = 'Strip from the text'
        '--max-chars' = 'End the input after N characters'
        '--tee' = 'Pass the text on, unchanged, as it is read'
        '-v' = 'Speak with this voice'
        '--voice' = 'Speak with this voice'
        '-l' = 'State the language of the text, or auto'
        '--language' = 'State the language of the text, or auto'
        '--format' = 'Set the format'
        '--sample-rate' = 'Set the sample rate, in hertz'
        '-o' = 'Write audio to FILE; - is standard output'
        '--output' = 'Write audio to FILE; - is standard output'
        '-c' = 'Append to the partial recording of an earlier run'
        '--continue' = 'Append to the partial recording of an earlier run'
        '--no-part' = 'Write FILE in place, not FILE.part until complete'
        '--no-clobber' = 'Refuse to replace an existing FILE'
        '--subtitles' = 'Write .srt, .vtt or .jsonl as the text is spoken'
        '--no-save' = 'Save no unspoken text after a failure'
        '-p' = 'Play audio as it arrives'
        '--play' = 'Play audio as it arrives'
        '--player' = 'Play with CMD, which reads audio on standard input'
        '--list-voices' = 'List the voices, or those that match the words'
        '--usage' = 'Show the account''s plan and usage'
        '--json' = 'Print --list-voices or --usage as JSON'
        '--api-key-file' = 'Read the key from FILE'
        '--set-key' = 'Store the key for good'
        '--base-url' = 'Use the service at URL'
        '--insecure-http' = 'Allow sending the key unencrypted'
        '--proxy' = 'Connect through an http or socks5 proxy'
        '--retry' = 'Make up to N further attempts'
        '--on-drop' = 'Handle a drop'
        '--connect-timeout' = 'Limit the wait for a session'
        '--timeout' = 'Limit silence while speech is owed'
        '--local' = 'Use the offline voice: no key, no network'
        '--progress' = 'Show the status line'
        '--no-progress' = 'Show no status line'
        '--stats' = 'Print figures at the end'
        '--events' = 'Write JSON lines to FILE or fd:N as things happen'
        '--dry-run' = 'Print what would be sent; connect to nothing'
        '-q' = 'Print errors only'
        '--quiet' = 'Print errors only'
        '--verbose' = 'Print a summary at the end'
        '--debug' = 'Print messages (> sent, < received) and settings'
        '--config' = 'Read the configuration from FILE'
        '--no-config' = 'Read no configuration'
        '--profile' = 'Use this profile of the configuration'
        '--version' = 'Print the version'
        '-h' = 'Print this help'
        '--help' = 'Print this help'
    }
    $values = @{
        '--flush-on' = @('blank-line', 'newline', 'sentence', 'never')
        '--strip' = @('none', 'markdown', 'emoji')
        '-v' = @('amy', 'ansel', 'ava', 'curtis', 'elowen', 'leah', 'lily', 'mara-wilson', 'morgan')
        '--voice' = @('amy', 'ansel', 'ava', 'curtis', 'elowen', 'leah', 'lily', 'mara-wilson', 'morgan')
        '-l' = @('auto', 'ar', 'as', 'bn', 'cs', 'da', 'de', 'en', 'es', 'fi', 'fr', 'hi', 'id', 'it', 'ja', 'ko', 'ml', 'mr', 'nl', 'pl', 'pt', 'ru', 'sk', 'sv', 'ta', 'te', 'th', 'tr', 'uk', 'ur', 'vi', 'zh')
        '--language' = @('auto', 'ar', 'as', 'bn', 'cs', 'da', 'de', 'en', 'es', 'fi', 'fr', 'hi', 'id', 'it', 'ja', 'ko', 'ml', 'mr', 'nl', 'pl', 'pt', 'ru', 'sk', 'sv', 'ta', 'te', 'th', 'tr', 'uk', 'ur', 'vi', 'zh')
        '--format' = @('mp3', 'wav', 'pcm_s16le', 'pcm_f32le', 'ulaw', 'webm')
        '--sample-rate' = @('8000', '16000', '24000')
        '--on-drop' = @('resume', 'fail')
        '--progress' = @('auto', 'always', 'never')
    }
    $takesValue = @('-f', '--file', '--flush-idle', '--max-chars', '-o', '--output', '--subtitles', '--player', '--api-key-file', '--base-url', '--proxy', '--retry', '--connect-timeout', '--timeout', '--events', '--config', '--profile')
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
