"""Backups with the real programs: made while the store is in use, verified, restored, refused."""

import json
import os
import secrets
import shutil
import sqlite3
import threading

import pytest

from canaries import canary, find_below, snapshot
from wire import Wire

DELEGATE = {"name": "portal", "match": {"uid": os.getuid()}, "delegate": True}


class People:
    """End users of an app that may speak for them; each with canaries in all that is kept of them."""

    def __init__(self, prefd):
        self.prefd = prefd
        self.canaries: dict[str, list[str]] = {}

    def call(self, wire: Wire, user: str, method: str, path: str, body=None):
        content = None if body is None else json.dumps(body).encode()
        return wire.request(method, path, content, headers=[("X-Prefd-User", user)])

    def settle(self, name: str) -> str:
        """Someone with a preference, all consents about signals, and a signal with an excerpt."""
        user = canary(f"user-{name}")
        texts = [canary(f"note-{name}"), canary(f"text-{name}")]
        self.canaries[user] = [user, *texts]
        with self.prefd.wire() as wire:
            assert self.call(wire, user, "PUT", "/prefd/v1/preferences/note", {"value": f"likes {texts[0]}"}).status == 200
            for scope in ("signals.explicit", "content"):
                assert self.call(wire, user, "PUT", f"/prefd/v1/consent/{scope}", {"granted": True}).status == 200
            edit = {"kind": "edit", "before": f"before {texts[1]}", "after": f"after {texts[1]}"}
            assert self.call(wire, user, "POST", "/prefd/v1/signals", edit).status == 200
        return user

    def export(self, user: str) -> dict:
        with self.prefd.wire() as wire:
            return self.call(wire, user, "GET", "/prefd/v1/export").json()

    def all_canaries(self) -> list[str]:
        return [text for texts in self.canaries.values() for text in texts]


@pytest.fixture
def people(make_prefd, backend):
    return People(make_prefd(backend, apps=[DELEGATE]))


def done(run, status=0):
    assert run.returncode == status, f"{run.returncode}\n{run.stdout}{run.stderr}"
    return run


def without_times(export: dict) -> dict:
    return {name: export[name] for name in ("preferences", "consents", "signals")}


def test_a_backup_under_load_comes_back_without_what_was_erased_since(people, home):
    prefd = people.prefd
    alice, bob, carol = (people.settle(name) for name in ("alice", "bob", "carol"))
    before = {user: people.export(user) for user in (bob, carol)}
    stop = threading.Event()
    statuses: list[int] = []

    def write():
        with prefd.wire() as wire:
            while not stop.is_set():
                number = len(statuses)
                language = {"value": f"en-x-{number % 99999}0"}
                reply = people.call(wire, f"w{number % 40}", "PUT", "/prefd/v1/preferences/language", language)
                statuses.append(reply.status)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    shelf = home / "backups"
    shelf.mkdir()
    made = json.loads(done(prefd.prefctl("backup", "create", str(shelf), "--json")).stdout)
    table = done(prefd.prefctl("backup", "create", str(home / "second"))).stdout
    stop.set()
    for writer in writers:
        writer.join()
    assert set(statuses) == {200} and len(statuses) > 20
    path = shelf / os.path.basename(made["path"])
    assert [path] == list(shelf.iterdir()) and path.name.startswith("prefd-20")
    assert made["backup"]["users"] >= 3 and made["backup"]["signals"] == 3
    assert "Made and verified" in table and "3 signals" in table
    assert path.stat().st_mode & 0o777 == 0o700
    assert {file.name for file in path.iterdir()} == {"manifest.json", "keyring", "prefd.db", "audit.log"}
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in path.iterdir())
    assert not [name for name in snapshot(prefd.state) if name.startswith("backup")]
    assert find_below(path, people.all_canaries()) == []

    # After the backup: alice is forgotten, bob withdraws, carol changes something, dora comes.
    with prefd.wire() as wire:
        assert people.call(wire, alice, "DELETE", "/prefd/v1/me").status == 200
        assert people.call(wire, bob, "DELETE", "/prefd/v1/consent/signals.explicit").status == 200
        assert people.call(wire, carol, "PUT", "/prefd/v1/preferences/note", {"value": "changed"}).status == 200
    dora = people.settle("dora")
    said = done(prefd.prefctl("backup", "verify", str(path))).stdout
    assert "Verified" in said
    said = done(prefd.prefctl("backup", "restore", str(path))).stdout
    assert "systemctl restart prefd" in said
    # Until the restart everything goes on as it is.
    assert people.export(carol)["preferences"][0]["value"] == "changed"
    assert prefd.stop() == 0
    prefd.start()
    event = prefd.events("store-restored")[-1]
    assert (event["PREFD_ERASED"], event["PREFD_WITHDRAWN"]) == ("1", "1")
    assert people.export(alice)["preferences"] == people.export(alice)["consents"] == []
    bobs = people.export(bob)
    assert bobs["signals"] == [] and bobs["preferences"] == before[bob]["preferences"]
    assert without_times(people.export(carol)) == without_times(before[carol])
    assert people.export(dora)["preferences"] == []
    assert find_below(prefd.state, people.all_canaries()) == []
    assert "restore" not in {path.name for path in prefd.state.iterdir()}
    # And it goes on: another backup, with the ledger of what was erased.
    done(prefd.prefctl("backup", "create", str(home / "third")))
    assert (home / "third" / "erasures").stat().st_size > 0
    assert prefd.stop() == 0 and prefd.log().count("store-restored") == 1


