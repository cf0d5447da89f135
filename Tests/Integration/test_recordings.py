"""Recorded streams of real servers, replayed: with no rule firing, not a byte changes."""

import random

import pytest

import recordings
from answers import sse
from wire import Broken

BODY = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
#: Where each kind of recording is asked for, and how.
ASKED = {
    "chat": ("/v1/chat/completions", BODY),
    "messages": ("/v1/messages", BODY),
    "responses": ("/v1/responses", b'{"model":"m","stream":true,"input":"hi"}'),
}
EVERY_KIND = pytest.mark.parametrize("kind", ASKED)
#: Recordings up to this size are also sent one byte at a time.
EACH_BYTE_BYTES = 4_000


def replayed(wire, expected: bytes, row: dict) -> None:
    path, body = ASKED[row["kind"]]
    reply = wire.request("POST", path, body)
    assert reply.status == 200
    assert reply.body == expected, f"{recordings.name(row)} changed at {difference(expected, reply.body)}"


def difference(expected: bytes, got: bytes) -> str:
    place = next((i for i, (a, b) in enumerate(zip(expected, got)) if a != b), min(len(expected), len(got)))
    return f"byte {place}: expected {expected[place - 20 : place + 40]!r}, got {got[place - 20 : place + 40]!r}"


@EVERY_KIND
def test_every_recording_arrives_unchanged_at_random_cuts(shared, kind):
    prefd, backend = shared
    chance = random.Random(20)
    with prefd.wire() as wire:
        for row in recordings.streams(kind):
            body = row["response_sse"].encode()
            some = [
                tuple(chance.sample(range(1, len(body)), k=min(len(body) - 1, count)))
                for count in (1, 7, 40)
            ]
            backend.script(sse(body, cuts=some))
            for _ in some:
                replayed(wire, body, row)
            backend.script(sse(body, cuts=some[2:], level="wire"))
            replayed(wire, body, row)


@EVERY_KIND
def test_every_small_recording_arrives_unchanged_one_byte_at_a_time(shared, kind):
    prefd, backend = shared
    with prefd.wire() as wire:
        rows = recordings.streams(kind)
        smallest = min(len(row["response_sse"]) for row in rows)
        for row in rows:
            body = row["response_sse"].encode()
            if len(body) <= max(EACH_BYTE_BYTES, smallest + 500):
                backend.script(sse(body, each_byte=True, framing="close"))
                replayed(wire, body, row)


@EVERY_KIND
def test_the_smallest_recording_of_each_shape_arrives_unchanged_at_every_cut(shared, kind):
    prefd, backend = shared
    shapes = ("tool_calls", "reasoning", '"index":1', "\n:", "") if kind == "chat" else ("",)
    chosen = []
    for shape in shapes:
        holding = [row for row in recordings.streams(kind) if shape in row["response_sse"] and row not in chosen]
        chosen.append(min(holding, key=lambda row: len(row["response_sse"])))
    with prefd.wire() as wire:
        for row in chosen:
            body = row["response_sse"].encode()
            places = [(place,) for place in range(1, len(body))]
            backend.script(sse(body, cuts=places))
            for _ in places:
                replayed(wire, body, row)


@pytest.mark.pitfall(9)
def test_an_indented_line_that_only_some_clients_read_is_checked_and_passes(shared):
    prefd, backend = shared
    rows = recordings.mislabelled()
    assert 0 < len(rows) < len(recordings.chat()) / 50
    with prefd.wire() as wire:
        for row in rows:
            body = row["response_sse"].encode()
            backend.script(sse(body, each_byte=True))
            replayed(wire, body, row)


@pytest.mark.pitfall(9)
def test_a_line_that_no_client_reads_ends_the_stream_there(shared):
    prefd, backend = shared
    event = b'data: {"choices":[{"index":0,"delta":{"content":"So"}}]}\n\n'
    for line in (b'note: unread\n', b' data: {"choices":[{"index":0,"delta":{"content":"no"}}]}\n'):
        backend.script(sse(event + line + b"\n" + event + b"data: [DONE]\n\n"))
        with prefd.wire() as wire, pytest.raises(Broken) as broken:
            wire.chat(BODY)
        assert broken.value.partial.startswith(event)
        assert b"[DONE]" not in broken.value.partial and line not in broken.value.partial


@pytest.mark.pitfall(17)
def test_line_ends_comments_and_unknown_fields_of_streams_survive(shared):
    prefd, backend = shared
    odd = (
        b": hello, a comment\r\nid: 7\r\nretry: 3000\r\n"
        b'data: {"id":"x","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}],"vendor":1E2}\r\n\r\n'
        b'event: message\ndata:{"id":"x","choices":[{"index":0,"delta":{"content":"b"},"finish_reason":null}]}\n\n'
        b': ping\n\ndata: {"choices":[],"usage":null}\n\n'
        b'data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    )
    with prefd.wire() as wire:
        for body in (odd, b"\xef\xbb\xbf" + odd):
            backend.script(sse(body, each_byte=True))
            assert wire.chat(BODY).body == body
