"""What the manual page says of single options, beyond the line that the help has room for."""

from __future__ import annotations


MORE = {
    "--file": """\
May be given more than once: the files are read in order, with a blank line between them,
and all are opened before anything is connected.""",
    "--flush-on": """\
* blank-line: after a line that holds nothing but white space.
* newline: after each line with words.
* sentence: after each sentence; see TEXT.
* never: only at the end of the text.""",
    "--strip": """\
Give both with a comma between them. By default nothing is stripped.
Terminal escape sequences are always removed.
* markdown: marks, code blocks, HTML tags, link addresses, and the thoughts of a model
(<think>, <thinking> and <reasoning> at the start of a line). Link labels, list numbers and
table cells are spoken. What is not closed on its line or within 1,000 characters is text.
With --flush-idle, a pause speaks the words after a mark that is open, and drops the mark.
* emoji: pictographs, flags and keycaps.""",
    "--max-chars": "The rest of the input is not read. What --strip removes does not count.",
    "--tee": """\
Byte for byte, before anything is stripped: to standard output if the audio goes elsewhere,
else to standard error, which then shows no status line.
While the reader of the text pauses, no more text is read. If it leaves, speech continues.""",
    "--voice": "The voice's id. -v '?' is the same as --list-voices.",
    "--language": """\
A code of two or three letters, such as en, de or ja, or auto. Naming the language saves the service a guess.
A code that LMNT's documentation does not list is sent with a notice.""",
    "--format": """\
The extensions .mp3, .wav, .webm and .ulaw stand for the format of that name,
.pcm and .raw for pcm_s16le, .f32 for pcm_f32le, in upper or lower case; any other is an error.
An extension contains no space and at most five letters.
Without an extension, and for a device or a FIFO, the format is mp3.
All formats are mono; wav is made from pcm_s16le by lmnt-say.""",
    "--output": """\
An existing FILE is replaced when the audio is complete, and not before; see OUTPUT.
With -, audio is written to standard output even if it is a terminal.""",
    "--continue": "See OUTPUT. The command that a failed run prints includes this option where it applies.",
    "--subtitles": """\
The extension chooses the format; .jsonl is one line of JSON per word, such as
{"text":"world.","start":0.85,"end":1.25,"utterance":1}. May be given more than once; see OUTPUT.""",
    "--no-save": "By default it is saved; see FILES.",
    "--play": """\
With --output, audio is both written and played, and a player that fails does not affect the recording.
The player is the first of mpv, ffplay, pw-play, paplay and aplay that is installed and takes the format.""",
    "--player": "CMD is split into words as a shell does, but run without a shell. Implies --play.",
    "--list-voices": """\
A table on a terminal, plain columns in a pipe; the id comes first.
Each word given must begin a word of the id, the name, the gender, the description or the tags.
Completion offers the voices listed last after --voice.""",
    "--json": "The service's own objects.",
    "--api-key-file": """\
With - the key is read from standard input, which then cannot carry the text.
Default: LMNT_API_KEY, then the key that --set-key has stored.""",
    "--set-key": """\
On a terminal it is asked for and does not show; otherwise one line of standard input is read.
The stored key is used if neither --api-key-file nor LMNT_API_KEY gives one.""",
    "--base-url": """\
An http, https, ws or wss URL; the path of the speech sessions is appended to its path.
Plain http and ws are refused to any host but this one.
Default: LMNT_BASE_URL, then https://api.lmnt.com.""",
    "--insecure-http": "By default plain http and ws are refused to any host but this one.",
    "--proxy": """\
An http, https or socks5 URL; without a scheme it is http.
Default: the proxy variables; see ENVIRONMENT.""",
    "--retry": "The count starts again when more text has been confirmed. 0 means a single attempt.",
    "--on-drop": """\
* resume: send what is not confirmed again on a new session, so that no word is lost.
* fail: end with exit status 6.""",
    "--connect-timeout": "In seconds, from looking up the host to the first message of the service.",
    "--timeout": """\
In seconds. A service that owes speech and stays silent for longer counts as a lost connection.
The text may pause for as long as it likes.""",
    "--local": """\
A service on this machine with real offline speech; see lmnt-local(1). The key is not used.
Needs the packages of the extra "local".""",
    "--progress": """\
* auto: on a terminal.
* always: also elsewhere, as a plain line every five seconds.
* never: not at all.""",
    "--stats": "Their names are those of the figures under EVENTS.",
    "--events": "See EVENTS.",
    "--dry-run": """\
The messages are written to standard output as JSON lines, at the moments they would be sent.
No key is needed, and no file is made.""",
    "--debug": """\
Also closes (!), and what was decided and where each setting that is not a default comes from (=).""",
    "--config": "The file must exist. The default one need not; see FILES.",
    "--profile": """\
A table [profile.NAME] of the configuration replaces settings of the rest of it.
A profile named here takes precedence over the environment, too.""",
}

WAYS_BACK = """\
Every switch can be undone, as with --no-play, --no-local or --part, where a configuration has turned it on.
Where two options exclude each other, as --local and --base-url do, the nearer one applies:
the command line before the environment, the profile, and the rest of the configuration.

There is no option for the key itself, because a command line shows in ps(1) and in the shell's history.
The key is never printed, logged or put in an error message.
"""
