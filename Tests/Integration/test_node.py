"""Node's own `fetch` over the Unix socket, in every dialect."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import dialects
from answers import completion, whole
from dialects import Said

CITY = "The capital of Mexico is Mexico City."
#: What every dialect finds its question in.
BODY = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "input": "Hi", "prompt": "Hi", "max_tokens": 64}
PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "completions": "/v1/completions",
    "messages": "/v1/messages",
    "ollama-chat": "/api/chat",
    "ollama-generate": "/api/generate",
}
DIALECTS = pytest.mark.parametrize("dialect", dialects.ALL, ids=lambda one: one.name)


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node") or shutil.which("nodejs")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("node is not installed")
        pytest.skip("node is not installed")
    return found


@pytest.fixture
def ask(node, shared):
    def asked(way: str, body: dict, *how: str) -> dict:
        ran = subprocess.run(
            [node, str(Path(__file__).with_name("node_client.mjs")), str(shared[0].data), PATHS.get(way, way), *how],
            input=json.dumps(body),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    shared[1].clear()
    return asked


@DIALECTS
def test_fetch_gets_what_the_backend_says_whole_and_streamed(ask, shared, dialect):
    for streamed in (False, True):
        answer = dialect.answer(Said(text=CITY), streamed)
        shared[1].script(answer)
        got = ask(dialect.name, {**BODY, "stream": streamed})
        assert (got["status"], got["text"]) == (200, answer.body.decode())
        assert got["headers"]["x-prefd-request-id"]


@pytest.mark.pitfall(20)
@DIALECTS
def test_aborting_a_fetch_or_its_stream_cancels_the_backend(ask, shared, dialect):
    answer = dialect.answer(Said(text=CITY), False)
    answer.hold = "head"
    shared[1].script(answer)
    assert ask(dialect.name, {**BODY, "stream": False}, "timeout", "300")["error"] == "TimeoutError"
    shared[1].wait_for("disconnect")
    shared[1].clear()
    answer = dialect.answer(Said(text=CITY), True)
    answer.body = answer.body[: len(answer.body) // 2]
    answer.hold = "end"
    shared[1].script(answer)
    assert ask(dialect.name, {**BODY, "stream": True}, "leave")["error"] == "AbortError"
    shared[1].wait_for("disconnect")


@pytest.mark.pitfall(18)
@DIALECTS
def test_a_backend_that_dies_in_a_stream_is_an_error_to_fetch(ask, shared, dialect):
    answer = dialect.answer(Said(text=CITY), True)
    answer.die_after = len(answer.body) // 2
    shared[1].script(answer)
    got = ask(dialect.name, {**BODY, "stream": True})
    assert got["error"] == "TypeError" and CITY not in got["text"]


def test_an_image_of_many_megabytes_and_an_error(ask, shared):
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0K" * (1 << 20)}}
    shared[1].script(whole(completion(CITY)))
    body = {"model": "m", "messages": [{"role": "user", "content": [image]}]}
    assert json.loads(ask("chat", body)["text"])["choices"][0]["message"]["content"] == CITY
    assert json.loads(shared[1].last()["body"])["messages"][-1]["content"] == [image]
    got = ask("/v1/audio/speech", {"model": "m"})
    assert got["status"] == 404 and json.loads(got["text"])["error"]["code"] == "unknown_endpoint"
