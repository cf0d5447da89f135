"""The metrics: Prometheus' format and conventions, honest figures, and nobody's name."""

import json
import re

from answers import completion, pieces_of, sse, stream, whole
from conftest import DIALECTS
from packs import block_pack
from people import ANNA, needs_root, as_user
from prometheus import parse
from wire import Wire

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def scrape(prefd):
    with prefd.admin_wire() as wire:
        reply = wire.get("/metrics")
    assert reply.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    return parse(reply.body.decode())


def test_a_fresh_prefd_has_well_formed_metrics_and_knows_itself(prefd):
    families = scrape(prefd)
    version = prefd.prefctl("--version").stdout.strip()
    assert families["prefd_build_info"].value(version=version) == 1
    assert families["prefd_store_ready"].value() == 1
    assert families["prefd_users"].value() == 0
    assert families["prefd_learning_users"].value() == 0
    assert families["prefd_learning_start_users"].value() == 0
    assert families["prefd_backend_state"].value(backend="played", state="ready") == 1
    assert families["prefd_backend_state"].value(backend="played", state="unreachable") == 0
    assert families["process_resident_memory_bytes"].value() > 1e6
    assert families["process_start_time_seconds"].value() > 1e9
    assert 3 <= families["process_open_fds"].value() < families["process_max_fds"].value()


def test_what_was_learned_is_counted_over_everyone(prefd):
    choice = {"kind": "choice", "chosen": "Poach it.", "rejected": ["One might well poach it. " * 40]}
    with prefd.wire() as wire:
        wire.put("/prefd/v1/consent/signals.explicit", {"granted": True})
        wire.get("/prefd/v1/preferences")
        for _ in range(9):
            assert wire.post("/prefd/v1/signals", choice).status == 200
    families = scrape(prefd)
    assert families["prefd_learning_users"].value() == 1
    assert families["prefd_learning_signals_total"].value() == 9
    assert families["prefd_learning_preferences"].value() >= 1


def test_requests_are_counted_and_timed(make_prefd, backend):
    prefd = make_prefd(backend, rules=block_pack("forbidden-word"))
    backend.script(whole(completion("ok")))
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/tone", {"value": "casual"})
        assert wire.chat(CHAT).status == 200
        backend.script(sse(stream(pieces_of("a long answer " * 20, 7))))
        assert wire.chat({**CHAT, "stream": True}).status == 200
        backend.script(whole(completion("forbidden-word")))
        assert wire.chat(CHAT).status == 200
        assert wire.post("/v1/nowhere", {}).status == 404
        backend.script(whole({"data": []}))
        assert wire.post("/v1/embeddings", {"model": "m", "input": "x"}).status == 200
        assert wire.get("/v1/models").status == 200
    # An answer is counted when it has ended, which its client may know a moment earlier.
    while (families := scrape(prefd))["prefd_answers_total"].count_of(status="200") < 5:
        pass
    assert families["prefd_refused_total"].value(code="unknown_endpoint") == 1
    assert families["prefd_personalized_total"].value() == 3
    (hit,) = families["prefd_rule_hits_total"].samples.values()
    assert hit == 1
    chat = {"gen_ai_operation_name": "chat", "gen_ai_provider_name": "openai"}
    for name in ("prefd_request_duration_seconds", "prefd_time_to_first_byte_seconds"):
        assert families[name].count(**chat) == 3
        assert families[name].count(**{**chat, "gen_ai_operation_name": "embeddings"}) == 1
        assert families[name].count() == 4, "what asks no model is not timed as if it did"
    assert families["prefd_added_latency_seconds"].count() == 5
    assert families["prefd_backend_response_seconds"].count(backend="played") == 5
    assert families["prefd_held_bytes"].count() == 1
    assert families["prefd_users"].value() == 1


def test_what_a_model_takes_is_not_what_prefd_adds(prefd, backend):
    backend.script(whole(completion("ok"), delay=0.5))
    with prefd.wire() as wire:
        assert wire.chat(CHAT).status == 200
    while (families := scrape(prefd))["prefd_answers_total"].samples == {}:
        pass

    def total(name):
        return next(v for (sample, _), v in families[name].samples.items() if sample.endswith("_sum"))

    assert total("prefd_request_duration_seconds") >= 0.5 and total("prefd_backend_response_seconds") >= 0.5
    assert total("prefd_added_latency_seconds") < total("prefd_request_duration_seconds") - 0.49


def test_bytes_that_waited_for_a_verdict_are_told(make_prefd, backend):
    prefd = make_prefd(backend, rules=block_pack("forbidden-word"))
    backend.script(sse(stream(["forbidden-", "tree", " and more"])))
    with prefd.wire() as wire:
        wire.chat({**CHAT, "stream": True})
    while (held := scrape(prefd)["prefd_held_bytes"]).count() == 0:
        pass
    assert held.samples[("prefd_held_bytes_sum", ())] > 100


def ask_as_someone(socket):
    with Wire(socket) as wire:
        return wire.chat(CHAT).status


@needs_root
def test_no_label_tells_users_apart(make_prefd, backend):
    prefd = make_prefd(backend)
    backend.script(whole(completion("ok")))
    assert as_user(ANNA, ask_as_someone, prefd.data) == 200
    with prefd.admin_wire() as wire:
        text = wire.get("/metrics").body.decode()
        pseudonyms = [one["pseudonym"] for one in wire.get("/prefd/v1/admin/users").json()["users"]]
    for mark in [str(ANNA), *pseudonyms]:
        assert not re.search(rf'"[^"]*{mark}[^"]*"', text)
    labels = {name for family in parse(text).values() for _, have in family.samples for name, _ in have}
    assert labels == {
        "version", "status", "backend", "state", "le", "gen_ai_operation_name", "gen_ai_provider_name",
    }


def test_the_log_level_changes_while_prefd_runs(make_prefd, backend):
    prefd = make_prefd([{"name": "played", "url": backend.url, "dialects": DIALECTS, "models": ["*"]}], log={"level": "notice"})
    backend.script(whole(completion("ok")))

    def served():
        with prefd.wire() as wire:
            assert wire.chat(CHAT).status == 200
        prefd.prefctl("rules", "reload")
        return len(prefd.events("request-served"))

    assert prefd.prefctl("log", "level").stdout == "notice\n"
    assert served() == 0
    assert json.loads(prefd.prefctl("log", "level", "info", "--json").stdout) == {"level": "info"}
    assert prefd.wait_for_event("admin-action", 2)["PREFD_ACTION"] == "log level info"
    served()
    prefd.wait_for_event("request-served")
    refused = prefd.prefctl("log", "level", "chatty")
    assert refused.returncode == 2 and "debug" in refused.stderr
    # A reload brings back what the configuration says.
    assert prefd.prefctl("reload").returncode == 0
    assert prefd.prefctl("log", "level").stdout == "notice\n"
