"""The service's life under systemd: started by a connection, reloaded, restarted under load, frozen, without its key."""

import json
import os
import re
import signal
import threading
import time

import pytest

from answers import completion, sse, whole
from conftest import ROOT
from wire import Wire

DATA = "/run/prefd/prefd.sock"
QUESTION = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
PLAYED = {"backends": [{"name": "played", "url": "unix:///run/model/model.sock", "dialects": ["openai"], "models": ["*"]}]}


@pytest.fixture
def played(host, model):
    """prefd in front of the played model server."""
    host.configure(PLAYED)
    host.ok("systemctl", "restart", "prefd.service")
    yield model
    host.configure({})
    host.ok("systemctl", "restart", "prefd.service")


def stream(pieces: int, pause: float):
    """A streamed answer that takes a while."""
    events = [
        b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": f"word{n} "}}]}).encode() + b"\n\n" for n in range(pieces)
    ]
    cuts, at = [], 0
    for event in events[:-1]:
        at += len(event)
        cuts.append(at)
    return sse(b"".join(events) + b"data: [DONE]\n\n", cuts=[tuple(cuts)], pause=pause)


def test_the_first_connection_starts_it(host):
    host.ok("systemctl", "stop", "prefd.service")
    assert host.state("prefd.service") == "inactive"
    assert host.state("prefd.socket") == host.state("prefd-admin.socket") == "active"
    assert json.loads(host.as_user("alice", "prefctl", "whoami", "--json").stdout)["access"] == "user"
    assert host.state("prefd.service") == "active"
    host.ok("systemctl", "stop", "prefd.service")
    host.ok("prefctl", "users")
    assert host.state("prefd.service") == "active"


def test_systemd_is_told_how_it_is(host):
    shown = host.show("prefd.service", "Type", "SubState", "StatusText", "WatchdogUSec")
    assert shown["Type"] == "notify" and shown["SubState"] == "running" and shown["WatchdogUSec"] == "30s"
    assert "rules" in shown["StatusText"]


def test_a_stop_lets_a_running_answer_finish_and_says_that_it_stops(host, played):
    played.script(stream(10, 0.2))
    with Wire(host.path(DATA)) as wire:
        wire.ask("POST", "/v1/chat/completions", json.dumps({**QUESTION, "stream": True}).encode())
        wire.reply_head()
        host.ok("systemctl", "stop", "--no-block", "prefd.service")
        host.wait_for(lambda: host.state("prefd.service") == "deactivating", "the stop")
        assert host.show("prefd.service", "StatusText")["StatusText"] == "Finishing what is running"
        text = b""
        while b"[DONE]" not in text:
            got = wire.sock.recv(1 << 16)
            assert got, f"the stream was cut off: {text!r}"
            text += got
    host.wait_for(lambda: host.state("prefd.service") == "inactive", "the end")
    assert b"word9 " in text
    assert host.show("prefd.service", "Result")["Result"] == "success"


def test_a_reload_puts_a_good_configuration_in_force(host):
    pid = host.main_pid()
    host.configure({"log": {"level": "debug"}})
    host.ok("systemctl", "reload", "prefd.service")
    assert host.ok("prefctl", "log", "level").strip().startswith("debug")
    assert host.main_pid() == pid and host.state("prefd.service") == "active"


def test_a_reload_of_a_bad_configuration_fails_and_changes_nothing(host):
    host.configure({"log": {"level": "debug"}})
    host.ok("systemctl", "reload", "prefd.service")
    pid = host.main_pid()
    host.configure({"log": {"level": "loud"}})
    host.command("systemctl", "reload", "prefd.service", status=1)
    assert host.main_pid() == pid and host.state("prefd.service") == "active"
    assert host.ok("prefctl", "log", "level").strip().startswith("debug")
    assert host.ask("alice", "still there?")["choices"]
    # The reason is in the journal, with its place.
    assert any("prefd.yaml" in entry["MESSAGE"] for entry in host.journal("PREFD_EVENT=config-rejected"))
    host.configure({})
    host.ok("systemctl", "reload", "prefd.service")


def test_restarts_under_load_fail_no_request(host, played):
    # Every fourth answer streams for most of a second.
    played.script(whole(completion("short")), model="m")
    played.script(stream(8, 0.1), model="slow")
    done, failures = [], []
    over = threading.Event()

    def ask_on_and_on(number: int) -> None:
        turn = number
        while not over.is_set():
            turn += 1
            slow = turn % 4 == 0
            try:
                # A connection each, as most clients make them: none is lost between two lives.
                with Wire(host.path(DATA)) as wire:
                    reply = wire.chat({**QUESTION, "model": "slow" if slow else "m", "stream": slow})
                whole_answer = b"word7" in reply.body and b"[DONE]" in reply.body if slow else b"short" in reply.body
                if reply.status != 200 or not whole_answer:
                    failures.append(f"{reply.status} {reply.body[-200:]!r}")
                done.append(slow)
            except Exception as error:  # noqa: BLE001: whatever it is, a request failed
                failures.append(repr(error))

    asking = [threading.Thread(target=ask_on_and_on, args=(number,)) for number in range(8)]
    for thread in asking:
        thread.start()
    try:
        pids = set()
        for _ in range(3):
            time.sleep(0.5)
            pids.add(host.main_pid())
            host.ok("systemctl", "restart", "prefd.service")
    finally:
        over.set()
        for thread in asking:
            thread.join()
    assert failures == []
    assert len(pids) == 3 and done.count(True) > 8 and done.count(False) > 50


