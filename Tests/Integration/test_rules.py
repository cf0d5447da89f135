"""Rules on whole answers and on streams: nothing of a match leaves, however the backend cuts."""

import json

import pytest

import chat
from answers import Answer, chunk, completion, events, pieces_of, sse, stream, whole
from packs import pack, rule
from wire import Broken

BODY = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
PLAIN = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'

# Made up for these tests; none of them opens anything.
AWS_KEY = "AKIAQYLPMN5HHHFPZAM2"
GITHUB_TOKEN = "ghp_" + "a8Fk2mZ0qLx7Rw4Tn1Yc9Bv5Hd3Sg6Jp0eUo"
CARD = "4539 1488 0343 6467"
PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu\n"
    "KUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQJAIJLixBy2qpFoS4DSmoEm\n"
    "-----END RSA PRIVATE KEY-----"
)
SECRETS = {"aws": AWS_KEY, "github": GITHUB_TOKEN, "card": CARD, "pem": PEM}


def leaks(body: bytes, secret: str, shortest=6) -> list[str]:
    """Runs of the secret's characters that can be found in an answer."""
    text = json.dumps(secret)[1:-1]
    return [text[i : i + shortest] for i in range(len(text) - shortest + 1) if text[i : i + shortest].encode() in body]


@pytest.mark.pitfall(1)
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_a_shipped_rule_redacts_a_secret_at_every_cut_of_the_stream(shipped, secret):
    prefd, backend = shipped
    # Cut in two ways: where the model cut its tokens, and where the network cut the bytes.
    chunks = stream(pieces_of(f"Use {secret} now.", 5))
    places = [(place,) for place in range(1, len(chunks), 1 if len(chunks) < 4_000 else 7)]
    backend.script(sse(chunks, cuts=places))
    texts = set()
    with prefd.wire() as wire:
        for _ in places:
            reply = wire.chat(BODY)
            got = chat.read(reply.body)
            texts.add(got[0].content)
            assert got[0].finish == "stop" and got.done
            assert not leaks(reply.body, secret)
        explained = wire.get("/prefd/v1/requests/" + reply.header("x-prefd-request-id")).json()
    assert len(texts) == 1, f"the cut changed the answer: {texts}"
    (text,) = texts
    assert text.startswith("Use ") and text.endswith(" now.") and secret not in text
    assert [hit["action"] for hit in explained["rules"]] == ["redact"]


@pytest.mark.pitfall(4)
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_a_secret_is_redacted_wherever_the_model_split_its_tokens(shipped, secret):
    prefd, backend = shipped
    text = f"Use {secret} now."
    outcomes = set()
    with prefd.wire() as wire:
        backend.script(whole(completion(text)))
        outcomes.add(wire.chat(PLAIN).json()["choices"][0]["message"]["content"])
        for place in range(1, len(text)):
            backend.script(sse(stream([text[:place], text[place:]])))
            reply = wire.chat(BODY)
            outcomes.add(chat.read(reply.body)[0].content)
            assert not leaks(reply.body, secret)
        backend.script(sse(stream(pieces_of(text, 1))))
        outcomes.add(chat.read(wire.chat(BODY).body)[0].content)
    assert len(outcomes) == 1, outcomes


def test_a_secret_escaped_in_json_is_seen(shipped):
    prefd, backend = shipped
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in AWS_KEY).encode()
    body = stream(["PLACE"]).replace(b"PLACE", b"Use " + escaped + b" now.")
    backend.script(sse(body, each_byte=True))
    with prefd.wire() as wire:
        reply = wire.chat(BODY)
    assert AWS_KEY not in chat.read(reply.body)[0].content and escaped not in reply.body


@pytest.mark.pitfall(7)
@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_is_enforced_alike(shipped, field):
    prefd, backend = shipped
    backend.script(sse(stream(pieces_of(f"I know {AWS_KEY}, they ask for it.", 3), key=field)))
    with prefd.wire() as wire:
        reply = wire.chat(BODY)
        assert not leaks(reply.body, AWS_KEY)
        assert chat.read(reply.body)[0].reasoning.endswith("they ask for it.")
        backend.script(whole(completion("Yes.", **{field: f"I know {AWS_KEY}."})))
        assert not leaks(wire.chat(PLAIN).body, AWS_KEY)


