"""The whole loop: signals in, a directive in the prompt, the reason for it, and its end."""

import json

import pytest

from answers import completion, pieces_of, sse, stream, whole

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

    # What is kept gives the same again.
    assert prefd.stop() == 0
    prefd.start()
    with prefd.wire() as wire:
        client.chat.completions.create(model="m", messages=HI)
        assert "Be concise" in prompt(backend)
        again = wire.get("/prefd/v1/preferences/verbosity/why").json()
        assert again["learned"]["evidence"] == why["learned"]["evidence"]
        assert again["learned"]["probability"] == pytest.approx(why["learned"]["probability"], abs=1e-3)

        assert wire.delete("/prefd/v1/consent/signals.explicit").status == 200
        client.chat.completions.create(model="m", messages=HI)
        assert prompt(backend) == ""
        assert wire.get("/prefd/v1/export").json()["learned"] == []


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
