"""The HTTP routes, in raw requests: `lmnt_cli.local.http.rest`, in the real program."""

from __future__ import annotations

import base64
import http.client
import io
import json
import re
import socket
import wave
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from lmnt_cli.local.speech.voices import VOICES
from tests.tools.decoding import decode, heard, spoken_words
from tests.tools.local_service import LocalService, shared_service


SENTENCE = "There are many people waiting at the station for the late train."
OTHER = "Here is few persons sitting on the platform by an early bus."


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@pytest.fixture
def local() -> LocalService:
    return shared_service()


def ask(
    local: LocalService,
    method: str,
    path: str,
    body: Any = None,
    *,
    version: str | None = "1.2",
    **headers: str,
) -> Reply:
    """Send one request. A dict is sent as JSON; an empty header is omitted."""
    known = {"X-API-Key": "a key", **({"lmnt-version": version} if version else {})}
    if isinstance(body, dict):
        known["Content-Type"], body = "application/json", json.dumps(body)
    known |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(local.url.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, path, body, {name: value for name, value in known.items() if value})
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def test_s2_1_health(local: LocalService) -> None:
    """2.1: GET /health_check is 200 and needs no key."""
    assert ask(local, "GET", "/health_check", X_API_Key="").status == 200


@pytest.mark.parametrize(
    "path", ["/", "/v1/ai/speech/generate", "/v1/ai/speech/stream", "/v1/ai/voice/lily/x"]
)
def test_s2_1_unknown_routes(local: LocalService, path: str) -> None:
    """2.1: 404 {"detail":"Not Found"}, byte for byte as observed."""
    reply = ask(local, "GET", path)

    assert (reply.status, reply.body) == (404, b'{"detail":"Not Found"}')


def test_a_method_that_a_route_does_not_have(local: LocalService) -> None:
    """The response is 405 and lists the methods allowed."""
    reply = ask(local, "PATCH", "/v1/ai/voice/lily")

    assert (reply.status, reply.headers["allow"]) == (405, "GET, PUT, DELETE")


def test_s12_1_the_list_of_voices(local: LocalService) -> None:
    """12.1: a JSON array; each voice has id, name, owner, state and the other documented fields."""
    voices = ask(local, "GET", "/v1/ai/voice/list").json

    assert [voice["id"] for voice in voices] == list(VOICES)
    assert {"leah", "elowen", "ansel", "amy", "morgan", "ava", "lily", "curtis", "mara-wilson"} == set(VOICES)
    for voice in voices:
        assert {"name", "gender", "description", "starred", "tags", "preview_url"} <= voice.keys()
        assert (voice["owner"], voice["state"], voice["type"]) == ("system", "ready", "instant")


@pytest.mark.parametrize(
    ("query", "count"),
    [("owner=system", 9), ("owner=all", 9), ("owner=me", 0), ("owner=system,me", 9), ("starred=false", 9)],
)
def test_s12_1_filters(local: LocalService, query: str, count: int) -> None:
    """12.1: the list can be filtered by owner and starred."""
    assert len(ask(local, "GET", f"/v1/ai/voice/list?{query}").json) == count


def test_s12_1_one_voice_and_its_star(local: LocalService) -> None:
    """12.1: a voice is returned by its id; only `starred` can be changed in one that is not ours."""
    assert ask(local, "GET", "/v1/ai/voice/leah").json["name"] == "Leah"
    changed = ask(local, "PUT", "/v1/ai/voice/leah", {"starred": True})
    starred = ask(local, "GET", "/v1/ai/voice/list?starred=True").json
    ask(local, "PUT", "/v1/ai/voice/leah", {"starred": False})

    assert changed.json["voice"]["starred"] is True
    assert [voice["id"] for voice in starred] == ["leah"]
    assert ask(local, "PUT", "/v1/ai/voice/leah", {"name": "Lea"}).status == 403
    assert ask(local, "DELETE", "/v1/ai/voice/leah").json["error"]["type"] == "permission_error"
    assert ask(local, "POST", "/v1/ai/voice", {"name": "Me"}).status == 403
    assert ask(local, "GET", "/v1/ai/voice/list?owner=us").status == 400


def test_s2_1_a_preview_needs_no_key(local: LocalService) -> None:
    """2.1: the preview is audio of the voice."""
    reply = ask(local, "GET", "/v1/ai/voice/amy/preview", X_API_Key="")

    assert decode(reply.body, "mp3", 0).seconds > 2


