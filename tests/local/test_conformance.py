"""The embedded service against the protocol's description, in raw frames.

Each test cites the section that it checks, in the project's `reference/protocol.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.tools.decoding import Recording, decode, heard, spoken_words
from tests.tools.local_service import (
    FINISH,
    LocalService,
    Transcript,
    flush,
    pieces,
    reset,
    shared_service,
    text,
)


SENTENCE = "There are many people waiting at the station for the late train."
OTHER = "Here is few persons sitting on the platform by an early bus."

FORMATS = ("mp3", "pcm_s16le", "pcm_f32le", "ulaw", "webm")
RATES = (24000, 16000, 8000)


@pytest.fixture
def local() -> LocalService:
    """Return the service, started once for all tests."""
    return shared_service()


def test_s2_1_an_unknown_path_is_not_found(local: LocalService) -> None:
    """2.1: an unknown route answers 404 {"detail":"Not Found"}, for a WebSocket too."""
    with pytest.raises(InvalidStatus) as refused, local.open(path="/v1/ai/speech/streams"):
        pass

    assert refused.value.response.status_code == 404
    assert json.loads(refused.value.response.body) == {"detail": "Not Found"}


@pytest.mark.parametrize("key", ["wrong", ""])
def test_s2_2_a_bad_key_is_refused_in_the_session_not_at_the_handshake(
    locked: LocalService, key: str
) -> None:
    """2.2, 7.3: 101 comes first, then an authentication_error, then a close other than 1000."""
    transcript = locked.talk(key=key)

    assert transcript.kinds == ["error"]
    assert transcript.error["error"]["type"] == "authentication_error"
    assert re.fullmatch("req_[2-9A-HJ-NP-Za-km-z]{22}", transcript.error["request_id"])
    assert transcript.close_code == 1002


def test_s2_2_a_key_that_is_missing_is_refused(local: LocalService) -> None:
    """2.2: a key is required even if any is accepted."""
    assert local.talk(key=...).error["error"]["type"] == "authentication_error"


def test_s2_2_extra_headers_at_the_handshake_do_no_harm(locked: LocalService) -> None:
    """2.2: the Go SDK sends its key there too; only the first message counts."""
    with locked.open(additional_headers={"X-API-Key": "wrong", "lmnt-version": "1.2"}) as conversation:
        conversation.init(key="the key")

        assert conversation.until("ready")


@pytest.mark.parametrize("kind", ["init", ...])
def test_s4_1_the_type_of_the_first_message_may_be_left_out(local: LocalService, kind: Any) -> None:
    """4.1: the Python and Node SDKs omit the type, Go sends it."""
    assert local.talk(FINISH, type=kind).kinds == ["ready"]


def test_s4_1_defaults_are_mp3_at_24000(local: LocalService) -> None:
    """4.1: format and rate may be omitted."""
    recording = decode(local.talk(text("Hello."), FINISH, format=..., sample_rate=...).audio, "mp3", 0)

    assert (recording.codec, recording.rate) == ("mp3float", 24000)


REFUSED_INITS = {
    "voice missing": {"voice": ...},
    "voice not text": {"voice": 7},
    "format unknown": {"format": "wav"},
    "rate unknown": {"sample_rate": 44100},
    "rate a string": {"sample_rate": "24000"},
    "rate a boolean": {"sample_rate": True},
    "language unknown": {"language": "xx"},
    "times not a boolean": {"return_timestamps": "yes"},
    "null format": {"format": None},
    "null language": {"language": None},
    "null model": {"model": None},
    "null voice": {"voice": None},
    "not an init": {"type": "text"},
}


@pytest.mark.parametrize("fields", REFUSED_INITS.values(), ids=REFUSED_INITS)
def test_s4_1_a_first_message_that_makes_no_sense_is_refused(
    local: LocalService, fields: dict[str, Any]
) -> None:
    """4.1, 7.3: invalid_request_error that names the field; explicit nulls are refused."""
    transcript = local.talk(text("Hello."), **fields)

    assert transcript.kinds == ["error"]
    assert transcript.error["error"]["type"] == "invalid_request_error"
    assert transcript.error["error"]["message"].split(":")[0] in fields
    assert transcript.close_code == 1002


def test_s4_1_a_voice_that_is_not_there_is_not_found(local: LocalService) -> None:
    """7.1, 7.3: not_found_error, worded as by the service."""
    assert local.talk(voice="foo").error["error"] == {
        "type": "not_found_error",
        "message": "Voice 'foo' not found.",
    }


def test_s4_1_fields_nobody_knows_are_ignored(local: LocalService) -> None:
    """4.1: not documented; fields are most likely ignored."""
    assert local.talk(FINISH, model="blizzard", seed=7, anything=[1]).close_code == 1000


@pytest.mark.parametrize("language", ["auto", "en", "de", "zh"])
def test_s4_1_every_documented_language_is_taken(local: LocalService, language: str) -> None:
    """4.1: every language is accepted; the English voice says something for every word of it."""
    assert local.talk(text("Guten Tag"), FINISH, language=language).audio


def test_s4_2_text_may_be_split_anywhere(local: LocalService) -> None:
    """4.2: only the concatenation counts; the audio is the same, byte for byte."""
    whole = local.talk(text(SENTENCE + " " + OTHER), FINISH)
    split = local.talk(*pieces(SENTENCE + " " + OTHER, 1), FINISH)

    assert split.audio == whole.audio
    assert len(whole.audio) > 100_000


REFUSED_MESSAGES = {
    "not JSON": "hello",
    "not an object": "[1]",
    "deep": "[" * 100_000,
    "unknown type": '{"type":"speak"}',
    "no type": '{"text":"Hello."}',
    "text missing": '{"type":"text"}',
    "text not text": '{"type":"text","text":7}',
    "nonce missing": '{"type":"flush"}',
    "nonce not a number": '{"type":"reset","nonce":"1"}',
    "nonce a boolean": '{"type":"flush","nonce":true}',
    "binary": b'{"type":"finish"}',
}


@pytest.mark.parametrize("message", REFUSED_MESSAGES.values(), ids=REFUSED_MESSAGES)
def test_s4_2_a_message_that_makes_no_sense_is_refused(local: LocalService, message: str | bytes) -> None:
    """4.2, 4.3, 7.3: an error and a close at once."""
    with local.open() as conversation:
        conversation.init()
        conversation.until("ready")
        conversation.socket.send(message)
        transcript = conversation.rest()

    assert transcript.error["error"]["type"] == "invalid_request_error"
    assert transcript.close_code == 1002


@pytest.mark.parametrize("first", ["hello", "[1]", b"{}", "null"])
def test_s4_2_a_first_message_that_is_not_an_object_is_refused(
    local: LocalService, first: str | bytes
) -> None:
    """7.3: the refusal is the same before there is a session."""
    with local.open() as conversation:
        conversation.socket.send(first)
        transcript = conversation.rest()

    assert transcript.error["error"]["type"] == "invalid_request_error"
    assert transcript.close_code == 1002


def test_s4_3_ready_comes_first_and_does_not_wait_for_text(local: LocalService) -> None:
    """4.3: `ready` with a request id is the first message."""
    with local.open() as conversation:
        conversation.init()
        ready = conversation.receive()

    assert isinstance(ready, dict)
    assert ready["type"] == "ready"
    assert re.fullmatch("req_[2-9A-HJ-NP-Za-km-z]{22}", ready["request_id"])


def test_s4_3_no_times_unless_asked_for(local: LocalService) -> None:
    """4.1, 4.3: `timestamps` are only sent with `return_timestamps`."""
    assert local.talk(text("Hello."), FINISH).kinds == ["ready", "audio"]


def test_s4_4_the_whole_life_of_a_session(local: LocalService) -> None:
    """4.4: audio before its flush_complete, nonces as given, then finish, the rest, close 1000."""
    transcript = local.talk(
        text("One. Two."), flush(5), text("Three."), flush(-1), flush(5), text("Four"), FINISH
    )

    kinds = ["ready", "audio", "flush_complete", "audio", "flush_complete", "audio"]
    assert transcript.kinds == kinds
    assert [message["nonce"] for message in transcript.of("flush_complete")] == [5, -1, 5]
    assert transcript.close_code == 1000
    assert transcript.close_reason == ""


def test_s4_4_speech_begins_before_the_flush(local: LocalService) -> None:
    """4.2, 10: a sentence is spoken once the next has begun; the rest waits for a flush or finish."""
    with local.open() as conversation:
        conversation.init(return_timestamps=True)
        conversation.send(text("This is the first sentence. And this is"))
        early = conversation.until("audio")
        conversation.send(flush(1))
        late = conversation.until("flush_complete")
        words = [token["text"] for token in [*early.tokens, *late.tokens] if token["text"].strip()]

    assert early.kinds == ["ready", "audio"]
    assert "".join(words) == "Thisisthefirstsentence.Andthisis"


def test_s4_4_a_reset_drops_what_was_not_spoken(local: LocalService) -> None:
    """4.2, 4.4: dropped text is not heard, reset_complete has its nonce, and the text after it is new."""
    with local.open() as conversation:
        conversation.init(return_timestamps=True)
        conversation.send(text("This is never spoken, because nothing ends it"), reset(4))
        conversation.send(text("Spoken"), FINISH)
        transcript = conversation.rest()

    assert transcript.kinds[:3] == ["ready", "reset_complete", "audio"]
    assert transcript.of("reset_complete") == [{"type": "reset_complete", "nonce": 4}]
    assert [token["text"] for token in transcript.tokens if token["text"]] == ["Spoken"]


def test_s4_4_a_reset_stops_what_is_being_spoken_and_answers_its_flush(local: LocalService) -> None:
    """4.4: in the middle of a long paced text, the reset is answered at once, and its flush before it."""
    with local.open("pace=4") as conversation:
        conversation.init()
        conversation.send(text((SENTENCE + " ") * 40), flush(1))
        conversation.until("audio")
        conversation.send(reset(2), text("The end."), FINISH)
        transcript = conversation.rest()

    answers = [message for message in transcript.messages if isinstance(message, dict)]
    after = transcript.messages[transcript.messages.index(answers[1]) :]
    assert answers == [{"type": "flush_complete", "nonce": 1}, {"type": "reset_complete", "nonce": 2}]
    assert transcript.close_code == 1000
    assert sum(len(message) for message in after if isinstance(message, bytes)) < 48_000 * 2


@pytest.mark.parametrize("format_", FORMATS)
def test_s4_4_the_stream_is_whole_after_a_reset(local: LocalService, format_: str) -> None:
    """8: audio after a reset continues the stream, and decodes with the audio before it."""
    with local.open("pace=9&frame_bytes=333") as conversation:
        conversation.init(format=format_, return_timestamps=True)
        conversation.send(text((OTHER + " ") * 20), flush(1))
        before = conversation.until("audio")
        conversation.send(reset(2))
        stale = conversation.until("reset_complete")
        conversation.send(text(SENTENCE), FINISH)
        after = conversation.rest()
    recording = decode(before.audio + stale.audio + after.audio, format_, 24000)
    end = recording.seconds
    start = end - sum(token["duration"] for token in after.tokens)

    assert heard(recording.cut(start, end), SENTENCE, OTHER) == " ".join(spoken_words(SENTENCE))


@pytest.mark.parametrize("messages", [(), (text(" \n… — !"),), (text("🙂 🙂"), flush(1))])
def test_s4_4_text_without_words_makes_no_audio(local: LocalService, messages: tuple[Any, ...]) -> None:
    """4.4, 16.13: no audio, flushes are answered, and the close is clean."""
    transcript = local.talk(*messages, FINISH)

    assert transcript.audio == b""
    assert len(transcript.of("flush_complete")) == len([each for each in messages if "nonce" in each])
    assert transcript.close_code == 1000


def test_s4_4_what_follows_finish_is_ignored(local: LocalService) -> None:
    """4.4: not documented; ignored unless `strict_finish` is set."""
    assert local.talk(FINISH, text("Hello."), flush(1)).kinds == ["ready"]
    refused = local.talk(FINISH, text("Hello."), query="strict_finish&no_close")
    assert refused.error["error"]["type"] == "invalid_request_error"


def test_s4_5_a_close_from_the_client_abandons_the_request(local: LocalService) -> None:
    """4.5: a Close right after finish costs the audio; nothing more is sent after it."""
    with local.open("first_sound=20") as conversation:
        conversation.init()
        conversation.send(text(SENTENCE), FINISH)
        conversation.until("ready")
        conversation.socket.close()
        transcript = conversation.rest()

    assert transcript.messages == []
    assert transcript.close_code == 1000


def first(**fields: Any) -> dict[str, Any]:
    return {"version": ..., "type": ..., "sample_rate": ..., "format": "pcm_s16le", **fields}


def test_s5_1_generation_1_speaks_and_says_nothing_else(local: LocalService) -> None:
    """5.1: no greeting and no acknowledgement: only binary messages, then close 1000."""
    transcript = local.talk({"text": "Hello. "}, {"flush": True}, {"text": "More."}, {"eof": True}, **first())

    assert {type(message) for message in transcript.messages} == {bytes}
    assert transcript.close_code == 1000


@pytest.mark.parametrize(
    "switch", [{"send_extras": True}, {"return_extras": True}, {"return_extras": "True"}]
)
def test_s5_1_extras_come_before_their_audio_in_pairs(local: LocalService, switch: dict[str, Any]) -> None:
    """5.1: text and binary alternate, starts count from each chunk, and both names of the switch work."""
    transcript = local.talk({"text": "Hello there. And more."}, {"eof": True}, **first(**switch))
    extras = [message for message in transcript.messages[0::2] if isinstance(message, dict)]
    audio = transcript.messages[1::2]

    assert [type(message) for message in audio] == [bytes] * len(extras)
    assert len(extras) == len(audio)
    assert all(extra["durations"][0]["start"] < 0.2 for extra in extras)
    assert (
        "".join(each["text"] for extra in extras for each in extra["durations"]) == "Hello there. And more."
    )


@pytest.mark.parametrize("format_", ["pcm_s16le", "mp3"])
def test_s5_1_buffer_empty_tells_that_a_flush_is_done(local: LocalService, format_: str) -> None:
    """5.1: buffer_empty is set in the last pair after a flush, even with nothing left to speak."""
    with local.open() as conversation:
        conversation.init(**first(send_extras=True, format=format_))
        conversation.send({"text": "Hello. "}, {"flush": True})
        for _ in range(2):
            done = False
            while not done:
                extra, audio = conversation.receive(), conversation.receive()
                assert isinstance(extra, dict)
                assert isinstance(audio, bytes)
                done = bool(extra.get("buffer_empty"))
            conversation.send({"flush": "true"})


def test_s5_1_numbers_and_booleans_may_be_strings_and_raw_is_pcm(local: LocalService) -> None:
    """5.1: Python SDK 2.0 to 2.5 sent numbers and booleans as strings, and `raw` for PCM."""
    fields = first(sample_rate="16000", format="raw", speed="2.0", conversational="True", expressive=1)
    fast = local.talk({"text": SENTENCE}, {"eof": "true"}, **fields)
    normal = local.talk({"text": SENTENCE}, {"eof": True}, **first(sample_rate=16000))

    assert 0.4 < len(fast.audio) / len(normal.audio) < 0.6


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"voice": "foo"}, "Voice 'foo' not found."),
        ({"model": None}, "model: Input should be a valid value, not null"),
        ({"key": ""}, "Missing API key"),
        ({"version": "1.0", "key": ""}, "Missing API key"),
        ({"protocol_version": 2, "speed": 9}, "speed: Input should be between 0.25 and 2"),
    ],
)
def test_s5_1_errors_are_strings(local: LocalService, fields: dict[str, Any], message: str) -> None:
    """5.1, 5.2: {"error": text} and close 1002."""
    transcript = local.talk(**first(**fields))

    assert transcript.messages == [{"error": message}]
    assert transcript.close_code == 1002


def test_s5_1_a_wrong_key_is_named_as_it_was_seen(locked: LocalService) -> None:
    """5.1: "Invalid API key", close 1002, as observed."""
    assert locked.talk(**first()).messages == [{"error": "Invalid API key"}]


def test_s5_2_generation_2_has_commands_with_nonces(local: LocalService) -> None:
    """5.2: acknowledgements are `complete`; there is no greeting; extras are independent of audio."""
    transcript = local.talk(
        {"text": "Hello."},
        {"command": "flush", "nonce": 3},
        {"text": "Dropped"},
        {"command": "reset", "nonce": 4},
        {"text": "The end."},
        {"command": "eof"},
        query="pace=0",
        **first(protocol_version=2, return_extras=True),
    )
    answers = [each for each in transcript.messages if isinstance(each, dict) and "complete" in each]

    assert answers == [{"complete": "flush", "nonce": 3}, {"complete": "reset", "nonce": 4}]
    assert any("durations" in each for each in transcript.messages if isinstance(each, dict))
    assert transcript.close_code == 1000


@pytest.mark.parametrize(
    ("fields", "generation"),
    [
        ({"lmnt-version": "1.1"}, "typed"),
        ({"lmnt-version": "1.2"}, "typed"),
        ({"lmnt-version": "9.9"}, "typed"),
        ({"lmnt-version": "1.1", "protocol_version": 2}, "typed"),
        ({"lmnt-version": "1.0"}, "legacy"),
        ({"lmnt-version": "2025-09-25"}, "legacy"),
        ({}, "legacy"),
    ],
)
def test_s6_the_first_message_chooses_the_generation(
    local: LocalService, fields: dict[str, Any], generation: str
) -> None:
    """3, 6: one URL for all; `lmnt-version` 1.1 and later greets, earlier generations do not."""
    with local.open() as conversation:
        conversation.init(**first(), **fields)
        conversation.send({"type": "finish"} if generation == "typed" else {"eof": True})
        transcript = conversation.rest()

    assert transcript.kinds == (["ready"] if generation == "typed" else [])
    assert transcript.close_code == 1000


@dataclass(frozen=True)
class Spoken:
    """A session of two utterances, each with a flush, and with times."""

    format: str
    rate: int
    transcript: Transcript

    def decode(self, audio: bytes) -> Recording:
        return decode(audio, self.format, self.rate)


UTTERANCES = (SENTENCE, "Hello there, my friend. It is $5.20 now!")


@pytest.fixture(
    scope="module",
    params=[(format_, rate) for format_ in FORMATS for rate in RATES],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def spoken(request: pytest.FixtureRequest) -> Spoken:
    """One session for each format and rate."""
    format_, rate = request.param
    messages = [message for said in UTTERANCES for message in (text(said), flush(1))]
    init = {"format": format_, "sample_rate": rate, "return_timestamps": True}
    return Spoken(format_, rate, shared_service().talk(*messages, FINISH, **init))


def test_s8_every_format_and_rate_is_speech(spoken: Spoken) -> None:
    """8: FFmpeg's libraries decode the audio, and the sentence is heard; one stream over two flushes."""
    recording = spoken.decode(spoken.transcript.audio)
    messages = spoken.transcript.messages
    flushed = messages.index({"type": "flush_complete", "nonce": 1})
    before = b"".join(each for each in messages[:flushed] if isinstance(each, bytes))

    assert recording.rate == (48000 if spoken.format == "webm" else spoken.rate)
    assert 7 < recording.seconds < 12
    assert heard(spoken.decode(before), SENTENCE, OTHER) == " ".join(spoken_words(SENTENCE))


