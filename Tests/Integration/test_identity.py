"""Whose preferences apply is the kernel's word: two users on one socket never meet."""

import json
import os
import threading

import pytest

from answers import completion, whole
from people import ANNA, BRUNO, WEBCHAT, as_user, needs_root
from wire import Wire


def call(path, method, target, value=None, headers=()):
    """One call as whoever runs it; returns status, headers and JSON (or None)."""
    body = None if value is None else json.dumps(value).encode()
    with Wire(path) as wire:
        reply = wire.request(method, target, body, headers)
        return reply.status, dict(reply.headers), json.loads(reply.body) if reply.body else None


def ask(path, model="m", headers=(), **more):
    """One chat completion as whoever runs it; returns its request id."""
    status, headers, _ = call(
        path,
        "POST",
        "/v1/chat/completions",
        {"model": model, "messages": [{"role": "user", "content": "hi"}], **more},
        headers,
    )
    assert status == 200, status
    return headers["x-prefd-request-id"]


def ask_often(path, model, count):
    """Many completions over one connection."""
    with Wire(path) as wire:
        body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
        return [wire.chat(body).header("x-prefd-request-id") for _ in range(count)]


def prefer(path, dimension, value, headers=()):
    status, _, reply = call(path, "PUT", f"/prefd/v1/preferences/{dimension}", {"value": value}, headers)
    assert status == 200, reply


@pytest.fixture
def played(backend):
    backend.script(whole(completion("ok")))
    return backend


@needs_root
def test_each_user_is_who_the_kernel_says(prefd):
    for uid in (ANNA, BRUNO):
        status, _, me = as_user(uid, call, prefd.data, "GET", "/prefd/v1/me")
        assert status == 200 and me["principal"] == f"uid:{uid}" and me["access"] == "user"


@needs_root
def test_two_users_never_see_each_others_preferences(prefd, played):
    as_user(ANNA, prefer, prefd.data, "verbosity", "terse")
    as_user(ANNA, prefer, prefd.data, "note", "I like the colour of annatto")
    as_user(BRUNO, prefer, prefd.data, "verbosity", "exhaustive")

    anna_request = as_user(ANNA, ask, prefd.data, "of-anna")
    bruno_request = as_user(BRUNO, ask, prefd.data, "of-bruno")
    of_anna, of_bruno = (request["body"] for request in played.take())
    assert b"Be terse" in of_anna and b"annatto" in of_anna and b"exhaustive" not in of_anna
    assert b"Be exhaustive" in of_bruno and b"annatto" not in of_bruno and b"terse" not in of_bruno

    for uid, own, foreign, hidden in (
        (ANNA, anna_request, bruno_request, "exhaustive"),
        (BRUNO, bruno_request, anna_request, "annatto"),
    ):
        for target in ("/prefd/v1/preferences", "/prefd/v1/preferences/verbosity", "/prefd/v1/export", "/prefd/v1/consent"):
            status, _, shown = as_user(uid, call, prefd.data, "GET", target)
            assert status == 200 and hidden not in json.dumps(shown), target
        assert as_user(uid, call, prefd.data, "GET", f"/prefd/v1/requests/{own}")[0] == 200
        status, _, refused = as_user(uid, call, prefd.data, "GET", f"/prefd/v1/requests/{foreign}")
        assert status == 404 and refused["error"]["code"] == "unknown_request"
        # A signal on someone else's request is refused like one on a request that never was.
        as_user(uid, call, prefd.data, "PUT", "/prefd/v1/consent/signals.explicit", {"granted": True})
        signal = {"request_id": foreign, "kind": "rating", "value": "up"}
        assert as_user(uid, call, prefd.data, "POST", "/prefd/v1/signals", signal)[0] == 404
        _, _, latest = as_user(uid, call, prefd.data, "GET", "/prefd/v1/requests/last")
        assert latest["id"] == own