def test_s12_2_the_account(local: LocalService) -> None:
    """12.2: plan and usage; the characters spoken are counted."""
    before = ask(local, "GET", "/v1/account").json
    ask(local, "POST", "/v1/ai/speech/bytes", {"text": "Ten chars.", "voice": "lily"})
    after = ask(local, "GET", "/v1/account").json

    assert before["plan"].keys() == {"type", "character_limit", "commercial_use_allowed"}
    assert after["usage"]["characters"] - before["usage"]["characters"] == 10


@pytest.mark.parametrize("format_", ["mp3", "pcm_s16le", "pcm_f32le", "ulaw", "webm", "wav", "aac"])
def test_s12_3_speech_as_bytes(local: LocalService, format_: str) -> None:
    """12.3: chunked audio, with the headers observed; the sentence is audible."""
    order = {"text": SENTENCE, "voice": "lily", "format": format_, "sample_rate": 16000}
    reply = ask(local, "POST", "/v1/ai/speech/bytes", order)

    assert reply.status == 200
    assert {"request-id", "x-generation-id", "x-model-version"} <= reply.headers.keys()
    assert reply.headers["transfer-encoding"] == "chunked"
    assert heard(decode(reply.body, format_, 16000), SENTENCE, OTHER) == " ".join(spoken_words(SENTENCE))


def test_s8_media_types_and_default_rates(local: LocalService) -> None:
    """8, 4.1: mp3 is audio/mpeg, pcm has LMNT's own type; ulaw is 8000 by default, others 24000."""
    kinds = {}
    for format_ in ("mp3", "pcm_s16le", "ulaw"):
        reply = ask(local, "POST", "/v1/ai/speech/bytes", {"text": "Hi.", "voice": "lily", "format": format_})
        kinds[format_] = reply.headers["content-type"]
        assert decode(reply.body, format_, 24000).rate == (8000 if format_ == "ulaw" else 24000)

    assert kinds["mp3"] == "audio/mpeg"
    assert kinds["pcm_s16le"] == "application/vnd.lmnt.audio-int16"


def test_a_wav_file_has_its_real_length(local: LocalService) -> None:
    """A WAV file is not streamed, so its header contains its length."""
    reply = ask(local, "POST", "/v1/ai/speech/bytes", {"text": "Hello.", "voice": "lily", "format": "wav"})
    with wave.open(io.BytesIO(reply.body)) as file:
        assert file.getnframes() * 2 == len(reply.body) - 44


@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
def test_s12_3_speech_as_json(local: LocalService, kind: str) -> None:
    """12.3: base64 audio with timestamps, from a body of any kind."""
    fields = {"text": "Hello there.", "voice": "lily", "return_timestamps": "true", "format": "pcm_s16le"}
    body, content_type = {
        "json": (json.dumps({**fields, "return_timestamps": True}), "application/json"),
        "form": (urlencode(fields), "application/x-www-form-urlencoded"),
        "multipart": (multipart(fields), "multipart/form-data; boundary=edge"),
    }[kind]
    reply = ask(local, "POST", "/v1/ai/speech", body, Content_Type=content_type)
    timestamps = reply.json["timestamps"]

    assert "".join(each["text"] for each in timestamps) == "Hello there."
    assert timestamps[-1]["start"] + timestamps[-1]["duration"] == pytest.approx(
        len(base64.b64decode(reply.json["audio"])) / 48000, abs=0.01
    )
    assert "timestamps" not in ask(local, "POST", "/v1/ai/speech", {"text": "Hi.", "voice": "lily"}).json


def test_s12_3_version_1_0_says_durations_and_seed(local: LocalService) -> None:
    """12.3: `return_durations` and `durations`, and the seed that was used."""
    order = {"text": "Hello.", "voice": "lily", "return_durations": True, "seed": 7, "speed": 1.5}
    reply = ask(local, "POST", "/v1/ai/speech", order, version=None)

    assert reply.json.keys() == {"audio", "durations", "seed"}
    assert reply.json["seed"] == 7


BAD_ORDERS: dict[str, dict[str, Any]] = {
    "no text": {"voice": "lily"},
    "empty text": {"text": "", "voice": "lily"},
    "long text": {"text": "x" * 5001, "voice": "lily"},
    "no voice": {"text": "Hi."},
    "format": {"text": "Hi.", "voice": "lily", "format": "flac"},
    "rate": {"text": "Hi.", "voice": "lily", "sample_rate": 44100},
    "language": {"text": "Hi.", "voice": "lily", "language": "tlh"},
    "model": {"text": "Hi.", "voice": "lily", "model": "whisper"},
    "speed": {"text": "Hi.", "voice": "lily", "speed": 3},
    "top_p": {"text": "Hi.", "voice": "lily", "top_p": "much"},
}


