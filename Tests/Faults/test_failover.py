"""Two hosts that share a store on PostgreSQL, and a server that goes away: what was acknowledged is there,
every request is answered, and the server has seen nothing that it could read."""

import contextlib
import shutil
import signal
import threading
import time

import pytest
from canaries import canary, find_below, find_in
from postgres import PostgresServer, Tap, on_server

APP = [{"name": "webchat", "match": {"uid": 0}, "delegate": True, "user_from": ["header"]}]
USERS = 24
CHAT = {"model": "played", "messages": [{"role": "user", "content": "How do I sort a list?"}]}


def hosts(count, connection, **more):
    """Hosts with one master key, each with a model of its own."""
    stages = [Stage() for _ in range(count)]
    for stage in stages:
        if stage is not stages[0]:
            shutil.copy(stages[0].home / "master.key", stage.home / "master.key")
        stage.prefd(stage.backend(), apps=APP, store=on_server(stage.home, connection), **more)
    return stages


@pytest.fixture(autouse=True)
def _stage(request):
    globals()["Stage"] = request.getfixturevalue("stage").__class__


@contextlib.contextmanager
def fleet(count, connection, **more):
    stages = hosts(count, connection, **more)
    try:
        yield [stage.started[-1] for stage in stages]
    finally:
        for stage in stages:
            stage.close()


class Load(threading.Thread):
    """Asks the same thing again and again until it is told to stop."""

    def __init__(self, ask):
        super().__init__()
        self.ask = ask
        self.stopped = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self.stopped.is_set():
                self.ask()
        except Exception as error:  # noqa: BLE001 - shown by whoever joins
            self.failure = error

    def end(self):
        self.stopped.set()
        self.join()
        if self.failure:
            raise self.failure


class Writer:
    """Sets preferences of users of its own and reports signals, and remembers what was acknowledged."""

    def __init__(self, prefd, number):
        self.wire = prefd.wire(timeout=60)
        self.number = number
        self.count = 0
        self.acknowledged: dict[str, str] = {}
        self.maybe: dict[str, set[str]] = {}
        self.signals: dict[str, list[str]] = {}
        self.refused = 0
        self.longest = 0.0

    def __call__(self):
        user = f"user-{self.number}-{self.count % 6}"
        as_user = [("X-Prefd-User", user)]
        value = f"en-x-{self.count}0"
        start = time.monotonic()
        reply = self.wire.put("/prefd/v1/preferences/language", {"value": value}, as_user)
        if reply.status == 200:
            self.acknowledged[user] = value
            self.maybe.pop(user, None)
        else:
            assert reply.status == 503 and reply.header("retry-after"), reply.body
            self.refused += 1
            self.maybe.setdefault(user, set()).add(value)
        if self.count < 6 and reply.status == 200:
            assert self.wire.put("/prefd/v1/consent/signals.explicit", {"granted": True}, as_user).status == 200
        reply = self.wire.post("/prefd/v1/signals", {"kind": "rating", "value": 5}, as_user)
        if reply.status == 200:
            self.signals.setdefault(user, []).append(reply.json()["id"])
        else:
            assert reply.status in (403, 503), reply.body
        self.longest = max(self.longest, time.monotonic() - start)
        self.count += 1


class Chatter:
    """Chats as users with preferences and without."""

    def __init__(self, prefd, number):
        self.wire = prefd.wire(timeout=60)
        self.number = number
        self.answers = 0
        self.personalized = 0
        self.longest = 0.0

    def __call__(self):
        user = f"user-{self.answers % 4}-{self.answers % 7}"
        start = time.monotonic()
        reply = self.wire.post("/v1/chat/completions", CHAT, [("X-Prefd-User", user)])
        assert reply.status == 200, reply.body
        self.longest = max(self.longest, time.monotonic() - start)
        self.answers += 1
        self.personalized += reply.header("x-prefd-applied") != "0"
        time.sleep(0.005)


def pair(servers):
    """A primary and the standby that it waits for."""
    primary = servers(PostgresServer(servers.folder, "primary", 5432).make())
    primary.configure(synchronous_standby_names="standby", max_connections="200")
    primary.start()
    standby = servers(primary.copy("standby", 5433))
    standby.configure(synchronous_standby_names="")
    standby.start()
    deadline = time.monotonic() + 30
    while primary.query("SELECT sync_state FROM pg_stat_replication") != "sync":
        assert time.monotonic() < deadline, primary.log()
        time.sleep(0.05)
    return primary, standby


