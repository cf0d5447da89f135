"""The instruments themselves: the player plays what it is told, and canaries are found."""

import base64
import gzip
import os

import httpx2
import openai
import pytest

import chat
from answers import completion, events, chunk, pieces_of, sse, stream, whole
from backend import Backend
from canaries import canary, find_below, find_in
from people import ANNA, as_user, needs_root
from wire import Broken, Wire

BODY = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'


def direct(backend: Backend) -> openai.OpenAI:
    transport = httpx2.HTTPTransport(uds=str(backend.path))
    return openai.OpenAI(
        base_url="http://localhost/v1", api_key="x", max_retries=0, http_client=openai.DefaultHttpxClient(transport=transport)
    )


def test_the_openai_client_reads_what_it_plays(backend):
    backend.script(whole(completion("Hello.")))
    with direct(backend) as client:
        answer = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
        assert answer.choices[0].message.content == "Hello."
        backend.script(sse(stream(pieces_of("To be or not to be", 3)), each_byte=True))
        got = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}], stream=True)
        assert "".join(part.choices[0].delta.content or "" for part in got) == "To be or not to be"
    assert [request["target"] for request in backend.take()] == ["/v1/chat/completions"] * 2


@pytest.mark.parametrize("level", ["body", "wire"])
def test_a_cut_reaches_the_reader_as_a_cut(backend, level):
    body = stream(["Hello"])
    backend.script(sse(body, cuts=[(place,) for place in range(1, 40)], level=level))
    with Wire(backend.path) as wire:
        for _ in range(39):
            reply = wire.chat(BODY)
            assert reply.body == body
            if level == "body":
                assert len(reply.chunks) == 2


def test_it_keeps_the_exact_bytes_of_requests(backend):
    odd = b'{ "messages":[ ],\r\n\t"model" : "m" , "x":1E+2}'
    with Wire(backend.path) as wire:
        wire.chat(odd, headers=[("X-Odd", "Yes")])
        wire.send(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
            b"5;ext=1\r\nhello\r\n3\r\n bu\r\n0\r\n\r\n"
        )
        wire.reply()
    first, second = backend.take()
    assert first["body"] == odd and ("X-Odd", "Yes") in first["headers"]
    assert second["body"] == b"hello bu"


def test_it_sees_a_client_that_goes_away(backend):
    backend.script(whole(b"{}", hold="head"))
    wire = Wire(backend.path)
    wire.ask("POST", "/v1/chat/completions", BODY)
    backend.wait_for_requests(1)
    wire.close()
    backend.wait_for("disconnect")


def test_it_dies_in_the_middle_and_compresses(backend):
    backend.script(sse(stream(["Hello"]), die_after=100))
    with Wire(backend.path) as wire, pytest.raises(Broken) as broken:
        wire.chat(BODY)
    assert broken.value.partial == stream(["Hello"])[:100]
    backend.script(whole(completion("Zip"), gzip=True))
    with Wire(backend.path) as wire:
        reply = wire.chat(BODY)
    assert reply.header("content-encoding") == "gzip" and b"Zip" in gzip.decompress(reply.body)


def test_the_strict_reader_of_streams_is_strict():
    good = chat.read(events([chunk({"content": "a"}), chunk({}, finish="stop")]))
    assert good[0].content == "a" and good[0].finish == "stop" and good.done
    with pytest.raises(AssertionError, match="middle of an event"):
        chat.read(b'data: {"choices":[]}\n')
    with pytest.raises(AssertionError, match="after a choice had finished"):
        chat.read(events([chunk({}, finish="stop"), chunk({"content": "a"})]))


def test_a_canary_is_found_however_it_is_spelled(tmp_path):
    mark = canary("x")
    for before in ("", "a", "ab", "abc", "\u00e9"):
        text = f"{before}{mark}{before}z"
        for data in (
            text.encode(),
            text.encode("utf-16"),
            base64.b64encode(text.encode()),
            base64.urlsafe_b64encode(text.encode()),
            text.encode().hex().encode(),
        ):
            assert find_in(b"..." + data + b"...", [mark]), data
    assert find_in(b"canary-x-", [mark]) == []
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / mark).write_bytes(mark.encode("utf-16-le"))
    assert len(find_below(tmp_path, [mark])) == 2


@needs_root
def test_another_user_is_another_user(tmp_path):
    assert as_user(ANNA, os.getresuid) == (ANNA, ANNA, ANNA)
    assert as_user(ANNA, os.getgroups) == []
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(AssertionError, match="PermissionError"):
        as_user(ANNA, os.listdir, str(closed))
