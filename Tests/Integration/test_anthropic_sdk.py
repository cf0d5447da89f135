"""The real `anthropic` package over the Unix socket: an app that changed one line notices nothing."""

import base64
import json

import anthropic
import pytest

import recordings
from answers import sse, whole
from conftest import anthropic_sdk
from dialects import message, message_stream, named, text_deltas

HI = [{"role": "user", "content": "What is the capital of Mexico?"}]
CITY = "The capital of Mexico is Mexico City."
BLOCK = '<user_preferences source="prefd">'


@pytest.fixture
def client(shared):
    with anthropic_sdk(shared[0]) as made:
        yield made


@pytest.fixture
def backend(shared):
    return shared[1]


def ask(client, **more):
    return client.messages.create(**{"model": "m", "max_tokens": 64, "messages": HI, **more})


# Answers.


def test_a_whole_message(client, backend):
    backend.script(whole(message([{"type": "text", "text": CITY}])))
    answer = ask(client)
    assert (answer.content[0].text, answer.stop_reason) == (CITY, "end_turn")
    assert answer.usage.output_tokens == 11


def test_a_streamed_message_raw_and_joined_by_the_helper(client, backend):
    backend.script(sse(message_stream([text_deltas(CITY)]), each_byte=True))
    kinds = [event.type for event in ask(client, stream=True)]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop"
    with client.messages.stream(model="m", max_tokens=64, messages=HI) as got:
        assert "".join(got.text_stream) == CITY
        assert got.get_final_message().usage.output_tokens == 11


def test_tool_use_split_over_deltas_and_its_result_goes_back(client, backend):
    call = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}
    parts = ['{"ci', 'ty": "Mex', 'ico City", "days"', ": 3}"]
    deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
    backend.script(sse(message_stream([text_deltas("Let me see."), (call, deltas)], "tool_use")))
    tools = [{"name": "weather", "input_schema": {"type": "object"}}]
    with client.messages.stream(model="m", max_tokens=64, messages=HI, tools=tools) as got:
        final = got.get_final_message()
    assert final.stop_reason == "tool_use"
    assert final.content[1].input == {"city": "Mexico City", "days": 3}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "sunny"}
    backend.script(whole(message([{"type": "text", "text": "Sunny."}])))
    back = [*HI, {"role": "assistant", "content": final.content}, {"role": "user", "content": [result]}]
    assert ask(client, messages=back, tools=tools).content[0].text == "Sunny."


@pytest.mark.pitfall(16)
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_thinking_and_its_signature_arrive_byte_for_byte(client, backend, streamed):
    signature = base64.b64encode(bytes(range(200))).decode()
    thought = {"type": "thinking", "thinking": "Mexico, so…", "signature": signature}
    sealed = {"type": "redacted_thinking", "data": signature}
    if streamed:
        deltas = [{"type": "thinking_delta", "thinking": "Mexico, so…"}, {"type": "signature_delta", "signature": signature}]
        begun = {"type": "thinking", "thinking": "", "signature": ""}
        backend.script(sse(message_stream([(begun, deltas), (sealed, []), text_deltas(CITY)])))
    else:
        backend.script(whole(message([thought, sealed, {"type": "text", "text": CITY}])))
    thinking = {"type": "enabled", "budget_tokens": 1024}
    how = {"model": "m", "max_tokens": 2048, "messages": HI, "thinking": thinking}
    if streamed:
        with client.messages.stream(**how) as got:
            final = got.get_final_message()
    else:
        final = client.messages.create(**how)
    assert (final.content[0].thinking, final.content[0].signature) == ("Mexico, so…", signature)
    assert final.content[1].data == signature and final.content[2].text == CITY


def test_citations_and_server_tool_results_arrive(client, backend):
    citation = {
        "type": "web_search_result_location",
        "cited_text": "Mexico City",
        "url": "https://example.org/",
        "title": "Mexico",
        "encrypted_index": "QUJD",
    }
    found = [{"type": "web_search_result", "url": "https://example.org/", "title": "Mexico", "encrypted_content": "QUJD", "page_age": None}]
    use = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "capital"}}
    results = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": found}
    body = message([use, results, {"type": "text", "text": CITY, "citations": [citation]}])
    backend.script(whole(body))
    answer = ask(client)
    assert answer.content[2].citations[0].cited_text == "Mexico City"
    assert answer.content[1].content[0].encrypted_content == "QUJD"


# Requests.


def test_without_preferences_the_request_arrives_byte_for_byte(shared, backend):
    body = b'{ "max_tokens":1e1, "system":[{"type":"text","text":"\\u0041","cache_control":{"type":"ephemeral"}}],\n"messages":[{"role":"user","content":"Hi"}],"x":0.10}'
    backend.script(whole(message([])))
    with shared[0].wire() as wire:
        assert wire.request("POST", "/v1/messages", body).status == 200
    assert backend.last()["body"] == body


