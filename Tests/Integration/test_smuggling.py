"""Bytes that two readers could cut into different messages, from clients and from backends.

Beside the cases that the server's own tests have, byte by byte and on a live service: nothing of
what is hidden reaches the backend, whose answers are as carefully cut.
"""

import pytest

from answers import Answer, completion, dumps, whole
from test_llhttp import answers, is_refusal
from wire import Broken

BODY = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
#: What would reach the backend were it taken for a request of its own.
HIDDEN = b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n%b" % (
    len(BODY) + 4,
    BODY.replace(b"hi", b"hidden"),
)


def post(*fields: bytes, body: bytes, line=b"POST /v1/chat/completions HTTP/1.1") -> bytes:
    return b"\r\n".join([line, b"host: a", *fields]) + b"\r\n\r\n" + body


def chunks(*sizes_and_data: bytes) -> bytes:
    return b"\r\n".join(sizes_and_data) + b"\r\n"


LENGTH = b"content-length: %d" % len(BODY)
CHUNKED = b"transfer-encoding: chunked"
SIZE = b"%x" % len(BODY)
WHOLE = SIZE + b"\r\n" + BODY + b"\r\n0\r\n\r\n"

#: Requests that must be refused, each with a whole request hidden behind or in it.
REFUSED = {
    "length and chunks": post(LENGTH, CHUNKED, body=WHOLE + HIDDEN),
    "chunks and a length of nothing": post(CHUNKED, b"content-length: 0", body=WHOLE + HIDDEN),
    "chunks that hide a request behind a short length": post(
        b"content-length: 4", CHUNKED, body=b"5c\r\n" + HIDDEN + b"\r\n0\r\n\r\n"
    ),
    "two lengths": post(LENGTH, b"content-length: 0", body=BODY + HIDDEN),
    "two equal lengths": post(LENGTH, LENGTH, body=BODY + HIDDEN),
    "a list of lengths": post(b"content-length: %d, %d" % (len(BODY), len(BODY)), body=BODY + HIDDEN),
    "a length in hexadecimal": post(b"content-length: 0x%x" % len(BODY), body=BODY),
    "a length with a plus": post(b"content-length: +%d" % len(BODY), body=BODY),
    "a length with an underscore": post(b"content-length: 5_7", body=BODY),
    "a length in other digits": post("content-length: ５７".encode(), body=BODY),
    "a length that folds": post(b"content-length: 5\r\n 7", body=BODY),
    "a folded field": post(b"x: a\r\n\tb", LENGTH, body=BODY),
    "a field folded at the first": post(b" x: a", LENGTH, body=BODY),
    "a bare LF after a field": post(b"x: a\ncontent-length: 0", CHUNKED, body=WHOLE),
    "a bare LF at the end of the head": b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n" + LENGTH + b"\n\n" + BODY,
    "a bare CR in a field": post(b"x: a\rtransfer-encoding: chunked", LENGTH, body=BODY),
    "a bare CR before a field": post(b"\rx: a", LENGTH, body=BODY),
    "two CRs": post(b"x: a\r", LENGTH, body=BODY),
    "a space before the colon": post(b"transfer-encoding : chunked", body=WHOLE),
    "a tab before the colon": post(b"content-length\t: %d" % len(BODY), body=BODY),
    "a NUL in a value": post(b"x: a\0b", LENGTH, body=BODY),
    "a NUL in a name": post(b"x\0y: a", LENGTH, body=BODY),
    "a NUL before a value": post(b"content-length: \0%d" % len(BODY), body=BODY),
    "a vertical tab after chunked": post(b"transfer-encoding: chunked\x0b", body=WHOLE),
    "a vertical tab before chunked": post(b"transfer-encoding: \x0bchunked", body=WHOLE),
    "a name in quotes": post(b'"transfer-encoding": chunked', body=WHOLE),
    "chunked in quotes": post(b'transfer-encoding: "chunked"', body=WHOLE),
    "xchunked": post(b"transfer-encoding: xchunked", body=WHOLE),
    "chunkedx": post(b"transfer-encoding: chunkedx", body=WHOLE),
    "chunked, identity": post(b"transfer-encoding: chunked, identity", body=WHOLE),
    "identity, chunked": post(b"transfer-encoding: identity, chunked", body=WHOLE),
    "identity": post(b"transfer-encoding: identity", LENGTH, body=BODY),
    "gzip": post(b"transfer-encoding: gzip", body=WHOLE),
    "chunked, chunked": post(b"transfer-encoding: chunked, chunked", body=WHOLE),
    "chunked with a parameter": post(b"transfer-encoding: chunked;q=1", body=WHOLE),
    "an empty coding": post(b"transfer-encoding:", LENGTH, body=BODY),
    "two codings in two fields": post(b"transfer-encoding: identity", CHUNKED, body=WHOLE),
    "chunks in HTTP/1.0": post(CHUNKED, body=WHOLE + HIDDEN, line=b"POST /v1/chat/completions HTTP/1.0"),
    "a chunk size in no digits": post(CHUNKED, body=b"\r\n" + BODY + b"\r\n0\r\n\r\n"),
    "a chunk size with 0x": post(CHUNKED, body=b"0x" + WHOLE),
    "a chunk size with a minus": post(CHUNKED, body=b"-" + WHOLE),
    "a chunk size with a plus": post(CHUNKED, body=b"+" + WHOLE),
    "a chunk size with a space": post(CHUNKED, body=b" " + WHOLE),
    "a chunk size of too many digits": post(CHUNKED, body=b"f" * 17 + b"\r\n" + BODY),
    "a chunk size that comes round": post(CHUNKED, body=b"1" + b"0" * 16 + b"\r\n" + WHOLE),
    "a chunk size with a bare LF": post(CHUNKED, body=SIZE + b"\n" + BODY + b"\r\n0\r\n\r\n"),
    "a chunk with a bare LF": post(CHUNKED, body=SIZE + b"\r\n" + BODY + b"\n0\r\n\r\n"),
    "a chunk longer than it says": post(CHUNKED, body=b"5\r\n" + BODY + b"\r\n0\r\n\r\n"),
    "a chunk shorter than it says": post(CHUNKED, body=b"%x\r\n" % (len(BODY) + 9) + BODY + b"\r\n0\r\n\r\n"),
    "an extension with a bare LF": post(CHUNKED, body=SIZE + b";a\nb\r\n" + BODY + b"\r\n0\r\n\r\n"),
    "an extension with a NUL": post(CHUNKED, body=SIZE + b";a\0b\r\n" + BODY + b"\r\n0\r\n\r\n"),
    "a quoted extension that is not closed": post(CHUNKED, body=SIZE + b';a="\r\n' + BODY + b'"\r\n0\r\n\r\n'),
    "a trailer with a bare LF": post(CHUNKED, body=SIZE + b"\r\n" + BODY + b"\r\n0\r\nx: a\nb: c\r\n\r\n"),
    "a trailer that folds": post(CHUNKED, body=SIZE + b"\r\n" + BODY + b"\r\n0\r\nx: a\r\n b\r\n\r\n"),
    "two hosts": post(b"host: b", LENGTH, body=BODY),
    "two equal hosts": post(b"host: a", LENGTH, body=BODY),
    "no host": b"POST /v1/chat/completions HTTP/1.1\r\n" + LENGTH + b"\r\n\r\n" + BODY,
    "a target without a slash": post(LENGTH, body=BODY, line=b"POST v1/chat/completions HTTP/1.1"),
    "a target with a space": post(LENGTH, body=BODY, line=b"POST /v1/chat/completions /x HTTP/1.1"),
    "a target with a tab": post(LENGTH, body=BODY, line=b"POST /v1/chat/completions\t HTTP/1.1"),
    "a target with a NUL": post(LENGTH, body=BODY, line=b"POST /v1/chat\0/completions HTTP/1.1"),
    "a target with a CR": post(LENGTH, body=BODY, line=b"POST /v1/chat\r/completions HTTP/1.1"),
    "a tunnel": post(body=b"", line=b"CONNECT /v1/chat/completions HTTP/1.1"),
    "a method with a NUL": post(LENGTH, body=BODY, line=b"POST\0 /v1/chat/completions HTTP/1.1"),
    "a method in small letters": post(LENGTH, body=BODY, line=b"post /v1/chat/completions HTTP/1.1"),
    "a space behind the version": post(LENGTH, body=BODY, line=b"POST /v1/chat/completions HTTP/1.1 "),
    "two spaces after the method": post(LENGTH, body=BODY, line=b"POST  /v1/chat/completions HTTP/1.1"),
    "two spaces before the version": post(LENGTH, body=BODY, line=b"POST /v1/chat/completions  HTTP/1.1"),
    "no version": post(LENGTH, body=BODY, line=b"POST /v1/chat/completions"),
    "HTTP/1.2": post(LENGTH, body=BODY, line=b"POST /v1/chat/completions HTTP/1.2"),
    "HTTP/2.0": post(LENGTH, body=BODY, line=b"POST /v1/chat/completions HTTP/2.0"),
    "http/1.1": post(LENGTH, body=BODY, line=b"POST /v1/chat/completions http/1.1"),
    "HTTP/1.10": post(LENGTH, body=BODY, line=b"POST /v1/chat/completions HTTP/1.10"),
}

