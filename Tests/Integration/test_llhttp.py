"""Every case of llhttp's own tests, as a client's request and as a backend's answer."""

import re
import socket

import pytest

from answers import Answer, completion, whole
from llhttp import Case, cases
from wire import Broken, Reply

_REQUEST_LINE = re.compile(rb"^([A-Z]+) \S+ (HTTP/1\.[01]\r\n)", re.MULTILINE)
_PLAIN_METHODS = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}
CHAT = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'

#: Requests that llhttp takes and prefd does not, with its answer.
STRICTER = {
    "connection: Multiple tokens with folding and LWS": 400,
    "connection: Upgrade GET request": 400,  # to WebSocket
    "method: CONNECT request": 400,
    "method: CONNECT request with CAPS": 400,
    "method: CONNECT with body": 400,
    "method: M-SEARCH request": 400,  # its target is `*`
    "method: ANNOUNCE request with RTSP": 400,
    "method: OPTIONS request with RTSP": 400,
    "method: SOURCE request with ICE": 400,
    "sample: No HTTP version": 400,
    "transfer-encoding: POST with `chunked` as last transfer-encoding": 501,
    "transfer-encoding: POST with `chunked` as last transfer-encoding (multiple headers)": 501,
    "uri: Underscore in hostname": 400,  # a CONNECT
}

#: Where leniency is about what follows a request that is valid without it.
VALID_AT_FIRST = {
    "connection: Resetting flags when keep-alive is off (1.0, lenient)",
    "connection: CRLF between requests, explicit `close` (lenient)",
    "lenient-headers: Second request header value (lenient)",
}

#: Answers that llhttp takes and prefd does not.
STRICTER_ON_ANSWERS = {
    "connection: HTTP 101 response with Upgrade and Content-Length header",
    "connection: HTTP 101 response with Upgrade and Transfer-Encoding header",
    "sample: HTTP version 0.9",
    "sample: ICE response",
    "sample: RTSP response",
    "transfer-encoding: `chunked` before other transfer-encoding",
    "transfer-encoding: multiple transfer-encoding where chunked is not the last one",
    "transfer-encoding: `chunkedchunked` transfer-encoding does not enable chunked enconding",
}

@pytest.fixture
def prefd(shared):
    return shared[0]


def at_an_open_door(case: Case) -> bytes:
    """The case as requests that would reach the backend, so that what is let through shows.

    Each request gets a `Host`, without which none is served; where the methods are plain ones, they
    become `GET /v1/models`, which passes through.
    """
    data = case.data
    if case.methods <= _PLAIN_METHODS and "url complete" in case.log:
        data = _REQUEST_LINE.sub(rb"GET /v1/models \2", data)
    if not re.search(rb"^host\s*:", data, re.MULTILINE | re.IGNORECASE):
        data = re.sub(rb"^(\S+ \S+ HTTP/1\.1\r\n)", rb"\1Host: x\r\n", data, flags=re.MULTILINE)
    return data


def answers(prefd, data: bytes, methods: list[str], in_bytes=False) -> list[Reply]:
    """All that prefd answers to some bytes, after which the client has nothing more to say."""
    replies = []
    with prefd.wire(timeout=10) as wire:
        try:
            for piece in (data[place : place + 1] for place in range(len(data))) if in_bytes else [data]:
                wire.send(piece)
            wire.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It may close as soon as it has seen enough.
        while wire.sock is not None:
            method = methods[len(replies)] if len(replies) < len(methods) else "GET"
            try:
                replies.append(wire.reply(method))
            except Broken as broken:
                assert broken.partial == b"" and wire.buffer == b"", "an answer broke off"
            except ConnectionResetError:
                break
    return replies


def is_refusal(reply: Reply) -> bool:
    """Whether it never came to a handler."""
    if reply.status < 400 or not reply.body:
        return False
    return reply.json()["error"]["code"] in (
        "unreadable_request",
        "upgrade_not_supported",
        "headers_too_large",
        "request_too_large",
    )


