"""Backends in real life: they hang, reset, lie, come and go, and take only so much at once."""

import json
import re
import time

import openai
import pytest

from answers import Answer, completion, events, chunk, sse, stream, whole
from conftest import DIALECTS, sdk
from people import ANNA, BRUNO, needs_root, start_as_user
from wire import Wire

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
SECOND = {"connect": "1s", "first_byte": "1s", "idle": "1s"}


def entry(name: str, url: str, **more) -> dict:
    return {"name": name, "url": url, "dialects": DIALECTS, "models": ["*"], **more}


def eventually(check, timeout=10.0):
    deadline = time.monotonic() + timeout
    while not (found := check()):
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)
    return found


def metric(prefd, name: str) -> float | None:
    """One sample of the metrics by its name and labels."""
    with prefd.admin_wire() as wire:
        found = re.search(rf"^{re.escape(name)} (\S+)$", wire.get("/metrics").body.decode(), re.M)
    return float(found[1]) if found else None


def call(socket, method: str, target: str, body: dict | None = None) -> tuple[int, dict]:
    """One call, by whoever runs it."""
    with Wire(socket) as wire:
        reply = wire.request(method, target, None if body is None else json.dumps(body).encode())
        return reply.status, reply.json()


def ask(prefd, body=CHAT, **more):
    with prefd.wire() as wire:
        return wire.chat(body, **more)


# A fallback.


@pytest.fixture
def pair(make_prefd, make_backend, home):
    """A main backend that nobody serves yet, and its fallback."""
    spare = make_backend("spare")
    spare.script(whole(completion("from the spare")))
    main = entry("main", f"unix://{home}/main.sock", fallback="spare", circuit_breaker={"failures": 3, "pause": "1s"})
    return make_prefd([main, entry("spare", spare.url)]), spare


def test_a_fallback_serves_while_a_backend_cannot_be_reached(pair, make_backend):
    prefd, spare = pair
    reply = ask(prefd)
    assert reply.json()["choices"][0]["message"]["content"] == "from the spare"
    with prefd.wire() as wire:
        explained = wire.get(f"/prefd/v1/requests/{reply.header('x-prefd-request-id')}").json()
    assert explained["backend"] == "spare"
    assert prefd.wait_for_event("backend-failed")["PREFD_BACKEND"] == "main"
    event = prefd.wait_for_event("backend-fallback")
    assert (event["PREFD_BACKEND"], event["PREFD_FALLBACK"]) == ("main", "spare")
    assert metric(prefd, 'prefd_backend_fallbacks_total{backend="main",fallback="spare"}') == 1
    # Left alone or not, the fallback serves, and nobody notices.
    assert [ask(prefd).status for _ in range(4)] == [200] * 4
    assert prefd.wait_for_event("backend-suspended")["PREFD_BACKEND"] == "main"
    main = make_backend("main")
    main.script(whole(completion("from main")))
    eventually(lambda: "from main" in ask(prefd).body.decode())
    prefd.wait_for_event("backend-restored")


@pytest.mark.parametrize("how", [Answer(raw=b""), Answer(raw=b"HTTP/1.1 2"), whole(completion("x"), hold="head")])
def test_a_fallback_never_gets_what_a_backend_may_have_acted_on(make_prefd, make_backend, how):
    main, spare = make_backend("main"), make_backend("spare")
    main.script(how)
    prefd = make_prefd(
        [entry("main", main.url, fallback="spare", timeouts={**SECOND, "first_byte": "100ms"}), entry("spare", spare.url)]
    )
    assert ask(prefd).status in (502, 504)
    assert len(main.take()) == 1 and spare.take() == []


def test_an_answer_of_any_status_is_an_answer(make_prefd, make_backend):
    main, spare = make_backend("main"), make_backend("spare")
    main.script(whole({"error": {"message": "overloaded"}}, status=503, headers=[("retry-after", "7")]))
    prefd = make_prefd([entry("main", main.url, fallback="spare"), entry("spare", spare.url)])
    for _ in range(7):
        reply = ask(prefd)
        assert (reply.status, reply.header("retry-after")) == (503, "7")
    assert spare.take() == [] and prefd.events("backend-suspended") == []


def test_a_fallback_gets_its_own_key_and_never_the_others(make_prefd, make_backend, home):
    spare = make_backend("spare")
    for name in ("main", "spare"):
        (home / f"{name}.key").touch(mode=0o600)
        (home / f"{name}.key").write_text(f"key-of-{name}")
    main = entry("main", f"unix://{home}/main.sock", fallback="spare", api_key={"file": str(home / "main.key")})
    prefd = make_prefd([main, entry("spare", spare.url, api_key={"file": str(home / "spare.key")})])
    assert ask(prefd).status == 200
    sent = spare.last()
    assert ("authorization", "Bearer key-of-spare") in sent["headers"] and b"key-of-main" not in sent["head"]


