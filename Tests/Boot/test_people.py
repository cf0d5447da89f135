"""Who may do what: two ordinary users, an app that speaks for users of its own, an admin by group."""

import json

import pytest

from conftest import CURL


@pytest.fixture(scope="module", autouse=True)
def delegation(host):
    """webchat may name the users of its own."""
    uid = int(host.ok("id", "--user", "webchat"))
    host.configure({"apps": [{"name": "webchat", "match": {"uid": uid}, "delegate": True, "user_from": ["header", "user"]}]})
    host.ok("systemctl", "reload", "prefd.service")
    host.ok("usermod", "--append", "--groups=prefd-admin", "carol")


def call(host, user: str, *words: str, path: str) -> tuple[int, dict]:
    """One call of prefd's API as a user's program; returns status and answer."""
    done = host.as_user(user, *CURL, "--write-out", "\n%{http_code}", *words, f"http://localhost{path}")
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def preferences(host, user: str, *words: str) -> dict[str, str]:
    status, answer = call(host, user, *words, path="/prefd/v1/preferences")
    assert status == 200, answer
    return {each["dimension"]: each["value"] for each in answer["preferences"]}


def test_two_users_never_see_each_others_preferences(host):
    host.as_user("alice", "prefctl", "set", "verbosity=terse", "language=fr")
    host.as_user("bob", "prefctl", "set", "verbosity=exhaustive")
    assert preferences(host, "alice") == {"verbosity": "terse", "language": "fr"}
    assert preferences(host, "bob") == {"verbosity": "exhaustive"}
    # What a model gets differs accordingly.
    told = {user: host.ask(user, "hi")["choices"][0]["message"]["content"] for user in ("alice", "bob")}
    assert "language fr" in told["alice"] and "language fr" not in told["bob"]
    host.as_user("alice", "prefctl", "forget-me", "--yes")
    assert preferences(host, "alice") == {} and preferences(host, "bob") == {"verbosity": "exhaustive"}


def test_identity_is_the_kernels_word(host):
    uid = host.ok("id", "--user", "alice").strip()
    status, me = call(host, "alice", path="/prefd/v1/me")
    assert status == 200 and me["principal"] == f"uid:{uid}"


def test_an_app_speaks_for_users_of_its_own_and_for_nobody_elses(host):
    for user, value in (("u1", "casual"), ("u2", "formal")):
        status, _ = call(host, "webchat", "--header", f"X-Prefd-User: {user}", "--request", "PUT", "--json",
                         json.dumps({"value": value}), path="/prefd/v1/preferences/tone")  # fmt: skip
        assert status == 200
    assert preferences(host, "webchat", "--header", "X-Prefd-User: u1") == {"tone": "casual"}
    assert preferences(host, "webchat", "--header", "X-Prefd-User: u2") == {"tone": "formal"}
    uid = host.ok("id", "--user", "bob").strip()
    assert preferences(host, "webchat", "--header", f"X-Prefd-User: {uid}") == {}


def test_an_ordinary_user_speaks_for_nobody_else(host):
    status, refused = call(host, "alice", "--header", "X-Prefd-User: u1", path="/prefd/v1/preferences")
    assert status == 403 and refused["error"]["code"] == "user_not_allowed"


def test_an_ordinary_user_cannot_use_the_admin_socket(host):
    for words in (["prefctl", "users"], ["prefctl", "rules", "list"], ["prefctl", "reload"], ["prefctl", "metrics"]):
        assert "admin socket" in host.as_user("alice", *words, status=1).stderr
    host.as_user("alice", *CURL, "--unix-socket", "/run/prefd/admin.sock", "http://localhost/metrics", status=7)
    # Nor by the data socket.
    assert call(host, "alice", path="/prefd/v1/admin/users")[0] == 404


def test_an_ordinary_user_cannot_touch_what_is_prefds(host):
    for path in ("/var/lib/prefd", "/etc/credstore.encrypted/prefd.master-key", f"/proc/{host.main_pid()}/mem"):
        assert "denied" in host.as_user("alice", "cat", path, status=1).stderr
    host.as_user("alice", "rm", "/run/prefd/prefd.sock", status=1)
    host.as_user("alice", "kill", str(host.main_pid()), status=1)


def test_a_member_of_the_admin_group_is_an_admin(host):
    assert host.as_user("carol", "prefctl", "rules", "list").stdout
    assert json.loads(host.as_user("carol", "prefctl", "users", "--json").stdout)["users"]
    assert "prefd_users" in host.as_user("carol", "prefctl", "metrics").stdout
    # And yet no more than that: not root, and not somebody else.
    assert preferences(host, "carol") == {}


def test_programs_are_told_apart_by_their_unit(host):
    asked = host.ok("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--unit=nightly.service", "--property=User=bob",
                    "prefctl", "whoami", "--json")  # fmt: skip
    assert json.loads(asked)["app"] == "nightly.service"