def test_a_frozen_daemon_is_killed_and_started_anew(host):
    host.drop_in("prefd.service", "[Service]\nWatchdogSec=2s\nTimeoutAbortSec=2s\n")
    host.ok("systemctl", "restart", "prefd.service")
    pid = host.main_pid()
    host.ok("kill", "-STOP", str(pid))
    host.wait_for(lambda: host.main_pid() not in (0, pid), "another process")
    assert host.ask("alice", "is anyone there?")["choices"]
    assert int(host.show("prefd.service", "NRestarts")["NRestarts"]) == 1
    host.ok("journalctl", "--sync")
    assert "Watchdog timeout" in host.ok("journalctl", "--unit=prefd.service", "--output=cat")
    host.path("/etc/systemd/system/prefd.service.d/test.conf").unlink()
    host.ok("systemctl", "daemon-reload")
    host.ok("systemctl", "restart", "prefd.service")


def test_the_process_can_do_no_more_than_the_unit_says(host):
    status = dict(line.split(":\t", 1) for line in host.ok("cat", f"/proc/{host.main_pid()}/status").splitlines() if ":\t" in line)
    user = host.ok("id", "--user", "prefd").strip()
    assert set(status["Uid"].split()) == {user}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert all(int(status[name], 16) == 0 for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb"))
    limits = host.ok("cat", f"/proc/{host.main_pid()}/limits")
    core = next(line.split() for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core[4:6] == ["0", "0"]
    shown = host.show("prefd.service", "TasksMax", "MemorySwapMax", "LimitNOFILE", "DynamicUser")
    assert shown == {"TasksMax": "512", "MemorySwapMax": "0", "LimitNOFILE": "65536", "DynamicUser": "no"}


def seal(host, secret: bytes) -> None:
    """Seals a key as an admin would who brings one from elsewhere."""
    host.path("/root/key").write_bytes(secret)
    target = "/etc/credstore.encrypted/prefd.master-key"
    host.ok("systemd-creds", "encrypt", "--name=prefd.master-key", "/root/key", target)
    host.path("/root/key").unlink()


@pytest.mark.parametrize("wrong", ["another", "missing"])
def test_with_a_wrong_key_or_none_it_does_not_start_and_touches_nothing(host, wrong):
    host.as_user("alice", "prefctl", "set", "tone=formal")
    host.ok("systemctl", "stop", "prefd.service")
    key = host.path("/etc/credstore.encrypted/prefd.master-key")
    right = key.read_bytes()
    state = host.path("/var/lib/prefd")
    before = {path.name: path.read_bytes() for path in state.iterdir() if path.is_file()}
    try:
        if wrong == "another":
            seal(host, os.urandom(32))
        else:
            key.unlink()
        host.command("systemctl", "start", "prefd.service", status=1)
        # No second try: that mends no key.
        shown = host.show("prefd.service", "ActiveState", "ExecMainStatus", "NRestarts")
        assert shown == {"ActiveState": "failed", "ExecMainStatus": "78", "NRestarts": "0"}
        assert wrong == "another" or not key.exists()
        host.ok("journalctl", "--sync")
        assert "key" in host.ok("journalctl", "--unit=prefd.service", "--output=cat", "--lines=5")
        assert {path.name: path.read_bytes() for path in state.iterdir() if path.is_file()} == before
    finally:
        key.write_bytes(right)
        key.chmod(0o600)
        host.ok("systemctl", "reset-failed", "prefd.service")
        host.ok("systemctl", "restart", "prefd.socket", "prefd-admin.socket")
    assert "formal" in host.as_user("alice", "prefctl", "get").stdout


def test_the_sealed_key_is_changed_as_the_guide_has_it(host):
    host.as_user("alice", "prefctl", "set", "tone=playful")
    before = host.path("/etc/credstore.encrypted/prefd.master-key").read_bytes()
    blocks = re.findall(r"^```\w*\n(.*?)^```$", (ROOT / "docs" / "STORE.md").read_text(), re.S | re.M)
    (commands,) = [block for block in blocks if "systemd-creds" in block]
    host.ok("bash", "-ec", commands)
    assert host.path("/etc/credstore.encrypted/prefd.master-key").read_bytes() != before
    # Only the new one is there now.
    host.ok("systemctl", "restart", "prefd.service")
    assert "playful" in host.as_user("alice", "prefctl", "get").stdout


def test_a_signal_reloads_too(host):
    before = len(host.journal("PREFD_EVENT=reloaded"))
    host.ok("systemctl", "kill", f"--signal={signal.SIGHUP.name}", "--kill-whom=main", "prefd.service")
    host.wait_for(lambda: len(host.journal("PREFD_EVENT=reloaded")) > before, "the reload")