#: Requests that are odd and valid.
TAKEN = {
    "chunks in capitals": post(b"Transfer-Encoding: Chunked", body=WHOLE.upper().replace(BODY.upper(), BODY)),
    "a size with zeroes in front": post(CHUNKED, body=b"000" + WHOLE),
    "extensions": post(CHUNKED, body=SIZE + b';a=b;c="d"\r\n' + BODY + b"\r\n0;e\r\n\r\n"),
    "a trailer": post(CHUNKED, body=SIZE + b"\r\n" + BODY + b"\r\n0\r\nx: a\r\n\r\n"),
    "a length with zeroes in front": post(b"content-length: 000%d" % len(BODY), body=BODY),
    "spaces around a value": post(b"x: \t a \t ", LENGTH, body=BODY),
    "an absolute target": post(LENGTH, body=BODY, line=b"POST http://other.example/v1/chat/completions HTTP/1.1"),
    "an empty host": post(LENGTH, body=BODY).replace(b"host: a", b"host:"),
    "an empty line in front": b"\r\n" + post(LENGTH, body=BODY),
}


@pytest.fixture
def prefd(shared):
    shared[1].script(whole(completion("ok")))
    return shared[0]


@pytest.mark.parametrize("in_bytes", [False, True], ids=["whole", "byte by byte"])
def test_what_could_be_cut_in_two_ways_is_refused(prefd, shared, in_bytes):
    for name, data in REFUSED.items():
        replies = answers(prefd, data, ["POST"] * 4, in_bytes)
        assert len(replies) == 1 and is_refusal(replies[0]), (name, [reply.status for reply in replies])
        assert replies[0].status in (400, 501), (name, replies[0].status)
        assert replies[0].header("connection") == "close", name
        assert shared[1].take() == [], f"{name}: it reached the backend"
    with prefd.wire() as wire:
        assert wire.chat(BODY).status == 200


