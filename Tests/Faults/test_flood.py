"""One user's flood and another user's requests."""

import contextlib
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import pytest

from people import ANNA, needs_root

HERE = Path(__file__).resolve().parent
#: What is flooded with, and by how many programs at once.
KINDS = {"connections": 2, "requests": 2, "signals": 1, "preferences": 1}


@pytest.fixture(scope="module")
def client():
    """The program that floods, and that measures how long answers take."""
    compiler = shutil.which("clang") or shutil.which("cc")
    assert compiler, "no C compiler here (clang comes with Swift)"
    folder = Path(tempfile.mkdtemp(prefix="prefd-flood-"))
    folder.chmod(0o755)
    program = folder / "flood"
    subprocess.run([compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-o", program, HERE / "flood.c"], check=True)
    yield program
    shutil.rmtree(folder)


def times(client, prefd, seconds) -> list[float]:
    """How long the answers to one user took, in milliseconds; each was a good one."""
    done = subprocess.run([client, "ask", prefd.data, str(seconds)], capture_output=True, text=True)
    assert done.returncode == 0, f"the other user was not answered: {done.stderr}"
    return [float(line) for line in done.stdout.split()]


def flooded(client, prefd, seconds, kinds) -> tuple[list[float], int]:
    """The same during another user's flood, and how often that one asked."""
    floods = [
        subprocess.Popen(
            [client, kind, prefd.data, str(seconds + 1)], user=ANNA, group=ANNA, extra_groups=[], stdout=subprocess.PIPE
        )
        for kind in kinds
        for _ in range(KINDS[kind])
    ]
    try:
        # The flood has begun before, and ends after.
        times(client, prefd, 0.3)
        took = times(client, prefd, seconds)
    finally:
        answers = [one.communicate()[0] for one in floods]
    assert all(one.returncode == 0 for one in floods)
    return took, sum(int(answer) for answer in answers)


@pytest.fixture
def prefd(make_prefd):
    """prefd that answers by itself: a model server's queue, which a flood fills too, is not what is measured."""
    return make_prefd([])


def put_first(prefd) -> None:
    """Has the kernel give prefd the cores when it wants them, whatever else the machine does but measure."""
    for task in Path(f"/proc/{prefd.process.pid}/task").iterdir():
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))


def p99(values) -> float:
    return statistics.quantiles(values, n=100)[98]


@needs_root
def test_another_user_is_answered_through_a_flood(prefd, client, is_long, figure):
    seconds, rounds = (5, 6) if is_long else (1, 2)
    floods = {kind: [kind] for kind in KINDS} | {"all of these at once": list(KINDS)}
    with prefd.wire() as wire:
        assert wire.put("/prefd/v1/preferences/tone", {"value": "casual"}).status == 200
    put_first(prefd)
    times(client, prefd, 1)
    for name, kinds in floods.items():
        # By turns, so that whatever else the machine does falls on both.
        quiet, loud, asked = [], [], 0
        for _ in range(rounds):
            quiet += times(client, prefd, seconds)
            more, count = flooded(client, prefd, seconds, kinds)
            loud += more
            asked += count
        assert asked > 100, f"there was no flood of {name}"
        figure(
            f"p99 of one user's requests during another's flood ({name}, {asked} in all), and quiet",
            f"{p99(loud):.2f} ms, {p99(quiet):.2f} ms (medians {statistics.median(loud):.2f}, {statistics.median(quiet):.2f})",
        )