@pytest.mark.pitfall(5)
def test_tool_call_arguments_are_enforced_and_stay_json(shipped):
    prefd, backend = shipped
    arguments = json.dumps({"key": AWS_KEY, "note": 'a "quoted" word'})
    chunks = [
        chunk({"role": "assistant", "tool_calls": [
            {"index": 0, "id": "call_1", "type": "function", "function": {"name": "save", "arguments": ""}}]}),
        *(chunk({"tool_calls": [{"index": 0, "function": {"arguments": part}}]}) for part in pieces_of(arguments, 4)),
        chunk({}, finish="tool_calls"),
    ]
    body = events(chunks)
    places = [(place,) for place in range(1, len(body), 5)]
    backend.script(sse(body, cuts=places))
    outcomes = set()
    with prefd.wire() as wire:
        for _ in places:
            reply = wire.chat(BODY)
            assert not leaks(reply.body, AWS_KEY)
            outcomes.add(chat.read(reply.body)[0].tool_arguments[0])
        call = {"id": "call_1", "type": "function", "function": {"name": "save", "arguments": arguments}}
        backend.script(whole(completion(None, tool_calls=[call], finish="tool_calls")))
        reply = wire.chat(PLAIN)
        assert not leaks(reply.body, AWS_KEY)
        made = reply.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert outcomes == {made}, outcomes
    assert json.loads(made)["note"] == 'a "quoted" word'


@pytest.mark.pitfall(6)
def test_the_second_choice_is_enforced_too(shipped):
    prefd, backend = shipped
    texts = ["Nothing to see.", f"Take {AWS_KEY} here."]
    chunks = []
    for place in range(0, 32, 2):
        for index, text in enumerate(texts):
            if text[place : place + 2]:
                chunks.append(chunk({"content": text[place : place + 2]}, index=index))
    chunks += [chunk({}, index=index, finish="stop") for index in (0, 1)]
    backend.script(sse(events(chunks), each_byte=True))
    with prefd.wire() as wire:
        reply = wire.chat(BODY)
        got = chat.read(reply.body)
        assert got[0].content == texts[0] and got[0].finish == got[1].finish == "stop"
        assert got[1].content.startswith("Take ") and got[1].content.endswith(" here.")
        assert not leaks(reply.body, AWS_KEY)
        choices = [
            {"index": i, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            for i, text in enumerate(texts)
        ]
        backend.script(whole(completion(choices=choices)))
        reply = wire.chat(PLAIN)
        assert not leaks(reply.body, AWS_KEY)
        assert reply.json()["choices"][1]["message"]["content"] == got[1].content


# Actions, by a pack of the test's own.

WORD = "brandenburg-cipher"
SAID = f"You asked: the {WORD} is what you want, is it not?"


def planted(action, where=("output", "reasoning", "tool_args")) -> dict[str, str]:
    return pack(rule("planted", action, detect={"literal": [WORD]}, where=where, match=[SAID], passes=["brandenburg"]))


def at_every_cut(prefd, backend, body: bytes, step=1) -> list[chat.Stream]:
    places = [(place,) for place in range(1, len(body), step)]
    backend.script(sse(body, cuts=places))
    with prefd.wire() as wire:
        return [chat.read(wire.chat(BODY).body) for _ in places]


def test_a_block_is_a_well_formed_end_at_every_cut(make_prefd, backend):
    prefd = make_prefd(backend, rules=planted("block"))
    for got in at_every_cut(prefd, backend, stream(pieces_of(SAID, 6), usage=True)):
        assert got[0].finish == "content_filter" and got.done
        assert SAID.startswith(got[0].content) and len(got[0].content) <= SAID.index(WORD)
    backend.script(whole(completion(SAID)))
    with prefd.wire() as wire:
        answer = wire.chat(PLAIN)
        choice = answer.json()["choices"][0]
        assert answer.status == 200 and choice["finish_reason"] == "content_filter"
        assert WORD.encode() not in answer.body
    prefd.wait_for_event("answer-blocked")


def test_a_block_of_one_choice_leaves_the_other(make_prefd, backend):
    prefd = make_prefd(backend, rules=planted("block"))
    chunks = [chunk({"content": part}, index=1) for part in pieces_of(SAID, 5)]
    chunks += [chunk({"content": "All "}), chunk({"content": "fine."})]
    chunks += [chunk({}, index=index, finish="stop") for index in (0, 1)]
    backend.script(sse(events(chunks), each_byte=True))
    with prefd.wire() as wire:
        got = chat.read(wire.chat(BODY).body)
    assert (got[0].content, got[0].finish) == ("All fine.", "stop")
    assert got[1].finish == "content_filter" and WORD not in got[1].content and got.done


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"redact": "[gone]"}, SAID.replace(WORD, "[gone]")),
        ({"replace": "the weather"}, SAID.replace(WORD, "the weather")),
        ("flag", SAID),
    ],
    ids=["redact", "replace", "flag"],
)
def test_what_changes_text_changes_the_same_text_at_every_cut(make_prefd, backend, action, expected):
    prefd = make_prefd(backend, rules=planted(action))
    for got in at_every_cut(prefd, backend, stream(pieces_of(SAID, 6)), step=2):
        assert got[0].content == expected and got[0].finish == "stop" and got.done
    backend.script(whole(completion(SAID)))
    with prefd.wire() as wire:
        answer = wire.chat(PLAIN).json()
    assert answer["choices"][0]["message"]["content"] == expected
    fired = prefd.wait_for_event("rule-fired")
    assert fired["PREFD_RULE"] == "planted"