@pytest.mark.parametrize("order", BAD_ORDERS.values(), ids=BAD_ORDERS)
def test_s7_1_orders_that_make_no_sense(local: LocalService, order: dict[str, Any]) -> None:
    """7.1, 11: 400 invalid_request_error that names the field; at most 5,000 characters."""
    reply = ask(local, "POST", "/v1/ai/speech/bytes", order)

    assert reply.status == 400
    assert reply.json["error"]["type"] == "invalid_request_error"
    assert re.match(
        r"(text|voice|format|sample_rate|language|model|speed|top_p): ", reply.json["error"]["message"]
    )
    assert reply.json["request_id"] == reply.headers["request-id"]


@pytest.mark.parametrize("body", ["", "{", "[]", "\xff"])
def test_s7_1_bodies_that_are_not_json(local: LocalService, body: str) -> None:
    """7.1: a body that is not JSON is 400."""
    assert ask(local, "POST", "/v1/ai/speech", body.encode("latin-1")).status == 400


@pytest.mark.parametrize(
    ("version", "status", "voice_status"),
    [("1.2", 401, 404), ("1.1", 401, 404), ("1.0", 403, 400), (None, 403, 400)],
)
def test_s7_1_and_7_2_errors_of_each_version(
    locked: LocalService, version: str | None, status: int, voice_status: int
) -> None:
    """7.1, 7.2: objects with a type from 1.1 on, strings and other statuses before."""
    refused = ask(locked, "GET", "/v1/account", version=version)
    missing = ask(locked, "GET", "/v1/ai/voice/foo", version=version, X_API_Key="the key")
    message = refused.json["error"] if voice_status == 400 else refused.json["error"]["message"]

    assert (refused.status, missing.status) == (status, voice_status)
    assert message == "Invalid API key"
    assert "Voice 'foo' not found." in missing.body.decode()
    assert refused.headers["request-id"].startswith("req_")


@pytest.mark.parametrize("path", ["/v1/ai/speech", "/v1/ai/speech/bytes"])
def test_s7_1_a_voice_that_fails_is_an_internal_error(mute: LocalService, path: str) -> None:
    """7.1: a failure before the headers are sent is 500."""
    reply = ask(mute, "POST", path, {"text": "Hi.", "voice": "lily"})

    assert (reply.status, reply.json["error"]["type"]) == (500, "internal_server_error")


def test_one_connection_serves_many_requests(local: LocalService) -> None:
    """A connection is kept alive after chunked audio and errors, up to the refusal of a WebSocket."""
    connection = http.client.HTTPConnection(local.url.removeprefix("http://"), timeout=30)
    headers = {"X-API-Key": "k", "Content-Type": "application/json"}
    statuses = []
    for path in ("/v1/ai/speech/bytes", "/nowhere", "/v1/ai/speech"):
        connection.request("POST", path, json.dumps({"text": "Hi.", "voice": "lily"}), headers)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()

    assert statuses == [200, 404, 200]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"rubbish\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20000 + b"\r\n", b"431"),
        (
            b"POST /v1/ai/voice HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n"
            + bytes(2**20 + 1),
            b"413",
        ),
        (b"GET /v1/ai/speech/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n", b"426"),
    ],
)
def test_requests_that_are_not_http_are_answered(local: LocalService, sent: bytes, status: bytes) -> None:
    """A request that is not HTTP gets a status and a close, and the service keeps running."""
    host, port = local.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as peer:
        peer.sendall(sent)
        assert peer.recv(65536).split(b" ")[1] == status
    assert ask(local, "GET", "/health_check").status == 200


def test_expect_100_continue(local: LocalService) -> None:
    """The service answers curl's Expect header, which precedes a large body."""
    host, port = local.url.removeprefix("http://").split(":")
    body = json.dumps({"text": "Hi.", "voice": "lily"}).encode()
    with socket.create_connection((host, int(port)), timeout=10) as peer:
        head = (
            "POST /v1/ai/speech HTTP/1.1\r\nHost: localhost\r\nX-API-Key: k\r\n"
            f"Content-Length: {len(body)}\r\n"
            "Content-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        peer.sendall(head.encode())
        assert peer.recv(65536).startswith(b"HTTP/1.1 100")
        peer.sendall(body)
        assert peer.recv(65536).startswith(b"HTTP/1.1 200")


def multipart(fields: dict[str, str]) -> bytes:
    """Return a form with a part for each field."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + "--edge--\r\n").encode()
