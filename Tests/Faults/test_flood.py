"""One user's flood and another user's requests."""

import contextlib
import os
import statistics
import time

from answers import completion, whole
from people import ANNA, needs_root, start_as_user
from wire import Wire

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
ROUNDS = 3


def flood(path, what, until):
    """Asks as fast as it can, whatever the answer; returns how often."""
    os.nice(19)
    count = 0
    while time.monotonic() < until:
        with contextlib.suppress(OSError, Exception), Wire(path, timeout=5) as wire:
            if what == "connections":
                kept = [Wire(path, timeout=5) for _ in range(200)]
                for one in kept:
                    one.connect()
                for one in kept:
                    one.close()
                count += len(kept)
                continue
            while time.monotonic() < until:
                if what == "requests":
                    wire.chat(HI)
                elif what == "signals":
                    wire.post("/prefd/v1/signals", {"kind": "rating", "value": 5})
                else:
                    wire.put("/prefd/v1/preferences/note", {"value": "x" * (500 if count % 2 else 1 << 20)})
                count += 1
    return count


def times(wire, seconds) -> list[float]:
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        assert wire.chat(HI).status == 200, "the other user was not answered"
        took.append(time.monotonic() - began)
    return took


def p99(values) -> float:
    return statistics.quantiles(values, n=100)[98]


@needs_root
def test_another_user_is_answered_through_a_flood(prefd, backend, is_long, figure):
    backend.script(whole(completion("ok")))
    seconds = 10 if is_long else 1
    quiet: list[float] = []
    flooded: list[float] = []
    asked = 0
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/tone", {"value": "casual"})
        times(wire, 1)
        for _ in range(ROUNDS):
            quiet += times(wire, seconds)
            until = time.monotonic() + seconds + 1
            kinds = ("connections", "requests", "requests", "signals", "preferences")
            floods = [start_as_user(ANNA, flood, prefd.data, what, until) for what in kinds]
            time.sleep(0.5)
            flooded += times(wire, seconds)
            asked += sum(one.result() for one in floods)
    assert asked > 100, "there was no flood"
    ratio = p99(flooded) / p99(quiet)
    figure(
        "p99 of one user's requests during another's flood (whose programs share the cores), and quiet",
        f"{p99(flooded) * 1000:.1f} ms, {p99(quiet) * 1000:.1f} ms ({ratio:.1f} times)",
    )