def check_request(prefd, backend, case: Case, in_bytes=False) -> tuple[list[Reply], list[Reply]]:
    """Sends a case, and returns what was handled and what was refused."""
    data = at_an_open_door(case)
    methods = [line.split(b" ")[0].decode() for line in data.split(b"\r\n") if b" HTTP/" in line]
    backend.take()
    replies = answers(prefd, data, methods, in_bytes)
    handled = [reply for reply in replies if not is_refusal(reply)]
    refused = [reply for reply in replies if is_refusal(reply)]
    assert refused in ([], replies[-1:]), f"{case.name}: something came behind a refusal"
    assert all(reply.header("connection") == "close" for reply in refused), case.name
    assert len(handled) <= case.completed, f"{case.name}: more was handled than had arrived whole"
    assert len(backend.take()) <= case.completed, f"{case.name}: more was forwarded"
    return handled, refused


@pytest.mark.parametrize("in_bytes", [False, True], ids=["whole", "byte by byte"])
def test_a_request_that_is_an_error_never_reaches_a_backend(prefd, shared, in_bytes):
    shared[1].script(whole(completion("ok")))
    errors = [case for case in cases("request") if case.is_strict and case.error]
    assert len(errors) > 50
    for case in errors:
        handled, refused = check_request(prefd, shared[1], case, in_bytes)
        assert len(handled) == case.completed, case.name
        # What follows a request that closes its connection is not even read.
        assert refused or "Connection: close" in case.error, case.name
        assert all(reply.status in (400, 501) for reply in refused), case.name


@pytest.mark.parametrize("in_bytes", [False, True], ids=["whole", "byte by byte"])
def test_a_valid_request_is_answered(prefd, shared, in_bytes):
    shared[1].script(whole(completion("ok")))
    stricter = dict(STRICTER)
    valid = [case for case in cases("request") if case.is_strict and not case.error]
    assert len(valid) > 50
    for case in valid:
        handled, refused = check_request(prefd, shared[1], case, in_bytes)
        if case.name in stricter:
            assert handled == [] and refused[0].status == stricter[case.name], case.name
        else:
            assert len(handled) == case.completed, (case.name, [reply.status for reply in refused])
            assert all(reply.status in (200, 404) for reply in handled), case.name
            # Where it ends in the middle of a request, that one is refused.
            assert not refused or case.begun > case.completed, case.name
    assert stricter.keys() <= {case.name for case in valid}


def test_what_takes_a_lenient_parser_is_refused(prefd, shared):
    shared[1].script(whole(completion("ok")))
    lenient = [case for case in cases("request") if "lenient" in case.type]
    assert len(lenient) > 20
    for case in lenient:
        handled, refused = check_request(prefd, shared[1], case)
        assert len(handled) == (case.name in VALID_AT_FIRST), case.name
        assert handled or refused[0].status in (400, 501), case.name


def test_answers_of_a_backend_are_passed_on_whole_or_not_at_all(prefd, shared):
    for case in cases("response"):
        shared[1].script(Answer(raw=case.data))
        with prefd.wire(timeout=10) as wire:
            try:
                reply = wire.get("/v1/models")
                status, length = reply.status, len(reply.body)
            except Broken:
                status, length = None, 0
        final = case.final
        if case.name in STRICTER_ON_ANSWERS or (not case.is_strict and case.type != "response-finish"):
            # What needs leniency may still be whole without it, and then it is passed on.
            whole_all_the_same = final and (status, length) == (final.status, final.body_length)
            assert status == 502 or (case.name not in STRICTER_ON_ANSWERS and whole_all_the_same), case.name
        elif final and final.is_whole:
            assert (status, length) == (final.status, final.body_length), case.name
        else:
            assert status in (None, 502), case.name
    assert prefd.process.poll() is None


def test_answers_of_a_backend_that_no_rule_can_read_are_not_shown(prefd, shared):
    for case in cases("response"):
        shared[1].script(Answer(raw=case.data))
        with prefd.wire(timeout=10) as wire:
            reply = wire.chat(CHAT)
            # Errors are text, which rules can read.
            assert reply.status in (502, 404, 500) and b"hello" not in reply.body, case.name
    shared[1].script(whole(completion("ok")))
    with prefd.wire() as wire:
        assert wire.chat(CHAT).status == 200
