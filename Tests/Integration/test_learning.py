"""The whole loop: signals in, a directive in the prompt, the reason for it, and its end."""

import json
import subprocess
import time

import pytest

import responses
from answers import completion, pieces_of, sse, stream, whole
from conftest import anthropic_sdk, ollama_sdk
from dialects import Messages, OllamaChat, Said, lines

HI = [{"role": "user", "content": "How do I poach an egg?"}]
SHORT = "Three minutes in barely simmering water."
LONG = " ".join(["There are many schools of thought on this, and each of them deserves to be heard out."] * 12)


def grant(wire, *scopes):
    for scope in scopes:
        assert wire.put(f"/prefd/v1/consent/{scope}", {"granted": True}).status == 200


def prompt(backend):
    messages = json.loads(backend.last()["body"])["messages"]
    return "\n".join(m["content"] for m in messages if m["role"] == "system")


def test_choices_become_a_directive_and_end_with_their_consent(prefd, backend, client):
    backend.script(whole(completion(SHORT)))
    with prefd.wire() as wire:
        grant(wire, "signals.explicit")
        client.chat.completions.create(model="m", messages=HI)
        assert prompt(backend) == ""
        for _ in range(10):
            signal = {"kind": "choice", "chosen": SHORT, "rejected": [LONG], "context": {"task": "chat"}}
            assert wire.post("/prefd/v1/signals", signal).status == 200

        answer = client.chat.completions.with_raw_response.create(model="m", messages=HI)
        assert "Be concise" in prompt(backend)
        assert answer.headers["x-prefd-applied"] == "1"
        done = wire.get("/prefd/v1/requests/last").json()
        assert [(d["key"]["dimension"], d["source"]) for d in done["injected"]] == [("verbosity", "learned")]
        why = wire.get("/prefd/v1/preferences/verbosity/why").json()
        assert why["evidence"][0]["source"] == "learned" and why["evidence"][0]["confidence"] >= 0.9
        assert "choice: 10 for, 0 against" in why["evidence"][0]["explanation"]

    # What is kept gives the same again; who asks for it waits for it.
    assert prefd.stop() == 0
    prefd.start()
    with prefd.wire() as wire:
        assert wire.get("/prefd/v1/preferences/verbosity").json()["value"] == "concise"
        client.chat.completions.create(model="m", messages=HI)
        assert "Be concise" in prompt(backend)
        again = wire.get("/prefd/v1/preferences/verbosity/why").json()
        assert again["learned"]["evidence"] == why["learned"]["evidence"]
        assert again["learned"]["probability"] == pytest.approx(why["learned"]["probability"], abs=1e-3)

        assert wire.delete("/prefd/v1/consent/signals.explicit").status == 200
        client.chat.completions.create(model="m", messages=HI)
        assert prompt(backend) == ""
        assert wire.get("/prefd/v1/export").json()["learned"] == []


def test_many_signals_keep_nobody_waiting_after_a_restart(prefd, backend, client):
    backend.script(whole(completion(SHORT)))
    with prefd.wire() as wire:
        grant(wire, "signals.explicit")
        assert wire.put("/prefd/v1/preferences/emoji", {"value": "none"}).status == 200
        for _ in range(300):
            assert wire.post("/prefd/v1/signals", {"kind": "choice", "chosen": SHORT, "rejected": [LONG]}).status == 200
    assert prefd.stop() == 0
    prefd.start()
    # What was set is in the first prompt; what was learned, as soon as it has been read again.
    deadline = time.monotonic() + 30
    while True:
        client.chat.completions.create(model="m", messages=HI)
        asked = prompt(backend)
        assert "emoji" in asked
        if "Be concise" in asked or "Be terse" in asked:
            break
        assert time.monotonic() < deadline