def test_s9_tokens_are_the_text_contiguous_and_as_long_as_the_audio(spoken: Spoken) -> None:
    """9: words, spaces, punctuation and silences; 1.2 counts from 0.0 after every flush."""
    total = 0.0
    for said, tokens in zip(UTTERANCES, _utterances(spoken.transcript), strict=True):
        ends = [token["start"] + token["duration"] for token in tokens]
        assert "".join(token["text"] for token in tokens) == said
        assert tokens[0]["start"] == 0.0
        assert all(
            after["start"] == pytest.approx(end, abs=0.001)
            for end, after in zip(ends, tokens[1:], strict=False)
        )
        total += ends[-1]

    assert total == pytest.approx(spoken.decode(spoken.transcript.audio).seconds, abs=0.05)


@pytest.mark.parametrize(("format_", "mark"), [("ulaw", b"RIFF"), ("webm", b"\x1a\x45\xdf\xa3")])
def test_s8_a_header_comes_once_or_with_every_utterance(
    local: LocalService, format_: str, mark: bytes
) -> None:
    """8: not documented; once by default, and again after each flush with `new_stream`."""
    messages = (text("One."), flush(1), text("Two."), flush(2), text("Three."), FINISH)

    assert local.talk(*messages, format=format_).audio.count(mark) == 1
    assert local.talk(*messages, format=format_, query="new_stream").audio.count(mark) == 3


