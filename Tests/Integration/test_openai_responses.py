"""OpenAI Responses with the real `openai` package over the Unix socket, and by the bytes."""

from __future__ import annotations

import json

import openai
import pytest
from pydantic import BaseModel

import recordings
from answers import sse, whole
from conftest import sdk
from packs import block_pack, pack, rule
from responses import call, events, message, response, stream
from wire import Broken

CITY = "The capital of Mexico is Mexico City."
EVERYWHERE = ("output", "reasoning", "tool_args")


def ask(client, **more):
    return client.responses.create(model="m", input="What is the capital of Mexico?", **more)


# Answers.


def test_a_whole_answer(client, backend):
    backend.script(whole(response([message(CITY)])))
    answer = ask(client)
    assert answer.output_text == CITY
    assert answer.status == "completed" and answer.usage.total_tokens == 18


def test_a_streamed_answer(client, backend):
    backend.script(sse(stream(message(CITY)), each_byte=True))
    got = list(ask(client, stream=True))
    assert "".join(event.delta for event in got if event.type == "response.output_text.delta") == CITY
    assert got[-1].type == "response.completed" and got[-1].response.output_text == CITY


def test_the_streaming_helper_joins_text_and_tool_calls(client, backend):
    arguments = '{"city":"Mexico City","days":3}'
    backend.script(sse(stream(message(CITY), call(arguments))))
    with client.responses.stream(model="m", input="hi") as streamed:
        for _ in streamed:
            pass
        final = streamed.get_final_response()
    assert final.output_text == CITY
    assert (final.output[1].name, final.output[1].arguments) == ("weather", arguments)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_structured_outputs(client, backend, streamed):
    class City(BaseModel):
        name: str
        people: int

    text = '{"name":"Mexico City","people":9200000}'
    if streamed:
        backend.script(sse(stream(message(text))))
        with client.responses.stream(model="m", input="hi", text_format=City) as got:
            for _ in got:
                pass
            final = got.get_final_response()
    else:
        backend.script(whole(response([message(text)])))
        final = client.responses.parse(model="m", input="hi", text_format=City)
    assert final.output_parsed == City(name="Mexico City", people=9_200_000)
    assert b'"json_schema"' in backend.last()["body"]


def test_a_conversation_goes_on_with_the_block_in_each_request_and_in_no_answer(client, backend, prefd):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})
    backend.script(whole(response([message(CITY)])))
    raw = client.responses.with_raw_response.create(model="m", input="hi", instructions="Be kind.")
    assert raw.headers["x-prefd-applied"] == "1"
    sent = json.loads(backend.last()["body"])["instructions"]
    assert sent.startswith("Be kind.\n\n<user_preferences") and sent.count("<user_preferences") == 1
    for instructions in ("Be kind.", sent):
        backend.script(whole(response([message(CITY)], instructions=sent)))
        answer = client.responses.create(
            model="m", previous_response_id="resp_1", input="and Peru?", instructions=instructions
        )
        assert json.loads(backend.last()["body"])["instructions"] == sent
        assert answer.instructions == "Be kind."
    backend.script(sse(stream(message(CITY), instructions=sent)))
    echoed = [event.response.instructions for event in ask(client, stream=True) if hasattr(event, "response")]
    assert echoed == ["Be kind."] * 3


# Rules.


@pytest.mark.pitfall(8)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_every_event_that_repeats_a_text_agrees_with_what_was_streamed(make_prefd, backend, size):
    rules = pack(
        rule(
            "secret",
            {"redact": "[gone]"},
            detect={"regex": r"SECRET-\d{4}"},
            where=EVERYWHERE,
            match=["SECRET-1234"],
            passes=["fine"],
        )
    )
    prefd = make_prefd(backend, rules=rules)
    text, arguments = "It is SECRET-1234, really.", '{"to":"SECRET-5678"}'
    backend.script(sse(stream(message(text), call(arguments), size=size)))
    with sdk(prefd) as client, client.responses.stream(model="m", input="hi") as got:
        seen = list(got)
        final = got.get_final_response()
    said = "It is [gone], really."
    by_type: dict[str, list] = {}
    for event in seen:
        by_type.setdefault(event.type, []).append(event)
    assert "".join(event.delta for event in by_type["response.output_text.delta"]) == said
    assert by_type["response.output_text.done"][0].text == said
    assert by_type["response.content_part.done"][0].part.text == said
    assert by_type["response.output_item.done"][0].item.content[0].text == said
    assert final.output_text == said
    deltas = "".join(event.delta for event in by_type["response.function_call_arguments.delta"])
    assert deltas == by_type["response.function_call_arguments.done"][0].arguments == final.output[1].arguments
    assert json.loads(deltas) == {"to": "[gone]"}