@pytest.mark.pitfall(28, 29)
def test_the_block_is_a_last_text_block_behind_every_cache_breakpoint(client, shared, backend):
    with shared[0].wire() as wire:
        wire.put("/prefd/v1/preferences/verbosity", {"value": "concise"})
    backend.script(whole(message([{"type": "text", "text": "ok"}])))
    system = [
        {"type": "text", "text": "A long prompt.", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "And another.", "cache_control": {"type": "ephemeral"}},
    ]
    ask(client, system=system)
    sent = json.loads(backend.last()["body"])
    assert sent["system"][:2] == system
    assert len(sent["system"]) == 3 and sent["system"][2]["text"].startswith(BLOCK)
    assert "cache_control" not in sent["system"][2]

    ask(client, system="Be kind.")
    assert json.loads(backend.last()["body"])["system"].startswith("Be kind.\n\n" + BLOCK)
    ask(client)
    assert json.loads(backend.last()["body"])["system"].startswith(BLOCK)
    # An app that sends back what it was shown of a prompt gets one block all the same.
    earlier = json.loads(ask(client, system="x", extra_headers={"X-Prefd-Mode": "preview"}).model_dump_json())
    again = earlier["body"]["system"]
    backend.take()
    ask(client, system=again)
    assert json.loads(backend.last()["body"])["system"] == again


def test_preview_and_explain(client, shared, backend):
    with shared[0].wire() as wire:
        wire.put("/prefd/v1/preferences/tone", {"value": "casual"})
        backend.take()
        raw = client.messages.with_raw_response.create(
            model="m", max_tokens=9, messages=HI, extra_headers={"X-Prefd-Mode": "preview"}
        )
        shown = raw.http_response.json()
        assert shown["applied"] == 1 and shown["block"] in shown["body"]["system"]
        assert backend.take() == [], "a preview asked the backend"
        explained = wire.get(f"/prefd/v1/requests/{shown['request_id']}").json()
    assert explained["endpoint"] == "/v1/messages" and explained["block"] == shown["block"]


def test_counting_tokens_passes_through_untouched(client, backend):
    backend.script(whole({"input_tokens": 14}), path="/v1/messages/count_tokens")
    assert client.messages.count_tokens(model="m", messages=HI).input_tokens == 14
    assert json.loads(backend.last()["body"]) == {"messages": HI, "model": "m"}


def test_the_apps_own_key_and_version_headers(client, backend):
    backend.script(whole(message([])))
    ask(client)
    headers = {name.lower(): value for name, value in backend.last()["headers"]}
    assert headers["anthropic-version"] and "x-api-key" not in headers


def test_models_are_asked_of_a_backend_that_speaks_the_dialect(client, backend):
    listed = {"id": "m", "type": "model", "display_name": "M", "created_at": "2026-01-01T00:00:00Z"}
    backend.script(whole({"data": [listed], "has_more": False, "first_id": "m", "last_id": "m"}), path="/v1/models")
    assert [model.id for model in client.models.list()] == ["m"]


# Errors.


def test_errors_of_prefds_own_are_the_sdks_typed_exceptions(client, backend):
    backend.take()
    with pytest.raises(anthropic.BadRequestError) as raised:
        client.post("/v1/messages", body={"model": "m"}, cast_to=object)
    assert raised.value.body["type"] == "error"
    assert raised.value.body["error"]["type"] == "invalid_request_error"
    assert "messages" in raised.value.body["error"]["message"]
    with pytest.raises(anthropic.NotFoundError) as raised:
        client.post("/v1/messages/batches", body={"requests": []}, cast_to=object)
    assert raised.value.body["error"]["type"] == "not_found_error"
    with pytest.raises(anthropic.PermissionDeniedError):
        ask(client, extra_headers={"X-Prefd-User": "someone"})
    assert backend.take() == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, anthropic.AuthenticationError),
        (403, anthropic.PermissionDeniedError),
        (413, anthropic.RequestTooLargeError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.OverloadedError),
    ],
)
def test_the_backends_errors_arrive_as_they_are(client, backend, status, error):
    body = {"type": "error", "error": {"type": "some_error", "message": "No."}, "request_id": "req_1"}
    backend.script(whole(body, status=status, headers=[("retry-after", "3")]))
    for streamed in (False, True):
        with pytest.raises(error) as raised:
            ask(client, stream=streamed)
        assert raised.value.body == body
        assert raised.value.response.headers["retry-after"] == "3"


def test_an_error_event_in_a_stream_is_raised(client, backend):
    body = message_stream([text_deltas("Well")], end=False)
    body += named("error", error={"type": "overloaded_error", "message": "Overloaded"})
    backend.script(sse(body))
    with pytest.raises(anthropic.APIStatusError) as raised:
        list(ask(client, stream=True))
    assert "Overloaded" in str(raised.value)


@pytest.mark.pitfall(18)
def test_a_backend_that_dies_in_a_stream_never_looks_like_a_clean_end(client, backend):
    body = message_stream([text_deltas(CITY)])
    backend.script(sse(body, die_after=len(body) // 2))
    kinds = []
    with pytest.raises(anthropic.APIError):
        for event in ask(client, stream=True):
            kinds.append(event.type)
    assert "message_stop" not in kinds and "message_delta" not in kinds


# Recorded streams.


def test_recorded_streams_are_to_the_sdk_what_the_backend_sent(client, backend, shared):
    request = b'{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}'
    played = recordings.streams("messages")
    for row in played:
        body = row["response_sse"].encode()
        backend.script(sse(body))
        with shared[0].wire() as wire:
            assert wire.request("POST", "/v1/messages", request).body == body, recordings.name(row)
        with client.messages.stream(model="m", max_tokens=9, messages=HI) as helper:
            assert helper.get_final_message().stop_reason, recordings.name(row)
    assert len(played) > 10
