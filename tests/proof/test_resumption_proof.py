"""No word is ever lost: the connection is cut after every message, and the audio itself is checked.

The text is 66 words in 6 utterances. The double speaks a tape, from which every word can be decoded; see
`tape`. In a regular file no word is heard twice; in a pipe, only words that were not confirmed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import accumulate, cycle, product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st

from lmnt_cli.core.audio.formats import AudioFormat
from lmnt_cli.core.text.flush_rules import FlushRule
from tests.proof.meddling import KINDS as MEDDLINGS
from tests.proof.plans import Fault, Plan
from tests.proof.proof import TEXT, Proof, shown, written
from tests.proof.rehearsal import Case, rehearse_continued, rehearse_meddled
from tests.proof.rehearsal_program import rehearse_program
from tests.proof.subtitles import NAMES
from tests.proof.tape import INFO_FRAME, TAPES
from tests.proof.tape_account import words_of
from tests.tools.figures import Figures


pytestmark = pytest.mark.timeout(120)

MakeProof = Callable[..., Proof]

LOST = ("reset", "eof", "1000", "1001", "1011", "stall")
KINDS = (*LOST, "1012", "busy", "error")
TYPINGS = ("at once", "dribble", "turns")
PCM, WAV, ULAW = AudioFormat.PCM_S16LE, AudioFormat.WAV, AudioFormat.ULAW
MP3, F32 = AudioFormat.MP3, AudioFormat.PCM_F32LE
FORMATS = (PCM, WAV, ULAW, MP3, F32)
SINKS = ("file", "pipe")
PROGRAMS = 5  # processes at the same time: they wait as much as they work
TIMES = ("none", "before", "after", "twice", "chunk", "late", "zero")
TOKENS = ("words", "fine", "spoken")
# µ-law is small: use smaller messages, so that words are split too.
SMALL = (101, 33, 204, 9, 1, 64)


def sizes(audio_format: AudioFormat) -> tuple[int, ...]:
    return SMALL if audio_format is ULAW else Plan().sizes


def kinds_of(proof: Proof, case: Case) -> list[str]:
    """Return the messages of the conversation without cuts, in which each word is heard once."""
    (outcome,) = proof.of([case])
    return outcome.rehearsal.kinds


def cut_behind(case: Case, *faults: Fault) -> Case:
    return replace(case, plan=replace(case.plan, faults=faults))


@pytest.fixture
def proof(figures: Figures, tmp_path: Path) -> MakeProof:
    """The proofs of a test."""
    return partial(Proof, figures, tmp_path)


def test_the_text() -> None:
    """The text is long enough, and each word occurs once."""
    words = words_of(TEXT)

    assert len(words) == len(set(words)) >= 60
    assert TEXT.count("\n\n") == 5


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda each: each.value)
def test_behind_every_message(proof: MakeProof, audio_format: AudioFormat, sink: str) -> None:
    """Cut after every message, each time differently, for every format.

    For samples the sinks alternate (`test_every_way` cuts a file and a pipe after all of them); for MP3 there
    are both each time. Without word times, cut after every fourth message: `test_every_way` cuts after all of
    them. In half of the cases the first text is sent with the greeting.
    """
    run = proof()
    every = audio_format is MP3
    place = SINKS.index(sink)
    cases = []
    for times, (number, typing) in product(("after", "none"), enumerate(TYPINGS)):
        case = Case(Plan(times, sizes=sizes(audio_format)), audio_format, sink, typing)
        for behind in range(1, len(kinds_of(run, case)) + 1):
            here = times == "after" and (every or behind % 2 == place)
            if behind % len(TYPINGS) == number and (here or (times == "none" and behind % 4 == 1)):
                kind = KINDS[behind // len(TYPINGS) % len(KINDS)]
                cases.append(replace(cut_behind(case, Fault(behind, kind)), ahead=behind % 4 < 2))

    run.of(cases)

    assert not run.wrong, shown(run)


@pytest.mark.parametrize(("sink", "times"), [("file", "after"), ("pipe", "none")])
def test_every_way(proof: MakeProof, sink: str, times: str) -> None:
    """Cut after every message, in a third of all ways each time, with and without word times.

    Another third comes after the next message, and after the same one with the other sink.
    """
    run = proof()
    case = Case(Plan(times, sizes=(1009, 2048)), sink=sink, typing="dribble")
    count = len(kinds_of(run, case))
    first = SINKS.index(sink)

    run.of(
        [
            cut_behind(case, Fault(behind, kind))
            for behind in range(1, count + 1)
            for kind in LOST[(behind + first) % 3 :: 3]
        ]
    )

    assert not run.wrong, shown(run)


@pytest.mark.parametrize("sink", SINKS)
def test_no_other_attempt(proof: MakeProof, sink: str) -> None:
    """With `--retry 0` audio and saved text together are all the words, wherever the cut was.

    The places alternate between file and pipe.
    """
    run = proof()
    case = Case(Plan(), sink=sink, typing="dribble", retries=0, ends=(0, 5, 6))
    count = len(kinds_of(run, case))
    places = range(1 + SINKS.index(sink), count + 1, 2)

    run.of([cut_behind(case, Fault(behind, "reset")) for behind in places])

    assert not run.wrong, shown(run)


@pytest.mark.parametrize("audio_format", [PCM, WAV, ULAW, MP3], ids=lambda each: each.value)
def test_continued(proof: MakeProof, audio_format: AudioFormat) -> None:
    """Cut after every message and continued: the finished recording has every word once.

    As `test_every_way` cuts after all messages of raw samples, these are cut after every second one. The same
    holds for two cuts: a run that continues a recording may itself be cut off.
    """
    run = proof()
    cases = []
    for times, every in (("after", 2 if audio_format is PCM else 1), ("none", 8)):
        case = Case(Plan(times, sizes=sizes(audio_format)), audio_format, retries=0, ends=(0,))
        for behind in range(1, len(kinds_of(run, case)) + 1, every):
            cases.append(cut_behind(case, Fault(behind, LOST[behind // every % len(LOST)])))
            if behind % 10 == 1:
                cases.append(cut_behind(case, Fault(behind, "eof"), Fault(behind + 13, "reset")))

    outcomes = run.of(cases, rehearse_continued)

    assert not run.wrong, shown(run)
    assert {outcome.runs for outcome in outcomes} >= {2, 3}


@pytest.mark.parametrize("audio_format", [WAV, MP3], ids=lambda each: each.value)
def test_a_file_that_changes_under_us(proof: MakeProof, audio_format: AudioFormat) -> None:
    """Another program cuts, extends, replaces or removes a file: exit 7, or the finished file is right.

    After every other message the recording or, of every fourth time, one of the subtitle files. These places
    alternate between the formats.
    """
    run = proof()
    case = Case(Plan(sizes=sizes(audio_format)), audio_format, typing="dribble", ends=(0, 7))
    cases = []
    for number, behind in enumerate(range(1 + (audio_format is MP3), len(kinds_of(run, case)) + 1, 2)):
        name = NAMES[number // 4 % len(NAMES)] if number % 4 == 3 else "speech"
        doing = MEDDLINGS[number % len(MEDDLINGS)]
        cases.append(cut_behind(case, Fault(behind, f"{doing} {name}.part")))

    outcomes = run.of(cases, rehearse_meddled)

    assert not run.wrong, shown(run)
    assert sum(outcome.meddled and outcome.status == 7 for outcome in outcomes) > len(cases) / 2


def test_the_word_being_spoken(proof: MakeProof) -> None:
    """If times come with their audio, no whole word is heard twice, even in a pipe.

    Tokens split at inner punctuation never make it resume inside a word.
    """
    run = proof()
    case = Case(Plan(times="before", tokens="fine", sizes=(160,)), sink="pipe")
    count = len(kinds_of(run, case))

    run.of([cut_behind(case, Fault(behind, "eof")) for behind in range(1, count + 1, 2)])

    assert not run.wrong, shown(run)


@pytest.mark.parametrize("times", ["before", "late"])
def test_utterances_that_begin_alike(proof: MakeProof, times: str) -> None:
    """Late times are not taken for those of the next utterance, which begins alike.

    Cut after every second message: with times before their audio after the odd ones, with late ones after
    the even ones.
    """
    run = proof(written("Indeed"))
    case = Case(Plan(times=times, leads=(3, 250, 40), sizes=(700,)))
    places = range(1 if times == "before" else 2, len(kinds_of(run, case)) + 1, 2)

    run.of([cut_behind(case, Fault(behind, "eof")) for behind in places])

    assert not run.wrong, shown(run)


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize(
    "plan",
    [Plan("twice"), Plan("chunk"), Plan("zero"), Plan("before", "spoken"), Plan("late", "spoken")],
    ids=["twice", "by chunk", "zero", "spoken forms", "late spoken forms"],
)
def test_times_that_do_not_fit(proof: MakeProof, plan: Plan, sink: str) -> None:
    """Times that are repeated, decreasing or zero, or tokens that do not match: the utterance is the unit.

    Cut after every third message; these places alternate between file and pipe.
    """
    run = proof()
    case = Case(plan, sink=sink, typing="dribble")
    count = len(kinds_of(run, case))
    places = range(1 + 3 * SINKS.index(sink), count + 1, 6)

    run.of([cut_behind(case, Fault(behind, ("eof", "1000")[behind // 6 % 2])) for behind in places])

    assert not run.wrong, shown(run)


@pytest.mark.parametrize("times", ["after", "none"])
def test_idle_drops(proof: MakeProof, times: str) -> None:
    """A connection lost whenever nothing is owed costs no attempt: `--retry 0` speaks everything."""
    run = proof()
    case = Case(Plan(times=times), typing="turns", retries=0, ends=(0,))
    kinds = kinds_of(run, case)
    answers = [number for number, kind in enumerate(kinds, 1) if kind == "flush_complete"]
    # Each new session has two more messages: init and ready.
    idle = [number + 2 * earlier for earlier, number in enumerate(answers)]
    case = replace(case, typing="after drops")

    run.of([cut_behind(case, *(Fault(number, kind) for number in idle)) for kind in ("eof", "1001", "1012")])

    assert not run.wrong, shown(run)


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize(
    ("audio_format", "plan"),
    [
        (MP3, Plan(begin=INFO_FRAME, times="before", sizes=(287,))),
        (MP3, Plan(times="before", sizes=(576, 2, 1, 573))),
        (ULAW, Plan(repeats_header=True, sizes=(3, 40, 100))),
        (ULAW, Plan(begin=b"", times="before", sizes=(47,))),
        (F32, Plan(times="before", sizes=(1001, 2))),
    ],
    ids=["mp3 tag", "mp3 header cut", "ulaw headers", "ulaw without", "f32 cut"],
)
def test_how_formats_may_come(proof: MakeProof, audio_format: AudioFormat, plan: Plan, sink: str) -> None:
    """Nothing is lost with an MP3 tag, missing, repeated or cut µ-law headers, or cut samples.

    Cut after every third message; these places alternate between file and pipe.
    """
    run = proof()
    case = Case(plan, audio_format, sink)
    count = len(kinds_of(run, case))
    places = range(1 + 3 * SINKS.index(sink), count + 1, 6)

    run.of([cut_behind(case, Fault(behind, "eof")) for behind in places])

    assert not run.wrong, shown(run)


NO_SOUND = {PCM: b"\0", WAV: b"\0", F32: b"\0\0\0", MP3: INFO_FRAME, ULAW: TAPES["ulaw"].begin}


@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda each: each.value)
def test_headers_without_sound(proof: MakeProof, audio_format: AudioFormat) -> None:
    """A flush answered with only a header, a tag or part of a sample confirms nothing."""
    run = proof()
    plan = Plan("none", context=1000, mute_with=NO_SOUND[audio_format])
    case = Case(plan, audio_format, ends=(8,))

    run.of(
        [
            replace(case, plan=replace(case.plan, mute=mute), sink=sink)
            for mute, sink in product(range(1, 7), SINKS)
        ]
    )

    assert not run.wrong, shown(run)


@pytest.mark.parametrize("times", ["after", "none"])
def test_without_flushes(proof: MakeProof, times: str) -> None:
    """With `--flush-on never` there is a single utterance, and still no word is lost."""
    run = proof()
    case = Case(Plan(times=times), sink="pipe", typing="dribble", rule=FlushRule.NEVER)
    case = replace(case, bound=66)
    count = len(kinds_of(run, case))

    run.of([cut_behind(case, Fault(behind, "reset")) for behind in range(1, count + 1, 2)])

    assert not run.wrong, shown(run)


def test_silence(proof: MakeProof) -> None:
    """A service that stops sending is left after `--timeout`, and the rest goes to the next session."""
    run = proof()
    case = Case(Plan(), typing="dribble", silence=1.0)
    count = len(kinds_of(run, case))

    run.of([cut_behind(case, Fault(behind, "silence")) for behind in range(2, count + 1, 3)])

    assert not run.wrong, shown(run)


faults = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(KINDS)), min_size=2, max_size=6)
cases = st.builds(
    lambda typing, sink, audio_format, times, tokens, gaps: Case(
        Plan(times, tokens, tuple(behind_each(gaps)), sizes=sizes(audio_format)),
        audio_format,
        sink,
        typing,
        ends=(0, 6, 8),  # 8 if the last attempt ended with an error message
    ),
    *map(st.sampled_from, (TYPINGS, SINKS, FORMATS, TIMES, TOKENS)),
    faults,
)


def behind_each(gaps: list[tuple[int, str]]) -> list[Fault]:
    """Return faults this many messages apart."""
    places = accumulate(gap for gap, _ in gaps)
    return [Fault(place, kind) for place, (_, kind) in zip(places, gaps, strict=True)]


@settings(
    max_examples=2,
    verbosity=Verbosity.quiet,  # errors are reported case by case
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # cases are small already
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(drawn=st.lists(cases, min_size=50, max_size=50, unique=True))
def test_several_faults(proof: MakeProof, drawn: list[Case]) -> None:
    """Several cuts in one conversation, also during a resumption, or too many to go on."""
    run = proof()

    run.of(drawn)

    assert not run.wrong, shown(run)


def test_more_than_can_be_kept(figures: Figures, tmp_path: Path) -> None:
    """With more than 1 MiB unconfirmed a drop is exit 6 without a gap; with less, all is spoken again."""
    spaces = " " * 20_000
    within = Proof(figures, tmp_path, spaces.join(words_of(TEXT)[:50]))
    beyond = Proof(Figures(), tmp_path, spaces.join(words_of(TEXT)[:60]))
    case = Case(Plan(times="none", context=1000), rule=FlushRule.NEVER)

    (resumed,) = within.of([cut_behind(case, Fault(240, "eof"))])
    (given_up,) = beyond.of([cut_behind(case, Fault(290, "eof"))])

    assert not within.wrong, shown(within)
    assert resumed.rehearsal.sessions == 2
    assert (given_up.status, given_up.rehearsal.sessions) == (6, 1)
    assert (given_up.audio, given_up.saved) == (b"", "")


def test_more_than_can_be_kept_with_times(proof: MakeProof) -> None:
    """With word times no more than 1 MiB is ever unconfirmed, so that no text is released."""
    spaces = " " * 20_000
    run = proof(spaces.join(words_of(TEXT)))
    case = Case(Plan(), rule=FlushRule.NEVER)

    (outcome,) = run.of([cut_behind(case, Fault(400, "eof"))])

    assert not run.wrong, shown(run)
    assert (outcome.status, outcome.rehearsal.sessions) == (0, 2)


def test_idle_with_much_that_is_no_word(proof: MakeProof) -> None:
    """An idle drop after more than 1 MiB without a word is not an error."""
    run = proof("—" + " " * 1_200_000 + "\n\nFagin gegon.")
    case = Case(Plan(times="none"), typing="after drops", rule=FlushRule.NEVER, retries=0)

    run.of([cut_behind(case, Fault(200, "eof"))])

    assert not run.wrong, shown(run)


@pytest.mark.parametrize("sink", SINKS)
def test_the_program(proof: MakeProof, sink: str) -> None:
    """The same holds for the program in its own process, cut after every fortieth message.

    Every other time with `--retry 0`: the command that it prints then speaks the rest. The places alternate
    between file and pipe.
    """
    run = proof()
    cases = []
    kinds, last_kinds = cycle(KINDS[:8]), cycle(KINDS[:7])  # no error, and no refusal of the command
    for audio_format in FORMATS:
        case = Case(Plan(sizes=sizes(audio_format)), audio_format, sink, "dribble")
        given_up = replace(case, retries=0, ends=(0, 5, 6))
        for behind in range(3 + 40 * SINKS.index(sink), len(kinds_of(run, case)), 160):
            cases.append(cut_behind(case, Fault(behind, next(kinds))))
            cases.append(cut_behind(given_up, Fault(behind + 80, next(last_kinds))))

    run.of(cases, rehearse_program, PROGRAMS)

    assert not run.wrong, shown(run)


@pytest.mark.parametrize("times", ["after", "none"])
def test_a_reader_that_does_not_read(proof: MakeProof, times: str) -> None:
    """Text that was confirmed, but whose audio could not be written, is saved."""
    run = proof()
    case = Case(Plan(times=times), sink="pipe", retries=0, stalled=True, ends=(0, 5, 6))
    count = len(kinds_of(run, replace(case, stalled=False)))

    run.of(
        [cut_behind(case, Fault(behind, "eof")) for behind in range(20, count, 20)], rehearse_program, most=3
    )

    assert not run.wrong, shown(run)
