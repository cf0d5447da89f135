"""Node's own HTTP client over the Unix socket, whole and streamed."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import chat
from answers import completion, pieces_of, sse, stream, whole

CITY = "The capital of Mexico is Mexico City."


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node") or shutil.which("nodejs")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("node is not installed")
        pytest.skip("node is not installed")
    return found


def ask(node, prefd, path, body) -> dict:
    ran = subprocess.run(
        [node, str(Path(__file__).with_name("node_client.mjs")), str(prefd.data), path],
        input=json.dumps(body),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_whole_answer_a_stream_and_an_error(node, shared):
    prefd, backend = shared
    request = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    backend.script(whole(completion(CITY)))
    got = ask(node, prefd, "/v1/chat/completions", request)
    assert json.loads(got["text"])["choices"][0]["message"]["content"] == CITY
    assert got["headers"]["x-prefd-request-id"]
    backend.script(sse(stream(pieces_of(CITY, 3))))
    got = ask(node, prefd, "/v1/chat/completions", {**request, "stream": True})
    assert chat.read(got["text"].encode())[0].content == CITY
    got = ask(node, prefd, "/v1/audio/speech", request)
    assert got["status"] == 404 and json.loads(got["text"])["error"]["code"] == "unknown_endpoint"
