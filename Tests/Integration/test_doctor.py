"""`prefctl doctor` finds what is wrong, says how to mend it, and says what it could not see."""

import json
import shutil

import pytest

from answers import completion, whole
from conftest import DIALECTS
from people import ANNA, needs_root


def examine(prefd, *more, status=0, **how) -> dict[str, dict]:
    done = prefd.prefctl("doctor", "--json", *more, **how)
    assert done.returncode == status, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] == all(one["state"] != "problem" for one in report["findings"])
    found = {one["check"]: one for one in report["findings"]}
    assert len(found) == len(report["findings"])
    for one in found.values():
        assert one["state"] in ("ok", "warning", "problem", "unseen") and one["detail"]
        assert one["state"] == "ok" or one.get("hint") or one["check"] in ("service", "store", "rules"), one
    return found


def test_a_healthy_prefd(prefd):
    found = examine(prefd)
    assert [name for name, one in found.items() if one["state"] == "problem"] == []
    for check in (
        "socket", "admin socket", "prefd", "version", "config", "rules", "key", "state", "disk", "store",
        "journal", "files", "memory", "backend played",
    ):
        assert found[check]["state"] == "ok", found[check]
    assert found["clock"]["state"] in ("ok", "warning")
    shown = prefd.prefctl("doctor").stdout
    assert "Nothing is wrong." in shown or shown.splitlines()[-1] == "1 warning."


def test_what_is_wrong_with_files(prefd, home):
    (home / "master.key").chmod(0o644)
    prefd.state.chmod(0o755)
    prefd.admin.chmod(0o666)
    found = examine(prefd, status=1)
    assert found["key"]["state"] == "problem" and "0644" in found["key"]["detail"] and "chmod 600" in found["key"]["hint"]
    assert found["state"]["state"] == "warning" and "0755" in found["state"]["detail"]
    assert found["admin socket"]["state"] == "problem"
    (home / "master.key").rename(home / "elsewhere.key")
    assert "gone" in examine(prefd, status=1)["key"]["detail"]
    shown = prefd.prefctl("doctor").stdout
    assert shown.splitlines()[-1].startswith("2 problems, ") and "WRONG" in shown


def test_a_file_that_would_not_start_again(prefd, home):
    prefd.config_path.write_text("listen: [\n")
    found = examine(prefd, status=1)["config"]
    assert found["state"] == "problem" and str(prefd.config_path) in found["detail"] and "restart" in found["hint"]
    prefd.write_config(prefd.config)
    (home / "rules.d" / "bad.yaml").write_text("pack: bad\nrules: [{id: x}]\n")
    assert "bad.yaml" in examine(prefd, status=1)["config"]["detail"]


def test_backends(make_prefd, home, backend):
    gone = {"name": "gone", "url": f"unix://{home}/gone.sock", "dialects": DIALECTS, "models": ["gone"]}
    slow = {"name": "slow", "url": backend.url, "dialects": DIALECTS, "models": ["*"], "timeouts": {"first_byte": "50ms"}}
    prefd = make_prefd([gone, slow])
    backend.script(whole(completion("late"), hold="head"))
    with prefd.wire() as wire:
        assert wire.chat({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).status == 504
    found = examine(prefd, status=1)
    assert found["backend gone"]["state"] == "problem" and "backends[].url" in found["backend gone"]["hint"]
    assert found["backend slow"]["state"] == "warning"
    assert len(backend.take()) == 1, "the doctor asked a model"


def test_prefd_is_down(prefd):
    prefd.stop()
    found = examine(prefd, status=3)
    assert found["socket"]["state"] == found["prefd"]["state"] == "problem"
    assert "prefd.socket" in found["socket"]["hint"] and "journalctl" in found["prefd"]["hint"]
    assert found["service"]["state"] == "unseen" and "clock" in found
    assert "prefd check" in prefd.prefctl("doctor").stdout


def test_a_socket_of_a_process_that_died(prefd):
    prefd.kill()
    found = examine(prefd, status=3)
    assert found["socket"]["state"] == "ok" and "nobody listens" in found["prefd"]["detail"]


def test_something_else_at_the_path(prefd, home):
    (home / "file").write_text("x")
    found = examine(prefd, "--socket", str(home / "file"), status=3)
    assert "no socket" in found["socket"]["detail"]


@needs_root
def test_an_ordinary_user_sees_less_and_is_told_so(make_prefd, backend, home):
    prefd = make_prefd(backend)
    found = examine(prefd, user=ANNA)
    unseen = next(one for one in found.values() if one["state"] == "unseen")
    assert "key" in unseen["check"] and "sudo prefctl doctor" in unseen["hint"]
    assert found["store"]["state"] == "ok" and found["backend played"]["state"] == "ok"
    prefd.data.chmod(0o600)
    assert "may not connect" in examine(prefd, user=ANNA, status=1)["socket"]["detail"]