def test_append_adds_to_the_end_of_the_answer(make_prefd, backend):
    prefd = make_prefd(backend, rules=planted({"append": " -- Ask a cryptographer."}, where=["output"]))
    for got in at_every_cut(prefd, backend, stream(pieces_of(SAID, 6)), step=2):
        assert got[0].content.startswith(SAID) and got[0].content.rstrip().endswith("Ask a cryptographer.")
        assert got[0].content.count("Ask a cryptographer.") == 1 and got[0].finish == "stop" and got.done
    with prefd.wire() as wire:
        backend.script(whole(completion(SAID)))
        assert wire.chat(PLAIN).json()["choices"][0]["message"]["content"].rstrip().endswith("Ask a cryptographer.")
        backend.script(whole(completion("Nothing of note.")))
        assert wire.chat(PLAIN).json()["choices"][0]["message"]["content"] == "Nothing of note."


def test_what_cannot_be_part_of_a_match_is_not_held(make_prefd, backend):
    prefd = make_prefd(backend, rules=planted("block"))
    chunks = [chunk({"content": "Hello there. "})]
    backend.script(sse(events(chunks, done=False), hold="end"))
    # The backend says no more: what is held now would never come.
    with prefd.wire(timeout=30) as wire:
        wire.ask("POST", "/v1/chat/completions", BODY)
        status, _ = wire.reply_head()
        while b"Hello there." not in wire.buffer:
            assert wire._more()
        assert status == 200


def test_logprobs_that_would_reveal_a_redaction_go_too(shipped):
    prefd, backend = shipped
    tokens = [{"token": part, "logprob": -0.1, "bytes": list(part.encode()), "top_logprobs": []} for part in pieces_of(AWS_KEY, 4)]
    chunks = [
        chunk(choices=[{"index": 0, "delta": {"content": token["token"]}, "logprobs": {"content": [token]}, "finish_reason": None}])
        for token in tokens
    ]
    backend.script(sse(events([*chunks, chunk({}, finish="stop")])))
    with prefd.wire() as wire:
        reply = wire.chat(BODY)
        assert not leaks(reply.body, AWS_KEY, 4)
        answer = completion(f"It is {AWS_KEY}.")
        answer["choices"][0]["logprobs"] = {"content": tokens}
        backend.script(whole(answer))
        assert not leaks(wire.chat(PLAIN).body, AWS_KEY, 4)


@pytest.mark.pitfall(32)
def test_errors_of_the_backend_are_enforced_too(shipped):
    prefd, backend = shipped
    backend.script(whole({"error": {"message": f"bad key {AWS_KEY}", "type": "x", "code": None}}, status=401))
    with prefd.wire() as wire:
        reply = wire.chat(PLAIN)
        assert reply.status == 401 and not leaks(reply.body, AWS_KEY)