@pytest.mark.parametrize("streamed", [False, True])
def test_a_rating_by_id_is_of_the_answer_that_passed(prefd, backend, client, streamed):
    backend.script(sse(stream(pieces_of(LONG, 7))) if streamed else whole(completion(LONG)))
    with prefd.wire() as wire:
        grant(wire, "signals.explicit")
        answer = client.chat.completions.with_raw_response.create(model="m", messages=HI, stream=streamed)
        answer.parse() if not streamed else list(answer.parse())
        request = answer.headers["x-prefd-request-id"]
        report = {"kind": "rating", "request_id": request, "value": 1}
        assert wire.post("/prefd/v1/signals", report).status == 200
        [signal] = wire.get("/prefd/v1/export").json()["signals"]
        assert signal["features"]["answer"]["values"]["words"] == len(LONG.split())


def test_without_consent_no_answer_is_measured_or_kept(prefd, backend, client):
    backend.script(whole(completion(LONG)))
    with prefd.wire() as wire:
        answer = client.chat.completions.with_raw_response.create(model="m", messages=HI)
        request = answer.headers["x-prefd-request-id"]
        grant(wire, "signals.explicit")
        assert wire.post("/prefd/v1/signals", {"kind": "rating", "request_id": request, "value": 1}).status == 200
        [signal] = wire.get("/prefd/v1/export").json()["signals"]
        assert signal["features"] == {}


def test_questions_in_the_terminal(prefd):
    asked = json.loads(prefd.prefctl("ask", "--json").stdout)
    assert asked["question"]["first"] and not asked["consented"]
    shown = prefd.prefctl("ask")
    assert asked["question"]["prompt"] in shown.stdout and asked["question"]["id"] in shown.stdout
    refused = prefd.prefctl("ask", "--question", asked["question"]["id"], "--choice", "first")
    assert refused.returncode == 1 and "signals.explicit" in refused.stderr
    assert prefd.prefctl("ask", "--question", "x").returncode == 2
    assert prefd.prefctl("ask", "--question", "x", "--choice", "third").returncode == 2
    prefd.prefctl("consent", "grant", "signals.explicit")
    state = asked
    while state["question"]:
        question = state["question"]
        choice = "first" if len(question["first"]) < len(question["second"]) else "second"
        ran = prefd.prefctl("ask", "--json", "--question", question["id"], "--choice", choice)
        assert ran.returncode == 0, ran.stderr
        state = json.loads(ran.stdout)
    assert "verbosity" in [one["dimension"] for one in state["learned"]]
    assert "learned" in prefd.prefctl("get").stdout
    assert "nothing more worth asking" in prefd.prefctl("ask").stdout


def signals_of(wire, count):
    """The signals that are kept, once there are so many."""
    deadline = time.monotonic() + 10
    while True:
        found = wire.get("/prefd/v1/export").json()["signals"]
        if len(found) >= count or time.monotonic() > deadline:
            assert len(found) == count
            return found
        time.sleep(0.02)


def turns(*messages):
    roles = ["user", "assistant"] * len(messages)
    return [{"role": role, "content": text} for role, text in zip(roles, messages)]


def test_follow_ups_and_regenerations_are_noticed(prefd, backend, client):
    backend.script(whole(completion(LONG)))
    question = "How do I poach an egg?"
    with prefd.wire() as wire:
        grant(wire, "signals.implicit")
        first = client.chat.completions.with_raw_response.create(model="m", messages=turns(question))
        client.chat.completions.create(model="m", messages=turns(question, LONG, "Shorter, please!"))
        [followup] = signals_of(wire, 1)
        assert followup["kind"] == "followup" and followup["request_id"] == first.headers["x-prefd-request-id"]
        assert followup["features"]["asked"]["values"]["length"] < 0
        # The same conversation again: another answer is wanted.
        client.chat.completions.create(model="m", messages=turns(question, LONG, "Shorter, please!"))
        again = [s for s in signals_of(wire, 2) if s["kind"] == "regenerate"]
        assert again[0]["features"]["answer"]["values"]["words"] == len(LONG.split())
        # With more messages it is an app at work with its tools; other words ask for something else.
        more = turns(question, LONG, "Shorter, please!") + [{"role": "assistant", "content": "wait"}]
        client.chat.completions.create(model="m", messages=more)
        client.chat.completions.create(model="m", messages=turns(question, LONG, "And how do I fry one?"))
        time.sleep(0.3)
        signals_of(wire, 2)


