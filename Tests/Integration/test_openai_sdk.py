"""The real `openai` package over the Unix socket: an app that changed one line notices nothing."""

import base64
import os
import time

import openai
import pytest
from pydantic import BaseModel

from answers import chunk, completion, events, pieces_of, sse, stream, whole
from conftest import sdk
from packs import block_pack

HI = [{"role": "user", "content": "What is the capital of Mexico?"}]
CITY = "The capital of Mexico is Mexico City."


def ask(client, **more):
    return client.chat.completions.create(model="m", messages=HI, **more)


# Answers.


def test_a_whole_answer(client, backend):
    backend.script(whole(completion(CITY)))
    answer = ask(client)
    assert answer.choices[0].message.content == CITY
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == 18


def test_a_streamed_answer(client, backend):
    backend.script(sse(stream(pieces_of(CITY, 4))))
    got = list(ask(client, stream=True))
    assert "".join(part.choices[0].delta.content or "" for part in got) == CITY
    assert got[-1].choices[0].finish_reason == "stop"


@pytest.mark.pitfall(15)
def test_the_streaming_helper_joins_tool_calls(client, backend):
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    parts = pieces_of('{"city":"Mexico City","days":3}', 5)
    chunks = [chunk({"role": "assistant", "content": None, "tool_calls": [call]})]
    # Deltas without an id are joined by their index.
    chunks += [chunk({"tool_calls": [{"index": 0, "function": {"arguments": part}}]}) for part in parts]
    chunks.append(chunk({}, finish="tool_calls"))
    backend.script(sse(events(chunks), each_byte=True))
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    with client.chat.completions.stream(model="m", messages=HI, tools=tools) as streamed:
        for _ in streamed:
            pass
        final = streamed.get_final_completion()
    made = final.choices[0].message.tool_calls[0]
    assert (made.id, made.function.name) == ("call_1", "weather")
    assert made.function.arguments == '{"city":"Mexico City","days":3}'
    assert final.choices[0].finish_reason == "tool_calls"


@pytest.mark.pitfall(15)
def test_an_index_that_comes_again_arrives_as_it_was_sent(client, backend):
    # Two whole calls under one index, as some servers send them; and deltas of two calls in turns.
    again = [{"index": 0, "id": f"call_{n}", "type": "function", "function": {"name": "weather", "arguments": f'{{"n":{n}}}'}} for n in range(2)]
    turns = [{"index": n % 2, "function": {"arguments": str(n)}} for n in range(6)]
    sent = [[call] for call in again] + [again] + [[call] for call in turns]
    chunks = [chunk({"tool_calls": calls}) for calls in sent]
    backend.script(sse(events([*chunks, chunk({}, finish="tool_calls")]), each_byte=True))
    heard = [part.choices[0].delta.tool_calls for part in ask(client, stream=True) if part.choices[0].delta.tool_calls]
    assert [[call.model_dump(exclude_unset=True) for call in calls] for calls in heard] == sent


