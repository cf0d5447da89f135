"""Rules that ask a model: on whole answers and streams, in every dialect, and when no verdict comes."""

import json
import time

import pytest

import chat
import dialects
import test_openai_responses
from answers import Answer, completion, pieces_of, sse, stream, whole
from conftest import sdk
from dialects import Said
from moderator import UNSAFE, Moderator
from packs import pack, rule

BODY = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
PLAIN = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
MODES = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])

#: Sentences of a window each, about.
SAFE = "Nothing is wrong with this sentence, which goes on for a while about the weather. " * 4
BAD = f"Here it says {UNSAFE}, and how much of it. "


def asking(id, action, *, model="guard", endpoint="moderation", timeout="5s", on_failure="closed", where=None, **more):
    detect = {"backend": "moderation", "endpoint": endpoint, "model": model, "timeout": timeout, "on_failure": on_failure}
    made = rule(id, action, detect={"classifier": {**detect, **more}}, where=where or ["output", "reasoning", "tool_args"])
    return {key: value for key, value in made.items() if value != []}


class Judged:
    """prefd before a model server, with rules that ask a moderator."""

    def __init__(self, stage, model, moderator):
        self.stage, self.model, self.moderator = stage, model, moderator
        self.prefd = None

    def start(self, *rules, url=None, breaker=None):
        self.prefd = self.stage.prefd(
            [
                {
                    "name": "moderation", "url": url or self.moderator.url, "dialects": ["openai"], "models": ["guard*"],
                    **({"circuit_breaker": breaker} if breaker else {}),
                },
                {"name": "played", "url": self.model.url, "dialects": ["openai", "anthropic", "ollama"], "models": ["*"]},
            ],
            rules=pack(*rules),
        )
        return self.prefd

    def ask(self, text, streamed=True, size=7):
        """What a raw client gets of a text, and what explain says of it."""
        self.model.script(sse(stream(pieces_of(text, size))) if streamed else whole(completion(text)))
        with self.prefd.wire() as wire:
            reply = wire.chat(BODY if streamed else PLAIN)
            explained = wire.get("/prefd/v1/requests/" + reply.header("x-prefd-request-id")).json()
        if streamed:
            got = chat.read(reply.body)
            return got[0].content, got[0].finish, explained
        choice = reply.json()["choices"][0]
        return choice["message"]["content"], choice["finish_reason"], explained


@pytest.fixture
def moderator():
    made = Moderator()
    yield made
    made.close()


@pytest.fixture
def judged(stage, backend, moderator):
    return Judged(stage, backend, moderator)


@pytest.fixture(scope="module")
def blocking():
    from conftest import Stage

    stage, moderator = Stage(), Moderator()
    one = Judged(stage, stage.backend(), moderator)
    one.start(asking("guarded", "block"))
    yield one
    stage.close()
    moderator.close()


@pytest.mark.pitfall(1)
@MODES
def test_a_safe_answer_leaves_as_it_came_and_an_unsafe_one_ends_before_its_window(blocking, streamed):
    text, finish, explained = blocking.ask(SAFE * 3, streamed)
    assert (text, finish, explained["rules"], explained["unchecked"]) == (SAFE * 3, "stop", [], [])
    text, finish, explained = blocking.ask(SAFE * 3 + BAD + SAFE, streamed)
    assert finish == "content_filter" and UNSAFE not in text
    if streamed:
        assert text == SAFE * 3, "the windows before leave, and nothing of the one that is unsafe"
    assert [hit["rule"] for hit in explained["rules"]] == ["guarded"] and explained["unchecked"] == []


def test_an_answer_without_a_hit_keeps_every_byte_of_its_stream(blocking):
    body = stream(pieces_of(SAFE * 2, 5), usage=True)
    for how in ({}, {"each_byte": True}):
        blocking.model.script(sse(body, **how))
        with blocking.prefd.wire() as wire:
            assert wire.chat(BODY).body == body