@pytest.mark.parametrize("streamed", [False, True])
def test_follow_ups_are_noticed_where_the_backend_keeps_the_conversation(prefd, backend, client, streamed):
    def ask(words, number, previous=None):
        said, name = responses.message(LONG), f"resp_{number}"
        answer = responses.stream(said, id=name) if streamed else responses.response([said], id=name)
        backend.script(sse(answer) if streamed else whole(answer))
        more = {"previous_response_id": previous} if previous else {}
        raw = client.responses.with_raw_response.create(model="m", input=words, stream=streamed, **more)
        list(raw.parse()) if streamed else raw.parse()
        return raw.headers["x-prefd-request-id"]

    with prefd.wire() as wire:
        grant(wire, "signals.implicit")
        first = ask("How do I poach an egg?", 1)
        second = ask("Shorter, please!", 2, previous="resp_1")
        [followup] = signals_of(wire, 1)
        assert (followup["kind"], followup["request_id"]) == ("followup", first)
        # The same again from the same answer asks for another one; the same words later do not.
        third = ask("Shorter, please!", 3, previous="resp_1")
        [again] = [s for s in signals_of(wire, 2) if s["kind"] == "regenerate"]
        assert again["request_id"] == second
        assert again["features"]["answer"]["values"]["words"] == len(LONG.split())
        ask("Shorter, please!", 4, previous="resp_3")
        assert [s["request_id"] for s in signals_of(wire, 3) if s["kind"] == "followup"] == [first, third]
        # An answer of nobody's: something was asked for all the same.
        ask("Kürzer bitte", 5, previous="resp_elsewhere")
        assert signals_of(wire, 4)[-1].get("request_id") is None
        ask("And how do I fry one?", 6, previous="resp_4")
        time.sleep(0.3)
        signals_of(wire, 4)


@pytest.mark.parametrize("streamed", [False, True])
def test_follow_ups_in_a_conversation_are_about_its_latest_answer(prefd, backend, client, streamed):
    def ask(words, number, conversation, **more):
        said, name = responses.message(LONG), f"resp_{number}"
        answer = responses.stream(said, id=name) if streamed else responses.response([said], id=name)
        backend.script(sse(answer) if streamed else whole(answer))
        raw = client.responses.with_raw_response.create(
            model="m", input=words, stream=streamed, conversation=conversation, **more
        )
        list(raw.parse()) if streamed else raw.parse()
        return raw.headers["x-prefd-request-id"]

    def followed(count):
        return signals_of(wire, count)[-1].get("request_id")

    with prefd.wire() as wire:
        grant(wire, "signals.implicit")
        first = ask("How do I poach an egg?", 1, "conv_1")
        other = ask("How do I fry an egg?", 2, "conv_2")
        second = ask("Shorter, please!", 3, {"id": "conv_1"})
        assert followed(1) == first
        # The same words once more are another turn here, about the answer before them.
        ask("Shorter, please!", 4, "conv_1")
        assert followed(2) == second
        ask("Kürzer bitte", 5, "conv_2")
        assert followed(3) == other
        # Another answer is asked for: it is known which one, and what that looked like.
        ask("Try again", 6, "conv_2")
        again = signals_of(wire, 4)[-1]
        assert again["kind"] == "regenerate"
        assert again["features"]["answer"]["values"]["words"] == len(LONG.split())
        # Of an answer that was not measured nothing is known, nor is an earlier one taken for it.
        ask("How do I boil one?", 7, "conv_1", extra_headers={"X-Prefd-Mode": "off"})
        ask("Shorter, please!", 8, "conv_1")
        assert followed(5) is None