def test_a_store_that_does_not_open_is_replaced_by_its_backup(people, home):
    prefd = people.prefd
    alice, bob = people.settle("alice"), people.settle("bob")
    kept = people.export(bob)
    done(prefd.prefctl("backup", "create", str(home / "kept")))
    with prefd.wire() as wire:
        people.call(wire, alice, "DELETE", "/prefd/v1/me")
    prefd.stop()
    database = prefd.state / "prefd.db"
    database.write_bytes(secrets.token_bytes(database.stat().st_size))
    assert prefd.spawn().wait(20) == 78
    # By hand, as docs/STORE.md says: the backup becomes the folder `restore` of the state directory.
    shutil.copytree(home / "kept", prefd.state / "restore")
    prefd.start()
    assert without_times(people.export(bob)) == without_times(kept)
    assert people.export(alice)["preferences"] == []


@pytest.mark.parametrize("how", ["cut", "flipped", "newer", "no keyring", "another key", "no backup"])
def test_what_is_no_backup_of_this_store_is_refused_and_nothing_touched(people, home, how):
    prefd = people.prefd
    user = people.settle("alice")
    path = home / "made"
    done(prefd.prefctl("backup", "create", str(path)))
    word = "damaged"
    if how == "cut":
        os.truncate(path / "prefd.db", (path / "prefd.db").stat().st_size - 1)
    elif how == "flipped":
        content = bytearray((path / "keyring").read_bytes())
        content[-100] ^= 1
        (path / "keyring").write_bytes(content)
    elif how == "newer":
        manifest = json.loads((path / "manifest.json").read_text())
        (path / "manifest.json").write_text(json.dumps({**manifest, "format": manifest["format"] + 1}))
        word = f"knows versions up to {manifest['format']}"
    elif how == "no keyring":
        (path / "keyring").unlink()
        word = "has no keyring"
    elif how == "another key":
        prefd.stop()
        key = home / "master.key"
        key.rename(home / "old.key")
        prefd.state.rename(home / "old-state")
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(32))
        prefd.start()
        user = people.settle("bob")
        word = "another master key"
    else:
        path = home / "nothing"
        word = "There is no backup"
    export = people.export(user)
    for command in ("verify", "restore"):
        refused = done(prefd.prefctl("backup", command, str(path)), status=1)
        assert word in refused.stderr and "hint:" in refused.stderr, refused.stderr
    assert "restore" not in {entry.name for entry in prefd.state.iterdir()}
    assert prefd.stop() == 0
    prefd.start()
    assert without_times(people.export(user)) == without_times(export)


def test_a_restore_that_cannot_be_carried_out_leaves_the_store_alone(people, home):
    prefd = people.prefd
    user = people.settle("alice")
    done(prefd.prefctl("backup", "create", str(home / "made")))
    done(prefd.prefctl("backup", "restore", str(home / "made")))
    assert "Taken back" in done(prefd.prefctl("backup", "restore", "--cancel")).stdout
    assert "No restore" in done(prefd.prefctl("backup", "restore", "--cancel")).stdout
    done(prefd.prefctl("backup", "restore", str(home / "made")))
    prefd.stop()
    before = snapshot(prefd.state)
    keyring = prefd.state / "restore" / "keyring"
    keyring.write_bytes(keyring.read_bytes()[:-300] + bytes(300))
    changed = snapshot(prefd.state)
    assert prefd.spawn().wait(20) == 78
    assert "cannot be restored" in prefd.log()
    assert snapshot(prefd.state) == changed
    shutil.rmtree(prefd.state / "restore")
    prefd.start()
    assert people.export(user)["signals"]
    assert before.keys() - changed.keys() == set()


def test_only_admins_and_only_new_places(people, home):
    prefd = people.prefd
    people.settle("alice")
    (home / "taken").write_text("mine")
    refused = done(prefd.prefctl("backup", "create", str(home / "taken")), status=1)
    assert "something at" in refused.stderr and (home / "taken").read_text() == "mine"
    done(prefd.prefctl("backup", "create", str(home / "made")))
    done(prefd.prefctl("backup", "create", str(home / "made")), status=1)
    with prefd.wire() as wire:
        assert wire.request("POST", "/prefd/v1/admin/backups", None).status == 404
    with prefd.admin_wire() as wire:
        for path in ("keyring?offset=-1", "keyring", "master.key?offset=0", "..%2Fkeyring?offset=0", "keyring?offset=0"):
            assert wire.request("GET", f"/prefd/v1/admin/backups/abc/files/{path}", None).status >= 400
