"""An admin's day: the guide's commands on a real service, and what is told where something is wrong."""

import json
import re
import subprocess

import pytest

from answers import completion, whole
from backend import Backend
from conftest import CURL, ROOT

GUIDE = (ROOT / "docs" / "ADMIN.md").read_text()
COMMANDS = "\n".join(re.findall(r"^```sh\n(.*?)^```", GUIDE, re.S | re.M)).splitlines()


def found(host, *states) -> dict[str, dict]:
    """What `prefctl doctor` finds, by check; those in some states, or all."""
    report = json.loads(host.command("prefctl", "doctor", "--json", status=None).stdout)
    return {one["check"]: one for one in report["findings"] if not states or one["state"] in states}


def test_the_commands_of_the_guide(host):
    host.ask("alice", "hi")
    assert len(COMMANDS) >= 20
    for command in COMMANDS:
        done = host.command("bash", "-c", command, status=None)
        if command.startswith("prefctl key rotate"):
            # The sealed key takes a restart; the steps are those of the next test.
            assert done.returncode == 1 and "prefd.master-key.previous" in done.stderr, done.stderr
        else:
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}{host.journal_tail()}"


def test_the_steps_of_the_guide_for_a_sealed_key(host):
    (steps,) = [block for block in re.findall(r"^```\w*\n(.*?)^```$", GUIDE, re.S | re.M) if "systemd-creds" in block]
    host.as_user("alice", "prefctl", "set", "tone=casual")
    key = host.path("/etc/credstore.encrypted/prefd.master-key")
    before = key.read_bytes()
    host.ok("bash", "-ec", steps)
    assert key.read_bytes() != before
    host.ok("systemctl", "restart", "prefd.service")
    assert "casual" in host.as_user("alice", "prefctl", "get").stdout


@pytest.fixture
def configured(host):
    """Puts backends in force; afterwards there are none."""

    def put(*backends):
        host.configure({"backends": list(backends)})
        host.ok("systemctl", "reload", "prefd.service")

    yield put
    host.configure({})
    host.ok("systemctl", "reload", "prefd.service")


def test_a_dead_backend_is_told_by_everything_that_one_looks_at(host, configured):
    configured({"name": "main", "url": "http://127.0.0.1:9", "circuit_breaker": {"failures": 2, "pause": "1h"}})
    codes = [host.ask("alice", "hi", model="m")["error"]["code"] for _ in range(3)]
    assert codes == ["backend_unreachable", "backend_unreachable", "backend_suspended"]
    head = host.as_user(
        "alice", *CURL, "--include", "http://localhost/v1/chat/completions",
        "--json", json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}),
    ).stdout  # fmt: skip
    assert re.search(r"^retry-after: (3[56]\d\d)\r?$", head, re.M | re.I), head
    problem = found(host, "problem")["backend main"]
    assert "Connection refused" in problem["detail"] and problem["hint"]
    assert "main" in host.ok("prefctl", "top", "--once") and "main" in host.command("prefctl", "status", status=None).stdout
    assert host.journal("PREFD_EVENT=backend-suspended", "PREFD_BACKEND=main")


def test_wrong_permissions_are_told(host):
    host.ok("chmod", "755", "/var/lib/prefd")
    assert "0755" in found(host, "warning")["state"]["detail"]
    host.ok("chmod", "700", "/var/lib/prefd")
    assert "state" not in found(host, "warning", "problem")


@pytest.fixture
def small_disk(host):
    """prefd on a disk of its own, of 8 MiB."""
    host.ok("systemctl", "stop", "prefd.service")
    host.ok("mount", "-t", "tmpfs", "-o", "size=8M,mode=700,uid=prefd,gid=prefd", "tmpfs", "/var/lib/prefd")
    host.ok("systemctl", "start", "prefd.service")
    yield
    host.ok("systemctl", "stop", "prefd.service")
    host.ok("umount", "/var/lib/prefd")
    host.ok("systemctl", "start", "prefd.service")


def test_a_full_disk_refuses_writes_and_says_so_and_answers_on(host, small_disk):
    host.as_user("alice", "prefctl", "set", "verbosity=terse")
    host.command("dd", "if=/dev/zero", "of=/var/lib/prefd/filler", "bs=64k", status=1)
    refused = host.as_user("alice", "prefctl", "set", "tone=formal", status=1).stderr
    assert "Nothing was changed" in refused
    assert host.ask("alice", "still there?")["choices"]
    assert {"disk", "store"} <= found(host, "warning", "problem").keys()
    host.ok("rm", "/var/lib/prefd/filler")
    host.as_user("alice", "prefctl", "set", "tone=formal")
    assert "store" not in found(host, "warning", "problem")
    assert "terse" in host.as_user("alice", "prefctl", "get").stdout


def test_a_start_on_a_full_disk_is_tried_until_there_is_room(host, small_disk):
    host.ok("systemctl", "stop", "prefd.service")
    host.ok("bash", "-c", "rm -rf /var/lib/prefd/*")
    host.command("dd", "if=/dev/zero", "of=/var/lib/prefd/filler", "bs=64k", status=1)
    host.command("systemctl", "start", "prefd.service", status=None)
    host.wait_for(lambda: int(host.show("prefd.service", "NRestarts")["NRestarts"]) > 6, "more tries than systemd's default allows")
    host.ok("rm", "/var/lib/prefd/filler")
    host.wait_for(lambda: host.state("prefd.service") == "active", "a start that succeeds")
    assert host.ask("alice", "hi")["choices"]


def test_a_certificate_that_has_run_out_is_told(host, configured, tmp_path):
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)

    # Made for a day that is over, which only `openssl ca` does.
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
            "-keyout", "key.pem", "-out", "request.pem")  # fmt: skip
    (tmp_path / "index").touch()
    (tmp_path / "names").write_text("subjectAltName=DNS:localhost\n")
    (tmp_path / "ca.cnf").write_text(
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n"
    )
    openssl("ca", "-batch", "-config", "ca.cnf", "-selfsign", "-keyfile", "key.pem", "-in", "request.pem", "-out", "ca.pem",
            "-notext", "-extfile", "names", "-startdate", "20250101000000Z", "-enddate", "20250201000000Z")  # fmt: skip
    within = ["nsenter", "--target", str(host.leader), "--net"]
    played = Backend(host.path("/run"), "old", tls=(tmp_path / "ca.pem", tmp_path / "key.pem"), within=within)
    played.script(whole(completion("ok")))
    try:
        host.write("/etc/prefd/old.pem", (tmp_path / "ca.pem").read_text())
        configured({"name": "old", "url": f"https://localhost:{played.port}", "ca": "old.pem"})
        assert host.ask("alice", "hi", model="m")["error"]["code"] == "backend_unreachable"
        assert "expired" in found(host, "problem")["backend old"]["detail"]
    finally:
        played.close()
