"""`prefctl bridge`: a door for apps that only speak TCP, with the real clients, by base_url and api_key alone."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time

import anthropic
import ollama
import openai
import pytest

from answers import chunk, completion, dumps, events, sse, stream, whole
from daemon import binary
from wire import Wire

HI = [{"role": "user", "content": "hi"}]


class Bridge:
    def __init__(self, prefd, *arguments):
        env = {**prefd.env, "PREFD_SOCKET": str(prefd.data)}
        self.process = subprocess.Popen(
            [str(binary("prefctl")), "bridge", "--port", "0", "--json", *arguments],
            env=env, cwd=prefd.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        text = ""
        while not text.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            text += line
        self.door = json.loads(text)
        self.url, self.token = self.door["url"], self.door.get("token")
        self.port = int(self.url.rpartition(":")[2])

    def wire(self) -> Wire:
        return Wire(("127.0.0.1", self.port))

    def close(self):
        self.process.terminate()
        self.process.communicate()


@pytest.fixture
def bridge(prefd):
    made = Bridge(prefd)
    yield made
    made.close()


def test_the_real_clients_need_a_base_url_and_a_key(prefd, backend, bridge, monkeypatch):
    assert prefd.prefctl("set", "tone=casual").returncode == 0
    backend.script(whole(completion("from the model")))
    with openai.OpenAI(base_url=bridge.url + "/v1", api_key=bridge.token, max_retries=0) as client:
        answer = client.chat.completions.create(model="m", messages=HI)
        assert answer.choices[0].message.content == "from the model"
    sent = backend.last()
    # Its owner's preferences, and nothing of the token.
    assert "casual" in sent["body"].decode().lower() and bridge.token.encode() not in sent["head"]
    backend.script(
        whole({"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn", "stop_sequence": None,
               "content": [{"type": "text", "text": "from Anthropic's"}], "usage": {"input_tokens": 1, "output_tokens": 1}})
    )
    with anthropic.Anthropic(base_url=bridge.url, api_key=bridge.token, max_retries=0) as client:
        answer = client.messages.create(model="m", max_tokens=9, messages=HI)
        assert answer.content[0].text == "from Anthropic's"
    assert bridge.token.encode() not in backend.last()["head"]
    backend.script(whole({"model": "m", "message": {"role": "assistant", "content": "from Ollama"}, "done": True}))
    monkeypatch.setenv("OLLAMA_API_KEY", bridge.token)
    answer = ollama.Client(host=bridge.url).chat(model="m", messages=HI)
    assert answer.message.content == "from Ollama"


def test_streams_pass_as_they_come(backend, bridge):
    backend.script(sse(events([chunk({"content": "one"})], done=False), hold="end"))
    with openai.OpenAI(base_url=bridge.url + "/v1", api_key=bridge.token, max_retries=0) as client:
        # The backend never ends this stream: what is read here came through at once.
        got = client.chat.completions.create(model="m", messages=HI, stream=True)
        assert next(iter(got)).choices[0].delta.content == "one"
        got.close()
    backend.wait_for("disconnect")


def test_a_stream_that_breaks_off_does_not_look_whole(backend, bridge):
    body = stream(["a", "b", "c"])
    backend.script(sse(body, die_after=len(body) // 2))
    with openai.OpenAI(base_url=bridge.url + "/v1", api_key=bridge.token, max_retries=0) as client, pytest.raises(openai.APIError):
        for part in client.chat.completions.create(model="m", messages=HI, stream=True):
            assert part.choices[0].finish_reason is None


def test_prefds_own_calls_are_the_owners(prefd, bridge):
    with bridge.wire() as wire:
        me = wire.get("/prefd/v1/me", [("authorization", f"bearer {bridge.token}")]).json()
        assert me["principal"] == f"uid:{os.geteuid()}" and me["access"] == "user" or me["principal"]
        # The bridge speaks for its owner and for nobody else.
        named = wire.get("/prefd/v1/me", [("api-key", bridge.token), ("x-prefd-user", "someone")])
    assert named.status == 403


@pytest.mark.parametrize("shown", ["", "wrong", "prefd-", "TOKEN0", "TOKE", " TOKEN TOKEN"])
def test_without_the_token_nothing_passes(backend, bridge, shown):
    key = shown.replace("TOKEN", bridge.token).replace("TOKE", bridge.token[:-1])
    for header in ("authorization", "x-api-key", "api-key"):
        with bridge.wire() as wire:
            value = f"Bearer {key}" if header == "authorization" else key
            for path in ("/v1/chat/completions", "/api/chat", "/prefd/v1/me", "/healthz"):
                assert wire.post(path, {}, [(header, value)]).status == 401
    assert backend.take() == []


def test_the_clients_raise_their_own_errors_for_a_wrong_token(bridge, monkeypatch):
    with openai.OpenAI(base_url=bridge.url + "/v1", api_key="wrong", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as raised:
            client.chat.completions.create(model="m", messages=HI)
        assert raised.value.code == "bad_token"
    with anthropic.Anthropic(base_url=bridge.url, api_key="wrong", max_retries=0) as client:
        with pytest.raises(anthropic.AuthenticationError):
            client.messages.create(model="m", max_tokens=9, messages=HI)
    monkeypatch.setenv("OLLAMA_API_KEY", "wrong")
    with pytest.raises(ollama.ResponseError) as raised:
        ollama.Client(host=bridge.url).chat(model="m", messages=HI)
    assert raised.value.status_code == 401 and "token" in raised.value.error


def test_a_name_that_was_led_here_is_refused(bridge):
    key = f"x-api-key: {bridge.token}\r\n"
    for host, status in [
        ("evil.example", 421), ("evil.example:8765", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil", 421),
        ("", 421), ("169.254.1.1", 421), ("127.0.0.1", 200), (f"localhost:{bridge.port}", 200), ("LOCALHOST", 200), ("[::1]:1", 200),
    ]:
        with bridge.wire() as wire:
            wire.send(f"GET /healthz HTTP/1.1\r\nhost: {host}\r\n{key}\r\n".encode())
            assert wire.reply("GET").status == status, host


def test_it_listens_on_the_loopback_alone(bridge):
    listening = [line.split() for line in open(f"/proc/{bridge.process.pid}/net/tcp").readlines()[1:]]
    mine = [entry[1] for entry in listening if entry[3] == "0A" and entry[1].endswith(f":{bridge.port:04X}")]
    assert mine == [f"0100007F:{bridge.port:04X}"]


def test_the_token_file_is_made_once_and_is_its_owners_alone(prefd, backend):
    backend.script(whole(completion("ok")))
    path = prefd.home / "bridge.token"
    first = Bridge(prefd, "--token-file", "bridge.token")
    assert first.door["token_file"] == str(path) and first.token is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = path.read_text().strip()
    with first.wire() as wire:
        assert wire.get("/healthz", [("x-api-key", token)]).status == 200
    first.close()
    again = Bridge(prefd, "--token-file", str(path))
    with again.wire() as wire:
        assert wire.get("/healthz", [("x-api-key", token)]).status == 200
    again.close()
    path.chmod(0o640)
    refused = prefd.prefctl("bridge", "--port", "0", "--token-file", str(path))
    assert refused.returncode == 1 and "only you can read" in refused.stderr and token not in refused.stderr
    path.chmod(0o600)
    path.write_text("short\n")
    assert "too short" in prefd.prefctl("bridge", "--port", "0", "--token-file", str(path)).stderr


def test_a_port_that_is_taken_is_told(prefd, bridge):
    refused = prefd.prefctl("bridge", "--port", str(bridge.port))
    assert refused.returncode == 1 and "another process" in refused.stderr


def test_prefd_may_go_and_come_back(prefd, backend, bridge):
    backend.script(whole(completion("back")))
    prefd.stop()
    with openai.OpenAI(base_url=bridge.url + "/v1", api_key=bridge.token, max_retries=0) as client:
        with pytest.raises(openai.InternalServerError) as raised:
            client.chat.completions.create(model="m", messages=HI)
        assert raised.value.status_code == 502 and raised.value.code == "prefd_unreachable"
        prefd.start()
        assert client.chat.completions.create(model="m", messages=HI).choices[0].message.content == "back"
