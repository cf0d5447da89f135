"""Memory that is limited, as MemoryMax= does: what does not fit is refused, and nobody ends the process."""

import json
import os
import secrets
import threading
import time
from pathlib import Path

import pytest

from answers import completion, whole

LIMIT = 512 << 20
BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "word " * 6_000_000}]}).encode()
CGROUPS = Path("/sys/fs/cgroup")


class Group:
    """A control group with a limit on memory, of either version."""

    def __init__(self):
        legacy = (CGROUPS / "memory" / "memory.limit_in_bytes").exists()
        self.path = (CGROUPS / "memory" if legacy else CGROUPS) / f"prefd-{secrets.token_hex(4)}"
        self.peak = "memory.max_usage_in_bytes" if legacy else "memory.peak"
        self.events = "memory.oom_control" if legacy else "memory.events"
        self.path.mkdir()
        (self.path / ("memory.limit_in_bytes" if legacy else "memory.max")).write_text(str(LIMIT))

    def command(self, *words) -> list[str]:
        return ["sh", "-c", f'echo $$ >"{self.path}/cgroup.procs" && exec "$@"', "sh", *map(str, words)]

    def killed(self) -> int:
        lines = dict(line.split() for line in (self.path / self.events).read_text().splitlines())
        return int(lines.get("oom_kill", 0))

    def used(self) -> int:
        """The most that was used; the kernel's own, for sockets and files, included."""
        file = self.path / self.peak
        return int(file.read_text()) if file.exists() else 0


@pytest.fixture
def group():
    try:
        made = Group()
    except OSError as error:
        pytest.skip(f"no control group that limits memory can be made: {error}")
    yield made
    try:
        made.path.rmdir()
    except OSError:
        # prefd is about to end in it.
        pass


def ask(prefd, body) -> tuple[int, str, str | None]:
    with prefd.wire() as wire:
        try:
            wire.ask("POST", "/v1/chat/completions", body)
        except BrokenPipeError:
            # It was refused while it was being sent, and why can still be read.
            pass
        reply = wire.reply()
        return reply.status, reply.json().get("error", {}).get("code", ""), reply.header("retry-after")


def until_served(prefd) -> int:
    """The status of a large request; those that have just ended may have their memory for a moment yet."""
    while (status := ask(prefd, BODY)[0]) == 503:
        time.sleep(0.05)
    return status


def test_a_flood_of_large_bodies_is_refused_where_memory_ends_and_never_kills(group, backend, make_prefd, figure):
    prefd = make_prefd(backend, start=False)
    prefd.command = group.command(*prefd.arguments())
    prefd.start()
    backend.script(whole(completion("ok")))
    answers: list = []

    def flood():
        for _ in range(3):
            try:
                answers.append(ask(prefd, BODY))
            except (OSError, AssertionError) as error:
                answers.append((0, repr(error), None))

    threads = [threading.Thread(target=flood) for _ in range(48)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figure("large requests at once within 512 MiB", f"{answers.count((200, '', None))} served of {len(answers)}")
    figure("most memory used within 512 MiB", f"{group.used() >> 20} MiB")
    assert set(answers) == {(200, "", None), (503, "overloaded", "1")}
    assert group.killed() == 0 and prefd.process.poll() is None
    assert len(os.listdir(f"/proc/{prefd.process.pid}/task")) < 512, "more threads than TasksMax= of the unit"
    # Nothing is left taken: the next large one is served, again and again.
    for _ in range(10):
        assert until_served(prefd) == 200
    # Clients that leave in the middle leave nothing behind either.
    for _ in range(10):
        with prefd.wire() as wire:
            wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n" + b"x" * 20_000_000)
    assert until_served(prefd) == 200