def test_a_blocked_answer_is_incomplete_and_is_not_retried(make_prefd, backend):
    prefd = make_prefd(backend, rules=block_pack("forbidden-word"))
    text = "Here is the forbidden-word for you"
    with sdk(prefd, max_retries=2) as client:
        backend.script(whole(response([message(text)])))
        answer = ask(client)
        assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "content_filter")
        assert answer.output == [] and answer.usage.total_tokens == 18
        backend.script(sse(stream(message(text)), hold="end"))
        with client.responses.stream(model="m", input="hi") as got:
            seen = list(got)
    said = "".join(event.delta for event in seen if event.type == "response.output_text.delta")
    last = seen[-1]
    assert last.type == "response.incomplete" and last.response.incomplete_details.reason == "content_filter"
    assert text.startswith(said) and "forbidden" not in said
    assert [event.type for event in seen[-4:-1]] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
    ]
    assert seen[-4].text == last.response.output_text == said
    assert last.response.output[0].status == "incomplete"
    numbers = [event.sequence_number for event in seen]
    assert numbers == sorted(set(numbers))
    assert len(backend.take()) == 2, "the SDK retried a block"
    backend.wait_for("disconnect")


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_what_is_appended_is_an_item_of_its_own(make_prefd, backend, streamed):
    rules = pack(rule("crisis", {"append": "Call 988."}, detect={"literal": ["so sad"]}, match=["so sad"], passes=["fine"]))
    prefd = make_prefd(backend, rules=rules)
    with sdk(prefd) as client:
        if streamed:
            backend.script(sse(stream(message("You are so sad."))))
            with client.responses.stream(model="m", input="hi") as got:
                seen = list(got)
                final = got.get_final_response()
            said = "".join(event.delta for event in seen if event.type == "response.output_text.delta")
            assert said == final.output_text
            numbers = [event.sequence_number for event in seen]
            assert numbers == sorted(set(numbers))
        else:
            backend.script(whole(response([message("You are so sad.")])))
            final = ask(client)
    assert final.output_text == "You are so sad.\n\nCall 988." and len(final.output) == 2


# Errors.


def test_malformed_and_background_requests_raise_bad_request(client, backend):
    for body, param in [
        ({"input": 1}, "input"),
        ({"input": "x", "instructions": []}, "instructions"),
        ({"input": "x", "background": True}, "background"),
    ]:
        with pytest.raises(openai.BadRequestError) as raised:
            client.post("/responses", body={"model": "m", **body}, cast_to=object)
        assert raised.value.param == param
    assert backend.take() == []


def test_no_stored_response_is_given_out(client, backend):
    for ask_for in (
        lambda: client.responses.retrieve("resp_1"),
        lambda: client.responses.retrieve("resp_1", stream=True, starting_after=3),
        lambda: client.responses.cancel("resp_1"),
        lambda: client.responses.input_items.list("resp_1"),
    ):
        with pytest.raises(openai.NotFoundError) as raised:
            ask_for()
        assert raised.value.code == "unknown_endpoint"
    assert backend.take() == []


def test_the_backends_own_errors_arrive_as_they_are(client, backend):
    error = {"error": {"message": "Slow down", "type": "rate_limit", "param": None, "code": "rate_limit"}}
    backend.script(whole(error, status=429, headers=[("retry-after", "3")]))
    with pytest.raises(openai.RateLimitError) as raised:
        ask(client, stream=True)
    assert raised.value.body["message"] == "Slow down"


def test_a_backend_that_dies_in_a_stream_never_looks_like_a_clean_end(prefd, client, backend):
    body = stream(message(CITY))
    cut = len(body) // 2
    backend.script(sse(body, die_after=cut))
    seen = []
    with pytest.raises((openai.APIConnectionError, openai.APIError)):
        for event in ask(client, stream=True):
            seen.append(event.type)
    assert "response.completed" not in seen
    with prefd.wire() as wire, pytest.raises(Broken) as broken:
        wire.request("POST", "/v1/responses", b'{"stream":true,"input":"hi"}')
    last = events(broken.value.partial)[-1]
    assert last["type"] == "error" and last["code"] == "backend_failed"
    assert last["sequence_number"] == events(broken.value.partial)[-2]["sequence_number"] + 1


# Recordings.


def test_recorded_streams_read_by_the_sdk_are_what_the_server_said(client, backend):
    for row in recordings.streams("responses"):
        body = row["response_sse"].encode()
        backend.script(sse(body))
        got = list(ask(client, stream=True))
        assert [event.type for event in got] == [event["type"] for event in events(body)], recordings.name(row)
