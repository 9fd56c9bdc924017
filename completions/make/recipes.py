"""The recipes of the manual page: larger jobs than the README's. `tests/recipes` runs them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paste:
    """Lines that are shown as they stand: for a shell, or a file's content."""

    lines: str


@dataclass(frozen=True)
class Recipe:
    """One job, in prose and in what to paste."""

    title: str
    parts: tuple[str | Paste, ...]

    @property
    def pastes(self) -> list[str]:
        """What to paste, in order."""
        return [part.lines for part in self.parts if isinstance(part, Paste)]


BATCH = Recipe(
    "One offline service for a whole batch",
    (
        """\
With --local each run starts a service of its own, which loads the voice again.
One that is started first serves all of them. In bash 4.4 or later, in a directory of chapters:""",
        Paste("""\
read -r LMNT_BASE_URL < <(exec lmnt-local serve)
export LMNT_BASE_URL LMNT_API_KEY=local
for text in *.txt; do
    lmnt-say -q -f "$text" -o "${text%.txt}.mp3"
done
kill $!
"""),
        "read returns as soon as the service accepts connections.",
    ),
)

PARALLEL = Recipe(
    "Many machines",
    (
        """\
A job needs three things: a file in, a file out, and an exit status to trust.
GNU parallel, with ssh and rsync, runs two jobs at a time on each machine.
lmnt-say must be on the PATH there, and have its key (ssh east lmnt-say --set-key < key).""",
        Paste("""\
export RSYNC_OLD_ARGS=1 RSYNC_PROTECT_ARGS=0
parallel --sshlogin east,west --jobs 2 --workdir ... --trc {.}.mp3 \\
    --retries 2 --joblog speech.log --resume-failed \\
    lmnt-say -q --no-save -f {} -o {.}.mp3 ::: *.txt
for text in *.txt; do
    [ -s "${text%.txt}.mp3" ] || echo "missing: ${text%.txt}.mp3"
done
"""),
        """\
A job that fails is retried, on another machine if there is one; --joblog keeps each exit status.
The same command again does what is not done yet and retries what failed.
The variables let rsync 3.2.4 and later take names with spaces as parallel writes them.
The loop at the end finds what was spoken but could not be copied back: parallel does not report that.""",
    ),
)

SLURM = Recipe(
    "A Slurm array job",
    (
        """\
Each task speaks one chapter of a directory that all nodes share.
The key is stored once, with --set-key. This is the file chapters.sh, for sbatch chapters.sh:""",
        Paste("""\
#!/bin/bash
#SBATCH --array=0-11%4
chapters=(*.txt)
text=${chapters[SLURM_ARRAY_TASK_ID]}
exec lmnt-say -q --no-save -f "$text" -o "${text%.txt}.mp3"
"""),
        """\
Because of exec, the exit status that sacct shows is that of lmnt-say.
sbatch --array=3,7 chapters.sh runs again what failed.
scancel sends SIGTERM, which ends it within a second.""",
    ),
)

KUBERNETES = Recipe(
    "A Kubernetes Job",
    (
        """\
Use an Indexed Job over a volume with the chapters: JOB_COMPLETION_INDEX takes the place of
SLURM_ARRAY_TASK_ID, and LMNT_API_KEY comes from a Secret.
Let lmnt-say be the container's process (exec), so that the pod has its exit status;
as process 1 it answers SIGTERM with 143, within a second.
With restartPolicy: Never and backoffLimitPerIndex, a chapter that failed is tried again.
Exit status 2, 3, 4 and 9 will be the same again: list them under onExitCodes in podFailurePolicy,
with the action FailIndex.""",
    ),
)

SPEECH_DISPATCHER = Recipe(
    "Screen readers and spd-say",
    (
        """\
Speech Dispatcher can speak through lmnt-say, by a module of its kind sd_generic.
Store the key with --set-key, because the daemon does not get your shell's environment.
To ~/.config/speech-dispatcher/speechd.conf (if there is none, a copy of /etc/speech-dispatcher/speechd.conf),
add:""",
        Paste("""\
AddModule "lmnt-say" "sd_generic" "lmnt-say.conf"
DefaultModule "lmnt-say"
"""),
        """\
Modules that no AddModule names are then no longer loaded: name those that you use.
This is the file modules/lmnt-say.conf beside it:""",
        Paste("""\
GenericExecuteSynth \\
"printf %s \\'$DATA\\' | lmnt-say -q --no-save -p -v \\'$VOICE\\'"
GenericCmdDependency "lmnt-say"
GenericMaxChunkLength 4000
GenericDelimiters "\\n"
GenericLanguage "c" "c" "utf-8"
GenericLanguage "en" "en" "utf-8"
AddVoice "en" "FEMALE1" "lily"
AddVoice "en" "MALE1" "ansel"
DefaultVoice "lily"
"""),
        """\
Each further language needs a line GenericLanguage and a line AddVoice, too: without them, what is not
Latin 1 is lost on the way. For the offline voice, add --local after -q.
Restart a daemon that is running, and try it:""",
        Paste("""\
spd-say --wait "Hello, it's me."
"""),
    ),
)

RECIPES = (BATCH, PARALLEL, SLURM, KUBERNETES, SPEECH_DISPATCHER)
