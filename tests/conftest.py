"""Fixtures shared by the tests: the service's double, the program, a terminal, a clean environment.

A fixture imports what it needs only when used: a test that starts nothing needs nothing installed.
"""

from __future__ import annotations

import gc
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
    """Run the whole suite in several workers unless `-n` is given; selected modules run in one process.

    There are half as many workers again as cores, because tests wait about as long as they work. (Workers
    call this too.)
    """
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    unasked = getattr(config.option, "numprocesses", 0) is None and not config.option.usepdb
    if whole and unasked and not hasattr(config, "workerinput"):
        config.option.numprocesses = min((os.cpu_count() or 1) * 3 // 2, 12)
        config.option.dist = "worksteal"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Pause the garbage collector while tests are collected, and let it skip them later: nearly all stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the proof first: a test of half a minute must not begin when the other workers are done."""
    items.sort(key=lambda item: "tests/proof/" not in item.path.as_posix())


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """Remove everything from the environment that could affect a test."""
    with pytest.MonkeyPatch.context() as environment:
        for name in os.environ.keys() - clean_environment(os.environ).keys():
            environment.delenv(name)
        yield


@pytest.fixture(scope="session", autouse=True)
def _default_signals() -> None:
    """Restore SIGINT, which is ignored in a background suite and would be in every program it starts."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def service() -> Iterator[FakeService]:
    """The double. A fault of the client fails the test, unless the test removes it from `faults`."""
    from tests.doubles.fake_service import FakeService

    with FakeService() as running:
        yield running
    faults = running.faults

    assert faults == []


@pytest.fixture
def environment(tmp_path: Path, _clean_environment: None) -> dict[str, str]:
    """The program's environment: a key, and directories for everything it may store."""
    directories = {
        f"XDG_{kind}_HOME": str(tmp_path / "home" / kind.lower())
        for kind in ("CONFIG", "STATE", "CACHE", "DATA")
    }
    return {**os.environ, **directories, "LMNT_API_KEY": KEY, "LC_ALL": "C.UTF-8"}


@pytest.fixture
def say(service: FakeService, environment: dict[str, str], tmp_path: Path) -> Iterator[Say]:
    """The program, connected to the double, in its own directory; it never shows a traceback or the key."""
    program = Say({**environment, "LMNT_BASE_URL": service.url}, tmp_path)
    yield program
    program.close()
    told = "".join(result.stderr for result in program.results)

    assert "Traceback" not in told
    assert KEY not in told


@pytest.fixture
def terminal(service: FakeService, environment: dict[str, str], tmp_path: Path) -> Iterator[Terminal]:
    """The program on a real terminal of 80 columns, connected to the double."""
    from tests.tools.terminal import Terminal

    program = Say({**environment, "LMNT_BASE_URL": service.url, "TERM": "xterm-256color"}, tmp_path)
    screen = Terminal(program)
    yield screen
    program.close()
    screen.close()


@pytest.fixture
def rest() -> Iterator[RestService]:
    """The double of the service's REST API."""
    from tests.doubles.rest_service import RestService

    with RestService() as running:
        yield running


@pytest.fixture
def loudspeaker() -> Iterator[Loudspeaker]:
    """A player whose input the test can read."""
    from tests.doubles.loudspeaker import Loudspeaker

    with Loudspeaker() as running:
        yield running


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Use asyncio, as the program does."""
    return "asyncio"


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Figures:
    """Measurements of tests, printed at the end of the test run."""
    return pytestconfig.stash[FIGURES]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Preparations shared by all workers, whose temporary directories have a common parent."""
    root = tmp_path_factory.getbasetemp()
    return Once(root.parent if "PYTEST_XDIST_WORKER" in os.environ else root)


@pytest.fixture(scope="session")
def voiceless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for an embedded service that loads no voice, for what is not about speech."""
    from tests.tools.local_service import voiceless_environment

    return voiceless_environment(tmp_path_factory.mktemp("voiceless"))


@pytest.fixture
def silent_port() -> Iterator[socket.socket]:
    """A port that accepts TCP connections and never sends anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        yield listener


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """Return the path of a tool; without it skip the test, or fail if CI is true."""

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
    """Add the runs and the double's transcript to the report of a failed test."""
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
    """Send the figures of a worker."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = session.config.stash[FIGURES].plain()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Receive the figures of a worker that ended (none without pytest-xdist)."""
    plain = getattr(node, "workeroutput", {}).get("figures")
    if plain is not None:
        node.config.stash[FIGURES].merge(plain)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print all figures, once."""
    for line in config.stash[FIGURES].lines():
        terminalreporter.write_line(line)
