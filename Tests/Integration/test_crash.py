"""kill -9 in the middle of writes: what was acknowledged is there afterwards."""

import contextlib
import json
import sqlite3
import threading
import time

import pytest

from canaries import snapshot

CYCLES = 30
WRITERS = 4
PLACES = 12


class Writer(threading.Thread):
    """Sets preferences and reports signals as fast as it can, and remembers what was acknowledged."""

    def __init__(self, prefd, number: int, cycle: int):
        super().__init__()
        self.prefd, self.number, self.cycle = prefd, number, cycle
        self.acknowledged: dict[str, str | None] = {}
        self.underway: dict[str, str | None] = {}
        self.signals: list[str] = []
        self.writes = 0

    def run(self) -> None:
        with contextlib.suppress(Exception), self.prefd.wire() as wire:
            while True:
                app = f"app{self.number}-{self.writes % PLACES}"
                # A language tag has room for a serial number.
                target = f"/prefd/v1/preferences/language?app={app}"
                removes = self.writes % 7 == 6
                value = None if removes else f"en-x-{self.cycle}-{self.writes}0"
                self.underway[app] = value
                reply = wire.delete(target) if removes else wire.put(target, {"value": value})
                if reply.status == 200:
                    self.acknowledged[app] = value
                    del self.underway[app]
                if self.writes % 3 == 0:
                    reply = wire.post("/prefd/v1/signals", {"kind": "rating", "value": 5})
                    if reply.status == 200:
                        self.signals.append(reply.json()["id"])
                self.writes += 1


def test_every_acknowledged_write_survives_kill_9(prefd):
    expected: dict[str, str | None] = {}
    signals: set[str] = set()
    writes = 0
    with prefd.wire() as wire:
        assert wire.put("/prefd/v1/consent/signals.explicit", {"granted": True}).status == 200
    for cycle in range(CYCLES):
        writers = [Writer(prefd, number, cycle) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(0.03 + 0.011 * (cycle % 17))
        prefd.kill()
        maybe: dict[str, str | None] = {}
        for writer in writers:
            writer.join()
            expected.update(writer.acknowledged)
            maybe.update(writer.underway)
            signals.update(writer.signals)
            writes += writer.writes
        prefd.start()
        with prefd.wire() as wire:
            export = wire.get("/prefd/v1/export").json()
        kept = {entry["context"]["app"]: entry["value"] for entry in export["preferences"]}
        for app in expected.keys() | maybe.keys():
            allowed = {expected.get(app)} | ({maybe[app]} if app in maybe else set())
            assert kept.get(app) in allowed, f"cycle {cycle}: {app} is {kept.get(app)}, expected one of {allowed}"
            expected[app] = kept.get(app)
        lost = signals - {signal["id"] for signal in export["signals"]}
        assert not lost, f"cycle {cycle}: {len(lost)} acknowledged signals are gone"
    assert writes > CYCLES * 10, f"only {writes} writes were tried"
    assert prefd.stop() == 0
    databases = [
        path for path in prefd.state.rglob("*") if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"
    ]
    assert databases
    for path in databases:
        with contextlib.closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_write_is_acknowledged_only_when_it_is_on_disk(prefd):
    with prefd.wire() as wire:
        for number in range(5):
            wire.put("/prefd/v1/preferences/language", {"value": f"en-x-{number}0"})
            prefd.kill()
            prefd.start()
            wire.close()
            assert wire.get("/prefd/v1/preferences/language").json()["value"] == f"en-x-{number}0"


@pytest.mark.parametrize("how", ["wrong", "short", "missing", "open to others"])
def test_without_the_right_key_it_refuses_to_start_and_touches_nothing(prefd, home, how):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/tone", {"value": "casual"})
    prefd.stop()
    key = home / "master.key"
    right = key.read_bytes()
    if how == "wrong":
        key.write_bytes(bytes(32))
    elif how == "short":
        key.write_bytes(right[:31])
    elif how == "missing":
        key.unlink()
    else:
        key.chmod(0o644)
    before = snapshot(prefd.state)
    prefd.log_path.unlink()
    assert prefd.spawn().wait(20) == 78
    assert snapshot(prefd.state) == before
    said = prefd.log()
    assert "key" in said and right.hex() not in said
    assert not (how == "missing" and key.exists()), "it made a new key beside a store that has one"
    # With the right key again, everything is there.
    key.write_bytes(right)
    key.chmod(0o600)
    prefd.start()
    with prefd.wire() as wire:
        assert json.loads(wire.get("/prefd/v1/preferences/tone").body)["value"] == "casual"