def test_two_tool_calls_of_a_whole_answer_and_their_results_go_back(client, backend):
    calls = [
        {"id": f"call_{n}", "type": "function", "function": {"name": "weather", "arguments": f'{{"n":{n}}}'}}
        for n in range(2)
    ]
    backend.script(whole(completion(None, tool_calls=calls, finish="tool_calls")))
    message = ask(client).choices[0].message
    assert [call.id for call in message.tool_calls] == ["call_0", "call_1"]
    results = [{"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in message.tool_calls]
    backend.script(whole(completion("Sunny.")))
    answer = client.chat.completions.create(model="m", messages=[*HI, message, *results])
    assert answer.choices[0].message.content == "Sunny."


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_two_choices(client, backend, streamed):
    if streamed:
        chunks = [chunk({"role": "assistant", "content": ""}, index=index) for index in (0, 1)]
        for place in range(0, 6, 2):
            chunks += [chunk({"content": text[place : place + 2]}, index=i) for i, text in enumerate(["firsts", "second"])]
        chunks += [chunk({}, index=index, finish="stop") for index in (0, 1)]
        backend.script(sse(events(chunks), each_byte=True))
        texts = ["", ""]
        for part in ask(client, n=2, stream=True):
            texts[part.choices[0].index] += part.choices[0].delta.content or ""
    else:
        choices = [
            {"index": index, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            for index, text in enumerate(["firsts", "second"])
        ]
        backend.script(whole(completion(choices=choices)))
        texts = [choice.message.content for choice in ask(client, n=2).choices]
    assert texts == ["firsts", "second"]


@pytest.mark.pitfall(14)
def test_usage_only_where_it_was_asked_for(client, backend):
    backend.script(sse(stream(["Hello"], usage=True)))
    got = list(ask(client, stream=True, stream_options={"include_usage": True}))
    assert got[-1].usage.total_tokens == 18 and got[-1].choices == []
    backend.script(sse(stream(["Hello"])))
    assert all(part.usage is None for part in ask(client, stream=True))


@pytest.mark.pitfall(22)
def test_a_12_mib_image_goes_through(client, backend):
    image = base64.b64encode(os.urandom(9 * 1024 * 1024)).decode()
    assert len(image) == 12 * 1024 * 1024
    backend.script(whole(completion("A picture of noise.")))
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}},
    ]
    began = time.monotonic()
    answer = client.chat.completions.create(model="m", messages=[{"role": "user", "content": parts}])
    took = time.monotonic() - began
    assert answer.choices[0].message.content == "A picture of noise."
    assert image.encode() in backend.last()["body"]
    assert took < 20, f"12 MiB took {took:.1f} s"


def test_structured_outputs(client, backend):
    class City(BaseModel):
        name: str
        people: int

    backend.script(whole(completion('{"name":"Mexico City","people":9200000}')))
    answer = client.chat.completions.parse(model="m", messages=HI, response_format=City)
    assert answer.choices[0].message.parsed == City(name="Mexico City", people=9_200_000)
    assert b'"json_schema"' in backend.last()["body"]


