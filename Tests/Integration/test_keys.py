"""Keys change while prefd runs, a crash at any moment loses nothing, and their state can be read."""

import contextlib
import json
import os
import secrets
import threading

import pytest

from daemon import Prefd, standard_config

CYCLES = 12


def status(prefd) -> dict:
    done = prefd.prefctl("key", "status", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def pseudonyms(prefd) -> list[str]:
    return [user["pseudonym"] for user in json.loads(prefd.prefctl("users", "--json").stdout)["users"]]


def language(prefd) -> str:
    with prefd.wire() as wire:
        return wire.get("/prefd/v1/preferences/language").json()["value"]


def test_the_master_key_changes_while_prefd_runs(prefd, home):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/language", {"value": "en-x-10"})
        before = status(prefd)
        assert before["master"]["source"] == "file" and before["master"]["epoch"] == 1
        assert before["master"]["age_days"] == 0 and before["data_keys"]["users"] == 1
        old = (home / "master.key").read_bytes()
        done = prefd.prefctl("key", "rotate", "--reason", "the yearly change")
        assert done.returncode == 0, done.stderr
        assert "new master key" in done.stdout
        # The same connection goes on.
        assert wire.get("/prefd/v1/preferences/language").json()["value"] == "en-x-10"
    assert status(prefd)["master"]["epoch"] == 2
    new = (home / "master.key").read_bytes()
    assert new != old and (home / "master.key").stat().st_mode & 0o777 == 0o600
    assert not list(home.glob("*.previous")) and not list(home.glob(".master.key*"))
    event = prefd.wait_for_event("admin-action")
    assert event["PREFD_ACTION"] == "key rotate" and event["PREFD_REASON"] == "the yearly change"
    prefd.wait_for_event("key-rotated")
    assert prefd.stop() == 0
    prefd.start()
    assert language(prefd) == "en-x-10"
    prefd.stop()
    (home / "master.key").write_bytes(old)
    assert prefd.spawn().wait(20) == 78
    for text in (old, new):
        assert text.hex() not in prefd.log()


def test_one_users_data_key_changes(prefd):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/language", {"value": "en-x-10"})
        wire.put("/prefd/v1/consent/signals.explicit", {"granted": True})
        wire.post("/prefd/v1/signals", {"kind": "rating", "value": 4})
        before = wire.get("/prefd/v1/export").json()
        (user,) = pseudonyms(prefd)
        assert prefd.prefctl("key", "rotate", "--user", user).returncode == 0
        assert status(prefd)["data_keys"]["epochs"] == [{"epoch": 2, "users": 1}]
        after = wire.get("/prefd/v1/export").json()
        assert [after[name] for name in ("preferences", "signals")] == [before[name] for name in ("preferences", "signals")]
    done = prefd.prefctl("key", "rotate", "--user", "p-nobody")
    assert done.returncode == 1 and "no user" in done.stderr
    prefd.stop()
    prefd.start()
    assert language(prefd) == "en-x-10"


class Rotating(threading.Thread):
    """Changes keys and writes, in turn and as fast as it can, until prefd is gone."""

    def __init__(self, prefd, user: str, serial: int):
        super().__init__()
        self.prefd, self.user, self.serial = prefd, user, serial
        self.acknowledged: str | None = None
        self.underway: str | None = None
        self.rotations = 0

    def run(self) -> None:
        with contextlib.suppress(Exception), self.prefd.wire() as wire, self.prefd.admin_wire() as admin:
            while True:
                for body in ({}, {"user": self.user}):
                    self.serial += 1
                    self.underway = f"en-x-{self.serial}0"
                    assert wire.put("/prefd/v1/preferences/language", {"value": self.underway}).status == 200
                    self.acknowledged = self.underway
                    assert admin.post("/prefd/v1/admin/keys/rotate", body).status == 200
                    self.rotations += 1


def test_kill_9_amid_changes_of_keys_loses_nothing(prefd):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/language", {"value": "en-x-00"})
        wire.put("/prefd/v1/consent/signals.explicit", {"granted": True})
        for _ in range(30):
            wire.post("/prefd/v1/signals", {"kind": "rating", "value": 4})
    (user,) = pseudonyms(prefd)
    serial, rotations = 0, 0
    for cycle in range(CYCLES):
        thread = Rotating(prefd, user, serial)
        thread.start()
        thread.join(0.11 + 0.017 * cycle)
        prefd.kill()
        thread.join()
        prefd.start()
        with prefd.wire() as wire:
            export = wire.get("/prefd/v1/export").json()
        (kept,) = [entry["value"] for entry in export["preferences"]]
        if thread.acknowledged:
            assert kept in (thread.acknowledged, thread.underway), f"cycle {cycle}"
        assert len(export["signals"]) == 30, f"cycle {cycle}"
        serial, rotations = thread.serial, rotations + thread.rotations
        assert not list(prefd.home.glob("*.previous"))
    state = status(prefd)
    assert rotations > CYCLES and state["master"]["epoch"] + state["data_keys"]["epochs"][0]["epoch"] > rotations
    print(f"{CYCLES} kills amid {rotations} changes of keys")


@pytest.fixture
def with_credential(stage, home):
    """prefd under a systemd credential, as the service manager hands it over."""
    folder = home / "credentials"
    folder.mkdir(mode=0o700)
    (folder / "prefd.master-key").write_bytes(secrets.token_bytes(32))
    (folder / "prefd.master-key").chmod(0o400)
    backend = stage.backend()
    config = standard_config(home, [{"name": "played", "url": backend.url}], key={"credential": "prefd.master-key"})
    (home / "rules.d").mkdir()
    prefd = Prefd(home, config, env={"CREDENTIALS_DIRECTORY": str(folder)})
    stage.started.append(prefd)
    return prefd.start(), folder


def test_a_credential_changes_by_a_restart_with_both(with_credential):
    prefd, folder = with_credential
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/language", {"value": "en-x-10"})
    assert status(prefd)["master"]["source"] == "credential"
    done = prefd.prefctl("key", "rotate")
    assert done.returncode == 1 and "prefd.master-key.previous" in done.stderr
    prefd.stop()
    os.rename(folder / "prefd.master-key", folder / "prefd.master-key.previous")
    (folder / "prefd.master-key").write_bytes(secrets.token_bytes(32))
    (folder / "prefd.master-key").chmod(0o400)
    prefd.start()
    prefd.wait_for_event("key-rotated")
    assert status(prefd)["master"]["epoch"] == 2
    prefd.stop()
    (folder / "prefd.master-key.previous").unlink()
    prefd.start()
    assert language(prefd) == "en-x-10" and len(prefd.events("key-rotated")) == 1
