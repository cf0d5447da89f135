"""Files that were cut, changed, replaced by older ones or mixed up: it is noticed, or it does no harm; nothing
wrong is ever told."""

import contextlib
import os
import shutil
import sqlite3

from answers import completion, whole
from canaries import snapshot
from copies import prefd_on_copy

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
PEOPLE = {
    "carol": {"verbosity": "concise", "tone": "casual", "emoji": "none"},
    "dave": {"verbosity": "exhaustive", "tone": "formal", "emoji": "some"},
}
DATABASE = "prefd.db"


def named(who):
    return [("X-Prefd-User", who)]


def contents(state):
    """What the files hold; without the index of the database's log, which is made anew by whoever reads that."""
    return {name: data for name, data in snapshot(state).items() if not name.endswith("-shm")}


class Store:
    """A state directory with two people in it, an older copy of it, and one as a crash leaves it."""

    def __init__(self, stage, model):
        self.stage, self.model = stage, model
        self.apps = [{"name": "webchat", "match": {"uid": os.getuid()}, "delegate": True, "user_from": ["header"]}]
        prefd = stage.prefd(model, apps=self.apps)
        with prefd.wire() as wire:
            for who in PEOPLE:
                for scope in ("signals.explicit", "preferences"):
                    assert wire.put(f"/prefd/v1/consent/{scope}", {"granted": True}, named(who)).status == 200
                wire.put("/prefd/v1/preferences/verbosity", {"value": "balanced"}, named(who))
        prefd.stop()
        self.older = self.copy(prefd, "older")
        prefd.start()
        with prefd.wire() as wire:
            for who, values in PEOPLE.items():
                for dimension, value in values.items():
                    reply = wire.put(f"/prefd/v1/preferences/{dimension}", {"value": value}, named(who))
                    assert reply.status == 200, reply
                for value in (1, 5):
                    assert wire.post("/prefd/v1/signals", {"kind": "rating", "value": value}, named(who)).status == 200
        prefd.kill()
        self.crashed = self.copy(prefd, "crashed")
        prefd.start()
        prefd.stop()
        self.clean = self.copy(prefd, "clean")

    def copy(self, prefd, name):
        return shutil.copytree(prefd.state, self.stage.home / name)

    def look(self, origin, change) -> str:
        """Starts prefd on a copy that was changed; says how that went."""
        prefd = prefd_on_copy(self.stage, self.model, apps=self.apps)
        shutil.copytree(origin, prefd.state)
        change(prefd.state)
        before = contents(prefd.state)
        try:
            try:
                prefd.start(statuses=(200, 503))
            except AssertionError:
                assert prefd.process.poll() == 78, f"it ended with {prefd.process.poll()}:\n{prefd.log()}"
                said = prefd.log()
                assert "prefd: The" in said and str(prefd.state) in said, said
                assert contents(prefd.state) == before, "it refused, and changed something"
                return "refused"
            return self.ask(prefd)
        finally:
            prefd.close()

    def ask(self, prefd) -> str:
        noticed = False
        for who, values in PEOPLE.items():
            with prefd.wire() as wire:
                assert wire.chat(HI, headers=named(who)).status == 200, "a request failed"
                reply = wire.get("/prefd/v1/preferences", named(who))
                if reply.status == 200:
                    told = {each["dimension"]: each["value"] for each in reply.json()["preferences"]}
                    assert told == values, f"{who} is told {told}"
                    export = wire.get("/prefd/v1/export", named(who))
                    if export.status == 200:
                        kept = sorted(signal["rating"] for signal in export.json()["signals"])
                        assert kept == [1, 5], f"{who} is shown the ratings {kept}"
                        continue
                    reply = export
                assert reply.status in (500, 503) and reply.json()["error"]["message"], reply
                noticed = True
        return "noticed" if noticed else "harmless"


def cut(name, size):
    def change(state):
        with open(state / name, "r+b") as file:
            file.truncate(size)

    return change


