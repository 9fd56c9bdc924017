"""One run of the program, from the first byte of text to the last of audio, over all its sessions.

`Conversation` is the entry point to the core. It decides what to send, whether to read more text, what a
message means and whether an end is clean. It never waits: time is an argument, in seconds on a steady clock.

Theory of operation. The promise is that no word is lost: at any time it waits to be sent, is owed by a
session, or is in the audio. Text moves through these states, and back to unsent only if its session is lost.

    unsent      `read` has taken it; it waits in the ledger
    sent        `next_message` has returned it; the service owes its audio
    timed       `receive` has matched it to word times, so the moment at which its audio ends is known
    confirmed   `receive` has taken the audio up to that moment, or the answer to its utterance's flush
    written     `next_message` has learned that the audio is written; from now on the text is only counted

Word times and audio arrive independently, and either may be what was missing. `Ledger` holds the text in all
these states, `Utterance` matches word times to it, `Track` knows how much audio has arrived, and `Speech`
compares the two. After a failure, `recover` moves whatever is not confirmed back to unsent, and `splice`
joins the next session's audio to the end of the confirmed audio. If the run fails, `unspoken` returns
whatever is not written, to be saved. A reset (`drop_speech`) forgets what is sent but not confirmed; audio
that arrives before the reset is answered is discarded.

`Phase` is the state of the run, `protocol.State` that of one session. Listeners receive `happenings`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import ConnectionLost, RetriableError
from .audio.formats import NEW, AudioFormat, Start
from .audio.track import Splice
from .figures.meter import Meter
from .figures.snapshot import Figures, Snapshot, state_of, take_figures, take_snapshot
from .session import failures, happenings
from .session.happenings import Happening
from .session.messages import Audio, Closed, Incoming, Ready
from .session.phase import Phase, follow
from .session.recovery import NextStep, Recovery, Retry
from .session.requests import Init, Text
from .session.session import Limits, Session
from .session.speech import Speech, Unspoken
from .text.flush_rules import FlushRule
from .text.intake import Intake
from .text.strip.filters import Strip


# The most text read ahead of what can be sent, in bytes.
MOST_TEXT_WAITING = 256 << 10
# How long to wait after `finish` for word times still missing, in seconds.
_LONGEST_LINGER = 2.0


class Conversation:
    """The decisions of one run.

    `emit` is called with the time and each event of the run. `lacks_times` is called once everything is
    confirmed, and returns whether to keep the session for word times that have not arrived. `start` is the
    end of the existing recording that this run continues.
    """

    def __init__(
        self,
        init: Init,
        rule: FlushRule,
        limits: Limits,
        audio_format: AudioFormat,
        *,
        service: str,
        strip: Sequence[Strip] = (),
        emit: Callable[[float, Happening], None] | None = None,
        lacks_times: Callable[[], bool] | None = None,
        start: Start = NEW,
    ) -> None:
        self._init, self._limits, self._service = init, limits, service
        self._listener, self._lacks_times = emit, lacks_times or (lambda: False)
        self._speech = Speech(audio_format, init.sample_rate, self._emit, start)
        self._ledger = ledger = self._speech.ledger
        self._intake = Intake(rule, limits.idle_flush, init.language, limits.characters, strip)
        self._meter = Meter(audio_format, init.sample_rate)
        self._recovery = Recovery(ledger, self._speech.track, limits.retries, service, allowed=limits.resume)
        self._phase, self._sessions, self._now, self._finished_at = Phase.IDLE, 0, 0.0, 0.0
        self._session = self._new_session(0.0)

    def _new_session(self, now: float) -> Session:
        held = self._init, self._limits, self._speech, self._service, now
        return Session(*held, number=self._sessions + 1, emit=self._emit)

    def _emit(self, happening: Happening) -> None:
        if self._listener is not None:
            self._listener(self._now, happening)

    def _enter(self, phase: Phase) -> None:
        self._phase = follow(self._phase, phase)
        if phase is Phase.FINISHED:
            self._emit(happenings.Finished())

    # Text arrives.

    def read(self, data: bytes, now: float) -> None:
        """Take bytes of text as they were read."""
        self._ledger.add(self._intake.feed(data, now))
        if self._intake.is_full and not self._intake.ended:
            self.end_of_text()

    def end_of_text(self) -> None:
        """Record the end of the text. Raises NothingToSay if it contained no word."""
        self._ledger.add(self._intake.finish())
        self._ledger.flush_last()
        self._finish_early()

    def flush_if_idle(self, now: float) -> None:
        """End the utterance here if no text has arrived for long enough."""
        self._ledger.add(self._intake.flush_if_idle(now))
        self.read(b"", self._intake.last_at)  # this may have filled the input

    @property
    def wants_text(self) -> bool:
        """Whether more text may be read before some is sent."""
        return self._ledger.unsent_bytes < MOST_TEXT_WAITING

    @property
    def input_ended(self) -> bool:
        """Whether all text has been read."""
        return self._intake.ended

    def drop_speech(self) -> bool:
        """Drop speech in progress or to be resumed; return False if there is none. Unsent text is kept."""
        if not self._session.drop_speech():
            return False
        self._intake.forget(words_wait=self._ledger.unsent.has_words)
        if self._phase is Phase.RETRYING and self._ledger.nothing_owed:
            self._enter(Phase.IDLE)
        self._finish_early()
        return True

    def _finish_early(self) -> None:
        """Finish if all text is settled and no session is ready: none is needed any more."""
        if self._phase in (Phase.IDLE, Phase.CONNECTING) and self._intake.ended and self._ledger.nothing_owed:
            self._enter(Phase.FINISHED)

    # A session is in progress.

    def begin(self, now: float) -> None:
        """Begin a new attempt to open a session."""
        self._now = now
        if self._phase is Phase.IDLE and not self._recovery.was_ready:
            self._intake.last_at = now  # waiting for text is measured from the start
        self._enter(Phase.CONNECTING)
        self._session = self._new_session(now)
        self._emit(happenings.Attempt(self._recovery.attempt, self._recovery.attempts))

    @property
    def finished(self) -> bool:
        """Whether every word is confirmed and no session is needed any more."""
        return self._phase is Phase.FINISHED

    def next_message(self, now: float, audio_waiting: int, audio_unsettled: int = 0) -> str | None:
        """Return the message to send now, counted as sent; None if nothing may be sent yet.

        `audio_waiting` counts bytes of audio not written yet, `audio_unsettled` those that may still be lost.
        """
        self._now = now
        self._speech.note_written(audio_waiting, audio_unsettled)
        message = self._session.choose_message(audio_waiting, now, text_ended=self._intake.ended)
        if message is None:
            return None
        if isinstance(message, Text):
            self._meter.count_text(now)
        text = self._session.send(message, now)
        if self._session.finishing:
            self._finished_at = now
            self._finish_if_done()
        return text

    def receive(self, message: Incoming, now: float) -> bytes:
        """Take what the connection delivered; return the audio to write for it.

        Raises ServiceError for an error message, RemoteProtocolError for a message that is malformed or out
        of place, and ConnectError or ConnectionLost if the connection closed before `finish`.
        """
        self._now = now
        if self.finished:
            return b""
        confirmed = self._ledger.confirmed_bytes
        event, audio = self._session.receive(message, now)
        if self._ledger.confirmed_bytes > confirmed:
            self._recovery.note_progress()
        match event:
            case Audio(data) if not self._session.discards:
                self._meter.count_audio(len(data), now)
            case Ready():
                self._enter(Phase.SPEAKING)
                self._sessions += 1
                self._recovery.was_ready = True
            case Closed() if not self._session.finishing:
                self._take_early_close(event)
            case _:
                self._finish_if_done(closed=isinstance(event, Closed))
        return audio

    def _take_early_close(self, event: Closed) -> None:
        """Handle a close before `finish`: the session is lost, whatever the code, unless nothing is owed."""
        if not (self._intake.ended and self._ledger.nothing_owed):
            raise self._session.lost(failures.close_words(event))
        self._enter(Phase.FINISHED)

    def _finish_if_done(self, *, closed: bool = False) -> None:
        """Finish if `finish` was sent and nothing is outstanding.

        A flush whose words were all confirmed by their times may still be unanswered: wait for the rest of
        its audio, unless a reset drops it. Never wait for the close, nor for the answer to the reset.
        """
        if not self._session.finishing or self.finished:
            return
        lingers = self._lacks_times() and self._now - self._finished_at < _LONGEST_LINGER
        if closed or self._session.discards or not (self._session.protocol.outstanding or lingers):
            self._enter(Phase.FINISHED)

    # Time passes.

    def check(self, now: float) -> None:
        """Raise ConnectError or ConnectionLost if the service has been silent for too long. Call it often."""
        self._now = now
        self._finish_if_done()
        if self.finished:
            return
        try:
            self._session.check(now)
        except ConnectionLost:
            if not self._session.finishing:
                raise
            self._finish_if_done(closed=True)

    def pause(self) -> None:
        """Record that nothing is received until `resume`: the silence is then ours."""
        self._session.deadlines.pause()

    def resume(self, now: float) -> None:
        """Record that messages are received again."""
        self._session.deadlines.resume(now)

    def ping_sent(self, now: float) -> None:
        """Record that a ping was sent and must be answered."""
        self._session.deadlines.ping_sent(now)

    def pong_received(self) -> None:
        """Record that the ping was answered."""
        self._session.deadlines.pong_received()

    # A session fails.

    def recover(self, error: RetriableError, spread: float, now: float) -> NextStep:
        """Decide what follows a failure, given a random `spread` from 0 to 1, or raise the final error."""
        self._now = now
        step = self._recovery.recover(error, spread, self._session.protocol, now)
        self._speech.rewind()
        wait = step.after if isinstance(step, Retry) else None
        self._emit(happenings.Lost(error.why, wait, self._ledger.unsent_bytes))
        self._enter(Phase.IDLE if wait is None else Phase.RETRYING)
        self._finish_early()
        return step

    @property
    def awaits_text(self) -> bool:
        """Whether no session is needed until more text arrives."""
        return self._phase is Phase.IDLE and self._ledger.nothing_owed

    def splice(self, *, can_cut: bool) -> Splice:
        """Prepare for the next session's audio; return how to join it to the output."""
        return self._speech.splice(can_cut=can_cut)

    # The results of a run.

    @property
    def was_ready(self) -> bool:
        """Whether a session was ever ready."""
        return self._recovery.was_ready

    @property
    def nothing_owed(self) -> bool:
        """Whether every word read so far is confirmed."""
        return self._ledger.nothing_owed

    def patches(self, written: int) -> list[tuple[int, bytes]]:
        """Return what to overwrite, as offsets and data, if `written` bytes are the whole output."""
        return self._speech.track.patches(written)

    def unspoken(self, written: int) -> Unspoken:
        """Return what is left unspoken if only `written` bytes of the output are written."""
        return self._speech.unspoken(written)

    def figures(self) -> Figures:
        """Return the figures of the run so far."""
        return take_figures(self._ledger, self._meter, self._recovery, self._intake)

    def snapshot(self, now: float) -> Snapshot:
        """Return the figures at this moment."""
        state = state_of(self._phase, self._session, self._recovery, now, self._intake.last_at)
        books = self._ledger, self._meter, self._recovery
        return take_snapshot(self._init.voice, *books, state=state, ended=self._intake.ended)