def test_s8_frames_hold_whole_samples_unless_asked_otherwise(local: LocalService) -> None:
    """8: not guaranteed; `frame_bytes` splits samples."""
    assert {len(frame) % 4 for frame in local.talk(text("Hello."), FINISH, format="pcm_f32le").frames} == {0}
    odd = local.talk(text("Hello."), FINISH, format="pcm_f32le", query="frame_bytes=1001").frames
    assert {len(frame) for frame in odd[:-1]} >= {1001}


def test_s9_version_1_1_counts_from_each_chunk(local: LocalService) -> None:
    """9: in 1.1 the start returns to 0 with each chunk of audio, in 1.2 it grows until the flush."""
    cumulative = local.talk(text(SENTENCE), FINISH, return_timestamps=True)
    chunked = local.talk(text(SENTENCE), FINISH, return_timestamps=True, version="1.1")
    at = 0.0
    for message, audio, same in zip(
        chunked.of("timestamps"), chunked.frames, cumulative.of("timestamps"), strict=True
    ):
        assert [token["start"] + at for token in message["timestamps"]] == pytest.approx(
            [token["start"] for token in same["timestamps"]], abs=0.001
        )
        at += len(audio) / 48000


def test_s9_times_follow_their_audio(local: LocalService) -> None:
    """9, 4.3: times are those of the chunk just streamed; audio is never held back for them."""
    transcript = local.talk(text(SENTENCE), FINISH, return_timestamps=True)
    kinds = [type(message) for message in transcript.messages[1:]]

    assert all(pair != (dict, dict) for pair in pairwise(kinds))
    assert kinds[0] is bytes
    late = local.talk(text(SENTENCE), flush(1), FINISH, return_timestamps=True, query="late_times=0.2")
    assert late.kinds[:4] == ["ready", "audio", "flush_complete", "timestamps"]
    assert late.close_code == 1000


def test_s10_1_newlines_markup_and_signs_do_no_harm(local: LocalService) -> None:
    """10.1: plain text is accepted as it is."""
    said = "<b>Bold</b> & **more**\nnext line\n\n- item\u2028\x00\x07 end"
    tokens = local.talk(text(said), FINISH, return_timestamps=True).tokens

    assert "".join(token["text"] for token in tokens).split() == said.split()


def test_s11_a_long_text_in_one_message(local: LocalService) -> None:
    """11: no limit is known; 100 kB without the end of a sentence is spoken from the first words on."""
    with local.open() as conversation:
        conversation.init()
        conversation.send(text("word " * 20_000))
        conversation.until("audio")
        conversation.send(reset(1))
        conversation.until("reset_complete")
        conversation.send(FINISH)

        assert conversation.rest().close_code == 1000


def _utterances(transcript: Any) -> Iterator[list[dict[str, Any]]]:
    tokens: list[dict[str, Any]] = []
    for message in transcript.messages:
        if isinstance(message, dict) and message["type"] == "timestamps":
            tokens += message["timestamps"]
        elif isinstance(message, dict) and message["type"] == "flush_complete":
            yield tokens
            tokens = []