def flip(name, offset):
    def change(state):
        with open(state / name, "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ (1 << offset % 8)]))

    return change


def replace(name, source):
    def change(state):
        (state / name).unlink(missing_ok=True)
        if (source / name).exists():
            shutil.copy2(source / name, state / name)

    return change


def sql(*statements):
    def change(state):
        with contextlib.closing(sqlite3.connect(state / DATABASE)) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()

    return change


def mixed_up():
    """Rows that somebody put elsewhere who can write the database and knows its schema."""
    for table in ("users", "preferences", "consents", "signals"):
        one = f"(SELECT handle FROM {table} ORDER BY handle LIMIT 1)"
        other = f"(SELECT handle FROM {table} ORDER BY handle DESC LIMIT 1)"
        yield f"{table}: a row of one user's in another's name", sql(
            "PRAGMA foreign_keys = OFF",
            f"CREATE TEMP TABLE kept AS SELECT rowid AS n, * FROM (SELECT * FROM {table} WHERE handle = {one} LIMIT 1)",
            f"UPDATE {table} SET sealed = (SELECT sealed FROM kept) WHERE handle = {other}",
        )
        yield f"{table}: a user's rows removed", sql("PRAGMA foreign_keys = OFF", f"DELETE FROM {table} WHERE handle = {one}")
        if table != "users":
            yield f"{table}: one row removed", sql(
                f"DELETE FROM {table} WHERE (handle, id) IN (SELECT handle, id FROM {table} LIMIT 1)"
            )
    yield "state: an earlier count of commits", sql("UPDATE state SET commits = commits - 1")


def changes(store, is_long):
    for path in sorted(store.clean.iterdir()):
        size = path.stat().st_size
        if size == 0:
            continue
        for length in {0, 1, size // 2, size - 1}:
            yield "cut off", store.clean, cut(path.name, length), f"{path.name} to {length}"
        step = max(1, size // (400 if is_long else 12))
        for offset in range(step // 2, size, step):
            yield "one bit flipped", store.clean, flip(path.name, offset), f"{path.name} at {offset}"
        for origin in (store.clean, store.crashed):
            yield "an older copy", origin, replace(path.name, store.older), f"{path.name} in {origin.name}"
    log = DATABASE + "-wal"
    size = (store.crashed / log).stat().st_size
    assert size > 0, "the crash left no log"
    for length in {0, size // 2, size - 1}:
        yield "cut off", store.crashed, cut(log, length), f"{log} to {length}"
    step = max(1, size // (400 if is_long else 12))
    for offset in range(step // 2, size, step):
        yield "one bit flipped", store.crashed, flip(log, offset), f"{log} at {offset}"
    for what, change in mixed_up():
        yield "rows mixed up", store.clean, change, what


def test_damage_is_noticed_or_harmless_and_nothing_wrong_is_told(stage, backend, is_long, figure):
    backend.script(whole(completion("ok")))
    store = Store(stage, backend)
    assert store.look(store.clean, lambda state: None) == "harmless"
    assert store.look(store.crashed, lambda state: None) == "harmless"
    counts: dict[str, dict[str, int]] = {}
    wrong = []
    for kind, origin, change, what in changes(store, is_long):
        try:
            outcome = store.look(origin, change)
        except AssertionError as error:
            wrong.append(f"{kind}, {what}: {str(error)[:400]}")
            continue
        of_kind = counts.setdefault(kind, {})
        of_kind[outcome] = of_kind.get(outcome, 0) + 1
    assert not wrong, f"{len(wrong)} went wrong:\n" + "\n".join(wrong[:20])
    for kind, of_kind in counts.items():
        told = ", ".join(f"{of_kind.get(name, 0)} {name}" for name in ("refused", "noticed", "harmless"))
        figure(f"files with damage: {kind}", f"{sum(of_kind.values())}: {told}; 0 told wrong")
