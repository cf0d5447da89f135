"""Clients that are slow, stop, stay or come by the thousand: each costs little, and nobody else."""

import multiprocessing
import select
import socket
import time

from answers import chunk, completion, events, sse, stream, whole
from measures import descriptors, raise_descriptor_limit, resident, socket_buffer
from people import ANNA, BRUNO, needs_root, start_as_user
from wire import Broken, Wire

CHAT = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
STREAMED = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n"


def asked(prefd) -> None:
    """One ordinary request of an ordinary client."""
    with prefd.wire(timeout=20) as wire:
        assert wire.chat(CHAT).status == 200


def eventually(check, timeout=10.0):
    """Waits until something holds."""
    deadline = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)


def test_slow_heads_and_bodies_end_and_disturb_nobody(prefd, backend):
    backend.script(whole(completion("ok")))
    asked(prefd)
    began = time.monotonic()
    heads, bodies = [], []
    for kind in (heads, bodies):
        for _ in range(60):
            wire = prefd.wire(timeout=30)
            # A body is given 30 s for each pause, a head 10 s in all.
            wire.send(HEAD[:20] if kind is heads else HEAD % len(CHAT) + CHAT[:1])
            kind.append(wire)
    place = 0
    while time.monotonic() - began < 9:
        for wire in heads:
            wire.send(HEAD[20 + place : 21 + place])
        for wire in bodies:
            wire.send(CHAT[1 + place : 2 + place])
        place += 1
        asked(prefd)
        time.sleep(0.5)
    assert len(backend.take()) == 1 + place, "a request was handled before it was whole"
    for wire in heads:
        reply = wire.reply()
        assert reply.status == 408 and reply.json()["error"]["message"]
    # What is slow but goes on is served in the end.
    for wire in bodies:
        wire.send(CHAT[1 + place :])
    for wire in bodies:
        assert wire.reply().status == 200
        wire.close()
    assert len(backend.take()) == len(bodies)


def test_a_client_that_has_said_all_still_gets_its_answer(prefd, backend):
    backend.script(whole(completion("whole"), delay=0.2))
    backend.script(sse(stream(["a", "b"]), cuts=[(40, 400)], pause=0.1), model="streamed")
    for body in (CHAT, STREAMED.replace(b'"m"', b'"streamed"')):
        with prefd.wire() as wire:
            wire.ask("POST", "/v1/chat/completions", body)
            wire.sock.shutdown(socket.SHUT_WR)
            reply = wire.reply()
            assert reply.status == 200 and reply.body
            assert wire.sock is None or wire.sock.recv(1) == b"", "it is not closed after its last answer"


def test_what_is_declared_and_not_sent_takes_no_memory(prefd, backend):
    backend.script(whole(completion("ok")))
    asked(prefd)
    before = resident(prefd.process.pid)
    wires = []
    for _ in range(200):
        wire = prefd.wire()
        wire.send(HEAD % (32 << 20) + CHAT)
        wires.append(wire)
    asked(prefd)
    grown = resident(prefd.process.pid) - before
    assert grown < len(wires) * (64 << 10), f"a body that does not come takes {grown / len(wires):.0f} bytes"
    for wire in wires:
        wire.close()
    asked(prefd)


def hold_connections(path: str, count: int, end) -> int:
    """Opens connections that ask nothing, keeps them until told, and returns how many were sent away."""
    raise_descriptor_limit()
    held = []
    poll = select.poll()
    for _ in range(count):
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(20)
        one.connect(path)
        poll.register(one, select.POLLIN | select.POLLHUP)
        held.append(one)
    end.wait(60)
    sent_away = len(poll.poll(0))
    # And each is served when it asks, the last as the first.
    for one in (held[0], held[-1]):
        one.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
        assert one.recv(100).startswith(b"HTTP/1.1 200"), "an idle connection is not served"
    return sent_away


