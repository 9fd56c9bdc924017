"""One job in a thread: `lmnt_cli.local.threads`."""

from __future__ import annotations

import threading

import pytest

from lmnt_cli.local.threads import run_in_thread


def test_a_job_has_a_thread_and_a_result() -> None:
    """The thread ends with the program, whatever it is doing."""
    thread = run_in_thread(threading.current_thread).result(10)

    assert thread is not threading.current_thread()
    assert thread.daemon


def test_an_error_in_a_thread_is_the_futures() -> None:
    """An error, even one that ends programs, is stored in the future, and nothing is printed."""

    def fail() -> None:
        raise SystemExit("no descriptor left")

    with pytest.raises(SystemExit, match="no descriptor left"):
        run_in_thread(fail).result(10)