def test_a_fallback_of_another_dialect_is_not_asked(make_prefd, make_backend, home):
    spare = make_backend("spare")
    main = entry("main", f"unix://{home}/main.sock", fallback="spare")
    only_openai = {**entry("spare", spare.url), "dialects": ["openai"]}
    prefd = make_prefd([main, only_openai])
    status, body = call(prefd.data, "POST", "/api/chat", CHAT)
    assert status == 502 and "main" in body["error"] and spare.take() == []


# A backend that keeps failing.


def test_a_backend_that_keeps_failing_is_left_alone_and_tried_again(make_prefd, make_backend, home):
    main = entry("main", f"unix://{home}/main.sock", circuit_breaker={"failures": 3, "pause": "1s"})
    prefd = make_prefd([main], start=False).start(statuses=(503,))
    assert [ask(prefd).status for _ in range(3)] == [502] * 3
    refused = ask(prefd)
    assert refused.status == 503 and refused.json()["error"]["code"] == "backend_suspended"
    assert refused.header("retry-after") == "1" and "main" in refused.json()["error"]["message"]
    assert prefd.wait_for_event("backend-suspended")["PREFD_BACKEND"] == "main"
    assert metric(prefd, 'prefd_backend_suspensions_total{backend="main"}') == 1
    make_backend("main").script(whole(completion("back")))
    # The SDK waits as long as it is told to.
    with sdk(prefd, max_retries=3) as client:
        answer = client.chat.completions.create(model="m", messages=CHAT["messages"])
    assert answer.choices[0].message.content == "back"
    prefd.wait_for_event("backend-restored")


def test_a_backend_that_hangs_is_left_alone_too(make_prefd, backend):
    limits = {"timeouts": {**SECOND, "first_byte": "50ms"}, "circuit_breaker": {"failures": 2, "pause": "1h"}}
    prefd = make_prefd([entry("hung", backend.url, **limits)])
    backend.script(whole(completion("late"), hold="head"))
    assert [ask(prefd).status for _ in range(4)] == [504, 504, 503, 503]
    assert len(backend.take()) == 2
    assert int(ask(prefd).header("retry-after")) > 3000


# A backend that takes only so many.


@pytest.fixture
def narrow(make_prefd, backend):
    """prefd before a backend that takes one request at a time."""
    return make_prefd([entry("narrow", backend.url, max_concurrent=1)])


def test_requests_wait_for_their_turn(narrow, backend):
    backend.script(whole(completion("never"), hold="head"))
    with narrow.wire() as first, narrow.wire() as second:
        first.ask("POST", "/v1/chat/completions", json.dumps(CHAT).encode())
        backend.wait_for_requests(1)
        second.ask("POST", "/v1/chat/completions", json.dumps(CHAT).encode())
        eventually(lambda: metric(narrow, 'prefd_backend_requests_waiting{backend="narrow"}') == 1)
        assert metric(narrow, 'prefd_backend_requests_running{backend="narrow"}') == 1
        # What needs no model does not wait for one.
        backend.script(whole({"object": "list", "data": []}), path="/v1/models")
        assert call(narrow.data, "GET", "/v1/models")[0] == 200
        backend.script(whole(completion("at last")))
        first.close()
        assert "at last" in second.reply().body.decode()
    assert metric(narrow, 'prefd_backend_requests_waiting{backend="narrow"}') == 0


def test_who_goes_away_while_waiting_is_forgotten(narrow, backend):
    backend.script(whole(completion("never"), hold="head"))
    with narrow.wire() as first:
        first.ask("POST", "/v1/chat/completions", json.dumps(CHAT).encode())
        backend.wait_for_requests(1)
        with narrow.wire() as second:
            second.ask("POST", "/v1/chat/completions", json.dumps(CHAT).encode())
            eventually(lambda: metric(narrow, 'prefd_backend_requests_waiting{backend="narrow"}') == 1)
        eventually(lambda: metric(narrow, 'prefd_backend_requests_waiting{backend="narrow"}') == 0)
    eventually(lambda: metric(narrow, 'prefd_backend_requests_running{backend="narrow"}') == 0)
    assert len(backend.take()) == 1