@pytest.mark.parametrize("in_bytes", [False, True], ids=["whole", "byte by byte"])
def test_what_is_odd_and_valid_arrives_as_one_plain_request(prefd, shared, in_bytes):
    for name, data in TAKEN.items():
        replies = answers(prefd, data, ["POST"], in_bytes)
        assert [reply.status for reply in replies] == [200], name
        taken = shared[1].take()
        assert len(taken) == 1 and taken[0]["body"] == BODY, name
        assert taken[0]["target"] == "/v1/chat/completions", name
        named = [field.lower() for field, _ in taken[0]["headers"]]
        assert named.count("content-length") == 1 and named.count("host") == 1, name
        assert "transfer-encoding" not in named and "trailer" not in named, name


ANSWER = dumps(completion("hello"))
GOOD = b"content-type: application/json\r\ncontent-length: %d" % len(ANSWER)
JSON = b"content-type: application/json"
ANSWER_CHUNKS = b"%x\r\n" % len(ANSWER) + ANSWER + b"\r\n0\r\n\r\n"


def answer(*fields: bytes, body=ANSWER, line=b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join([line, *fields]) + b"\r\n\r\n" + body


#: Answers whose end is not certain, or that are none.
AMBIGUOUS = {
    "length and chunks": answer(GOOD, CHUNKED, body=ANSWER_CHUNKS),
    "chunks and a length": answer(JSON, CHUNKED, b"content-length: 3", body=ANSWER_CHUNKS),
    "two lengths": answer(GOOD, b"content-length: 3"),
    "a list of lengths": answer(JSON, b"content-length: 3, 3"),
    "a length that is none": answer(JSON, b"content-length: abc"),
    "a negative length": answer(JSON, b"content-length: -1"),
    "a length that overflows": answer(JSON, b"content-length: 99999999999999999999"),
    "chunked, gzip": answer(JSON, b"transfer-encoding: chunked, gzip", body=ANSWER_CHUNKS),
    "gzip, chunked": answer(JSON, b"transfer-encoding: gzip, chunked", body=ANSWER_CHUNKS),
    "xchunked": answer(JSON, b"transfer-encoding: xchunked"),
    "chunked twice": answer(JSON, CHUNKED, CHUNKED, body=ANSWER_CHUNKS),
    "chunks in HTTP/1.0": answer(JSON, CHUNKED, body=ANSWER_CHUNKS, line=b"HTTP/1.0 200 OK"),
    "a chunk size that is none": answer(JSON, CHUNKED, body=b"xyz\r\n" + ANSWER_CHUNKS),
    "a chunk size that overflows": answer(JSON, CHUNKED, body=b"f" * 17 + b"\r\n" + ANSWER),
    "a chunk longer than it says": answer(JSON, CHUNKED, body=b"3\r\n" + ANSWER + b"\r\n0\r\n\r\n"),
    "a chunk with a bare LF": answer(JSON, CHUNKED, body=b"%x\n" % len(ANSWER) + ANSWER + b"\n0\n\n"),
    "a folded field": answer(b"x: a\r\n b", GOOD),
    "a space before a colon": answer(JSON, b"content-length : %d" % len(ANSWER)),
    "a NUL in a field": answer(b"x: a\0b", GOOD),
    "a bare LF after a field": answer(b"x: a\ny: b", GOOD),
    "a bare CR in a field": answer(b"x: a\ry: b", GOOD),
    "a line without a colon": answer(b"nonsense", GOOD),
    "another protocol": answer(GOOD, line=b"HTTP/1.1 101 Switching Protocols"),
    "no status": answer(GOOD, line=b"HTTP/1.1 OK"),
    "a status of two digits": answer(GOOD, line=b"HTTP/1.1 20 OK"),
    "a status of four digits": answer(GOOD, line=b"HTTP/1.1 2000 OK"),
    "HTTP/2.0": answer(GOOD, line=b"HTTP/2.0 200 OK"),
    "HTTP/0.9": ANSWER,
    "nothing": b"",
    "a head that ends early": b"HTTP/1.1 200 OK\r\ncontent-le",
    "a head of 200 KB": answer(b"x: " + b"a" * 200_000, GOOD),
    "a body that ends early": answer(JSON, b"content-length: %d" % (len(ANSWER) + 1)),
    "chunks that end early": answer(JSON, CHUNKED, body=ANSWER_CHUNKS[:-2]),
}


def test_an_answer_whose_end_is_not_certain_is_not_passed_on(prefd, shared):
    for name, data in AMBIGUOUS.items():
        shared[1].script(Answer(raw=data))
        with prefd.wire(timeout=10) as wire:
            reply = wire.chat(BODY)
            assert reply.status == 502 and reply.json()["error"]["message"], name
            assert b"hello" not in reply.body, name
            # What passes through unread is not passed on as whole either.
            try:
                reply = wire.get("/v1/models")
                assert reply.status == 502, name
            except Broken:
                pass
    shared[1].script(whole(completion("ok")))
    with prefd.wire() as wire:
        assert wire.chat(BODY).status == 200


def test_what_a_backend_sends_behind_its_answer_answers_nothing(prefd, shared):
    stray = answer(b"content-type: application/json\r\ncontent-length: 2", body=b"{}")
    for extra in (stray, b"x", b"\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"0\r\n\r\n"):
        for first in (answer(GOOD), answer(JSON, CHUNKED, body=ANSWER_CHUNKS)):
            shared[1].script(Answer(raw=first + extra))
            with prefd.wire(timeout=10) as wire:
                assert wire.chat(BODY).json()["choices"][0]["message"]["content"] == "hello"
                shared[1].script(whole(completion("its own")))
                assert wire.chat(BODY).json()["choices"][0]["message"]["content"] == "its own", extra
