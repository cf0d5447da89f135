"""A request is rewritten in place: every byte outside the block arrives as the client sent it."""

import json
import random
import time

import pytest

from answers import completion, sse, stream, whole

#: Bodies as real and odd clients spell them; the block goes into each of them.
BODIES = {
    "compact": b'{"model":"m","messages":[{"role":"user","content":"hi"}]}',
    "spaced": b' \r\n{\t"model" : "m" ,\n"messages" : [ { "role" : "user" , "content" : "hi" } ]\r\n}\n\n ',
    "keys in another order": b'{"stream":false,"messages":[{"content":"hi","role":"user"}],"model":"m"}',
    "numbers as they are": b'{"temperature":0.70,"top_p":1E-0,"seed":12345678901234567890123,"x":-0.0,"y":1e+2,'
    b'"model":"m","messages":[{"role":"user","content":"hi"}]}',
    "unknown fields": b'{"model":"m","vendor":{"messages":[{"role":"system","content":"decoy"}],"a":[[],{}]},'
    b'"messages":[{"role":"user","content":"hi","cache_control":{"type":"ephemeral"},"weird":null}],"z":true}',
    "escapes": b'{"model":"m","messages":[{"role":"user","content":"caf\\u00e9 \\ud83d\\ude00 \\/ \\" \\\\"}]}',
    "raw utf-8": '{"model":"m","messages":[{"role":"user","content":"café 😀 \u2028 שלום"}]}'.encode(),
    "escaped key": b'{"model":"m","m\\u0065ssages":[{"role":"user","content":"hi"}]}',
    "system string": b'{"model":"m","messages":[{"role":"system","content":"You are a bot."},{"role":"user","content":"hi"}]}',
    "system ends in a backslash": b'{"model":"m","messages":[{"role":"system","content":"C:\\\\"},{"role":"user","content":"hi"}]}',
    "empty system": b'{"model":"m","messages":[{"role":"system","content":""},{"role":"user","content":"hi"}]}',
    "system parts": b'{"model":"m","messages":[{"role":"system","content":[{"type":"text","text":"You are a bot."},'
    b' {"text":"Be brief.","type":"text"} ]},{"role":"user","content":"hi"}]}',
    "developer": b'{"model":"m","messages":[{"role":"developer","content":"You are a bot."},{"role":"user","content":"hi"}]}',
    "system then developer": b'{"model":"m","messages":[{"role":"system","content":"One."},{"content":"Two.","role":"developer"},'
    b'{"role":"user","content":"hi"},{"role":"system","content":"A later one."}]}',
    "system only after the user": b'{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"system","content":"later"}]}',
    "image part": b'{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hi"},'
    b'{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}]}',
    "tool conversation": b'{"model":"m","tools":[{"type":"function","function":{"name":"f","parameters":{}}}],'
    b'"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",'
    b'"function":{"name":"f","arguments":"{\\"a\\": 1.50}"}}]},{"role":"tool","tool_call_id":"c","content":"ok"}]}',
}


def inserted(sent: bytes, received: bytes) -> tuple[int, bytes]:
    """The one contiguous piece that was put into `sent`, and where."""
    start = 0
    while start < len(sent) and sent[start] == received[start]:
        start += 1
    added = len(received) - len(sent)
    assert added > 0, "nothing was inserted"
    assert received[start + added :] == sent[start:], (
        "more than one insertion changed the body:\n" + repr(sent) + "\n" + repr(received)
    )
    return start, received[start : start + added]


@pytest.fixture
def prefd(shared):
    return shared[0]


@pytest.fixture
def played(shared):
    shared[1].script(whole(completion("ok")))
    return shared[1]


@pytest.mark.parametrize("sent", BODIES.values(), ids=BODIES.keys())
def test_without_preferences_the_body_is_forwarded_byte_for_byte(prefd, played, sent):
    with prefd.wire() as wire:
        reply = wire.chat(sent)
        assert reply.status == 200 and reply.header("x-prefd-applied") == "0"
    assert played.last()["body"] == sent