def test_the_outcome_is_the_same_however_the_text_is_cut(judged):
    judged.start(asking("guarded", {"redact": "[gone]"}))
    text = SAFE + BAD * 8 + SAFE * 5 + BAD
    outcomes = {judged.ask(text, size=size)[0] for size in (1, 3, 64, 4000)}
    outcomes.add(judged.ask(text, streamed=False)[0])
    assert len(outcomes) == 1
    (text,) = outcomes
    assert UNSAFE not in text and "[gone]" in text and text.startswith(SAFE)


@pytest.mark.pitfall(2, 11)
@MODES
@pytest.mark.parametrize(
    ("dialect", "surface"),
    [pytest.param(one, surface, id=f"{one.name}-{surface}") for one in dialects.ALL for surface in one.surfaces],
)
def test_every_dialect_ends_with_its_own_ending_through_its_sdk(blocking, dialect, surface, streamed):
    words = {
        "output": Said(text=SAFE + BAD, reasoning="think" if "reasoning" in dialect.surfaces else ""),
        "reasoning": Said(text="fine", reasoning=SAFE + BAD),
        "tool_args": Said(text="calling", argument=BAD),
    }[surface]
    blocking.model.script(dialect.answer(words, streamed))
    heard = dialect.ask(blocking.prefd, streamed)
    assert heard.finish == dialect.blocked
    assert UNSAFE not in heard.text + heard.reasoning + str(heard.arguments)
    blocking.model.script(dialect.answer(Said(text=SAFE), streamed))
    heard = dialect.ask(blocking.prefd, streamed)
    assert heard.text == SAFE and heard.finish in ("stop", "end_turn", "completed", "tool_calls", "tool_use")


@pytest.mark.pitfall(8)
@MODES
@pytest.mark.parametrize("dialect", dialects.ALL, ids=lambda one: one.name)
def test_every_dialect_shows_the_same_text_with_a_window_replaced(judged, dialect, streamed):
    judged.start(asking("guarded", {"redact": "[gone]"}))
    judged.model.script(dialect.answer(Said(text=SAFE + BAD + SAFE), streamed))
    heard = dialect.ask(judged.prefd, streamed)
    assert UNSAFE not in heard.text and heard.text.startswith(SAFE) and "[gone]" in heard.text


@pytest.mark.pitfall(3, 10)
@MODES
@pytest.mark.parametrize(
    ("model", "endpoint", "reason"),
    [
        ("never", "moderation", "timeout"),
        ("failing", "moderation", "refused"),
        ("garbage", "moderation", "unreadable"),
        ("noise", "chat", "unreadable"),
        ("vague", "chat", "unreadable"),
    ],
)
def test_what_no_verdict_came_for_is_let_through_or_not_as_the_rule_says_and_never_called_checked(
    judged, model, endpoint, reason, streamed
):
    how = {"model": model, "endpoint": endpoint, "timeout": "200ms"}
    prefd = judged.start(asking("open", "block", on_failure="open", **how))
    text, finish, explained = judged.ask(SAFE + BAD, streamed)
    assert (text, finish) == (SAFE + BAD, "stop")
    assert explained["rules"] == []
    assert explained["unchecked"] == [{"rule": "open", "reason": reason, "treated_as": "safe"}]
    event = prefd.wait_for_event("rule-unchecked")
    assert (event["PREFD_RULE"], event["PREFD_REASON"], event["PREFD_TREATED_AS"]) == ("open", reason, "safe")
    prefd.stop()

    prefd = judged.start(asking("closed", "block", on_failure="closed", **how))
    text, finish, explained = judged.ask(SAFE, streamed)
    assert finish == "content_filter" and not text
    assert [hit["rule"] for hit in explained["rules"]] == ["closed"]
    assert explained["unchecked"] == [{"rule": "closed", "reason": reason, "treated_as": "unsafe"}]
    told = prefd.prefctl("explain", explained["id"]).stdout
    assert f"Not checked by closed: its model gave no verdict ({reason}); treated as unsafe." in told


