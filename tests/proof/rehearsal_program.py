"""One conversation with the tape, by the program in its own process, and resumed."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shlex
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path

from tests.proof.rehearsal import Case, Outcome
from tests.proof.subtitles import NAMES, wrong_files
from tests.proof.tape import TAPES
from tests.proof.tape_service import TapeService
from tests.proof.typist import blocks
from tests.tools.program import clean_environment


PROGRAM = (sys.executable, "-m", "lmnt_cli")
LIMIT = 30.0
RESUME = "resume with: "
TYPED_EVERY = 0.002  # seconds between the blocks of a dribble, which is part of the case


async def rehearse_program(case: Case, text: bytes, service: TapeService, directory: Path) -> Outcome:
    """Speak the text; if some is left, run the command that the program prints."""
    rehearsal, address = service.rehearse(case.plan)
    outcome = Outcome(case, rehearsal, text.decode(), program=True)
    environment = _environment(address, directory)
    files = ["-o", "speech", *(word for name in NAMES for word in ("--subtitles", name))]
    arguments = [*_arguments(case), *(files if case.sink == "file" else [])]
    if case.stalled:
        audio, told, process = await _stalled(arguments, environment, directory, blocks(text, case.typing))
    else:
        process = await _start(arguments, environment, directory)
        audio, told = await _talk(process, blocks(text, case.typing))
    outcome.status, outcome.told = process.returncode or 0, told
    outcome.audio = audio if case.sink == "pipe" else _recorded(directory, outcome.status)
    if RESUME in told:
        outcome.trace.append(told)
        command = shlex.split(told.split(RESUME)[1].splitlines()[0])
        await _resume(outcome, command, environment, directory)
        if case.sink == "file":
            outcome.audio = _recorded(directory, 0)
    if case.sink == "file" and (outcome.status == 0 or RESUME in told):
        outcome.wrong_files = wrong_files(outcome.text, directory)
    return outcome


async def _stalled(
    arguments: list[str], environment: dict[str, str], directory: Path, typed: list[bytes]
) -> tuple[bytes, str, Process]:
    """Read no output until the program has ended; its pipe holds one page."""
    reading, writing = os.pipe()
    with suppress(AttributeError):  # not Linux: the pipe is then larger than the audio
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    process = await _start(arguments, environment, directory, stdout=writing)
    os.close(writing)
    _, told = await _talk(process, typed)
    with open(reading, "rb") as pipe:
        return pipe.read(), told, process


async def _resume(outcome: Outcome, command: list[str], environment: dict[str, str], directory: Path) -> None:
    assert command[0] == "lmnt-say"
    process = await _start(command[1:], environment, directory)
    outcome.more_audio, told = await _talk(process, [])
    outcome.trace.append(told)
    assert process.returncode == 0, f"resuming ended with {process.returncode}: {told}"


def _arguments(case: Case) -> list[str]:
    rate = TAPES[case.format.on_the_wire].rate
    return [
        *("--format", case.format.value, "--sample-rate", str(rate)),
        *("--retry", str(case.retries), "--timeout", str(case.silence), "--flush-on", case.rule.value),
        *([] if case.resume else ["--on-drop", "fail"]),
    ]


def _environment(address: str, directory: Path) -> dict[str, str]:
    homes = {
        f"XDG_{kind}_HOME": str(directory / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE", "DATA")
    }
    ours = {"LMNT_API_KEY": "key", "LMNT_BASE_URL": f"http://{address}", "LC_ALL": "C.UTF-8"}
    return {**clean_environment(os.environ), **homes, **ours}


async def _start(
    arguments: list[str], environment: dict[str, str], directory: Path, *, stdout: int = PIPE
) -> Process:
    return await asyncio.create_subprocess_exec(
        *PROGRAM, *arguments, stdin=PIPE, stdout=stdout, stderr=PIPE, env=environment, cwd=directory
    )


async def _talk(process: Process, typed: list[bytes]) -> tuple[bytes, str]:
    """Type, and read all output; the process ends with this."""
    typing = asyncio.create_task(_type(process, typed))
    try:
        async with asyncio.timeout(LIMIT):
            assert process.stderr
            told = asyncio.create_task(process.stderr.read())
            audio = await process.stdout.read() if process.stdout else b""
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise AssertionError(f"the program did not end within {LIMIT} s") from None
    finally:
        typing.cancel()
    return audio, (await told).decode()


async def _type(process: Process, typed: list[bytes]) -> None:
    assert process.stdin
    try:
        for block in typed:
            process.stdin.write(block)
            await process.stdin.drain()
            await asyncio.sleep(TYPED_EVERY)
    except ConnectionError:
        return  # it has ended
    process.stdin.close()


def _recorded(directory: Path, status: int) -> bytes:
    path = directory / ("speech" if status == 0 else "speech.part")
    return path.read_bytes() if path.exists() else b""