@pytest.mark.parametrize("sent", BODIES.values(), ids=BODIES.keys())
def test_with_preferences_only_the_block_is_added(prefd, played, sent):
    with prefd.wire() as wire:
        assert wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"}).status == 200
        reply = wire.chat(sent)
        assert reply.status == 200 and reply.header("x-prefd-applied") == "1"
        explained = wire.get("/prefd/v1/requests/" + reply.header("x-prefd-request-id")).json()
    received = played.last()["body"]
    inserted(sent, received)
    block = explained["block"]
    assert "concise" in block
    assert flat(json.loads(received)).count(block) == 1, "the block is not in the prompt exactly once"


def flat(value) -> str:
    """All strings of a JSON value, one after the other."""
    if isinstance(value, str):
        return value + "\n\x00"
    if isinstance(value, dict):
        return "".join(flat(item) for item in value.values())
    if isinstance(value, list):
        return "".join(flat(item) for item in value)
    return ""


def test_the_block_goes_to_the_end_of_the_last_leading_system_message(prefd, played):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})

        def messages(name):
            reply = wire.chat(BODIES[name])
            block = wire.get("/prefd/v1/requests/" + reply.header("x-prefd-request-id")).json()["block"]
            return json.loads(played.last()["body"])["messages"], block

        got, block = messages("system string")
        assert got[0]["content"].startswith("You are a bot.") and got[0]["content"].endswith(block)
        got, block = messages("system then developer")
        assert got[0]["content"] == "One." and got[1]["content"].endswith(block)
        assert got[3]["content"] == "A later one."
        got, block = messages("compact")
        assert got[0]["role"] == "system" and got[0]["content"].strip() == block.strip() and len(got) == 2
        got, block = messages("system only after the user")
        assert [message["role"] for message in got] == ["system", "user", "system"]
        got, block = messages("system parts")
        texts = "".join(part["text"] for part in got[0]["content"])
        assert texts.startswith("You are a bot.") and texts.endswith(block)


@pytest.mark.pitfall(27)
def test_the_same_preferences_give_the_same_bytes_every_time(prefd, played):
    with prefd.wire() as wire:
        settings = ["verbosity=concise", "tone=casual", "format=bullets", "language=de", "emoji=none"]
        random.Random(7).shuffle(settings)
        for setting in settings:
            dimension, value = setting.split("=")
            assert wire.put(f"/prefd/v1/preferences/{dimension}", {"value": value}).status == 200
        for _ in range(20):
            wire.chat(BODIES["system string"])
        bodies = {request["body"] for request in played.take()}
    assert len(bodies) == 1


@pytest.mark.pitfall(29)
def test_a_block_that_comes_back_is_not_doubled(prefd, played):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})
        wire.chat(BODIES["system string"])
        came = played.last()["body"]
        # The app copies the whole prompt, block and all, into its next request.
        again = json.loads(came)
        again["messages"] += [{"role": "assistant", "content": "ok"}, {"role": "user", "content": "and?"}]
        reply = wire.chat(again)
        block = wire.get("/prefd/v1/requests/" + reply.header("x-prefd-request-id")).json()["block"]
        texts = flat(json.loads(played.last()["body"]))
    assert texts.count(block) == 1


def test_mode_off_switches_personalization_off_for_one_request(prefd, played):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})
        reply = wire.chat(BODIES["compact"], headers=[("X-Prefd-Mode", "off")])
        assert reply.header("x-prefd-applied") == "0"
        assert played.last()["body"] == BODIES["compact"]
        wire.chat(BODIES["compact"])
        assert played.last()["body"] != BODIES["compact"]


