"""How a run ended, and the system's trouble in our words (contract, 7)."""

from __future__ import annotations

import errno
import os

import pytest

from lmnt_cli.errors import ExitCode, OutputError, SayError
from lmnt_cli.run.outcome import Outcome, in_our_words


def test_the_status() -> None:
    """A run that did not fail is complete; another has the status of its failure."""
    assert Outcome().status == ExitCode.COMPLETE
    assert Outcome(OutputError("x")).status == ExitCode.OUTPUT


TROUBLE = [
    OSError(errno.EMFILE, os.strerror(errno.EMFILE)),
    FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/tmp"),
    MemoryError(),
    RuntimeError("can't start new thread"),
    BaseExceptionGroup("several", [OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))]),
]


@pytest.mark.parametrize("failure", TROUBLE, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize(("was_ready", "code"), [(False, ExitCode.CONNECT), (True, ExitCode.CUT_OFF)])
def test_trouble_of_the_systems(failure: BaseException, was_ready: bool, code: ExitCode) -> None:
    """What the system refuses is no bug of ours: one line, and the status of a run that far."""
    error = in_our_words(failure, was_ready=was_ready)

    assert isinstance(error, SayError)
    assert error.code is code
    assert error.message.startswith("could not ")
    assert "\n" not in error.message


@pytest.mark.parametrize("failure", [KeyError("x"), RuntimeError("x"), OutputError("x")], ids=repr)
def test_what_has_words_or_is_a_bug(failure: BaseException) -> None:
    """An error of ours keeps its words, and a bug stays one."""
    assert in_our_words(failure, was_ready=False) is failure
