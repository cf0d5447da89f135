"""No request waits for a disk write."""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from answers import completion, whole
from people import ANNA, as_user
from wire import Wire

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def slow_disk(home):
    """Environment of a process whose disk is slow while the flag file is there, and the flag."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here (clang comes with Swift)")
    library = home / "slow_disk.so"
    source = Path(__file__).with_name("slow_disk.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    flag = home / "slow"
    return {"LD_PRELOAD": str(library), "SLOW_DISK": str(flag)}, flag


def slowest_chat(path, count) -> float:
    with Wire(path) as wire:
        took = []
        for _ in range(count):
            began = time.monotonic()
            assert wire.chat(HI).status == 200
            took.append(time.monotonic() - began)
    return max(took)


def test_requests_do_not_wait_for_the_disk(make_prefd, backend, slow_disk):
    env, flag = slow_disk
    prefd = make_prefd(backend, env=env)
    backend.script(whole(completion("ok")))
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/tone", {"value": "casual"})
        wire.put("/prefd/v1/consent/signals.explicit", {"granted": True})
    slowest_chat(prefd.data, 5)
    flag.touch()
    writes = []

    def write(target, value):
        with prefd.wire() as wire:
            began = time.monotonic()
            reply = wire.put(target, value) if "preferences" in target else wire.post(target, value)
            writes.append((reply.status, time.monotonic() - began))

    writers = [
        threading.Thread(target=write, args=("/prefd/v1/preferences/verbosity", {"value": "concise"})),
        threading.Thread(target=write, args=("/prefd/v1/signals", {"kind": "rating", "value": 5})),
    ]
    for writer in writers:
        writer.start()
    time.sleep(0.1)
    # Someone whose profile is in memory, and someone whose profile has to be looked up.
    own = slowest_chat(prefd.data, 20)
    other = as_user(ANNA, slowest_chat, prefd.data, 5) if os.geteuid() == 0 else 0.0
    assert not writes, "the write was not slow, so that this proves nothing"
    for writer in writers:
        writer.join()
    assert [status for status, _ in writes] == [200, 200] and min(took for _, took in writes) > 1
    assert own < 0.5 and other < 0.5, f"a request took {max(own, other):.2f} s while the disk was slow"