REFUSED = {
    "not json": b"{",
    "empty": b"",
    "not an object": b'["messages"]',
    "trailing garbage": b'{"model":"m","messages":[{"role":"user","content":"hi"}]}}',
    "no messages": b'{"model":"m"}',
    "messages of the wrong type": b'{"model":"m","messages":{"role":"user"}}',
    "a message of the wrong type": b'{"model":"m","messages":["hi"]}',
    "messages twice": b'{"messages":[{"role":"user","content":"a"}],"model":"m","messages":[{"role":"user","content":"b"}]}',
    "messages twice, once escaped": b'{"messages":[{"role":"user","content":"a"}],"model":"m",'
    b'"mess\\u0061ges":[{"role":"user","content":"b"}]}',
    "role twice": b'{"model":"m","messages":[{"role":"user","role":"system","content":"a"}]}',
    "a comment": b'{"model":"m",/* hi */"messages":[{"role":"user","content":"hi"}]}',
    "a trailing comma": b'{"model":"m","messages":[{"role":"user","content":"hi"},]}',
    "a bare control character": b'{"model":"m","messages":[{"role":"user","content":"a\x01b"}]}',
    "invalid utf-8": b'{"model":"m","messages":[{"role":"user","content":"a\xff\xfeb"}]}',
    "deep nesting": b'{"model":"m","messages":[{"role":"user","content":"hi"}],"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.pitfall(26)
@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_malformed_is_refused_and_never_forwarded(prefd, played, sent):
    with prefd.wire() as wire:
        reply = wire.chat(sent)
        error = reply.json()["error"]
        assert reply.status == 400 and error["message"] and "type" in error
        assert played.take() == []
        # The connection, or at least the service, goes on.
        assert wire.chat(BODIES["compact"]).status == 200


@pytest.mark.pitfall(21)
def test_a_chunked_body_counts_against_the_limit(make_prefd, played):
    prefd = make_prefd(played, limits={"body": "64KiB"})
    with prefd.wire() as wire:
        wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            for _ in range(64):
                wire.send(b"1000\r\n" + b" " * 4096 + b"\r\n")
        except OSError:
            pass  # It may stop reading once it knows.
        reply = wire.reply()
        assert reply.status == 413 and reply.json()["error"]["message"]
    assert played.take() == []


@pytest.mark.pitfall(21)
def test_a_chunked_body_and_expect_100_continue_are_taken(prefd, played):
    body = BODIES["spaced"]
    with prefd.wire() as wire:
        wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        for place in range(0, len(body), 7):
            part = body[place : place + 7]
            wire.send(b"%x\r\n%b\r\n" % (len(part), part))
        wire.send(b"0\r\n\r\n")
        assert wire.reply().status == 200
        wire.send(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: %d\r\n\r\n" % len(body)
        )
        assert b"100" in wire.sock.recv(100)
        wire.send(body)
        assert wire.reply().status == 200
    assert [request["body"] for request in played.take()] == [body, body]


def test_a_32_mib_body_is_not_quadratic(make_prefd, played):
    prefd = make_prefd(played, limits={"body": "40MiB"})
    with prefd.wire(timeout=120) as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})

        def timed(size: int) -> float:
            text = b"word " * (size // 5)
            body = b'{"model":"m","messages":[{"role":"user","content":"' + text + b'"}]}'
            began = time.monotonic()
            assert wire.chat(body).status == 200
            took = time.monotonic() - began
            inserted(body, played.last()["body"])
            return took

        timed(1 << 20)
        small, large = timed(4 << 20), timed(32 << 20)
    assert large < 16 * small + 1, f"4 MiB took {small:.2f} s, 32 MiB {large:.2f} s"


@pytest.mark.parametrize("end", ["", " 4111 1111"], ids=["nothing begun", "a match may have begun"])
def test_a_streamed_event_of_many_mib_passes_byte_for_byte(make_prefd, played, end):
    """As image models send them."""
    body = stream(["before", "picture " * (6 << 17) + end, " after"])
    played.script(sse(body))
    prefd = make_prefd(played, rules="shipped")
    with prefd.wire(timeout=120) as wire:
        reply = wire.chat({"model": "m", "stream": True, "messages": [{"role": "user", "content": "Draw."}]})
    assert reply.body == body


def test_headers_reach_the_backend_as_configured(make_prefd, backend, home):
    (home / "api.key").write_text("sk-from-the-file\n")
    (home / "api.key").chmod(0o600)
    one = {"url": backend.url, "dialects": ["openai"]}
    prefd = make_prefd(
        [
            {"name": "keyed", "models": ["keyed-*"], "api_key": {"file": str(home / "api.key")}, **one},
            {"name": "open", "models": ["open-*"], "forward_authorization": True, **one},
            {"name": "plain", "models": ["*"], **one},
        ]
    )
    backend.script(whole(completion("ok")))
    sent = [("Authorization", "Bearer of-the-client"), ("X-Prefd-Mode", "on"), ("OpenAI-Beta", "x=1"), ("TE", "trailers")]
    seen = {}
    with prefd.wire() as wire:
        for model in ("keyed-1", "open-1", "other"):
            body = b'{"model":"%b","messages":[{"role":"user","content":"hi"}]}' % model.encode()
            assert wire.chat(body, headers=sent).status == 200
            seen[model] = {name.lower(): value for name, value in backend.last()["headers"]}
    assert seen["keyed-1"]["authorization"] == "Bearer sk-from-the-file"
    assert seen["open-1"]["authorization"] == "Bearer of-the-client"
    assert "authorization" not in seen["other"]
    for headers in seen.values():
        assert not [name for name in headers if name.startswith("x-prefd")], headers
        assert headers["openai-beta"] == "x=1" and "te" not in headers


def test_models_are_routed_by_name(make_prefd, make_backend):
    first, second = make_backend("first"), make_backend("second", tcp=True)
    for one in (first, second):
        one.script(whole(completion("ok")))
    prefd = make_prefd(
        [
            {"name": "first", "url": first.url, "dialects": ["openai"], "models": ["llama-*"]},
            {"name": "second", "url": second.url, "dialects": ["openai"], "models": ["*"]},
        ]
    )
    with prefd.wire() as wire:
        for model in ("llama-3", "gpt-5", "llama-4"):
            wire.chat({"model": model, "messages": [{"role": "user", "content": "hi"}]})
    assert len(first.take()) == 2 and len(second.take()) == 1


def test_connections_to_the_backend_are_kept(prefd, played):
    before = played.state()["connections"]
    with prefd.wire() as wire:
        for _ in range(20):
            wire.chat(BODIES["compact"])
    assert played.state()["connections"] - before <= 3


@pytest.mark.pitfall(25)
def test_two_host_headers_are_refused_and_any_single_host_works(prefd, played):
    body = BODIES["compact"]
    head = b"POST /v1/chat/completions HTTP/1.1\r\n%bcontent-length: %d\r\n\r\n%b"
    with prefd.wire() as wire:
        for host in (b"host: a\r\n", b"host: api.example.com:443\r\n"):
            wire.send(head % (host, len(body), body))
            assert wire.reply().status == 200
        wire.send(head % (b"host: a\r\nhost: b\r\n", len(body), body))
        assert wire.reply().status == 400
    with prefd.wire() as wire:
        wire.send(head % (b"host: a\r\ncontent-length: 3\r\n", len(body), body))
        assert wire.reply().status == 400
    assert len(played.take()) == 2


@pytest.mark.pitfall(12)
def test_a_websocket_upgrade_is_refused(prefd, played):
    with prefd.wire() as wire:
        wire.send(
            b"GET /v1/realtime HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
        )
        reply = wire.reply("GET")
        assert reply.status in (400, 404) and reply.json()["error"]["message"]
    assert played.take() == []


@pytest.mark.pitfall(12)
@pytest.mark.parametrize("protocol", [b"websocket", b"WebSocket"])
@pytest.mark.parametrize("target", [b"GET /v1/realtime?model=m", b"GET /v1/responses", b"GET /v1/models", b"POST /v1/chat/completions"])
def test_no_upgrade_is_passed_to_the_backend(prefd, played, target, protocol):
    with prefd.wire() as wire:
        wire.send(target + b" HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: " + protocol + b"\r\n\r\n")
        reply = wire.reply(target.split()[0].decode())
    assert reply.status in (400, 404, 426) and reply.json()["error"]["message"]
    assert played.take() == []


@pytest.mark.parametrize("name", ["../responses/resp_1", "..%2fresponses%2fresp_1", "%2e%2e/responses/resp_1", "a/../../files/f/content", ".."])
def test_no_models_name_leads_to_another_path(prefd, played, name):
    with prefd.wire() as wire:
        reply = wire.get(f"/v1/models/{name}")
        assert reply.status == 404 and reply.json()["error"]["code"] == "unknown_endpoint"
    assert played.take() == []
