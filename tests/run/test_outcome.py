"""The outcome of a run, and errors of the operating system (contract, 7)."""

from __future__ import annotations

import errno
import os

import pytest

from lmnt_cli.errors import ExitCode, OutputError, SayError
from lmnt_cli.run.outcome import Outcome, in_our_words


def test_the_status() -> None:
    """A run without failure is complete; any other has the status of its failure."""
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
    """A refusal of the system is not a bug: one line, and a status that depends on progress."""
    error = in_our_words(failure, was_ready=was_ready)

    assert isinstance(error, SayError)
    assert error.code is code
    assert error.message.startswith("could not ")
    assert "\n" not in error.message


@pytest.mark.parametrize("failure", [KeyError("x"), RuntimeError("x"), OutputError("x")], ids=repr)
def test_what_has_words_or_is_a_bug(failure: BaseException) -> None:
    """An error of ours is unchanged, and so is a bug."""
    assert in_our_words(failure, was_ready=False) is failure
