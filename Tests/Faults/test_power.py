"""The power goes, at every sync and between: what was acknowledged is there, and the rest is as before."""

import contextlib
import random
import sqlite3

from copies import prefd_on_copy
from power import Disk, read_tape
from script import Kept, script, take

SHAPES = ("least", "some", "most")


def record(stage, model, library):
    """Does the script on a disk that is recorded; returns the tape, and after how much of it each step was
    acknowledged."""
    tape_path = stage.home / "tape"
    env = {"LD_PRELOAD": str(library), "DISK": str(stage.home / "state"), "DISK_RECORD": str(tape_path)}
    prefd = stage.prefd(model, env=env)
    started = tape_path.stat().st_size
    acknowledged = []
    steps = script().steps
    for step in steps:
        if step.restarts:
            assert prefd.stop() == 0
            prefd.start()
        else:
            with prefd.wire() as wire:
                reply = take(wire, step)
            assert reply.status == 200, (step, reply)
        acknowledged.append(tape_path.stat().st_size)
    assert prefd.stop() == 0
    return read_tape(tape_path), started, steps, acknowledged


def check(stage, model, image: dict[str, bytes], allowed: list[Kept]) -> None:
    """Starts prefd on what the power cut left, and looks at what it knows."""
    prefd = prefd_on_copy(stage, model)
    prefd.state.mkdir(mode=0o700)
    for name, data in image.items():
        (prefd.state / name).write_bytes(data)
        (prefd.state / name).chmod(0o600)
    try:
        prefd.start()
        with prefd.wire() as wire:
            kept = Kept.read(wire)
            assert kept in allowed, f"kept is {kept}, and should be one of {allowed}"
            # And it goes on from there.
            assert wire.put("/prefd/v1/preferences/warmth", {"value": "warm"}).status == 200
        assert prefd.stop() == 0
        with contextlib.closing(sqlite3.connect(prefd.state / "prefd.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        prefd.close()


def test_nothing_acknowledged_is_lost_when_the_power_goes(stage, backend, disk_library, is_long, figure):
    tape, started, steps, acknowledged = record(stage, backend, disk_library)
    syncs = [index for index, each in enumerate(tape) if each.what in "sd" and each.end > started]
    assert len(syncs) > 20, "hardly anything was synced: the tape does not show what was done"
    # Right before and right behind each sync, and between two of them.
    places = sorted({place for index in syncs for place in (index, index + 1, index - 1)} | {len(tape)})
    if not is_long:
        places = places[::11]
    dice = random.Random(1)
    tried = 0
    for place in places:
        disk = Disk(tape[:place])
        done = sum(1 for size in acknowledged if size <= tape[place - 1].end)
        allowed = [steps[done - 1].kept if done else Kept()]
        if done < len(steps):
            allowed.append(steps[done].kept)
        for shape in SHAPES:
            for _ in range(3 if shape == "some" and is_long else 1):
                try:
                    check(stage, backend, disk.crash(shape, dice), allowed)
                except AssertionError as error:
                    step = steps[done] if done < len(steps) else "the end"
                    raise AssertionError(f"at record {place} of {len(tape)} ({shape}), in {step}: {error}") from error
                tried += 1
    figure("power cuts at and between syncs, unsynced writes lost or torn", tried)
    figure("… acknowledged writes lost; databases that fail integrity_check", "0; 0")