@pytest.mark.parametrize("streamed", [False, True])
def test_follow_ups_by_ollamas_context_are_about_the_answer_that_gave_it(prefd, backend, streamed):
    def ask(prompt, gives, context=None):
        line = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "response": LONG}
        end = {"done": True, "done_reason": "stop", "context": gives}
        backend.script(
            lines([{**line, "done": False}, {**line, "response": "", **end}])
            if streamed
            else whole({**line, **end})
        )
        got = ollama_sdk(prefd).generate("m", prompt=prompt, stream=streamed, context=context)
        list(got) if streamed else got
        return wire.get("/prefd/v1/requests/last").json()["id"]

    with prefd.wire() as wire:
        grant(wire, "signals.implicit")
        first = ask("How do I poach an egg?", [1, 22, 333])
        ask("How do I fry an egg?", [1, 22, 334])
        second = ask("Shorter, please!", [1, 22, 333, 4], context=[1, 22, 333])
        [followup] = signals_of(wire, 1)
        assert (followup["kind"], followup["request_id"]) == ("followup", first)
        # The same again from the same answer asks for another one.
        ask("Shorter, please!", [1, 22, 333, 5], context=[1, 22, 333])
        [again] = [s for s in signals_of(wire, 2) if s["kind"] == "regenerate"]
        assert again["request_id"] == second
        # However the tokens are spaced; and of tokens that no answer gave nothing is known.
        body = b'{"model":"m","prompt":"Shorter, please!","stream":false,"context":[ 1,22,\t333 ,4]}'
        backend.script(whole({"model": "m", "response": "x", "done": True}))
        wire.request("POST", "/api/generate", body)
        assert [s["request_id"] for s in signals_of(wire, 3) if s["kind"] == "followup"] == [first, second]
        ask("Kürzer bitte", [9], context=[7, 7])
        assert signals_of(wire, 4)[-1].get("request_id") is None


@pytest.mark.parametrize("dialect", ["anthropic", "ollama"])
def test_follow_ups_and_regenerations_are_noticed_with_other_packages(prefd, backend, dialect):
    question = "How do I poach an egg?"
    spoken = {"anthropic": Messages(), "ollama": OllamaChat()}[dialect]
    backend.script(spoken.answer(Said(text=LONG), streamed=False))
    package = {"anthropic": anthropic_sdk, "ollama": ollama_sdk}[dialect](prefd)
    with prefd.wire() as wire:

        def ask(messages):
            if dialect == "anthropic":
                package.messages.create(model="m", max_tokens=99, messages=messages)
            else:
                package.chat(model="m", messages=messages)
            return wire.get("/prefd/v1/requests/last").json()["id"]

        grant(wire, "signals.implicit")
        first = ask(turns(question))
        second = ask(turns(question, LONG, "Shorter, please!"))
        [followup] = signals_of(wire, 1)
        assert (followup["kind"], followup["request_id"]) == ("followup", first)
        ask(turns(question, LONG, "Shorter, please!"))
        [again] = [s for s in signals_of(wire, 2) if s["kind"] == "regenerate"]
        assert again["request_id"] == second
        assert again["features"]["answer"]["values"]["words"] == len(LONG.split())


@pytest.mark.parametrize("scopes", [[], ["signals.explicit", "preferences", "content"]])
def test_nothing_is_noticed_without_its_consent(prefd, backend, client, scopes):
    backend.script(whole(completion(LONG)))
    with prefd.wire() as wire:
        grant(wire, *scopes)
        for _ in range(3):
            client.chat.completions.create(model="m", messages=turns("Why?", LONG, "shorter"))
        time.sleep(0.3)
        assert wire.get("/prefd/v1/export").json()["signals"] == []


@pytest.mark.parametrize("dialect", ["anthropic", "ollama"])
def test_follow_ups_are_noticed_in_other_dialects(prefd, backend, dialect):
    messages = turns("Why?", LONG, "trop long")
    body = {"model": "m", "messages": messages, "max_tokens": 9, "stream": False}
    with prefd.wire() as wire:
        grant(wire, "signals.implicit")
        target = {"anthropic": "/v1/messages", "ollama": "/api/chat"}[dialect]
        backend.script(whole(completion("x")))
        wire.post(target, body)
        [signal] = signals_of(wire, 1)
        assert signal["kind"] == "followup"


