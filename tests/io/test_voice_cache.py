"""The voices that were listed last are kept for the completions."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmnt_cli.io.voice_cache import keep_voices


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_kept(cache: Path) -> None:
    """The ids stand in a line each, and a later list takes an earlier one's place."""
    keep_voices(["old"])
    keep_voices(["lily", "mara-wilson", "a1b2-c3"])

    assert (cache / "lmnt-say" / "voices").read_text() == "lily\nmara-wilson\na1b2-c3\n"
    assert [path.name for path in (cache / "lmnt-say").iterdir()] == ["voices"]


@pytest.mark.parametrize("name", ["$(reboot)", "a b", "a;b", "`x`", "a\nb", "", "é", "*"])
def test_what_a_shell_would_act_on(cache: Path, name: str) -> None:
    """An id that means something to a shell is left out."""
    keep_voices([name, "lily"])

    assert (cache / "lmnt-say" / "voices").read_text() == "lily\n"


def test_no_room(cache: Path) -> None:
    """Where nothing can be kept, nothing is raised."""
    cache.write_text("in the way")

    keep_voices(["lily"])

    assert cache.read_text() == "in the way"