@pytest.mark.pitfall(32)
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/chat/completions", "text/event-stream"),
        ("/v1/completions", "text/event-stream"),
        ("/v1/responses", "text/event-stream"),
        ("/v1/messages", "text/event-stream"),
        ("/api/chat", "application/x-ndjson"),
        ("/api/generate", "application/x-ndjson"),
    ],
)
def test_errors_are_enforced_in_every_dialect_also_within_a_stream(shipped, path, kind):
    prefd, backend = shipped
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "prompt": "hi", "input": "hi", "max_tokens": 9}
    lines = path.startswith("/api/")
    error = {"error": f"bad key {AWS_KEY}" if lines else {"type": "x", "message": f"bad key {AWS_KEY}", "code": None}}
    if path == "/v1/messages":
        error["type"] = "error"
    name = b"" if path == "/v1/chat/completions" else b"event: error\n"
    event = json.dumps(error).encode() + b"\n" if lines else name + b"data: " + json.dumps(error).encode() + b"\n\n"
    for answer in (whole(error, status=500), Answer(body=event, content_type=kind, framing="chunked")):
        backend.script(answer)
        with prefd.wire() as wire:
            try:
                reply = wire.request("POST", path, json.dumps({**asked, "stream": True}).encode())
                assert not leaks(reply.body, AWS_KEY)
            except Broken as broken:
                assert not leaks(broken.partial, AWS_KEY)


@pytest.mark.pitfall(9)
def test_a_plain_answer_to_a_streamed_request_is_enforced(shipped):
    prefd, backend = shipped
    backend.script(whole(completion(f"Use {AWS_KEY}.")))
    with prefd.wire() as wire:
        assert not leaks(wire.chat(BODY).body, AWS_KEY)
        backend.script(sse(stream([f"Use {AWS_KEY}."])))
        assert not leaks(wire.chat(PLAIN).body, AWS_KEY)


@pytest.mark.pitfall(3, 9, 10)
@pytest.mark.parametrize(
    "body",
    [b"data: this is not JSON AKIAQYLPMN5HHHFPZAM2\n\n", b'data: {"text":\ndata: "AKIAQYLPMN5HHHFPZAM2"}\n\n', b"AKIAQYLPMN5HHHFPZAM2"],
    ids=["not json", "several data lines", "no event at all"],
)
def test_what_cannot_be_read_is_not_passed_unread(shipped, body):
    prefd, backend = shipped
    backend.script(sse(body + b"data: [DONE]\n\n"))
    with prefd.wire() as wire:
        try:
            reply = wire.chat(BODY)
            assert not leaks(reply.body, AWS_KEY)
        except Exception as broken:  # noqa: BLE001: a broken connection is an answer here
            assert not leaks(getattr(broken, "partial", b""), AWS_KEY)


@pytest.mark.pitfall(19)
def test_a_compressed_answer_is_enforced(shipped):
    prefd, backend = shipped
    with prefd.wire() as wire:
        for answer in (
            whole(completion(f"Use {AWS_KEY}."), gzip=True),
            sse(stream(pieces_of(f"Use {AWS_KEY}.", 3)), gzip=True),
        ):
            backend.script(answer)
            reply = wire.chat(BODY, headers=[("accept-encoding", "gzip, br")])
            # Not asked for; and where it comes all the same, decoded or refused, never passed unread.
            asked = {name.lower(): value for name, value in backend.last()["headers"]}
            assert not {"gzip", "br", "zstd", "deflate"} & set(asked.get("accept-encoding", "").split(", "))
            assert reply.header("content-encoding") is None and not leaks(reply.body, AWS_KEY)
            assert reply.status == 502 or b"[credential removed]" in reply.body


def test_mode_off_does_not_switch_rules_off(shipped):
    prefd, backend = shipped
    backend.script(whole(completion(f"Use {AWS_KEY}.")))
    with prefd.wire() as wire:
        assert not leaks(wire.chat(PLAIN, headers=[("X-Prefd-Mode", "off")]).body, AWS_KEY)


def test_the_crisis_line_is_appended(shipped):
    prefd, backend = shipped
    with prefd.wire() as wire:
        backend.script(whole(completion("I am sorry that you want to kill yourself. You are not alone.")))
        text = wire.chat(PLAIN).json()["choices"][0]["message"]["content"]
    assert text.startswith("I am sorry") and len(text) > 70
