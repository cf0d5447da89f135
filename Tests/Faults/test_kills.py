"""kill -9 in the middle of writes: what was acknowledged is there afterwards."""

import contextlib
import sqlite3
import threading
import time

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


def test_every_acknowledged_write_survives_kill_9(prefd, is_long, figure):
    cycles = 1000 if is_long else 30
    expected: dict[str, str | None] = {}
    signals: set[str] = set()
    writes = 0
    with prefd.wire() as wire:
        assert wire.put("/prefd/v1/consent/signals.explicit", {"granted": True}).status == 200
    for cycle in range(cycles):
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
    assert writes > cycles * 3, f"only {writes} writes were tried"
    assert prefd.stop() == 0
    databases = [
        path for path in prefd.state.rglob("*") if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"
    ]
    assert databases
    for path in databases:
        with contextlib.closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    figure("cycles of kill -9 under load, with so many writes", f"{cycles}, {writes}")
    figure("… acknowledged writes lost; databases that fail integrity_check", "0; 0")
