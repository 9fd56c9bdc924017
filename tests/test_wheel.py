"""The wheel and the source archive: their contents, the same whenever they are built."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.tools.once import Once
from tests.tools.option_names import ROOT


WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]


def done(command: list[str | Path], *, offline: bool, cwd: Path = ROOT) -> None:
    """Run a command to its end; without a network, skip what needs it unless CI is true."""
    run = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, cwd=cwd)
    if run.returncode and not offline and os.environ.get("CI") != "true":
        pytest.skip(f"not installed, and cannot be: {run.stderr.strip()[-200:]}")

    assert run.returncode == 0, run.stderr


def build_wheel(directory: Path) -> None:
    """Build wheel and source archive; without the backend here, pip builds the wheel in one of its own."""
    if importlib.util.find_spec("hatchling"):
        build(directory, "wheel", "sdist")
    else:
        done(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", directory, ROOT],
            offline=False,
        )


def build(directory: Path, *archives: str) -> None:
    """Build these archives ("wheel", "sdist") into a directory, in a process of its own."""
    calls = [f"build_{archive}({str(directory)!r})" for archive in archives]
    done([sys.executable, "-c", f"from hatchling.build import *; {'; '.join(calls)}"], offline=True)


@pytest.fixture
def wheel(once: Once) -> Path:
    """The wheel, built once for all tests."""
    return next(once("wheel", build_wheel).glob("*.whl"))


def test_contents(wheel: Path) -> None:
    """It has the program with `py.typed`, completions and the manual page for share/, and no tests."""
    names = zipfile.ZipFile(wheel).namelist()

    data = {name.partition(".data/data/")[2] for name in names if ".data/data/" in name}
    assert data == set(WHEEL["shared-data"].values())
    assert {"lmnt_cli/cli.py", "lmnt_cli/py.typed"} <= set(names)
    assert not [name for name in names if "test" in name.lower()]


def test_the_same_again(wheel: Path, tmp_path: Path) -> None:
    """Built again, wheel and source archive are identical to the byte."""
    pytest.importorskip("hatchling")
    build(tmp_path, "wheel", "sdist")
    before, again = (
        {path.name: path.read_bytes() for path in directory.iterdir()}
        for directory in (wheel.parent, tmp_path)
    )

    assert again.keys() == {wheel.name, wheel.name.replace("-py3-none-any.whl", ".tar.gz")}
    assert before == again


def required_by(first: Distribution) -> list[Distribution]:
    """Return what a distribution requires without extras, and so on, as installed here."""
    found: dict[str, Distribution] = {}
    unseen = [first]
    while unseen:
        for requirement in map(Requirement, unseen.pop().requires or ()):
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            if requirement.name not in found:
                found[requirement.name] = distribution(requirement.name)
                unseen.append(found[requirement.name])
    return list(found.values())


def test_bare(wheel: Path, tmp_path: Path) -> None:
    """With what it requires and nothing else it runs, and reports which extra --local needs."""
    bare = tmp_path / "bare"
    done([sys.executable, "-m", "venv", "--without-pip", bare], offline=True)
    python = bare / "bin" / "python"
    pip = importlib.util.find_spec("pip")
    assert pip is not None
    assert pip.origin is not None
    install = ["install", "--quiet", "--no-compile", "--no-deps", "--no-index"]
    # What `pip --python` does, which would start Python twice.
    done([python, Path(pip.origin).parent, *install, wheel], offline=True)
    (site,) = bare.glob("lib/python*/site-packages")
    (installed,) = distributions(path=[str(site)])
    for required in required_by(installed):
        for top in {file.parts[0] for file in required.files or () if ".." not in file.parts}:
            (site / top).symlink_to(str(required.locate_file(top)))
    program = bare / "bin" / "lmnt-say"

    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    local = subprocess.run([program, "--local", "-o", "-", "hi"], capture_output=True, text=True, check=False)

    assert version.stdout.startswith("lmnt-say ")
    assert (local.returncode, local.stdout) == (2, "")
    assert "pip install 'lmnt-say[local]'" in local.stderr
    assert (bare / "share" / "man" / "man1" / "lmnt-say.1").exists()
