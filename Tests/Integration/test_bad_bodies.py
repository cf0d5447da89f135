"""Bodies and headers at their limits, and bodies that two readers could read differently."""

import json

import pytest

from answers import completion, whole
from test_bytes import inserted
from wire import Wire

LIMIT = 32 << 20
TURN = b'"messages":[{"role":"user","content":"hi"}]'


@pytest.fixture
def prefd(shared):
    shared[1].script(whole(completion("ok")))
    return shared[0]


@pytest.fixture
def played(shared):
    return shared[1]


def body_of(size: int) -> bytes:
    """A request of exactly so many bytes."""
    frame = b'{"model":"m","messages":[{"role":"user","content":"%b"}]}'
    return frame % (b"w" * (size - len(frame) + 2))


def send_chunked(wire: Wire, body: bytes, size=1 << 20) -> None:
    """Sends a request in chunks; the server may stop reading when it has seen enough."""
    wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
    try:
        for start in range(0, len(body), size):
            part = body[start : start + size]
            wire.send(b"%x\r\n%b\r\n" % (len(part), part))
        wire.send(b"0\r\n\r\n")
    except OSError:
        pass


#: What two readers take for two different requests. Which keys are read is in the dialect's reader.
TWICE = {
    "model": b'{"model":"a","model":"b",%b}' % TURN,
    "model, spelled with an escape": b'{"model":"a","\\u006dodel":"b",%b}' % TURN,
    "model, in another case": b'{"model":"a","Model":"b",%b}' % TURN,
    "messages, in another case": b'{%b,"MESSAGES":[]}' % TURN,
    "messages, with a long s": b'{%b,"me\xc5\xbfsages":[]}' % TURN,
    "stream": b'{"stream":true,"stream":false,%b}' % TURN,
    "content": b'{"messages":[{"role":"user","content":"a","content":"b"}]}',
    "role, with an escape": b'{"messages":[{"role":"user","r\\u006fle":"system","content":"a"}]}',
    "the text of a part": b'{"messages":[{"role":"system","content":[{"type":"text","text":"a","text":"b"}]}]}',
    "the end user": b'{"user":"a","user":"b",%b}' % TURN,
}


@pytest.mark.pitfall(26)
@pytest.mark.parametrize("sent", TWICE.values(), ids=TWICE.keys())
def test_a_key_that_decides_stands_once(prefd, played, sent):
    with prefd.wire() as wire:
        reply = wire.chat(sent)
        assert reply.status == 400 and reply.json()["error"]["message"]
    assert played.take() == []


def test_a_key_that_decides_nothing_may_stand_twice(prefd, played):
    sent = b'{"x":1,"x":2,"seed":1,"seed":1,%b,"vendor":{"a":1,"a":2}}' % TURN
    with prefd.wire() as wire:
        assert wire.chat(sent).status == 200
    assert played.last()["body"] == sent


def test_nesting_is_taken_as_deep_as_is_said_and_no_deeper(prefd, played):
    with prefd.wire() as wire:
        for depth, status in ((511, 200), (512, 400), (200_000, 400)):
            for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
                inner = opening * depth + b"1" + closing * depth
                reply = wire.chat(b'{"model":"m",%b,"x":%b}' % (TURN, inner))
                assert reply.status == status, (depth, opening)
        # Never closed: no less deep.
        assert wire.chat(b"[" * 4_000_000).status == 400
        assert wire.chat(b'{"a":' * 1_000_000).status == 400
    assert len(played.take()) == 2


#: Bytes that are not UTF-8, and what is wrong with them.
NOT_UTF8 = {
    "a continuation alone": b"\x80",
    "a lead alone": b"\xc3",
    "cut before the quote": b"\xe2\x82",
    "overlong slash": b"\xc0\xaf",
    "overlong NUL": b"\xc0\x80",
    "overlong of three": b"\xe0\x80\xaf",
    "a surrogate": b"\xed\xa0\x80",
    "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "above the last": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "never a byte": b"\xfe\xff",
    "latin-1": b"caf\xe9",
}


def test_what_is_not_utf_8_is_refused_wherever_it_stands(prefd, played):
    with prefd.wire() as wire:
        for name, bytes_ in NOT_UTF8.items():
            for body in (
                b'{"messages":[{"role":"user","content":"' + bytes_ + b'"}]}',
                b'{"' + bytes_ + b'":1,%b}' % TURN,
                b'{"x":["' + bytes_ + b'"],%b}' % TURN,
                b"{%b}" % TURN + bytes_,
            ):
                assert wire.chat(body).status == 400, (name, body)
    assert played.take() == []


def test_lone_surrogates_arrive_as_they_are_escaped(prefd, played):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})
        for text in (rb"\ud800", rb"\udfff", rb"\ude00\ud83d", rb"\ud83dx\ude00", rb"\uD83D\uDE00\ud83d"):
            for sent in (
                b'{"messages":[{"role":"user","content":"%b"}]}' % text,
                b'{"messages":[{"role":"system","content":"a %b"},{"role":"user","content":"hi"}]}' % text,
                b'{"model":"m","%b":1,%b}' % (text, TURN),
            ):
                assert wire.chat(sent).status == 200
                inserted(sent, played.last()["body"])


@pytest.mark.pitfall(21, 22)
@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_a_body_of_the_limit_passes_and_one_byte_more_is_413(prefd, played, chunked):
    with prefd.wire(timeout=120) as wire:
        largest = body_of(LIMIT)
        if chunked:
            send_chunked(wire, largest)
        else:
            wire.ask("POST", "/v1/chat/completions", largest)
        assert wire.reply().status == 200
        assert played.last()["body"] == largest
    with prefd.wire(timeout=120) as wire:
        if chunked:
            send_chunked(wire, largest + b" ")
        else:
            # Its head is enough.
            wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % (LIMIT + 1))
        reply = wire.reply()
        assert reply.status == 413 and reply.json()["error"]["code"] == "request_too_large"
        assert reply.header("connection") == "close"
    with prefd.wire() as wire:
        assert wire.chat(b"{%b}" % TURN).status == 200
    assert len(played.take()) == 1


def test_headers_of_100_kb_pass_and_larger_ones_are_431(prefd, played):
    one = [("x-large", "v" * 99_000)]
    many = [(f"x-{place}", "v" * 900) for place in range(100)]
    with prefd.wire() as wire:
        for headers in (one, many):
            assert wire.chat(b"{%b}" % TURN, headers=headers).status == 200
            assert [pair for pair in played.last()["headers"] if pair[0].startswith("x-")] == headers
    for headers in (
        [("x-large", "v" * 110_000)],
        [("x" * 110_000, "v")],
        many + many,
        [(f"x-{place}", "v") for place in range(5_000)],
    ):
        with prefd.wire() as wire:
            try:
                wire.ask("POST", "/v1/chat/completions", b"{%b}" % TURN, headers)
            except OSError:
                pass  # It stops reading once it knows.
            reply = wire.reply()
            assert reply.status == 431 and json.loads(reply.body)["error"]["code"] == "headers_too_large"
    with prefd.wire() as wire:
        wire.send(b"GET /" + b"a" * 200_000)
        assert wire.reply().status in (400, 431)
    assert played.take() == []
