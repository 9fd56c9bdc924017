"""The text of the proof, its figures, and the judgement of a rehearsal."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from lmnt_cli.core.audio.formats import AudioFormat
from tests.proof.rehearsal import Case, Outcome, at_once, rehearse
from tests.proof.subtitles import wrong_words
from tests.proof.tape_account import Account, account
from tests.proof.tape_service import TapeService
from tests.tools.figures import Figures


TOGETHER = 32  # rehearsals at the same time; with more, each waits longer and wakes more often

# Bytes of a cut sample or frame that may be left in a pipe.
BROKEN = {AudioFormat.MP3: 288}

Rehearse = Callable[[Case, bytes, TapeService, Path], Awaitable[Outcome]]

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]


def written(opening: str = "") -> str:
    """66 words in 6 utterances, each word once, with punctuation, line ends and multi-byte characters."""
    names = (a + b + "n" for a, b in zip(SYLLABLES, SYLLABLES[7:] + SYLLABLES[:7], strict=True))
    odd = ["don't", "2,500", "well-known", "naïve", "3rd", "数字"]
    utterances = []
    for special in odd:
        words = [*([opening] if opening else []), *itertools.islice(names, 10), special]
        words[3] += ","
        words[6] = f"“{words[6]}”\n{words.pop(7)}"
        utterances.append(" ".join(words) + ".")
    return "\n\n".join(utterances)


TEXT = written()


def tally(figures: Figures, outcome: Outcome, result: Account) -> None:
    """Count a conversation that was cut, for the end of the test run."""
    case = outcome.case
    how = " (program)" if outcome.program else " (continued)" if outcome.continued else ""
    name = f"{case.format.value} {case.sink}{how}"
    for row in (name, "all"):
        figures.count(
            "the resumption proof: conversations cut",
            row,
            cases=1,
            words_lost=result.lost,
            words_twice=result.twice,
        )
    figures.count("the resumption proof: ends", f"exit {outcome.status}", cases=1)
    for fault in outcome.rehearsal.faults:
        figures.count("the resumption proof: cuts", fault.kind, times=1)


def complaint(outcome: Outcome, result: Account) -> str:
    """Return what is wrong with how a rehearsal ended, "" if nothing is."""
    case, seen = outcome.case, outcome.rehearsal
    cuts = len(seen.faults)
    heard = outcome.heard
    wrong = []
    if result.lost or result.disorder:
        wrong.append(f"{result.lost} words lost; {result.disorder}")
    if seen.refused:
        wrong.append(f"the client was wrong: {seen.refused}")
    if outcome.status not in case.ends:
        wrong.append(f"exit {outcome.status}: {outcome.told}")
    if outcome.status == 0 and outcome.saved:
        wrong.append("exit 0 with text left")
    if result.twice > cuts * most_twice(case):
        wrong.append(f"{result.twice} words twice after {cuts} cuts")
    if case.sink == "file" and (outcome.status == 0 or result.twice < len(outcome.recorded.words)):
        # A part without anything confirmed is kept as it is: all of it is then heard twice.
        if result.twice:
            wrong.append(f"{result.twice} words twice in a file")
        if result.fragments and case.format is not AudioFormat.MP3:
            wrong.append(f"{result.fragments} broken words in a file")
    if outcome.status == 0 and outcome.runs and (words := wrong_words(outcome.text, outcome.shown)):
        wrong.append(words)
    if outcome.wrong_files:
        wrong.append(outcome.wrong_files)
    if heard.rubbish > (cuts * BROKEN.get(case.format, 1) if case.sink == "pipe" else 0):
        wrong.append(f"{heard.rubbish} samples or bytes of rubbish")
    return "; ".join(wrong)


def most_twice(case: Case) -> int:
    """Return how many words one cut may cause to be heard twice: those heard and not confirmed."""
    if case.stalled:
        return case.bound  # what fits into the pipe, unknown to the writer
    late = case.format is AudioFormat.MP3  # a frame is heard two frames later
    match case.plan.times if case.resume and case.plan.tokens != "spoken" else "none":
        case "before":
            return 1 + late  # a word before a comma that was not heard yet
        case "after":
            return 3 + late  # a chunk whose times had not arrived
        case _:
            return case.bound


class Proof:
    """Runs cases and judges them."""

    def __init__(self, figures: Figures, directory: Path, text: str = TEXT) -> None:
        self.wrong: list[str] = []
        self._figures = figures
        self._directory = directory
        self._text = text
        self._empty: list[Path] = []  # directories to be used again

    def of(self, cases: list[Case], how: Rehearse = rehearse, most: int = TOGETHER) -> list[Outcome]:
        """Rehearse these cases, this many at a time; return their outcomes."""
        outcomes: list[Outcome] = []  # no result of the task: asyncio would format all of them once
        with _without_collection():
            asyncio.run(self._rehearse(cases, how, most, outcomes))
        return outcomes

    async def _rehearse(self, cases: list[Case], how: Rehearse, most: int, outcomes: list[Outcome]) -> None:
        async with TapeService() as service:
            await at_once(most, [partial(self._one, case, service, how, outcomes) for case in cases])

    async def _one(self, case: Case, service: TapeService, how: Rehearse, outcomes: list[Outcome]) -> None:
        directory = self._empty.pop() if self._empty else Path(mkdtemp(dir=self._directory))
        try:
            outcome = await how(case, self._text.encode(), service, directory)
        except Exception as error:
            self.wrong.append(f"{case}: {error!r}")
            return
        outcomes.append(outcome)
        result = account(self._text, outcome.heard, outcome.saved)
        if outcome.status == 5 and not outcome.audio:
            return  # no session was ever ready: nothing is spoken, as the status says
        if outcome.meddled:
            (fault,) = outcome.rehearsal.faults
            self._figures.count("files changed by another program", fault.kind, cases=1)
            self._figures.count("files changed by another program: ends", f"exit {outcome.status}", cases=1)
            if outcome.status == 7:
                return  # whatever is in the file then, no exit status 0 vouches for it
        elif any(" " not in fault.kind for fault in outcome.rehearsal.faults):
            tally(self._figures, outcome, result)
        told = complaint(outcome, result)
        if not told:
            self._clear(directory)  # one of thousands
        else:
            trace = "\n    ".join(outcome.trace[-12:])
            self.wrong.append(f"{told}\n  {case}\n    {trace}")

    def _clear(self, directory: Path) -> None:
        """Remove what is in a directory, for the next case."""
        for entry in os.scandir(directory):
            if entry.is_dir(follow_symlinks=False):
                rmtree(entry)
            else:
                os.unlink(entry)
        self._empty.append(directory)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause the garbage collector: each of its runs would traverse thousands of objects in use."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def shown(proof: Proof) -> str:
    """Return what was wrong, for a failing test."""
    kinds = Counter(wrong.split("\n")[0] for wrong in proof.wrong)
    return "\n".join([str(kinds), *sorted(proof.wrong)[:2]])