@MODES
def test_a_dead_moderator_is_asked_no_more_than_a_few_times_an_answer(judged, streamed):
    judged.start(asking("open", "block", on_failure="open"), url="http://127.0.0.1:9")
    text, finish, explained = judged.ask(SAFE * 30, streamed)
    assert text == SAFE * 30
    assert explained["unchecked"] == [{"rule": "open", "reason": "unreachable", "treated_as": "safe"}]
    judged.prefd.stop()
    judged.start(asking("open", "block", on_failure="open", model="never", timeout="300ms"))
    assert judged.ask(SAFE * 30, streamed)[0] == SAFE * 30
    assert len(judged.moderator.asked) <= 8


def test_a_backend_that_gives_no_verdicts_is_left_alone_and_its_rule_has_its_way_at_once(judged):
    how = {"model": "never", "timeout": "200ms"}
    prefd = judged.start(asking("closed", "block", **how), breaker={"failures": 2, "pause": "1h"})
    for reason in ("timeout", "timeout", "suspended", "suspended"):
        text, finish, explained = judged.ask(SAFE, streamed=False)
        assert (finish, explained["unchecked"]) == ("content_filter", [{"rule": "closed", "reason": reason, "treated_as": "unsafe"}])
    assert len(judged.moderator.asked) == 2
    event = prefd.wait_for_event("backend-suspended")
    assert event["PREFD_BACKEND"] == "moderation"
    # That a rule's patience ended says nothing of the backend to others.
    with prefd.wire() as wire:
        assert wire.chat(b'{"model":"guard","messages":[{"role":"user","content":"hi"}]}').status == 200


def test_a_verdict_after_the_pause_has_the_backend_asked_again(judged):
    how = {"timeout": "200ms", "on_failure": "open"}
    judged.start(asking("open", "flag", **how), breaker={"failures": 1, "pause": "1s"})
    judged.moderator.is_stuck = True
    assert judged.ask(SAFE, streamed=False)[2]["unchecked"][0]["reason"] == "timeout"
    assert judged.ask(SAFE, streamed=False)[2]["unchecked"][0]["reason"] == "suspended"
    judged.moderator.is_stuck = False
    while judged.ask(SAFE, streamed=False)[2]["unchecked"]:
        time.sleep(0.1)
    assert judged.ask(SAFE + BAD, streamed=False)[2]["rules"]


def test_one_that_cannot_be_reached_is_left_alone_by_rules_and_requests_alike(judged):
    prefd = judged.start(asking("open", "block", on_failure="open"), url="http://127.0.0.1:9", breaker={"failures": 2, "pause": "1h"})
    for reason in ("unreachable", "unreachable", "suspended"):
        assert judged.ask(SAFE, streamed=False)[2]["unchecked"] == [{"rule": "open", "reason": reason, "treated_as": "safe"}]
    with prefd.wire() as wire:
        reply = wire.chat(b'{"model":"guard","messages":[{"role":"user","content":"hi"}]}')
    assert reply.status == 503 and reply.json()["error"]["code"] == "backend_suspended" and reply.header("retry-after")


@pytest.mark.pitfall(8)
@MODES
@pytest.mark.parametrize("model", ["guard", "failing"])
def test_what_a_response_repeats_agrees_with_what_was_streamed_also_where_no_verdict_came(judged, model, streamed):
    judged.start(asking("closed", {"redact": "[gone]"}, model=model))
    said = test_openai_responses.message(SAFE + BAD + SAFE)
    if streamed:
        judged.model.script(sse(test_openai_responses.stream(said)))
    else:
        judged.model.script(whole(test_openai_responses.response([said])))
    with judged.prefd.wire() as wire:
        asked = {"model": "m", "input": "hi", "stream": streamed}
        body = wire.post("/v1/responses", asked).body
    texts = set()
    if streamed:
        events = test_openai_responses.events(body)
        texts.add("".join(event["delta"] for event in events if event["type"] == "response.output_text.delta"))
        for event in events:
            if event["type"] == "response.output_text.done":
                texts.add(event["text"])
            elif event["type"] == "response.output_item.done":
                texts.add(event["item"]["content"][0]["text"])
        body = json.dumps(events[-1]["response"]).encode()
    texts.add(json.loads(body)["output"][0]["content"][0]["text"])
    assert len(texts) == 1
    (text,) = texts
    assert UNSAFE not in text and "[gone]" in text and text.startswith(SAFE if model == "guard" else "[gone]")