def both(primary, standby):
    return f"host={primary.sockets},{standby.sockets} port={primary.port},{standby.port} user=prefd dbname=postgres"


def test_failover_loses_no_acknowledged_write(servers, is_long, figure):
    primary, standby = pair(servers)
    with fleet(2, both(primary, standby)) as prefds:
        writers = [Writer(prefds[number % 2], number) for number in range(4)]
        chatters = [Chatter(prefds[number % 2], number) for number in range(2)]
        threads = [Load(one) for one in writers + chatters]
        for thread in threads:
            thread.start()
        time.sleep(20 if is_long else 5)
        before = sum(one.count for one in writers)
        killed = time.monotonic()
        primary.kill()
        # Longer than a write waits.
        time.sleep(8)
        doctor = prefds[0].prefctl("doctor")
        assert doctor.returncode == 1 and "PostgreSQL server cannot be used" in doctor.stdout, doctor
        standby.promote()
        promoted = time.monotonic()
        # Until something is acknowledged again, which only the new primary can do.
        at_promotion = [dict(one.acknowledged) for one in writers]
        while all(one.acknowledged == then for one, then in zip(writers, at_promotion)):
            assert time.monotonic() < promoted + 60, prefds[0].log()
            time.sleep(0.02)
        back = time.monotonic()
        time.sleep(10 if is_long else 4)
        for thread in threads:
            thread.end()
        lost = 0
        acknowledged = 0
        for prefd in prefds:
            for writer in writers:
                with prefd.wire() as wire:
                    for user, value in writer.acknowledged.items():
                        export = wire.get("/prefd/v1/export", [("X-Prefd-User", user)]).json()
                        kept = {one["value"] for one in export["preferences"] if one["dimension"] == "language"}
                        lost += not kept & ({value} | writer.maybe.get(user, set()))
                        signals = [one["id"] for one in export["signals"]]
                        assert len(set(signals)) == len(signals)
                        lost += len(set(writer.signals.get(user, [])) - set(signals))
                        acknowledged += 1 + len(writer.signals.get(user, []))
        for prefd in prefds:
            assert prefd.prefctl("audit", "verify").returncode == 0
            refused = prefd.prefctl("backup", "create", str(prefd.home / "backups"))
            assert refused.returncode == 1 and "pg_dump" in refused.stderr, refused
        figure("failover: acknowledged writes looked for on each of two hosts", acknowledged // 2)
        figure("failover: of these lost, with synchronous replication", lost)
        figure("failover: chat requests, all answered", sum(one.answers for one in chatters))
        figure("failover: of these personalized", sum(one.personalized for one in chatters))
        figure("failover: longest wait of one, in s", f"{max(one.longest for one in chatters):.2f}")
        figure("failover: writes refused with 503 and Retry-After", sum(one.refused for one in writers))
        figure("failover: from the promotion to the next acknowledged write, in s", f"{back - promoted:.2f}")
        figure("failover: the primary was gone for, in s", f"{promoted - killed:.2f}")
        assert sum(one.refused for one in writers) > 0
        assert before > 50 and lost == 0 and acknowledged > 0
        assert sum(one.personalized for one in chatters) > 0


def test_a_server_that_hangs_holds_no_request_up(servers, figure):
    server = servers(PostgresServer(servers.folder).make()).start()
    with fleet(1, server.connection()) as (prefd,), prefd.wire(timeout=60) as wire:
        known = [("X-Prefd-User", "known")]
        assert wire.put("/prefd/v1/preferences/tone", {"value": "casual"}, known).status == 200
        assert wire.post("/v1/chat/completions", CHAT, known).header("x-prefd-applied") == "1"
        server.signal(signal.SIGSTOP)
        chatters = [Chatter(prefd, number) for number in range(4)]
        threads = [Load(one) for one in chatters]
        for thread in threads:
            thread.start()
        time.sleep(6)
        reply = wire.post("/v1/chat/completions", CHAT, known)
        assert reply.status == 200 and reply.header("x-prefd-applied") == "1"
        assert wire.put("/prefd/v1/preferences/tone", {"value": "formal"}, known).status == 503
        for thread in threads:
            thread.end()
        server.signal(signal.SIGCONT)
        deadline = time.monotonic() + 60
        while wire.put("/prefd/v1/preferences/tone", {"value": "formal"}, known).status != 200:
            assert time.monotonic() < deadline, prefd.log()
        figure(
            "failover: chat requests while the server hangs, all answered; the longest wait",
            f"{sum(one.answers for one in chatters)}; {max(one.longest for one in chatters):.2f} s",
        )


def test_a_wait_for_the_standby_that_is_cancelled_acknowledges_nothing(servers, figure):
    primary, standby = pair(servers)
    with fleet(1, both(primary, standby)) as (prefd,), prefd.wire(timeout=60) as wire:
        assert wire.put("/prefd/v1/preferences/tone", {"value": "casual"}).status == 200
        standby.stop()
        answers = []

        def write():
            with prefd.wire(timeout=60) as other:
                answers.append(other.put("/prefd/v1/preferences/tone", {"value": "formal"}).status)

        writing = threading.Thread(target=write)
        writing.start()
        cancelled = 0
        while writing.is_alive():
            # PostgreSQL then says that it has committed, and warns that nobody else has.
            cancelled += int(
                primary.query(
                    "SELECT count(*) FROM (SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
                    "WHERE wait_event = 'SyncRep') AS cancelled"
                )
            )
            time.sleep(0.2)
        writing.join()
        assert cancelled > 0 and answers == [503], (cancelled, answers)
        figure("failover: waits for the standby cancelled, writes then acknowledged", f"{cancelled}, 0")
        standby.start()
        deadline = time.monotonic() + 60
        while wire.put("/prefd/v1/preferences/tone", {"value": "formal"}).status != 200:
            assert time.monotonic() < deadline
        assert b"formal" in wire.get("/prefd/v1/preferences/tone").body


def test_a_write_whose_answer_is_lost_is_there_once(servers, figure):
    server = servers(PostgresServer(servers.folder).make()).start()
    tap = Tap(server, servers.folder)
    with fleet(1, tap.connection()) as (prefd,), prefd.wire() as wire:
        assert wire.put("/prefd/v1/consent/signals.explicit", {"granted": True}).status == 200
        sent = []
        for _ in range(40):
            with tap.lock:
                tap.swallow = 1
            reply = wire.post("/prefd/v1/signals", {"kind": "rating", "value": 5})
            assert reply.status == 200, reply.body
            sent.append(reply.json()["id"])
        kept = [one["id"] for one in wire.get("/prefd/v1/export").json()["signals"]]
        assert sorted(kept) == sorted(sent)
        assert tap.swallowed >= 40
        figure("failover: commits whose answer was lost, writes lost or there twice", f"{tap.swallowed}, 0")
    tap.close()


def test_the_server_sees_ciphertext_and_blind_indexes_only(servers, figure):
    server = servers(PostgresServer(servers.folder).make()).start()
    tap = Tap(server, servers.folder)
    texts = [canary(label) for label in ("user", "note", "before", "after", "app")]
    user, note, first, second, app = texts
    as_user = [("X-Prefd-User", user)]
    with fleet(2, tap.connection()) as (one, two):
        with one.wire() as wire:
            def ok(reply):
                assert reply.status == 200, reply.body

            ok(wire.put("/prefd/v1/preferences/note", {"value": note}, as_user))
            ok(wire.put(f"/prefd/v1/preferences/tone?app={app}", {"value": "casual"}, as_user))
            for scope in ("signals.explicit", "content"):
                ok(wire.put(f"/prefd/v1/consent/{scope}", {"granted": True}, as_user))
            ok(wire.post("/prefd/v1/signals", {"kind": "edit", "before": first, "after": second}, as_user))
        with two.wire() as wire:
            export = wire.get("/prefd/v1/export", as_user)
            assert not [text for text in texts if text.encode() not in export.body]
            server.query("CHECKPOINT")
            assert find_below(server.data, texts) == []
            assert wire.delete("/prefd/v1/me", as_user).status == 200
        with one.wire() as wire:
            deadline = time.monotonic() + 30
            while note.encode() in wire.get("/prefd/v1/preferences", as_user).body:
                assert time.monotonic() < deadline
        assert server.query("SELECT count(*) FROM prefd_keys") == "0"
    server.query("CHECKPOINT")
    with tap.lock:
        seen = bytes(tap.bytes)
    assert find_in(seen, texts) == [] and find_below(server.data, texts) == []
    assert b"prefd_users" in seen
    figure("failover: canaries found in the server's files and on the wire", f"0 of {len(texts)}, in {len(seen)} bytes")
    tap.close()
