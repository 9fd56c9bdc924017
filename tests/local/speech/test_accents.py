"""Look-ups in hibari's dictionaries: `lmnt_cli.local.speech.accents`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hibari import g2p
from hibari.tts import ASSETS
from hypothesis import given
from hypothesis import strategies as st

from lmnt_cli.local.speech import accents
from lmnt_cli.local.speech.accents import RareWords, TaggerWeights, load_accent
from tests.tools.strategies import properties


TEXT = "Zaphod's co-worker read 1,250 words on Feb. 3rd; the live record wasn't re-examined in Quxville."
FLAT = st.dictionaries(
    st.text(max_size=8), st.dictionaries(st.text(max_size=4), st.floats(-9, 9), max_size=3)
)


def content(name: str) -> bytes:
    return gzip.decompress(Path(ASSETS, name).read_bytes())


@pytest.mark.parametrize("british", [False, True])
def test_an_accent_is_that_of_hibari(british: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The phonemes are hibari's, for common words and rare ones."""
    ours = load_accent(british)
    with monkeypatch.context() as patched:
        # hibari's own loader, which `load_accent` has replaced.
        patched.setattr(g2p, "_load_json", lambda name: json.loads(read(name)))
        stock = g2p.G2P(british=british)

    assert ours(TEXT) == stock(TEXT)


def read(name: str) -> bytes:
    return content(name) if name.endswith(".gz") else Path(ASSETS, name).read_bytes()


def test_every_weight_is_there() -> None:
    """The index, made without parsing, equals the file as JSON."""
    weights = load_accent(False).tagger.weights
    whole = json.loads(content("tagger.json.gz"))["weights"]

    assert isinstance(weights, TaggerWeights)
    assert {feature: weights.get(feature) for feature in whole} == whole
    assert weights.get("no such feature") is None


@properties
@given(FLAT.filter(bool))
def test_an_index_is_that_of_the_json_or_none(entries: dict[str, dict[str, float]]) -> None:
    """With any names the index equals the JSON, or a false separator in one is detected."""
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    try:
        weights = TaggerWeights(text.removeprefix(b'{"').removesuffix(b"}}"))
    except ValueError:
        return

    expected = json.loads(text)
    assert {name: weights.get(name) for name in expected} == expected


def test_another_layout_is_read_as_a_whole(tmp_path: Path) -> None:
    """An unknown layout is slower to read, with the same result."""
    model = {"weights": {"a": {"NN": 1}}, "tags": ["NN"]}
    file = tmp_path / "tagger.json.gz"
    for text in (json.dumps(model), json.dumps(model, separators=(",", ":"))):
        file.write_bytes(gzip.compress(text.encode()))
        accents._load_tagger.cache_clear()

        assert accents._load_tagger(file) == model
    accents._load_tagger.cache_clear()


def test_an_unknown_lexicon_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not known to be sorted: slower to read, and just as good."""
    monkeypatch.setattr("hibari.tts.ASSETS", str(tmp_path))
    for kind in ("gold", "silver"):
        name = f"lexicon_us_{kind}.json.gz"
        (tmp_path / name).write_bytes(gzip.compress(b'{"b": "B", "a\\u0062": {"DEFAULT": "AB"}}'))
        words = accents._load(name)

        assert [words.get(word) for word in ("b", "ab", "c")] == ["B", {"DEFAULT": "AB"}, None]


def test_rare_words_are_read_when_asked_for(tmp_path: Path) -> None:
    """The file is not opened before the first look-up."""
    words = RareWords(tmp_path / "rare.json")
    (tmp_path / "rare.json").write_text('{"quux": "kw"}')

    assert words.get("quux") == "kw"
    (tmp_path / "rare.json").unlink()
    assert words.get("common") is None