def test_models_and_embeddings_pass_through(client, backend):
    backend.script(
        whole({"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "us"}]}),
        path="/v1/models",
    )
    assert [model.id for model in client.models.list()] == ["m"]
    backend.script(
        whole(
            {
                "object": "list",
                "model": "e",
                "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -1.0]}],
                "usage": {"prompt_tokens": 1, "total_tokens": 1},
            }
        ),
        path="/v1/embeddings",
    )
    got = client.embeddings.create(model="e", input="words", encoding_format="float")
    assert got.data[0].embedding == [0.25, -1.0]


def test_what_was_done_is_said_in_headers(client, backend):
    backend.script(whole(completion(CITY)))
    raw = client.chat.completions.with_raw_response.create(model="m", messages=HI)
    assert raw.headers["x-prefd-request-id"]
    assert raw.headers["x-prefd-tier"] in ("personalizable", "safeguarded", "universal")
    assert raw.headers["x-prefd-applied"] == "0"
    assert raw.parse().choices[0].message.content == CITY


# Errors.


def test_malformed_requests_raise_bad_request(client, backend):
    with pytest.raises(openai.BadRequestError) as raised:
        client.post("/chat/completions", body=[1, 2], cast_to=object)
    assert raised.value.status_code == 400 and raised.value.body["message"]
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="m", messages="not a list")
    with pytest.raises(openai.BadRequestError):
        client.post("/chat/completions", body={"model": "m"}, cast_to=object)
    assert backend.take() == [], "a malformed request reached the backend"


def test_an_unknown_endpoint_is_not_found(client, backend):
    for path in ("/responses/foo", "/audio/speech", "/chat/completions/extra", "/fine_tuning/jobs"):
        with pytest.raises(openai.NotFoundError) as raised:
            client.post(path, body={"model": "m", "input": "x"}, cast_to=object)
        assert raised.value.code == "unknown_endpoint", path
    assert backend.take() == []


@pytest.mark.pitfall(22)
def test_a_body_over_the_limit_is_413(make_prefd, backend):
    prefd = make_prefd(backend, limits={"body": "1MiB"})
    with sdk(prefd) as client, pytest.raises(openai.APIStatusError) as raised:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x" * (1 << 20)}])
    assert raised.value.status_code == 413 and raised.value.body["message"]
    assert backend.take() == []


def test_the_backends_own_errors_arrive_as_they_are(client, backend):
    error = {"error": {"message": "Slow down", "type": "rate_limit", "param": None, "code": "rate_limit"}}
    backend.script(whole(error, status=429, headers=[("retry-after", "3")]))
    with pytest.raises(openai.RateLimitError) as raised:
        ask(client)
    assert raised.value.body["message"] == "Slow down"
    assert raised.value.response.headers["retry-after"] == "3"
    backend.script(whole({"error": {"message": "No such model"}}, status=404))
    with pytest.raises(openai.NotFoundError):
        ask(client, stream=True)


def test_no_backend_there_is_a_server_error_that_sdks_retry(make_prefd, home):
    nobody = [{"name": "gone", "url": f"unix://{home}/nobody.sock", "dialects": ["openai"], "models": ["*"]}]
    prefd = make_prefd(nobody, start=False)
    prefd.spawn()
    for _ in range(500):
        if prefd.data.exists():
            break
        time.sleep(0.02)
    with sdk(prefd) as client, pytest.raises(openai.InternalServerError) as raised:
        ask(client)
    assert raised.value.status_code == 502 and "gone" in raised.value.body["message"]


def test_a_blocked_answer_ends_with_content_filter_and_is_not_retried(make_prefd, backend):
    prefd = make_prefd(backend, rules=block_pack("forbidden-word"))
    with sdk(prefd, max_retries=2) as client:
        backend.script(whole(completion("Here is the forbidden-word for you")))
        answer = ask(client)
        assert answer.choices[0].finish_reason == "content_filter"
        assert "forbidden" not in (answer.choices[0].message.content or "")
        backend.script(sse(stream(pieces_of("Here is the forbidden-word for you", 3))))
        got = list(ask(client, stream=True))
        assert got[-1].choices[0].finish_reason == "content_filter"
        text = "".join(part.choices[0].delta.content or "" for part in got)
        assert "Here is the forbidden-word".startswith(text) and "forbidden" not in text
    assert len(backend.take()) == 2, "the SDK retried a block"


# Endings.


@pytest.mark.pitfall(18)
def test_a_backend_that_dies_in_a_stream_never_looks_like_a_clean_end(client, backend):
    whole_stream = stream(pieces_of(CITY, 4))
    backend.script(sse(whole_stream, die_after=len(whole_stream) // 2))
    with pytest.raises((openai.APIConnectionError, openai.APIError)):
        for part in ask(client, stream=True):
            assert part.choices[0].finish_reason is None


@pytest.mark.pitfall(24)
def test_a_stream_may_be_longer_than_every_timeout_while_it_goes_on(make_prefd, backend):
    timeouts = {"connect": "1s", "first_byte": "1s", "idle": "1s"}
    prefd = make_prefd([{"name": "played", "url": backend.url, "dialects": ["openai"], "models": ["*"], "timeouts": timeouts}])
    text = stream(pieces_of(CITY, 4))
    backend.script(sse(text, cuts=[tuple(range(1, len(text), len(text) // 12))], pause=0.2))
    with sdk(prefd) as client:
        heard = "".join(part.choices[0].delta.content or "" for part in ask(client, stream=True))
    assert heard == CITY


@pytest.mark.pitfall(24)
def test_a_stream_whose_backend_idles_too_long_is_ended(make_prefd, backend):
    backends = [
        {
            "name": "played",
            "url": backend.url,
            "dialects": ["openai"],
            "models": ["*"],
            "timeouts": {"connect": "1s", "first_byte": "1s", "idle": "1s"},
        }
    ]
    prefd = make_prefd(backends)
    with sdk(prefd) as client:
        backend.script(whole(completion("late"), hold="head"))
        with pytest.raises(openai.InternalServerError) as raised:
            ask(client)
        assert raised.value.status_code == 504
        backend.script(sse(stream(["a"], done=False), hold="end"))
        began = time.monotonic()
        with pytest.raises((openai.APIConnectionError, openai.APIError)):
            list(ask(client, stream=True))
        assert 0.5 < time.monotonic() - began
