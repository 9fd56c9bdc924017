"""No word is ever lost: the line is cut behind every message of either side, and the audio itself is read.

The text is 66 words in 6 utterances. The double speaks a tape, from which every word is heard again; see
`tape`. In a regular file no word is heard twice; in a pipe at most those that were not confirmed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rehearsal import Case, Outcome, at_once, fresh, rehearse
from tape import TAPES
from tape_account import Account, account, words_of
from tape_service import Fault, Plan, TapeService

from lmnt_cli.core.formats import AudioFormat


KINDS = ("reset", "eof", "1001", "1011", "1012", "stall", "busy", "error")
TYPINGS = ("at once", "dribble", "turns")
FORMATS = (
    AudioFormat.PCM_S16LE,
    AudioFormat.WAV,
    AudioFormat.ULAW,
    AudioFormat.MP3,
    AudioFormat.PCM_F32LE,
)
SINKS = ("file", "pipe")
# µ-law is small: smaller messages, so that words are cut in it too.
SMALL = (101, 33, 204, 9, 1, 64)
TOGETHER = 48  # rehearsals under way at once
AT_ONCE = "at once"

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]


def written(opening: str = "") -> str:
    """66 words in 6 utterances, no word twice, with marks, line ends and characters of several bytes."""
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


class Tally:
    """What the whole suite has shown, told once at its end."""

    def __init__(self) -> None:
        self.cases: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.twice: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()

    def add(self, outcome: Outcome, result: Account) -> None:
        case = outcome.case
        name = f"{case.format.value} {case.sink}"
        self.cases[name] += 1
        self.lost[name] += result.lost
        self.twice[name] += result.twice
        self.kinds[f"exit {outcome.status}"] += 1
        self.kinds.update(fault.kind for fault in outcome.rehearsal.faults)

    def lines(self) -> list[str]:
        yield_ = [f"{sum(self.cases.values())} conversations cut, {sum(self.lost.values())} words lost"]
        yield_ += [
            f"  {name:16}{self.cases[name]:6} cases {self.lost[name]:4} words lost {self.twice[name]:6} twice"
            for name in sorted(self.cases)
        ]
        return [*yield_, "  " + ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items()))]


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Collects the figures, and prints them when the module is done."""
    figures = Tally()
    yield figures
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    assert reporter
    assert capture
    with capture.global_and_fixture_disabled():
        reporter.write_line("")
        for line in figures.lines():
            reporter.write_line(line)


def complaint(outcome: Outcome, result: Account) -> str:
    """What is wrong with how a rehearsal ended; "" for nothing."""
    case, seen = outcome.case, outcome.rehearsal
    cuts = len(seen.faults)
    wrong = []
    if result.lost or result.disorder:
        wrong.append(f"{result.lost} words lost; {result.disorder}")
    if seen.refused:
        wrong.append(f"the client was wrong: {seen.refused}")
    if outcome.status not in (0, 6):
        wrong.append(f"exit {outcome.status}: {outcome.told}")
    if outcome.status == 0 and outcome.saved:
        wrong.append("exit 0 with text left")
    if result.twice > cuts * most_twice(case):
        wrong.append(f"{result.twice} words twice after {cuts} cuts")
    if case.sink == "file" and outcome.status == 0:
        if result.twice:
            wrong.append(f"{result.twice} words twice in a file")
        if result.fragments and case.format is not AudioFormat.MP3:
            wrong.append(f"{result.fragments} broken words in a file")
    if outcome.heard.rubbish > cuts * (case.sink == "pipe"):
        wrong.append(f"{outcome.heard.rubbish} samples or bytes of rubbish")
    return "; ".join(wrong)


def most_twice(case: Case) -> int:
    """How many words one cut may have said twice: those that were heard and not confirmed."""
    late = case.format is AudioFormat.MP3  # a frame's sound is heard two frames later
    match case.plan.times if case.resume else "none":
        case "before":
            return 0 + late
        case "after":
            return 3 + late  # a chunk whose times had not come
        case _:
            return 12  # an utterance


class Proof:
    """Runs cases and judges them."""

    def __init__(self, tally: Tally, directory: Path, text: str = TEXT) -> None:
        self.wrong: list[str] = []
        self._tally = tally
        self._directory = directory
        self._text = text
        self._number = itertools.count()

    def of(self, cases: list[Case]) -> list[Outcome]:
        """Rehearse these; what came of them, those in which nothing was cut left out."""
        return asyncio.run(self._rehearse(cases))

    async def _rehearse(self, cases: list[Case]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        async with TapeService() as service:
            await at_once(TOGETHER, [partial(self._one, case, service, outcomes) for case in cases])
        return outcomes

    async def _one(self, case: Case, service: TapeService, outcomes: list[Outcome]) -> None:
        directory = fresh(self._directory, next(self._number))
        try:
            outcome = await rehearse(case, self._text.encode(), service, directory)
        except Exception as error:
            self.wrong.append(f"{case}: {error!r}")
            return
        outcomes.append(outcome)
        result = account(self._text, outcome.heard, outcome.saved)
        if outcome.rehearsal.faults:
            self._tally.add(outcome, result)
        if told := complaint(outcome, result):
            trace = "\n    ".join(outcome.trace[-60:])
            self.wrong.append(f"{told}\n  {case}\n    {trace}")


@pytest.fixture
def proof(tally: Tally, tmp_path: Path) -> Callable[..., Proof]:
    return partial(Proof, tally, tmp_path)


def sizes(audio_format: AudioFormat) -> tuple[int, ...]:
    return SMALL if audio_format is AudioFormat.ULAW else Plan().sizes


def length(proof: Proof, plan: Plan, audio_format: AudioFormat, sink: str, typing: str) -> int:
    """How many messages the conversation takes when nothing is cut."""
    (outcome,) = proof.of([Case(plan, audio_format, sink, typing)])
    return outcome.rehearsal.messages


def shown(proof: Proof) -> str:
    return f"{len(proof.wrong)} wrong, for instance\n" + "\n".join(sorted(proof.wrong)[:3])


def test_the_text() -> None:
    """It is long enough, and no word stands in it twice."""
    words = words_of(TEXT)

    assert len(words) == len(set(words)) >= 60
    assert TEXT.count("\n\n") == 5


@pytest.mark.parametrize("times", ["after", "none"])
@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda each: each.value)
def test_behind_every_message(
    proof: Callable[..., Proof], audio_format: AudioFormat, sink: str, times: str
) -> None:
    """Cut behind every message, each in another way, for every format and sink, with and without times."""
    run = proof()
    plan = Plan(times=times, sizes=sizes(audio_format))
    cases = []
    for typing in TYPINGS:
        count = length(run, plan, audio_format, sink, typing)
        for behind in range(1, count + 1):
            if behind % len(TYPINGS) == TYPINGS.index(typing):
                kind = KINDS[behind // len(TYPINGS) % len(KINDS)]
                cut = Plan(times=times, sizes=plan.sizes, faults=(Fault(behind, kind),))
                cases.append(Case(cut, audio_format, sink, typing))

    run.of(cases)

    assert not run.wrong, shown(run)
