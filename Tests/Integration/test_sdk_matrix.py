"""What every SDK does in every dialect: many at once, giving up, going away, images, structured answers."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

import anthropic
import httpx
import openai
import pytest
from pydantic import BaseModel

import dialects
from conftest import anthropic_sdk, async_anthropic_sdk, async_ollama_sdk, async_sdk, ollama_sdk, sdk
from dialects import Said

CITY = "The capital of Mexico is Mexico City."
IMAGE = base64.b64encode(bytes(range(256)) * 64).decode()
URL = f"data:image/png;base64,{IMAGE}"
MODES = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])


def hi(content="Hi") -> list[dict]:
    return [{"role": "user", "content": content}]


@dataclass
class Way:
    """A dialect as its SDK speaks it."""

    dialect: object
    client: Callable
    async_client: Callable
    #: Asks, of either client.
    ask: Callable
    #: The text of a whole answer or of one part of a stream.
    text: Callable
    #: What makes a request of a question with an image, or with a schema for its answer, where there is such.
    image: dict | None
    schema: Callable | None
    timed_out: type[Exception] = openai.APITimeoutError

    async def read(self, client, model: str, streamed: bool) -> str:
        got = await self.ask(client, model=model, stream=streamed)
        if not streamed:
            return self.text(got)
        return "".join([self.text(part) async for part in got])


def chat_text(got) -> str:
    choice = got.choices[0]
    return (choice.message if hasattr(choice, "message") else choice.delta).content or ""


def responses_text(got) -> str:
    if hasattr(got, "output_text"):
        return got.output_text
    return got.delta if got.type == "response.output_text.delta" else ""


def messages_text(got) -> str:
    if got.type == "message":
        return got.content[0].text
    return got.delta.text if got.type == "content_block_delta" else ""


def json_schema(model: type[BaseModel]) -> dict:
    return {"name": "city", "strict": True, "schema": model.model_json_schema()}


WAYS = [
    Way(
        dialects.Chat(),
        sdk,
        async_sdk,
        lambda client, **how: client.chat.completions.create(**{"messages": hi(), **how}),
        chat_text,
        {"messages": hi([{"type": "image_url", "image_url": {"url": URL}}])},
        lambda model: {"response_format": {"type": "json_schema", "json_schema": json_schema(model)}},
    ),
    Way(
        dialects.Responses(),
        sdk,
        async_sdk,
        lambda client, **how: client.responses.create(**{"input": "Hi", **how}),
        responses_text,
        {"input": hi([{"type": "input_image", "image_url": URL, "detail": "auto"}])},
        lambda model: {"text": {"format": {"type": "json_schema", **json_schema(model)}}},
    ),
    Way(
        dialects.Completions(),
        sdk,
        async_sdk,
        lambda client, **how: client.completions.create(**{"prompt": "Hi", **how}),
        lambda got: got.choices[0].text,
        None,
        None,
    ),
    Way(
        dialects.Messages(),
        anthropic_sdk,
        async_anthropic_sdk,
        lambda client, **how: client.messages.create(**{"max_tokens": 64, "messages": hi(), **how}),
        messages_text,
        {
            "messages": hi(
                [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": IMAGE}}]
            )
        },
        lambda model: {
            "output_config": {
                "format": {"type": "json_schema", "schema": anthropic.transform_schema(model.model_json_schema())}
            }
        },
        anthropic.APITimeoutError,
    ),
    Way(
        dialects.OllamaChat(),
        ollama_sdk,
        async_ollama_sdk,
        lambda client, **how: client.chat(**{"messages": hi(), **how}),
        lambda got: got.message.content or "",
        {"messages": [{"role": "user", "content": "What is this?", "images": [IMAGE]}]},
        lambda model: {"format": model.model_json_schema()},
        httpx.TimeoutException,
    ),
    Way(
        dialects.OllamaGenerate(),
        ollama_sdk,
        async_ollama_sdk,
        lambda client, **how: client.generate(**{"prompt": "Hi", **how}),
        lambda got: got.response or "",
        {"prompt": "What is this?", "images": [IMAGE]},
        lambda model: {"format": model.model_json_schema()},
        httpx.TimeoutException,
    ),
]
IMAGES = [way for way in WAYS if way.image]
SCHEMAS = [way for way in WAYS if way.schema]


def of(ways: list[Way]):
    return pytest.mark.parametrize("way", ways, ids=lambda way: way.dialect.name)


EVERY = of(WAYS)


@pytest.fixture
def prefd(shared):
    return shared[0]


@pytest.fixture
def backend(shared):
    shared[1].clear()
    return shared[1]


def begun(way: Way):
    """The beginning of a stream that goes no further."""
    answer = way.dialect.answer(Said(text=CITY), True)
    answer.body = answer.body[: len(answer.body) // 2]
    answer.hold = "end"
    return answer


@EVERY
def test_many_at_once_whole_and_streamed(way, prefd, backend):
    backend.script(way.dialect.answer(Said(text=CITY), True), model="streamed")
    backend.script(way.dialect.answer(Said(text=CITY), False), model="whole")

    async def everyone():
        client = way.async_client(prefd)
        models = [("streamed", True), ("whole", False)] * 8
        return await asyncio.gather(*(way.read(client, *model) for model in models))

    assert asyncio.run(everyone()) == [CITY] * 16


@pytest.mark.pitfall(20)
@EVERY
@MODES
def test_a_timeout_in_the_client_cancels_the_backend(way, prefd, backend, streamed):
    answer = way.dialect.answer(Said(text=CITY), streamed)
    answer.hold = "head"
    backend.script(answer)
    client = way.client(prefd, timeout=0.3)
    with pytest.raises(way.timed_out):
        got = way.ask(client, model="m", stream=streamed)
        # Some SDKs ask only when the first part is wanted.
        next(iter(got))
    backend.wait_for("disconnect")


@pytest.mark.pitfall(20)
@EVERY
@MODES
def test_cancelling_an_async_request_cancels_the_backend(way, prefd, backend, streamed):
    answer = begun(way) if streamed else way.dialect.answer(Said(text=CITY), False)
    if not streamed:
        answer.hold = "head"
    backend.script(answer)

    async def give_up():
        async with asyncio.timeout(0.5):
            await way.read(way.async_client(prefd), "m", streamed)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    backend.wait_for("disconnect")


@pytest.mark.pitfall(20)
@EVERY
def test_leaving_a_stream_cancels_the_backend(way, prefd, backend):
    backend.script(begun(way))
    client = way.client(prefd)
    got = way.ask(client, model="m", stream=True)
    next(iter(got))
    got.close()
    backend.wait_for("disconnect")


@of(IMAGES)
@MODES
def test_an_image_arrives_as_it_was_sent(way, prefd, backend, streamed):
    backend.script(way.dialect.answer(Said(text="Noise."), streamed))
    got = way.ask(way.client(prefd), model="m", stream=streamed, **way.image)
    assert "".join(map(way.text, got if streamed else [got])) == "Noise."
    assert IMAGE.encode() in backend.last()["body"]


@of(SCHEMAS)
@MODES
def test_a_structured_answer_is_what_its_schema_says(way, prefd, backend, streamed):
    class City(BaseModel):
        name: str
        people: int

    backend.script(way.dialect.answer(Said(text='{"name":"Mexico City","people":9200000}'), streamed))
    wanted = way.schema(City)
    got = way.ask(way.client(prefd), model="m", stream=streamed, **wanted)
    text = "".join(map(way.text, got if streamed else [got]))
    assert City.model_validate_json(text) == City(name="Mexico City", people=9_200_000)
    sent = json.loads(backend.last()["body"])
    assert {key: sent[key] for key in wanted} == wanted