@needs_root
def test_two_users_at_once_never_mix(prefd, played):
    as_user(ANNA, prefer, prefd.data, "verbosity", "terse")
    as_user(BRUNO, prefer, prefd.data, "verbosity", "exhaustive")
    ids = {}

    def run(uid, model, turn):
        ids[(uid, turn)] = as_user(uid, ask_often, prefd.data, model, 60)

    threads = [
        threading.Thread(target=run, args=(uid, model, turn))
        for turn in range(3)
        for uid, model in ((ANNA, "of-anna"), (BRUNO, "of-bruno"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = played.take()
    assert len(taken) == 360
    for request in taken:
        anna = b'"of-anna"' in request["body"]
        assert (b"Be terse" in request["body"]) == anna and (b"Be exhaustive" in request["body"]) != anna
    everything = [one for some in ids.values() for one in some]
    assert len(everything) == len(set(everything)) == 360


@needs_root
def test_forgetting_one_user_leaves_the_other(prefd, played):
    as_user(ANNA, prefer, prefd.data, "verbosity", "terse")
    as_user(BRUNO, prefer, prefd.data, "verbosity", "exhaustive")
    status, _, receipt = as_user(ANNA, call, prefd.data, "DELETE", "/prefd/v1/me")
    assert status == 200 and receipt["id"]
    assert as_user(ANNA, call, prefd.data, "GET", "/prefd/v1/preferences")[2]["preferences"] == []
    kept = as_user(BRUNO, call, prefd.data, "GET", "/prefd/v1/preferences")[2]["preferences"]
    assert [entry["value"] for entry in kept] == ["exhaustive"]
    as_user(ANNA, ask, prefd.data, "m")
    as_user(BRUNO, ask, prefd.data, "m")
    of_anna, of_bruno = (request["body"] for request in played.take())
    assert b"terse" not in of_anna and b"Be exhaustive" in of_bruno


@needs_root
def test_an_ordinary_app_may_not_name_a_user(prefd, played):
    as_user(BRUNO, prefer, prefd.data, "verbosity", "exhaustive")
    for named in ("uid:60002", "60002", "carol", "app:webchat/user:carol"):
        header = [("X-Prefd-User", named)]
        for method, target, value in (
            ("GET", "/prefd/v1/me", None),
            ("GET", "/prefd/v1/preferences", None),
            ("PUT", "/prefd/v1/preferences/tone", {"value": "casual"}),
            ("DELETE", "/prefd/v1/me", None),
            ("POST", "/v1/chat/completions", {"model": "m", "messages": [{"role": "user", "content": "hi"}]}),
        ):
            status, _, reply = as_user(ANNA, call, prefd.data, method, target, value, header)
            assert status == 403 and reply["error"]["code"] == "user_not_allowed", (named, method, target)
    assert played.take() == []
    # Nothing happened as a side effect.
    assert as_user(ANNA, call, prefd.data, "GET", "/prefd/v1/preferences")[2]["preferences"] == []
    assert len(as_user(BRUNO, call, prefd.data, "GET", "/prefd/v1/preferences")[2]["preferences"]) == 1
    assert prefd.events("identity-refused")


@pytest.mark.pitfall(31)
@needs_root
def test_identity_never_comes_from_a_body_or_another_header(prefd, played):
    as_user(BRUNO, prefer, prefd.data, "verbosity", "exhaustive")
    claims = {"user": "uid:60002", "safety_identifier": "uid:60002", "metadata": {"user_id": "uid:60002"}}
    headers = [
        ("X-Prefd-Principal", "uid:60002"),
        ("X-Forwarded-User", "60002"),
        ("Forwarded", "for=60002"),
        ("Cookie", "user=60002"),
    ]
    as_user(ANNA, ask, prefd.data, "m", headers, **claims)
    assert b"exhaustive" not in played.last()["body"]
    assert as_user(ANNA, call, prefd.data, "GET", "/prefd/v1/me?user=uid:60002")[0] in (200, 400)


def delegating(uid: int, **more) -> list[dict]:
    return [{"name": "webchat", "match": {"uid": uid}, "delegate": True, **more}]


@needs_root
def test_a_delegating_app_speaks_for_its_own_users_only(make_prefd, played):
    prefd = make_prefd(
        played, apps=delegating(WEBCHAT, user_from=["header", "safety_identifier", "user", "metadata.user_id"])
    )
    carol, dave = [("X-Prefd-User", "carol")], [("X-Prefd-User", "dave")]
    as_user(WEBCHAT, prefer, prefd.data, "verbosity", "terse", carol)
    as_user(WEBCHAT, prefer, prefd.data, "verbosity", "exhaustive", dave)
    me = as_user(WEBCHAT, call, prefd.data, "GET", "/prefd/v1/me", None, carol)[2]
    assert me["principal"] == "app:webchat/user:carol" and me["app"] == "webchat"

    as_user(WEBCHAT, ask, prefd.data, "m", carol)
    assert b"Be terse" in played.last()["body"]
    as_user(WEBCHAT, ask, prefd.data, "m", (), safety_identifier="dave")
    assert b"Be exhaustive" in played.last()["body"]
    as_user(WEBCHAT, ask, prefd.data, "m", (), user="carol")
    assert b"Be terse" in played.last()["body"]
    as_user(WEBCHAT, ask, prefd.data, "m", (), metadata={"user_id": "dave"})
    assert b"Be exhaustive" in played.last()["body"]
    # The header is the first that counts; nobody named is the app's own uid, without preferences.
    as_user(WEBCHAT, ask, prefd.data, "m", carol, user="dave")
    assert b"Be terse" in played.last()["body"]
    as_user(WEBCHAT, ask, prefd.data, "m")
    assert b"Be terse" not in (body := played.last()["body"]) and b"exhaustive" not in body
    # An end user cannot be named into a local user, nor may another app speak for this one's users.
    as_user(ANNA, prefer, prefd.data, "verbosity", "detailed")
    for named in ("uid:60001", "../uid:60001", "carol/user:dave"):
        status, _, shown = as_user(WEBCHAT, call, prefd.data, "GET", "/prefd/v1/preferences", None, [("X-Prefd-User", named)])
        assert status in (400, 403, 422) or shown["preferences"] == []
    assert as_user(ANNA, call, prefd.data, "GET", "/prefd/v1/preferences", None, carol)[0] == 403


def test_without_the_fields_configured_the_body_names_nobody(make_prefd, played):
    prefd = make_prefd(played, apps=delegating(os.getuid()))
    header = [("X-Prefd-User", "carol")]
    prefer(prefd.data, "verbosity", "terse", header)
    ask(prefd.data, "m", header)
    assert b"Be terse" in played.last()["body"]
    ask(prefd.data, "m", (), user="carol")
    assert b"Be terse" not in played.last()["body"]


def test_two_user_headers_are_refused(make_prefd, played):
    prefd = make_prefd(played, apps=delegating(os.getuid()))
    for headers in ([("X-Prefd-User", "carol"), ("X-Prefd-User", "dave")], [("X-Prefd-User", "c" * 5000)]):
        status, _, reply = call(prefd.data, "GET", "/prefd/v1/me", None, headers)
        assert 400 <= status < 500, reply


@needs_root
def test_the_admin_socket_is_for_admins(prefd):
    def denied(path):
        try:
            return call(path, "GET", "/prefd/v1/admin/status")[0]
        except (PermissionError, ConnectionError):
            return 403

    assert as_user(ANNA, denied, prefd.admin) == 403
    assert call(prefd.admin, "GET", "/prefd/v1/admin/status")[0] == 200
    # Admin calls are no calls of the data socket, whoever asks.
    assert call(prefd.data, "GET", "/prefd/v1/admin/status")[0] == 404
    assert call(prefd.data, "GET", "/metrics")[0] == 404


@needs_root
def test_users_are_pseudonyms_to_admins(prefd):
    as_user(ANNA, prefer, prefd.data, "verbosity", "terse")
    status, _, shown = call(prefd.admin, "GET", "/prefd/v1/admin/users")
    assert status == 200 and len(shown["users"]) == 1
    assert str(ANNA) not in json.dumps(shown)
