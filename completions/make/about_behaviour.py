"""What the manual page says of the program's behaviour: sections of prose in the markup of `roff.prose`."""

from __future__ import annotations


DESCRIPTION = """\
lmnt-say reads text as it arrives, from a pipe, files, its arguments or the keyboard,
forwards every piece at once over one LMNT speech session,
and writes the audio as it comes back to standard output, a file or a player.
While it works, one line on the terminal shows text buffered against text synthesized.

An exit status of 0 is a proof: every byte read was sent, spoken, confirmed and written.
"""

TEXT = """\
Text is UTF-8, or UTF-16 with a byte order mark, in pieces of any size.
A byte order mark is dropped, CRLF and CR are read as LF, terminal escape sequences are removed,
and an invalid byte becomes U+FFFD, which is counted and reported in a notice.
Input that is not text, such as a PDF document, is refused with the name of a program that extracts its text.

Every piece is sent at once, without waiting for a line or a sentence.
Joined, the messages sent are the text read;
white space at the start of an utterance is held until something follows it.
When the service is slow, reading stops, so that memory is bounded whatever the size of the input.

The service speaks what it has when it is flushed. An utterance is the text between two flushes.

* blank-line: flushes after a line feed, optional white space and another line feed.
Several blank lines make one flush.
* newline: flushes after each line that contains a word.
* sentence: flushes after a full stop, an exclamation or question mark, an ellipsis,
or a sentence terminal of another script, with closing quotes or brackets and white space after it.
Abbreviations, initials, decimals, ordinals and three full stops do not end a sentence.
In scripts without spaces between words, such as Chinese and Japanese, no white space is needed.
* never: flushes only at the end of the text.

Only the content matters, never where a read ended.
Nothing is flushed unless a word, which contains a letter or a digit, was sent since the last flush.
At the end of the text the rest is spoken, whatever the rule.

A line typed at a terminal is limited by the terminal, on Linux to 4,095 bytes. Enter speaks the line,
Ctrl-C drops what is being said, and Ctrl-D speaks the rest and ends.
"""

OUTPUT = """\
Standard output carries audio and nothing else.
If it is a terminal, the audio is played, unless -o - insists on writing it there.
A reader that pauses loses nothing: up to 64 MiB of audio is received and held for it.

With -o, audio is written to FILE.part, which is renamed when it is complete and on the disk,
so that a failed run never costs an old recording.
After a failure or Ctrl-C the .part stays and is named; one without audio is removed.
Two runs cannot write one FILE at the same time,
and a .part that is a link or belongs to somebody else is refused.
A disk that reports late that it is full, or another program that cuts the file, is exit status 7.
FIFOs, devices and descriptors (/dev/fd/3), and FILE with --no-part, are written in place.
A text that is its own output is refused, and so are two outputs in one file.

The header of a wav in a pipe declares 2 GB, because nobody can know the size;
in a file the real sizes are filled in at the end.

A failed run prints the command that completes its recording, to be pasted as it is:

    lmnt-say -c -o FILE -f SAVED

With -c the partial recording is cut to where the saved text begins, the rest is appended,
and FILE gets its name and its real sizes.
Any other text is appended after the last whole sample or frame.
Another format or rate than the recording's, and webm, are refused with exit status 2.

Subtitles are written while the text is spoken, by the rules of -o.
Each cue is written whole, so that another program can show them live.
Times count from the first sample of the audio, across flushes and lost connections.
An SRT or WebVTT cue has at most two lines of 42 columns and lasts at most seven seconds.
"""

PLAYING = """\
The player is fed through a pipe and given the format, so that sound starts at once.
With --play alone it gets the format it likes best, and the player of --player gets mp3,
unless --format is given.
With -o, the recording never waits for the player, and is complete before all of it is heard.
If the player dies, a notice says so and the recording continues; without -o it is exit status 7.
"""

CONNECTION = """\
The connection is opened while the first text is still on its way.
A failed attempt is repeated after a growing pause, up to the number of times given by --retry;
the count starts again when more text has been confirmed.
A refused key, an empty account, an unknown voice and an invalid request are not retried.
If the text pauses for an hour and the service hangs up, a new session begins with the next text.

A lost connection costs no word.
What is not confirmed is sent again, from the first word not fully heard if the service reports word times,
else from the first utterance not confirmed.
In a regular file nothing is heard twice, because it is cut back to the end of what was confirmed;
elsewhere at most what was not confirmed is heard twice.
A webm stream cannot be resumed after its first byte, nor can a run with more than 1 MiB of unconfirmed text:
that is exit status 6, never a gap.

On exit status 3 to 8, and on a signal if -o has audio, unspoken text is saved
if it came from standard input or part of it was spoken:
all that is owed, and what can be read without waiting.
FILES says where. It is removed when it has been spoken, and the newest 20 are kept.
If a run gives up before anything was confirmed, its .part keeps the audio there is,
and the saved text is all of it.
"""