@MODES
def test_a_response_is_blocked_in_its_own_way(blocking, streamed):
    said = test_openai_responses.message(SAFE + BAD)
    if streamed:
        blocking.model.script(sse(test_openai_responses.stream(said)))
    else:
        blocking.model.script(whole(test_openai_responses.response([said])))
    with sdk(blocking.prefd) as client:
        if streamed:
            answer = list(client.responses.create(model="m", input="hi", stream=True))[-1].response
        else:
            answer = client.responses.create(model="m", input="hi")
    assert answer.status == "incomplete" and answer.incomplete_details.reason == "content_filter"
    assert UNSAFE not in answer.output_text


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_what_a_backend_says_in_an_error_is_judged_too(judged, kind):
    judged.start(asking("guarded", {"redact": "[gone]"}))
    body = json.dumps({"error": {"message": BAD}}).encode() if kind == "application/json" else BAD.encode()
    judged.model.script(Answer(body=body, status=500, content_type=kind))
    with judged.prefd.wire() as wire:
        reply = wire.chat(PLAIN)
    assert reply.status == 500 and UNSAFE.encode() not in reply.body and b"[gone]" in reply.body


def test_text_waits_for_its_verdict_and_nothing_of_it_leaves_before(judged):
    judged.start(asking("guarded", "block", model="never", timeout="2s", on_failure="open"))
    judged.model.script(sse(stream(pieces_of(SAFE, 7))))
    with judged.prefd.wire() as wire:
        began = time.monotonic()
        reply = wire.chat(BODY)
    assert time.monotonic() - began >= 2
    assert chat.read(reply.body)[0].content == SAFE


def test_a_flag_lets_text_pass_and_is_recorded(judged):
    prefd = judged.start(asking("noted", "flag", on_failure="open"))
    text, finish, explained = judged.ask(SAFE + BAD + SAFE)
    assert (text, finish) == (SAFE + BAD + SAFE, "stop")
    assert "noted" in [hit["rule"] for hit in explained["rules"]]
    assert prefd.wait_for_event("rule-fired")["PREFD_RULE"] == "noted"


def test_a_guard_model_is_asked_in_chat_with_what_the_rule_tells_it(judged):
    judged.start(asking("guarded", "block", endpoint="chat", instructions="Judge what follows."))
    text, finish, _ = judged.ask(SAFE + BAD)
    assert (text, finish) == (SAFE, "content_filter")
    path, headers, body = judged.moderator.requests[0]
    assert path == "/v1/chat/completions" and body["model"] == "guard" and body["stream"] is False
    assert body["messages"][0] == {"role": "system", "content": "Judge what follows."}
    assert body["messages"][1]["role"] == "user" and body["messages"][1]["content"] == SAFE


def test_what_an_unsafe_answer_looks_like_can_be_said(judged):
    judged.start(asking("guarded", "block", endpoint="chat", unsafe_when=r"\bS1\b", safe_when="^safe"))
    assert judged.ask(BAD)[1] == "content_filter"
    assert judged.ask(SAFE)[1] == "stop"


@pytest.mark.parametrize(
    ("more", "blocked"),
    [
        ({"categories": ["violence"]}, True),
        ({"categories": ["sexual"]}, False),
        ({"categories": ["sexual"], "threshold": 0.3}, True),
        ({"categories": ["violence"], "threshold": 0.95}, False),
        ({"threshold": 0.9}, True),
        # A category that the model does not know is no verdict.
        ({"categories": ["made-up"]}, True),
    ],
)
def test_categories_and_scores_count_as_the_rule_says(judged, more, blocked):
    judged.start(asking("guarded", "block", **more))
    assert (judged.ask(BAD)[1] == "content_filter") == blocked


def test_a_window_of_the_whole_answer_is_judged_once_at_its_end(judged):
    judged.start(asking("guarded", "block", window="answer"))
    assert judged.ask(SAFE * 20)[0] == SAFE * 20
    assert judged.moderator.asked == [("guard", SAFE * 20)]
    text, finish, _ = judged.ask(SAFE * 3 + BAD)
    assert (text, finish) == ("", "content_filter")