@needs_root
def test_thousands_of_idle_connections_cost_little_and_go_without_a_trace(make_prefd, backend):
    raise_descriptor_limit()
    each = 1100
    prefd = make_prefd(backend, limits={"connections_per_user": each})
    backend.script(whole(completion("ok")))
    asked(prefd)
    before, open_before = resident(prefd.process.pid), descriptors(prefd.process.pid)
    end = multiprocessing.get_context("fork").Event()
    users = [start_as_user(uid, hold_connections, str(prefd.data), each, end) for uid in (ANNA, BRUNO)]
    try:
        # But for a connection or two that were open before and are not any more.
        eventually(lambda: descriptors(prefd.process.pid) >= open_before + 2 * each - 4, timeout=60)
        grown = resident(prefd.process.pid) - before
        # A third user is served as ever.
        for _ in range(5):
            asked(prefd)
    finally:
        end.set()
    assert [user.result() for user in users] == [0, 0]
    assert grown < 2 * each * (32 << 10), f"an idle connection costs {grown / (2 * each):.0f} bytes"
    eventually(lambda: descriptors(prefd.process.pid) <= open_before + 4)
    asked(prefd)


def test_out_of_descriptors_it_says_so_and_serves_those_it_has(make_prefd, backend):
    backend.script(whole(completion("ok")))
    prefd = make_prefd(backend, start=False, limits={"connections_per_user": 4000})
    prefd.command = ["prlimit", "--nofile=200:200", *prefd.arguments()]
    prefd.start()
    kept = prefd.wire()
    assert kept.chat(CHAT).status == 200
    crowd, told, closed = [], 0, 0
    for _ in range(300):
        wire = prefd.wire(timeout=20)
        crowd.append(wire)
        try:
            wire.ask("GET", "/healthz")
            reply = wire.reply("GET")
            if reply.status == 503:
                assert reply.json()["error"]["message"]
                told += 1
            else:
                assert reply.status == 200
        except (Broken, OSError):
            closed += 1
    assert told > 0, "nobody was told"
    # Those who were there before go on, with the connections to the backend that they need.
    for _ in range(5):
        assert kept.chat(CHAT).status == 200
    assert prefd.process.poll() is None
    for wire in crowd:
        wire.close()
    kept.close()

    def is_served() -> bool:
        with prefd.wire() as wire:
            return wire.chat(CHAT).status == 200

    eventually(is_served)


def test_readers_that_stop_hold_little_and_cancel_cleanly(prefd, backend):
    text = "x" * 1000
    long = events([chunk({"content": text})] * 16_000)
    assert len(long) > 16 << 20
    backend.script(whole(completion("ok")))
    backend.script(sse(long, framing="close"), model="long")
    ask = STREAMED.replace(b'"m"', b'"long"')
    readers = 16

    def started() -> list[Wire]:
        """Streams of which each has had its head and a little more."""
        wires = []
        for _ in range(readers):
            wire = prefd.wire()
            wire.ask("POST", "/v1/chat/completions", ask)
            assert wire.reply_head()[0] == 200
            wires.append(wire)
        return wires

    def settled() -> int:
        """What the backend has sent once it sends no more."""
        last, since = -1, time.monotonic()
        while time.monotonic() - since < 1:
            sent = backend.state()["sent"]
            if sent != last:
                last, since = sent, time.monotonic()
            time.sleep(0.05)
        return last

    def ended(count: int) -> None:
        eventually(lambda: [what for what, _ in backend.state()["log"]].count("disconnect") == count)

    # Once before, so that what the process needs for any stream is there.
    for wire in started():
        wire.close()
    ended(readers)
    backend.clear()
    backend.script(whole(completion("ok")))
    backend.script(sse(long, framing="close"), model="long")

    pid = prefd.process.pid
    sent_before, before = settled(), resident(pid)
    wires = started()
    sent = settled() - sent_before
    grown = resident(pid) - before
    # Two sockets of each stream are full, and besides them prefd holds what is held.
    most = readers * ((256 << 10) + 2 * socket_buffer())
    assert sent < most, f"the backend could send {sent} bytes to {readers} readers that stopped"
    assert grown <= readers * (256 << 10), f"{readers} readers that stopped hold {grown} bytes"
    for _ in range(3):
        asked(prefd)
    for wire in wires:
        wire.close()
    ended(readers)
    asked(prefd)