STATUS_LINE = """\
The status line is drawn on standard error, and only on a terminal.
It is one row, never wider than the terminal, and gone at the end, however the program ends:

{lines}

* name: the file of -f or -o, else the voice.
* buffered: bytes of text sent and not yet confirmed.
* synthesized: bytes of text confirmed; once all text is known,
also its total, the percentage and the time left.
* audio: the audio received, in bytes and minutes; while the rest is played, the position in it.
* state: connecting, waiting for text, flushing, stalled, reconnecting, output paused, finishing or playing.
* speed: times real time.
* first sound: seconds from the first text to the first audio.

As the terminal gets narrower, less important parts are left out.
Where the text is typed on the same terminal, no line is drawn.
"""

CONFIGURATION = """\
A configuration may hold every option that is not of one run, under its long name:

    voice = "ava"
    part = false                # as --no-part
    profile = "podcast"         # unless --profile names another

    [profile.podcast]
    format = "wav"
    flush-on = "sentence"

Options take precedence over the environment, which takes precedence over the profile,
which takes precedence over the rest of the file.
An error in the file is exit status 2, and is reported with its line and the nearest right key.
The API key does not belong there; --set-key stores it in a file of its own.
"""

NOTES = """\
An error is one line, "lmnt-say: what was being done: what went wrong",
followed by at most one line that says what to try.

lmnt-say is written with Windows in mind, but is not tested there.
PowerShell before 7.4 changes the bytes that go through a pipe or a redirection, so use -o FILE.
There are no signals to die of there: Ctrl-C ends the program at once and leaves the .part.
"""

ENVIRONMENT = (
    ("LMNT_API_KEY", "the key; empty is unset"),
    ("LMNT_BASE_URL", "the service, if it is not https://api.lmnt.com"),
    ("LMNT_VOICE", "the voice, if --voice is not given"),
    (
        "wss_proxy, https_proxy, all_proxy, no_proxy",
        "the proxy to connect through, and the hosts to connect to without one; also in capitals",
    ),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "the certificate authorities to trust, instead of the system's"),
    ("NO_COLOR", "if set, no colours"),
    ("TERM", "if dumb or not set, no status line"),
    ("LC_ALL, LC_CTYPE, LANG", "unless these say UTF-8, the status line is plain ASCII"),
    ("XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME", "where the files below are"),
)

FILES = (
    ("FILE.part", "where -o FILE is written until it is complete"),
    ("~/.config/lmnt-say/config.toml", "the configuration"),
    ("~/.config/lmnt-say/key", "the key that --set-key stores, readable by its owner alone"),
    (
        "~/.local/state/lmnt-say/unspoken-*.txt",
        "text left unspoken by a failed run, readable by its owner alone; the error message names it",
    ),
    ("~/.cache/lmnt-say/voices", "the voices listed last, for completion"),
)

FILES_ELSEWHERE = "Systems other than Linux have their own places for these."

EXIT_STATUS = (
    ("0", "complete: all text was confirmed, all audio written"),
    ("1", "a bug in lmnt-say"),
    (
        "2",
        "usage: a bad option, missing or unreadable input, a missing extra, an existing file and "
        "--no-clobber, or a terminal on standard output and no player",
    ),
    ("3", "the key is missing or was refused"),
    ("4", "payment, quota, or the rate limit after all retries"),
    ("5", "could not connect: no session was ever ready"),
    ("6", "cut off: there was a session, and some text is not confirmed; partial audio is kept"),
    ("7", "the output could not be created or written, or its player failed"),
    (
        "8",
        "the service refused the request, answered nonsense, or confirmed words and gave no audio for them",
    ),
    ("9", "nothing to say: the text contains no words"),
)

SIGNALS = (
    (
        "SIGINT, SIGTERM, SIGHUP",
        "end the program within a second, whatever it is doing. What was received is kept, and the program "
        "dies of the signal, so that a shell stops its loop. One that was ignored at start (nohup, & in a "
        "script) stays ignored.",
    ),
    (
        "SIGINT",
        "where text is typed at a terminal and played: the first drops what is being said, "
        "one while nothing is being said ends the program.",
    ),
    (
        "SIGUSR2",
        "drops what was sent and not yet said, and keeps what is not yet sent. What was dropped is not owed: "
        "the exit status stays 0.",
    ),
    ("SIGPIPE", "if the reader of the audio leaves, the program stops at once, silently (141 in a shell)."),
    ("SIGTSTP, SIGCONT", "erase the status line, and draw it again."),
)

EXAMPLES = (
    ("Speak what a language model writes, while it writes", 'llm "tell me a story" | lmnt-say > story.mp3'),
    ("The same, but listen to it, and keep it", 'llm "tell me a story" | lmnt-say -p -o story.mp3'),
    ("Turn a file into a recording with subtitles", "lmnt-say -f in.txt -o out.wav --subtitles out.vtt"),
    ("Speak each line as it is typed", "lmnt-say --flush-on newline"),
    (
        "Speak a model's Markdown, and show it as well",
        'llm "explain quicksort" | lmnt-say --strip markdown --tee > sort.mp3',
    ),
    ("Find a voice", "lmnt-say --list-voices uk female"),
    ("See what would be sent, without a key", "lmnt-say --dry-run -f in.txt"),
    ("Work without a key and without a network", 'echo "Hello." | lmnt-say --local > hello.mp3'),
)