def wait_for_what_was_learned(wire, dimension):
    """An answer does not wait for long where signals are still being read."""
    assert wire.get(f"/prefd/v1/preferences/{dimension}/why").json()["learned"]


def test_experiments_leave_learned_directives_out_and_measure_them(prefd, backend, client):
    backend.script(whole(completion("Simmer the water, add the egg and wait for three minutes.")))
    bullets = "- Simmer the water\n- Add the egg\n- Wait for three minutes"
    prose = "Simmer the water, add the egg and wait for three minutes."
    with prefd.wire() as wire:
        grant(wire, "signals.explicit", "experiments")
        for _ in range(12):
            wire.post("/prefd/v1/signals", {"kind": "choice", "chosen": bullets, "rejected": [prose]})
        left = 0
        for number in range(800):
            wait_for_what_was_learned(wire, "format")
            answer = client.chat.completions.with_raw_response.create(model="m", messages=turns(f"Question {number}"))
            request = answer.headers["x-prefd-request-id"]
            done = wire.get(f"/prefd/v1/requests/{request}").json()
            isKept = "format" in [one["key"]["dimension"] for one in done["injected"]]
            assert ("bullet" in prompt(backend)) == isKept
            if not isKept:
                left += 1
                assert done["withheld"][0]["reason"] == "experiment"
                [arm] = [one for one in done["experiments"] if one["key"]["dimension"] == "format"]
                assert 0.9 <= arm["propensity"] < 1 and not arm["kept"]
            if not isKept or number < 30:
                wire.post("/prefd/v1/signals", {"kind": "rating", "request_id": request, "value": 5 if isKept else 2})
            if left >= 6 and number >= 30:
                break
        effect = wire.get("/prefd/v1/preferences/format/why").json()["learned"]["effect"]
        assert effect["withheld"] == left and effect["kept"] >= 20 and effect["estimate"] > 0.3
        assert "answers with it were received" in prefd.prefctl("why", "format").stdout
        [_, row] = prefd.prefctl("effects").stdout.splitlines()
        assert row.split()[:2] == ["format", "bullets"] and f" {left} " in row and "(95%: " in row
        # In a conversation that goes on nothing is left out: its prompt keeps its beginning.
        for number in range(30):
            client.chat.completions.create(model="m", messages=turns("Why?", LONG, f"And {number}?"))
            assert "bullet" in prompt(backend)


def test_what_an_app_teaches_stays_in_it_until_it_is_shared(prefd, backend, client):
    backend.script(whole(completion(SHORT)))

    def elsewhere():
        """What another program's prompt has in it."""
        body = json.dumps({"model": "m", "messages": HI})
        subprocess.run(
            ["curl", "-sf", "--unix-socket", str(prefd.data), "http://localhost/v1/chat/completions", "--json", body],
            check=True,
            capture_output=True,
        )
        return prompt(backend)

    with prefd.wire() as wire:
        here = wire.get("/prefd/v1/me").json()["app"]
        grant(wire, "signals.explicit")
        for _ in range(10):
            signal = {"kind": "choice", "chosen": SHORT, "rejected": [LONG]}
            assert wire.post("/prefd/v1/signals", signal).status == 200
        assert wire.put(f"/prefd/v1/preferences/tone?app={here}", {"value": "casual"}).status == 200
        wait_for_what_was_learned(wire, "verbosity")
        client.chat.completions.create(model="m", messages=HI)
        asked = prompt(backend)
        assert "Be concise" in asked and "casual" in asked.lower()
        assert elsewhere() == ""
        assert "app curl" not in prefd.prefctl("get").stdout
        told = prefd.prefctl("why", "verbosity").stdout
        assert f"app {here}" in told and f"share:{here}" in told

        grant(wire, f"share:{here}")
        wait_for_what_was_learned(wire, "verbosity")
        assert elsewhere() == asked
        done = json.loads(prefd.prefctl("explain", "--json").stdout)
        assert {one["key"]["dimension"]: one["source"] for one in done["injected"]} == {
            "tone": "shared",
            "verbosity": "learned",
        }
        assert wire.delete(f"/prefd/v1/consent/share:{here}").status == 200
        wait_for_what_was_learned(wire, "verbosity")
        assert elsewhere() == ""
        client.chat.completions.create(model="m", messages=HI)
        assert "Be concise" in prompt(backend)


