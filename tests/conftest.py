"""What the tests share: the service's double, the program, a terminal, and a clean environment.

A fixture imports what it starts when it is asked for: a test that starts nothing needs nothing installed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.fake_rules import KEY
from tests.tools.figures import Figures
from tests.tools.once import Once
from tests.tools.program import Say, clean_environment


if TYPE_CHECKING:
    from tests.doubles.fake_service import FakeService
    from tests.doubles.loudspeaker import Loudspeaker
    from tests.doubles.rest_service import RestService
    from tests.tools.terminal import Terminal


FIGURES = pytest.StashKey[Figures]()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Spread the whole suite over workers unless `-n` is given; modules that are named run in one process.

    Half as many again as there are cores: tests wait about as long as they work. (A worker comes here too.)
    """
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    unasked = getattr(config.option, "numprocesses", 0) is None and not config.option.usepdb
    if whole and unasked and not hasattr(config, "workerinput"):
        config.option.numprocesses = min((os.cpu_count() or 1) * 3 // 2, 12)
        config.option.dist = "worksteal"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the caller's environment changes what a test sees."""
    for name in os.environ.keys() - clean_environment(os.environ).keys():
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _default_signals() -> None:
    """A suite run in the background has SIGINT ignored, and would hand that on to every program it starts."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def service() -> Iterator[FakeService]:
    """The double. A fault of the client fails the test, unless the test takes it from `faults` by `clear`."""
    from tests.doubles.fake_service import FakeService

    with FakeService() as running:
        yield running
    faults = running.faults

    assert faults == []


@pytest.fixture
def environment(tmp_path: Path, _clean_environment: None) -> dict[str, str]:
    """What the program is given: a key, and directories of its own for whatever it may want to keep."""
    directories = {
        f"XDG_{kind}_HOME": str(tmp_path / "home" / kind.lower())
        for kind in ("CONFIG", "STATE", "CACHE", "DATA")
    }
    return {**os.environ, **directories, "LMNT_API_KEY": KEY, "LC_ALL": "C.UTF-8"}


@pytest.fixture
def say(service: FakeService, environment: dict[str, str], tmp_path: Path) -> Iterator[Say]:
    """The program, talking to the double, in a directory of its own; it never shows traceback or key."""
    program = Say({**environment, "LMNT_BASE_URL": service.url}, tmp_path)
    yield program
    program.close()
    told = "".join(result.stderr for result in program.results)

    assert "Traceback" not in told
    assert KEY not in told


@pytest.fixture
def terminal(service: FakeService, environment: dict[str, str], tmp_path: Path) -> Iterator[Terminal]:
    """The program on a real terminal of 80 columns, talking to the double."""
    from tests.tools.terminal import Terminal

    program = Say({**environment, "LMNT_BASE_URL": service.url, "TERM": "xterm-256color"}, tmp_path)
    screen = Terminal(program)
    yield screen
    program.close()
    screen.close()


@pytest.fixture
def rest() -> Iterator[RestService]:
    """The double of the service's lists."""
    from tests.doubles.rest_service import RestService

    with RestService() as running:
        yield running


@pytest.fixture
def loudspeaker() -> Iterator[Loudspeaker]:
    """A player whose performances the test listens to."""
    from tests.doubles.loudspeaker import Loudspeaker

    with Loudspeaker() as running:
        yield running


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The program runs on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Figures:
    """What tests measure, printed at the end of the test run."""
    return pytestconfig.stash[FIGURES]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Preparations that all workers share: their temporary directories stand side by side."""
    root = tmp_path_factory.getbasetemp()
    return Once(root.parent if "PYTEST_XDIST_WORKER" in os.environ else root)


@pytest.fixture
def silent_port() -> Iterator[socket.socket]:
    """A port that takes TCP connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        yield listener


@pytest.fixture
def needs() -> Callable[[str], str]:
    """`needs("ffmpeg")` is that tool's path; without it the test is skipped, or fails where CI is true."""

    def find(tool: str) -> str:
        path = shutil.which(tool) or shutil.which(tool, path="/usr/sbin")  # where sshd is
        if path is None:
            reason = f"{tool} is not installed"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return find


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure explains itself: the runs and the double's transcript stand in its report."""
    report = yield
    if report.failed:
        fixtures: dict[str, Any] = getattr(item, "funcargs", {})
        for name in ("say", "terminal", "service"):
            if name in fixtures:
                report.sections.append((name, fixtures[name].story()))
    return report


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = Figures()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its figures over."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = session.config.stash[FIGURES].plain()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The figures of a worker that ended (of none where pytest-xdist is not used)."""
    plain = getattr(node, "workeroutput", {}).get("figures")
    if plain is not None:
        node.config.stash[FIGURES].merge(plain)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """All figures, once."""
    for line in config.stash[FIGURES].lines():
        terminalreporter.write_line(line)