def test_a_full_queue_says_when_to_come_again(make_prefd, backend):
    prefd = make_prefd([entry("narrow", backend.url, max_concurrent=1, max_queued=0)])
    backend.script(whole(completion("never"), hold="head"))
    with prefd.wire() as first, sdk(prefd) as client:
        first.ask("POST", "/v1/chat/completions", json.dumps(CHAT).encode())
        backend.wait_for_requests(1)
        with pytest.raises(openai.InternalServerError) as raised:
            client.chat.completions.create(model="m", messages=CHAT["messages"])
    assert raised.value.status_code == 503 and raised.value.code == "backend_busy"
    assert int(raised.value.response.headers["retry-after"]) >= 1
    assert metric(prefd, 'prefd_refused_total{code="backend_busy"}') == 1


def test_a_turn_that_never_comes_is_told_in_time(make_prefd, backend):
    prefd = make_prefd([entry("narrow", backend.url, max_concurrent=1, timeouts={"queue": "50ms"})])
    backend.script(whole(completion("never"), hold="head"))
    with prefd.wire() as first:
        first.ask("POST", "/v1/chat/completions", json.dumps(CHAT).encode())
        backend.wait_for_requests(1)
        assert ask(prefd).status == 503


def said(body: bytes) -> str:
    return json.loads(body)["messages"][-1]["content"]


def ask_as(socket, text: str) -> int:
    return call(socket, "POST", "/v1/chat/completions", {**CHAT, "messages": [{"role": "user", "content": text}]})[0]


@needs_root
def test_one_persons_flood_does_not_stand_before_anothers_request(narrow, backend):
    backend.script(whole(completion("never"), hold="head"))
    holder = start_as_user(ANNA, ask_as, narrow.data, "anna holds")
    backend.wait_for_requests(1)
    flood = []
    for waiting in range(1, 6):
        flood.append(start_as_user(ANNA, ask_as, narrow.data, f"anna {waiting}"))
        eventually(lambda: metric(narrow, 'prefd_backend_requests_waiting{backend="narrow"}') == waiting)
    other = start_as_user(BRUNO, ask_as, narrow.data, "bruno")
    eventually(lambda: metric(narrow, 'prefd_backend_requests_waiting{backend="narrow"}') == 6)
    backend.script(whole(completion("ok")))
    holder.child.kill()
    assert other.result() == 200 and [one.result() for one in flood] == [200] * 5
    order = [said(request["body"]) for request in backend.take()[1:]]
    assert order == ["anna 1", "bruno", "anna 2", "anna 3", "anna 4", "anna 5"]


def test_429_says_when_to_come_again(make_prefd, backend):
    prefd = make_prefd(backend, limits={"requests_per_user": 1})
    backend.script(whole(completion("never"), hold="head"))
    with prefd.wire() as first:
        first.ask("POST", "/v1/chat/completions", json.dumps(CHAT).encode())
        backend.wait_for_requests(1)
        refused = ask(prefd)
    assert (refused.status, refused.header("retry-after")) == (429, "1")


# Health.


def test_a_dead_backend_is_told_from_a_dead_prefd(make_prefd, make_backend, home):
    prefd = make_prefd([entry("gone", f"unix://{home}/gone.sock")], start=False).start(statuses=(503,))
    assert call(prefd.data, "GET", "/healthz")[0] == 200
    status, state = call(prefd.data, "GET", "/readyz")
    assert status == 503 and state["store"]["ready"] and state["rules"]["ready"]
    assert [(one["name"], one["ready"], one["state"]) for one in state["backends"]] == [("gone", False, "unreachable")]
    shown = prefd.prefctl("status")
    assert shown.returncode == 1 and "no backend can be reached" in shown.stdout
    prefd.stop()
    assert prefd.prefctl("status").returncode == 3


def test_readiness_tells_backends_apart_and_asks_no_model(make_prefd, make_backend, home):
    live, hung = make_backend("live"), make_backend("hung")
    hung.script(whole(completion("late"), hold="head"))
    prefd = make_prefd(
        [
            entry("gone", f"unix://{home}/gone.sock", models=["gone"]),
            entry("hung", hung.url, models=["hung"], timeouts={**SECOND, "first_byte": "50ms"}),
            entry("live", live.url),
        ]
    )
    assert ask(prefd, {**CHAT, "model": "hung"}).status == 504
    with prefd.wire() as wire:
        states = {one["name"]: one["state"] for one in wire.get("/readyz").json()["backends"]}
    assert states == {"gone": "unreachable", "hung": "unknown", "live": "ready"}
    assert live.take() == [] and len(hung.take()) == 1
    shown = prefd.prefctl("status")
    assert shown.returncode == 0 and "1 backend cannot be reached" in shown.stdout
    for line in ("backend gone  no ", "backend hung  unknown ", "backend live  yes "):
        assert line in shown.stdout


