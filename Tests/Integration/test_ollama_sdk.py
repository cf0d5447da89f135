"""The real `ollama` package over the Unix socket: an app that changed one line notices nothing."""

import base64
import json

import httpx
import ollama
import pytest
from pydantic import BaseModel

from answers import whole
from conftest import ollama_sdk
from dialects import OllamaChat, OllamaGenerate, Said, lines

HI = [{"role": "user", "content": "What is the capital of Mexico?"}]
CITY = "The capital of Mexico is Mexico City."
BLOCK = '<user_preferences source="prefd">'
CHAT = OllamaChat()
GENERATE = OllamaGenerate()


@pytest.fixture
def client(shared):
    return ollama_sdk(shared[0])


@pytest.fixture
def backend(shared):
    return shared[1]


# Answers.


def test_chat_whole_and_streamed(client, backend):
    for streamed in (False, True):
        backend.script(CHAT.answer(Said(text=CITY), streamed))
        got = client.chat("m", messages=HI, stream=streamed)
        parts = list(got) if streamed else [got]
        assert "".join(part.message.content for part in parts) == CITY
        assert parts[-1].done and parts[-1].done_reason == "stop" and parts[-1].eval_count == 11


def test_generate_whole_and_streamed_gives_its_context_back(client, backend):
    for streamed in (False, True):
        backend.script(GENERATE.answer(Said(text=CITY), streamed))
        got = client.generate("m", prompt="Hi", stream=streamed)
        parts = list(got) if streamed else [got]
        assert "".join(part.response for part in parts) == CITY
        assert list(parts[-1].context) == [1, 2, 3]
    backend.script(GENERATE.answer(Said(text=CITY), False))
    client.generate("m", prompt="And now?", context=[1, 2, 3])
    assert json.loads(backend.last()["body"])["context"] == [1, 2, 3]


def test_thinking_tools_images_and_formats(client, backend):
    backend.script(CHAT.answer(Said(text="Sunny.", reasoning="Look it up.", argument="Mexico City"), True))
    image = base64.b64encode(bytes(range(256))).decode()
    tool = {"type": "function", "function": {"name": "go", "parameters": {"type": "object"}}}
    messages = [{"role": "user", "content": "What is this?", "images": [image]}]
    heard = CHAT.heard(client.chat("m", messages=messages, tools=[tool], think=True, stream=True))
    assert (heard.text, heard.reasoning) == ("Sunny.", "Look it up.")
    assert heard.arguments == [{"place": "Mexico City"}]
    sent = json.loads(backend.last()["body"])
    assert sent["messages"][0]["images"] == [image] and sent["think"] is True

    class City(BaseModel):
        name: str

    backend.script(CHAT.answer(Said(text='{"name":"Mexico City"}'), False))
    got = client.chat("m", messages=HI, format=City.model_json_schema())
    assert City.model_validate_json(got.message.content).name == "Mexico City"


# Requests.


def test_the_block_stands_in_messages_and_in_system(client, shared, backend):
    with shared[0].wire() as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})
    backend.script(CHAT.answer(Said(text="ok"), False))
    client.chat("m", messages=[{"role": "system", "content": "Be kind."}, *HI])
    assert json.loads(backend.last()["body"])["messages"][0]["content"].startswith("Be kind.\n\n" + BLOCK)
    client.chat("m", messages=HI)
    sent = json.loads(backend.last()["body"])["messages"]
    assert sent[0]["role"] == "system" and sent[0]["content"].startswith(BLOCK) and sent[1:] == HI
    backend.script(GENERATE.answer(Said(text="ok"), False))
    client.generate("m", prompt="Hi", system="Be kind.")
    assert json.loads(backend.last()["body"])["system"].startswith("Be kind.\n\n" + BLOCK)
    client.generate("m", prompt="Hi")
    assert json.loads(backend.last()["body"])["system"].startswith(BLOCK)
    client.generate("m", prompt="Hi", raw=True)
    assert "system" not in json.loads(backend.last()["body"])


@pytest.mark.pitfall(27)
def test_a_long_conversation_is_reminded_right_before_the_last_question(client, shared, backend):
    with shared[0].wire() as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})
    backend.script(CHAT.answer(Said(text="ok"), False))
    turns = []
    reminders = set()
    for number in range(12):
        turns.append({"role": "user", "content": f"question {number}"})
        client.chat("m", messages=turns)
        sent = json.loads(backend.last()["body"])["messages"]
        assert sent[-1] == turns[-1]
        if number < 8:
            assert sent[1:] == turns
        else:
            assert sent[-2]["role"] == "system" and "verbosity: concise" in sent[-2]["content"]
            reminders.add(sent[-2]["content"])
        assert sum(BLOCK in message["content"] for message in sent) == 1
        turns.append({"role": "assistant", "content": "answer"})
    assert len(reminders) == 1, "the reminder changed from turn to turn"


def test_what_returns_no_model_text_passes_through(client, backend):
    model = {"model": "m", "name": "m", "size": 1, "digest": "d", "details": {"family": "f"}}
    backend.script(whole({"models": [model]}), path="/api/tags")
    backend.script(whole({"models": [model]}), path="/api/ps")
    backend.script(whole({"details": {"family": "f"}, "model_info": {}}), path="/api/show")
    backend.script(whole({"model": "m", "embeddings": [[0.5, -1]]}), path="/api/embed")
    backend.script(whole({"embedding": [0.5]}), path="/api/embeddings")
    assert client.list().models[0].model == "m"
    assert client.ps().models[0].model == "m"
    assert client.show("m").details.family == "f"
    assert client.embed("m", input="words").embeddings[0] == [0.5, -1]
    assert client.embeddings("m", prompt="words").embedding == [0.5]


# Errors.


def test_errors_of_prefds_own_have_ollamas_envelope(client, backend):
    backend.take()
    for call in (lambda: client.pull("m"), lambda: client.create("m", from_="n"), lambda: client.delete("m")):
        with pytest.raises(ollama.ResponseError) as raised:
            call()
        assert raised.value.status_code == 404 and "prefd does not serve" in raised.value.error
    with pytest.raises(ollama.ResponseError) as raised:
        client._request_raw("POST", "/api/chat", json={"messages": "no list"})
    assert raised.value.status_code == 400 and "'messages' must be an array" in raised.value.error
    assert backend.take() == []


def test_the_backends_errors_arrive_as_they_are(client, backend):
    backend.script(whole({"error": "model 'm' not found"}, status=404))
    for streamed in (False, True):
        with pytest.raises(ollama.ResponseError) as raised:
            list(client.chat("m", messages=HI, stream=streamed))
        assert (raised.value.status_code, raised.value.error) == (404, "model 'm' not found")


def test_an_error_in_a_stream_is_raised(client, backend):
    backend.script(lines([CHAT.line(content="Well"), {"error": "out of memory"}]))
    with pytest.raises(ollama.ResponseError) as raised:
        list(client.chat("m", messages=HI, stream=True))
    assert raised.value.error == "out of memory"


@pytest.mark.pitfall(18)
def test_a_backend_that_dies_in_a_stream_never_looks_like_a_clean_end(client, backend):
    answer = CHAT.answer(Said(text=CITY), True)
    answer.die_after = len(answer.body) // 2
    backend.script(answer)
    done = False
    with pytest.raises((ollama.ResponseError, httpx.HTTPError)):
        for part in client.chat("m", messages=HI, stream=True):
            done = done or part.done
    assert not done
