"""The life of the process: sockets, starting, stopping, reloading, refusing."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest

from answers import completion, pieces_of, sse, stream, whole
from daemon import ROOT, Prefd, binary
from packs import block_pack, pack, rule
from people import as_user
from wire import Wire

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def prefd_check(path):
    env = {**os.environ, "XDG_RUNTIME_DIR": str(path.parent), "HOME": str(path.parent)}
    command = [binary("prefd"), "check", "--config", path]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=env)


def test_a_stop_that_comes_with_the_first_answer_is_a_clean_one(make_prefd, backend):
    prefd = make_prefd(backend, start=False)
    for _ in range(10):
        prefd.spawn()
        while True:
            try:
                with prefd.wire() as wire:
                    wire.connect()
                break
            except OSError:
                assert prefd.process.poll() is None, prefd.log()
        assert prefd.stop() == 0


# Running by hand.


def test_without_root_or_config_it_works_under_the_xdg_directories(home):
    """As a user would run it by hand: no config, and the mirror where no model server is found."""
    runtime, state = home / "runtime", home / "state-home"
    for folder in (runtime, state):
        folder.mkdir(mode=0o700)
    user = 60001 if os.geteuid() == 0 else None
    program = binary("prefd")
    if user is not None:
        program = shutil.copy(program, home / "prefd")
        for folder in (runtime, state):
            os.chown(folder, user, user)
    prefd = Prefd(
        home,
        None,
        env={"XDG_RUNTIME_DIR": str(runtime), "XDG_STATE_HOME": str(state), "HOME": str(home)},
        command=[program, "serve"],
        user=user,
    )
    prefd.data = runtime / "prefd" / "prefd.sock"
    prefd.admin = runtime / "prefd" / "admin.sock"
    try:
        prefd.start()
        wire = prefd.wire() if user is None else None
        if wire is None:
            # The owner's own instance: ask as the owner.
            answers = as_user(user, converse, prefd.data, prefd.admin)
        else:
            answers = converse(prefd.data, prefd.admin)
        me, before, after, models, admin = answers
        assert me["principal"] == f"uid:{user if user is not None else os.getuid()}"
        assert admin == 200, "the owner of an instance is its admin"
        if models == ["prefd-mirror"]:
            assert "hello there" in before and "prefd-mirror" in before
            assert "Be concise" not in before and "Be concise" in after
        assert (state / "prefd" / "master.key").stat().st_mode & 0o777 == 0o600
        assert (state / "prefd").stat().st_mode & 0o077 == 0
        assert prefd.stop() == 0
        # Again, on what is there.
        prefd.start()
        if user is None:
            assert converse(prefd.data, prefd.admin)[2] == after
    finally:
        prefd.close()


def converse(data, admin):
    with Wire(data) as wire:
        body = {"model": "any", "messages": [{"role": "user", "content": "hello there"}]}
        me = wire.get("/prefd/v1/me").json()
        models = [one["id"] for one in wire.get("/v1/models").json()["data"]]
        if models != ["prefd-mirror"]:
            return me, "", "", models, 200
        before = wire.chat(body).json()["choices"][0]["message"]["content"]
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})
        after = wire.chat(body).json()["choices"][0]["message"]["content"]
        with Wire(admin) as other:
            return me, before, after, models, other.get("/prefd/v1/admin/status").status


def test_a_local_model_server_is_discovered(home, make_backend):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 8080))
        except OSError:
            pytest.skip("port 8080, llama.cpp's default, is in use here")
    backend = make_backend("llama", tcp=True, port=8080)
    backend.script(whole({"object": "list", "data": [{"id": "found", "object": "model", "created": 1, "owned_by": "x"}]}), path="/v1/models")
    backend.script(whole(completion("from the discovered one")), path="/v1/chat/completions")
    backend.script(whole({"status": "ok"}), path="/health")
    runtime, state = home / "r", home / "s"
    for folder in (runtime, state):
        folder.mkdir(mode=0o700)
    prefd = Prefd(
        home,
        None,
        env={"XDG_RUNTIME_DIR": str(runtime), "XDG_STATE_HOME": str(state), "HOME": str(home)},
        command=[binary("prefd"), "serve"],
    )
    prefd.data = runtime / "prefd" / "prefd.sock"
    try:
        prefd.start()
        with prefd.wire() as wire:
            assert wire.chat(HI).json()["choices"][0]["message"]["content"] == "from the discovered one"
    finally:
        prefd.close()


@pytest.mark.pitfall(33)
def test_health_costs_no_model_call(prefd, backend):
    with prefd.wire() as wire:
        for target in ("/healthz", "/readyz"):
            reply = wire.get(target)
            assert reply.status == 200, reply.body
    assert not [r for r in backend.take() if r["method"] == "POST"]


def test_a_probe_may_ask_for_heads_alone(prefd):
    with prefd.wire() as wire:
        for target in ("/healthz", "/readyz", "/prefd/v1/dimensions"):
            head = wire.request("HEAD", target)
            whole = wire.get(target)
            assert (head.status, head.body) == (200, b"")
            assert head.header("content-length") == whole.header("content-length") == str(len(whole.body))


def test_the_sockets_have_the_modes_of_the_contract(prefd):
    assert stat.S_IMODE(prefd.data.stat().st_mode) == 0o666
    assert stat.S_IMODE(prefd.admin.stat().st_mode) & 0o007 == 0
    assert stat.S_IMODE(prefd.state.stat().st_mode) == 0o700
    for path in prefd.state.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


# Sockets that are already there.


def test_a_stale_socket_is_replaced_and_a_live_one_refused(prefd, backend, home):
    prefd.kill()
    assert prefd.data.exists(), "kill -9 left no socket file to be stale"
    prefd.start()
    # A second one on the same sockets, with a state of its own.
    (home / "second").mkdir()
    config = {**prefd.config, "state": str(home / "second" / "state")}
    second = Prefd(home / "second", config)
    assert second.spawn().wait(20) not in (0, None)
    assert str(prefd.data) in second.log()
    with prefd.wire() as wire:
        assert wire.get("/healthz").status == 200


def test_what_is_no_socket_is_not_deleted(make_prefd, backend, home):
    (home / "prefd.sock").write_text("precious")
    prefd = make_prefd(backend, start=False)
    assert prefd.spawn().wait(20) not in (0, None)
    assert (home / "prefd.sock").read_text() == "precious"


def test_it_removes_its_sockets_when_it_ends(prefd):
    assert prefd.stop() == 0
    assert not prefd.data.exists() and not prefd.admin.exists()


def test_a_second_instance_on_the_same_state_is_refused(prefd, home):
    other = home / "other"
    other.mkdir()
    config = {**prefd.config, "listen": {"data": str(other / "d.sock"), "admin": str(other / "a.sock")}}
    second = Prefd(other, config)
    assert second.spawn().wait(20) not in (0, None)


# Stopping.


def test_sigterm_lets_a_running_stream_finish(prefd, backend):
    text = "One two three four five six seven eight nine ten."
    body = stream(pieces_of(text, 2))
    backend.script(sse(body, cuts=[tuple(range(200, len(body), 200))], pause=0.1))
    with prefd.wire() as wire:
        wire.ask("POST", "/v1/chat/completions", json.dumps({**HI, "stream": True}).encode())
        backend.wait_for_requests(1)
        while not wire.buffer:
            wire._more()
        prefd.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        # No new connections meanwhile.
        with pytest.raises(OSError), Wire(prefd.data, timeout=2) as other:
            other.get("/healthz")
        assert wire.reply().body == body
    assert prefd.process.wait(10) == 0


def test_sigterm_ends_idle_connections_and_long_streams_at_the_grace_period(make_prefd, backend):
    prefd = make_prefd(backend, shutdown={"grace": "1s"})
    backend.script(sse(stream(["a"], done=False), hold="end"))
    idle = prefd.wire()
    idle.get("/healthz")
    with prefd.wire() as wire:
        wire.ask("POST", "/v1/chat/completions", json.dumps({**HI, "stream": True}).encode())
        backend.wait_for_requests(1)
        prefd.process.send_signal(signal.SIGTERM)
        assert prefd.process.wait(30) == 0
    idle.close()


# Reloading.


def test_sighup_puts_new_rules_in_force_and_keeps_old_ones_where_they_are_bad(make_prefd, backend, home):
    prefd = make_prefd(backend, rules=block_pack("first-word"))
    backend.script(whole(completion("the first-word and the second-word")))

    def finish(wire):
        return wire.chat(HI).json()["choices"][0]

    with prefd.wire() as wire:
        assert finish(wire)["finish_reason"] == "content_filter"
        (home / "rules.d" / "planted.yaml").write_text(block_pack("second-word")["planted.yaml"])
        prefd.process.send_signal(signal.SIGHUP)
        prefd.wait_for_event("reloaded")
        choice = finish(wire)
        assert choice["finish_reason"] == "content_filter" and "first-word" in (choice["message"]["content"] or "first-word")
        # A pack that does not load leaves the old one in force.
        (home / "rules.d" / "planted.yaml").write_text("pack: broken\nrules:\n  - id: [\n")
        prefd.process.send_signal(signal.SIGHUP)
        prefd.wait_for_event("rules-rejected")
        assert finish(wire)["finish_reason"] == "content_filter"
        # A second good pack beside a bad one: not half-loaded.
        (home / "rules.d" / "another.yaml").write_text(block_pack("and the")["planted.yaml"].replace("forbidden", "other"))
        prefd.process.send_signal(signal.SIGHUP)
        prefd.wait_for_event("rules-rejected", count=2)
        with prefd.admin_wire() as admin:
            assert [one["id"] for one in admin.get("/prefd/v1/admin/rules").json()["rules"]] == ["forbidden"]


@pytest.mark.pitfall(10)
def test_bad_rules_refuse_to_start(make_prefd, backend, home):
    failing = pack(rule("failing", "block", detect={"literal": ["x"]}, match=["no such letter"], passes=[]))
    unknown = {"p.yaml": 'pack: p\nrules:\n  - id: a\n    description: A\n    detekt: { literal: [x] }\n    action: block\n'}
    regex = pack(rule("open", "block", detect={"regex": "("}, match=[], passes=[]))
    for packs, said in ((failing, "failing"), (unknown, "detekt"), (regex, "open")):
        prefd = make_prefd(backend, rules=packs, start=False)
        prefd.log_path.unlink(missing_ok=True)
        code = prefd.spawn().wait(20)
        assert code not in (0, None) and code > 0, prefd.log()
        assert said in prefd.log() and ".yaml" in prefd.log()


def test_a_reload_of_a_bad_config_keeps_the_old_one(prefd, backend):
    good = prefd.config_path.read_text()
    prefd.config_path.write_text(good.replace('"backends"', '"backend"'))
    prefd.process.send_signal(signal.SIGHUP)
    prefd.wait_for_event("config-rejected")
    backend.script(whole(completion("still here")))
    with prefd.wire() as wire:
        assert wire.chat(HI).status == 200
    prefd.config_path.write_text(good)
    prefd.process.send_signal(signal.SIGHUP)
    prefd.wait_for_event("reloaded")


def test_a_reload_takes_new_backends(prefd, backend, make_backend):
    other = make_backend("other")
    backend.script(whole(completion("old")))
    other.script(whole(completion("new")))
    with prefd.wire() as wire:
        assert wire.chat(HI).json()["choices"][0]["message"]["content"] == "old"
        prefd.write_config({**prefd.config, "backends": [{"name": "other", "url": other.url, "models": ["*"]}]})
        prefd.process.send_signal(signal.SIGHUP)
        prefd.wait_for_event("reloaded")
        assert wire.chat(HI).json()["choices"][0]["message"]["content"] == "new"


# Checking without starting.

BAD_CONFIGS = {
    "unknown key": ("listen:\n  data: /tmp/x.sock\n  adnin: /tmp/y.sock\n", "3:3", "admin"),
    "wrong type": ("limits:\n  requests_per_user: lots\n", "2:22", None),
    "bad value": ("personalization:\n  placement: middle\n", "2:14", "end"),
    "bad duration": ("backends:\n  - name: a\n    url: http://127.0.0.1:1\n    timeouts: { connect: soon }\n", "4:26", None),
    "bad url": ("backends:\n  - name: a\n    url: ftp://127.0.0.1\n", "3:10", None),
    "not yaml": ("listen: [\n", None, None),
    "twice": ("state: /tmp/a\nstate: /tmp/b\n", "1:1", None),
}


@pytest.mark.parametrize(("text", "place", "spelling"), BAD_CONFIGS.values(), ids=BAD_CONFIGS.keys())
def test_check_finds_mistakes_with_their_place(home, text, place, spelling):
    path = home / "prefd.yaml"
    path.write_text(text)
    checked = prefd_check(path)
    said = checked.stdout + checked.stderr
    assert checked.returncode != 0
    assert str(path) in said and (place is None or f"{path}:{place}" in said), said
    assert spelling is None or spelling in said


def test_check_finds_nothing_wrong_with_what_is_shipped(home, make_prefd, backend):
    # As installed, but for the place of the rules.
    shutil.copytree(ROOT / "config", home / "etc")
    with open(home / "etc" / "prefd.yaml", "a") as config:
        config.write("\nrules: { directory: rules.d }\n")
    shipped = prefd_check(home / "etc" / "prefd.yaml")
    assert shipped.returncode == 0, shipped.stdout + shipped.stderr
    prefd = make_prefd(backend, start=False)
    good = prefd_check(prefd.config_path)
    assert good.returncode == 0, good.stdout + good.stderr
    # Checking starts nothing and makes nothing.
    assert not prefd.data.exists() and not prefd.state.exists()
    # It reads the rules too.
    (home / "rules.d" / "bad.yaml").write_text("pack: bad\nrules: 7\n")
    assert prefd_check(prefd.config_path).returncode != 0


def test_every_commented_default_of_the_shipped_config_is_valid(home):
    lines = []
    for paragraph in (ROOT / "config" / "prefd.yaml").read_text().split("\n\n"):
        if "# Example:" not in paragraph:
            # Words first, and then the setting with its default.
            found = re.search(r"^#[a-z]+:.*", paragraph, re.M | re.S)
            lines += [line[1:] for line in found.group().splitlines()] if found else []
    path = home / "prefd.yaml"
    path.write_text("\n".join(lines) + "\n")
    shutil.copytree(ROOT / "config" / "rules.d", home / "rules.d")
    checked = prefd_check(path)
    said = checked.stdout + checked.stderr
    # The credential of the system service is not there for whoever runs this.
    assert checked.returncode == 0 or "credential" in said, said
    assert len(lines) > 20


# Limits.


def test_too_many_requests_of_one_user_get_429(make_prefd, backend):
    prefd = make_prefd(backend, limits={"requests_per_user": 3})
    backend.script(whole(completion("late"), delay=1.0))
    statuses = []

    def run():
        with prefd.wire() as wire:
            statuses.append(wire.chat(HI).status)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 3 + [429] * 3
    with prefd.wire() as wire:
        assert wire.chat(HI).status == 200


def test_too_many_connections_of_one_user_are_refused(make_prefd, backend):
    prefd = make_prefd(backend, limits={"connections_per_user": 8})
    backend.script(whole(completion("ok")))
    kept = []
    refused = 0
    for _ in range(20):
        wire = prefd.wire(timeout=5)
        try:
            status = wire.get("/healthz").status
            refused += status == 429
            kept.append(wire)
        except Exception:  # noqa: BLE001: a closed connection is a refusal too
            refused += 1
    assert refused >= 12
    for wire in kept:
        wire.close()
    time.sleep(0.2)
    with prefd.wire() as wire:
        assert wire.get("/healthz").status == 200


# systemd.


def test_systemd_hands_over_sockets_by_name(make_prefd, backend, home):
    activate = shutil.which("systemd-socket-activate")
    if activate is None:
        pytest.skip("systemd-socket-activate is missing (Debian package: systemd)")
    prefd = make_prefd(backend, start=False)
    data, admin = home / "given-data.sock", home / "given-admin.sock"
    # The admin's first, so that only the names can tell them apart.
    prefd.command = [
        activate, "-l", admin, "-l", data, "--fdname=admin:data",
        *(["-E", f"TMPDIR={prefd.temporary}"]), *prefd.arguments(),
    ]
    prefd.data, prefd.admin = data, admin
    backend.script(whole(completion("ok")))
    prefd.start()
    with prefd.wire() as wire:
        assert wire.get("/prefd/v1/me").json()["access"] == "user"
        assert wire.get("/prefd/v1/admin/status").status == 404
        assert wire.chat(HI).status == 200
    with prefd.admin_wire() as wire:
        assert wire.get("/prefd/v1/admin/status").status == 200
    # What the service manager opened is its own to remove.
    assert prefd.stop() == 0
    assert data.exists() and admin.exists()


def test_it_notifies_the_service_manager(make_prefd, backend, home):
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(str(home / "notify"))
    notify.settimeout(10)
    prefd = make_prefd(backend, env={"NOTIFY_SOCKET": str(home / "notify"), "WATCHDOG_USEC": "400000"})

    def until(word):
        seen = []
        while True:
            data, ancillary, _, _ = socket.recv_fds(notify, 4096, 4)
            for descriptor in ancillary:
                os.close(descriptor)
            seen.append(data.decode())
            if any(line.startswith(word) for line in seen[-1].split("\n")):
                return seen

    until("READY=1")
    until("WATCHDOG=1")
    prefd.process.send_signal(signal.SIGHUP)
    until("RELOADING=1")
    until("READY=1")
    prefd.process.send_signal(signal.SIGTERM)
    until("STOPPING=1")
    assert prefd.process.wait(10) == 0
    notify.close()


def test_the_units_are_valid(home):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is missing (Debian package: systemd)")
    units = home / "units"
    shutil.copytree(ROOT / "systemd", units)
    for path in units.glob("*.service"):
        # The programs are not installed where the unit has them.
        path.write_text(re.sub(r"/usr/(bin/pref(d|ctl)|libexec/prefd/\S+)", "/bin/true", path.read_text()))
    names = [str(path) for path in sorted(units.iterdir()) if path.suffix in (".service", ".socket")]
    assert [os.path.basename(name) for name in names] == [
        "prefd-admin.socket", "prefd-egress.service", "prefd-egress.socket", "prefd-key.service", "prefd.service", "prefd.socket"
    ]  # fmt: skip
    checked = subprocess.run(
        [analyze, "verify", "--recursive-errors=no", "--man=no", *names], capture_output=True, text=True
    )
    complaints = [line for line in checked.stderr.splitlines() if "prefd" in line]
    assert checked.returncode == 0 and not complaints, checked.stderr


@pytest.mark.parametrize("unit", ["prefd", "prefd-egress", "prefd-key"])
def test_a_services_exposure_is_small(unit):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is missing (Debian package: systemd)")
    # In tenths of what systemd shows; Tests/Boot looks at them loaded, with their drop-ins.
    rated = subprocess.run(
        [analyze, "security", "--offline=yes", "--threshold=10", "--no-pager", ROOT / "systemd" / f"{unit}.service"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert rated.returncode == 0, rated.stdout[-300:] + rated.stderr