def test_what_was_seen_of_a_backend_outlasts_a_reload_that_leaves_it_as_it_was(make_prefd, home, backend):
    gone = entry("gone", f"unix://{home}/gone.sock", models=["gone"], circuit_breaker={"failures": 1, "pause": "1h"})
    prefd = make_prefd([gone, entry("live", backend.url)])
    body = {**CHAT, "model": "gone"}
    assert [ask(prefd, body).status for _ in range(2)] == [502, 503]
    assert prefd.prefctl("reload").returncode == 0
    assert ask(prefd, body).status == 503
    prefd.write_config({**prefd.config, "backends": [{**gone, "circuit_breaker": {"failures": 2}}, entry("live", backend.url)]})
    assert prefd.prefctl("reload").returncode == 0
    assert ask(prefd, body).status == 502


# What backends send.

GOOD = completion("all is well")
BODY = json.dumps(GOOD).encode()
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
LIES = {
    "nothing": (Answer(raw=b""), 502),
    "half a head": (Answer(raw=b"HTTP/1.1 200 OK\r\ncontent-ty"), 502),
    "garbage": (Answer(raw=b"\x00\x01\x02\xff" * 64), 502),
    "another protocol": (Answer(raw=b"220 mail.example.com ESMTP\r\n"), 502),
    "an endless head": (Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"x-a: b\r\n" * 200_000), 502),
    "no status": (Answer(raw=b"HTTP/1.1 OK\r\n\r\n"), 502),
    "a length too long": (Answer(raw=HEAD + b"content-length: %d\r\n\r\n" % (len(BODY) + 9) + BODY), 502),
    "a length too short": (Answer(raw=HEAD + b"content-length: %d\r\n\r\n" % (len(BODY) - 9) + BODY), 502),
    "two lengths": (Answer(raw=HEAD + b"content-length: 1\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY), 502),
    "a negative length": (Answer(raw=HEAD + b"content-length: -1\r\n\r\n" + BODY), 502),
    "a length and chunks": (Answer(raw=HEAD + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"), 502),
    "half a body": (whole(GOOD, die_after=20), 502),
    "half a chunk": (whole(GOOD, framing="chunked", die_after=20), 502),
    "a chunk's size that is none": (Answer(raw=HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n"), 502),
    "gzip": (whole(GOOD, gzip=True), 502),
    "gzip that is none": (whole(GOOD, headers=[("content-encoding", "br")]), 502),
    "HTML": (Answer(body=b"<h1>It works</h1>", content_type="text/html"), 502),
    "JSON that is none": (Answer(body=b'{"choices": [', content_type="application/json"), 502),
    "a switch of protocols": (Answer(raw=b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n"), 502),
    "nothing for too long": (whole(GOOD, hold="head"), 504),
    "half a body and then nothing": (whole(GOOD, framing="chunked", hold="end"), 504),
}


@pytest.fixture
def strict(make_prefd, backend):
    """prefd that soon loses patience, and never leaves a backend alone."""
    timeouts = {"connect": "1s", "first_byte": "200ms", "idle": "200ms"}
    return make_prefd([entry("liar", backend.url, timeouts=timeouts, circuit_breaker={"failures": 0})])


@pytest.mark.parametrize("how", LIES)
def test_what_is_no_answer_is_an_error_in_the_dialect(strict, backend, how):
    answer, status = LIES[how]
    backend.script(answer)
    reply = ask(strict)
    assert reply.status == status, reply.body
    error = reply.json()["error"]
    assert error["code"].startswith("backend_") and "liar" in error["message"]
    assert "all is well" not in reply.body.decode()
    assert strict.wait_for_event("backend-failed")["PREFD_BACKEND"] == "liar"
    backend.script(whole(GOOD))
    assert "all is well" in ask(strict).body.decode(), "the next request suffers"


BROKEN_STREAMS = {
    "half a stream": sse(stream(["a", "b", "c"]), die_after=150),
    "a stream that stops": sse(events([chunk({"content": "a"})], done=False), hold="end"),
    "garbage in a stream": sse(events([chunk({"content": "a"}), b"\xff\xfe not json"])),
    "a chunk's size that is none": Answer(
        raw=b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n"
    ),
}


@pytest.mark.parametrize("how", BROKEN_STREAMS)
def test_a_stream_that_breaks_never_looks_whole(strict, backend, how):
    backend.script(BROKEN_STREAMS[how])
    with sdk(strict) as client, pytest.raises(openai.APIError):
        for part in client.chat.completions.create(model="m", messages=CHAT["messages"], stream=True):
            assert part.choices[0].finish_reason is None
    strict.wait_for_event("backend-failed")