def test_answers_are_ranked_for_who_asks(prefd, backend, client):
    answer = completion(LONG)
    answer["choices"] = [
        {**answer["choices"][0], "index": place, "message": {"role": "assistant", "content": text}}
        for place, text in enumerate([LONG, SHORT])
    ]
    backend.script(whole(answer))
    ask = {"model": "m", "messages": HI, "n": 2}
    with prefd.wire() as wire:
        grant(wire, "signals.explicit")
        on = {"X-Prefd-Rank": "on"}
        plain = client.chat.completions.create(**ask, extra_headers=on)
        assert [c.message.content for c in plain.choices] == [LONG, SHORT]
        for _ in range(10):
            wire.post("/prefd/v1/signals", {"kind": "choice", "chosen": SHORT, "rejected": [LONG]})
        assert [c.message.content for c in client.chat.completions.create(**ask).choices] == [LONG, SHORT]
        ranked = client.chat.completions.with_raw_response.create(**ask, extra_headers=on)
        choices = ranked.parse().choices
        assert [(c.index, c.message.content) for c in choices] == [(0, SHORT), (1, LONG)]
        done = wire.get(f"/prefd/v1/requests/{ranked.headers['x-prefd-request-id']}").json()
        assert [one["index"] for one in done["ranking"]] == [1, 0]
        assert done["ranking"][0]["score"] > done["ranking"][1]["score"]
        assert "in your order" in prefd.prefctl("explain").stdout
        refused = wire.chat(ask, headers=[("X-Prefd-Rank", "maybe")])
        assert refused.status == 400


def test_the_population_is_counted_with_noise_and_a_budget(prefd):
    with prefd.wire() as wire:
        grant(wire, "signals.explicit", "population")
    first = json.loads(prefd.prefctl("population", "--json").stdout)
    assert first["budget"] == {"total": 10, "spent": 1, "next": 1} and len(first["dimensions"]) == 12
    assert json.loads(prefd.prefctl("population", "--json").stdout) == first
    shown = prefd.prefctl("population")
    assert shown.returncode == 0 and "verbosity" in shown.stdout and "1.0 of 10.0 spent" in shown.stdout
    for _ in range(9):
        assert prefd.prefctl("population", "--release").returncode == 0
    refused = prefd.prefctl("population", "--release")
    assert refused.returncode == 1 and "budget" in refused.stderr


def test_effects_over_everyone_are_released_with_noise_from_the_same_budget(prefd):
    assert prefd.prefctl("effects", "--release").returncode == 2
    first = json.loads(prefd.prefctl("effects", "--everyone", "--json").stdout)
    assert first["budget"] == {"total": 10, "spent": 1, "next": 1}
    assert {one["dimension"] for one in first["effects"]} >= {"verbosity", "format", "tone"}
    assert json.loads(prefd.prefctl("effects", "--everyone", "--json").stdout) == first
    shown = prefd.prefctl("effects", "--everyone", "--release").stdout
    assert "too few to tell" in shown and "2.0 of 10.0 spent" in shown
    told = json.loads(prefd.prefctl("population", "--json").stdout)
    assert told["budget"]["spent"] == 3
    # What was released outlives the process, and so does what was spent.
    assert prefd.stop() == 0
    prefd.start()
    again = json.loads(prefd.prefctl("effects", "--everyone", "--json").stdout)
    assert again["budget"]["spent"] == 3 and len(again["effects"]) == len(first["effects"])