def test_the_same_window_is_not_asked_about_again_until_the_rules_are_read_anew(judged):
    prefd = judged.start(asking("guarded", "block"))
    judged.ask(SAFE)
    count = len(judged.moderator.asked)
    judged.ask(SAFE)
    assert len(judged.moderator.asked) == count == 1
    assert prefd.prefctl("rules", "reload").returncode == 0
    judged.ask(SAFE)
    assert len(judged.moderator.asked) == count + 1


def test_a_client_that_goes_away_ends_the_question(judged):
    judged.start(asking("guarded", "block", model="never", timeout="30s"))
    judged.model.script(sse(stream(pieces_of(SAFE, 7))))
    wire = judged.prefd.wire()
    wire.ask("POST", "/v1/chat/completions", BODY)
    deadline = time.monotonic() + 5
    while not judged.moderator.asked and time.monotonic() < deadline:
        time.sleep(0.01)
    assert judged.moderator.asked
    wire.close()
    assert judged.moderator.broken_off.wait(5), "the question went on although nobody waits for it"


def test_nothing_of_the_text_is_in_the_log(judged):
    prefd = judged.start(asking("guarded", {"redact": "[gone]"}), asking("late", "flag", on_failure="open", model="failing"))
    judged.ask(SAFE + BAD)
    prefd.wait_for_event("request-served")
    assert UNSAFE not in prefd.log() and "weather" not in prefd.log()


def test_other_rules_act_as_ever_beside_one_that_asks(judged):
    judged.start(
        asking("guarded", {"redact": "[gone]"}),
        rule("word", {"redact": "[word]"}, detect={"literal": ["weather"]}, match=["weather"], passes=["x"]),
        rule("line", {"append": "Take care."}, detect={"literal": ["weather"]}, match=["weather"], passes=["x"]),
    )
    for streamed in (False, True):
        text, finish, explained = judged.ask(SAFE + BAD, streamed)
        assert text == SAFE.replace("weather", "[word]") + "[gone]\n\nTake care." and finish == "stop"
        assert {"guarded", "word", "line"} == {hit["rule"] for hit in explained["rules"]}


# Loading, and trying.


def test_a_backend_that_is_not_there_is_an_error_with_its_place(judged, tmp_path):
    prefd = judged.start(asking("guarded", "block"))
    wrong = asking("guarded", "block")
    wrong["detect"]["classifier"]["backend"] = "moderatoin"
    (tmp_path / "wrong.yaml").write_text(pack(wrong)["planted.yaml"])
    tmp_path.chmod(0o755)
    linted = prefd.prefctl("rules", "lint", str(tmp_path))
    assert linted.returncode == 1
    assert "wrong.yaml:7:" in linted.stdout and "did you mean 'moderation'?" in linted.stdout
    (prefd.home / "rules.d" / "planted.yaml").write_text(pack(wrong)["planted.yaml"])
    assert prefd.prefctl("rules", "reload").returncode == 1
    assert judged.ask(BAD)[1] == "content_filter", "the old rules stay in force"
    prefd.stop()
    prefd.spawn()
    assert prefd.process.wait(20) == 78


def test_rules_try_asks_the_model_and_rules_test_says_what_it_cannot_run(judged):
    cases = asking("guarded", "block")
    cases["match"], cases["pass"] = [BAD], [SAFE]
    prefd = judged.start(cases, asking("down", "flag", on_failure="open", model="failing"))
    tried = json.loads(prefd.prefctl("rules", "try", "--json", "--text", SAFE + BAD).stdout)
    assert tried["blocked"] and tried["output"] == SAFE
    assert [hit["rule"] for hit in tried["hits"]] == ["guarded"]
    assert tried["unchecked"] == [{"rule": "down", "reason": "refused", "treated_as": "safe"}]
    shown = prefd.prefctl("rules", "try", "--text", SAFE).stdout
    assert shown == "No rule fires.\ndown: its model gave no verdict (refused); treated as safe.\n"
    tested = prefd.prefctl("rules", "test")
    assert tested.returncode == 0
    assert "2 cases not run: their rules ask a model; see what it says with prefctl rules try." in tested.stdout
