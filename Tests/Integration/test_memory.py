"""What a crash, or root, can get out of prefd's memory: docs/PRIVACY.md says the same in words."""

import base64
import os
import resource
import signal
import subprocess

import pytest

from canaries import find_below, spellings
from memory import contents
from people import needs_root
from test_privacy import put_in


@pytest.fixture
def dumping():
    """Lets processes that are started now dump core; skips where the kernel dumps none."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
        if before[1] == 0:
            pytest.skip("core dumps are switched off here (hard limit)")
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


def dumps_core(process: subprocess.Popen, number: int) -> bool:
    """Ends a process by a signal; returns whether the kernel dumped its memory."""
    process.send_signal(number)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -os.WTERMSIG(status)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) in (number, signal.SIGTRAP)
    return os.WCOREDUMP(status)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV], ids=["abort", "fault"])
def test_a_crash_leaves_no_core(dumping, make_prefd, backend, number, tmp_path):
    if not dumps_core(subprocess.Popen(["sleep", "60"], cwd=tmp_path), number):
        pytest.skip("the kernel keeps no core dumps here, of any process")
    prefd = make_prefd(backend)
    marks = put_in(prefd, backend)
    assert not dumps_core(prefd.process, number)
    assert find_below(prefd.state, marks) == []
    assert find_below(prefd.temporary, marks) == []
    assert not [path for path in prefd.home.rglob("*core*") if path.is_file()]


@needs_root
def test_a_dump_that_root_forces_has_no_master_key(prefd, backend):
    marks = put_in(prefd, backend)
    key = (prefd.home / "master.key").read_bytes()
    forms = [key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key).rstrip(b"=")]
    dumped, excluded = contents(prefd.process.pid)
    assert str(prefd.state).encode() in dumped, "what must be there is not found, so that this proves nothing"
    # Its mapping is gone too, once the keyring has been opened with it.
    assert [form for form in forms if form in dumped or form in excluded] == []
    found = sorted(
        mark.split("-", 1)[1].rsplit("-", 1)[0]
        for mark in marks
        if any(form in dumped for form in spellings(mark).values())
    )
    # Not a promise: docs/PRIVACY.md says so. To be seen with `pytest -s`.
    print(f"{len(found)} of {len(marks)} texts are in memory after their exchanges: {', '.join(found)}")
