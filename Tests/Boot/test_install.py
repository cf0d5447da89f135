"""The package: what is there after it was installed, upgraded, removed and purged."""

import json
import os
import threading

import pytest

from wire import Wire

KEY = "/etc/credstore.encrypted/prefd.master-key"
CONFFILES = ("/etc/prefd/prefd.yaml", "/etc/prefd/rules.d/credentials.yaml", "/etc/prefd/tiers.d/health.yaml")


def owner(host, path: str) -> str:
    return host.ok("stat", "--format=%U:%G %a", path).strip()


def test_the_first_start_makes_a_key_and_seals_it(host):
    assert host.state("prefd.service") == "active"
    assert host.show("prefd-key.service", "Result", "ExecMainStatus") == {"Result": "success", "ExecMainStatus": "0"}
    assert owner(host, KEY) == "root:root 600"
    sealed = host.path(KEY).read_bytes()
    opened = host.command("systemd-creds", "decrypt", "--name=prefd.master-key", "--newline=no", "--transcode=hex", KEY, "-")
    assert len(bytes.fromhex(opened.stdout)) == 32 and bytes.fromhex(opened.stdout) not in sealed
    # prefd got it as a credential, and as no other user could.
    doctor = json.loads(host.command("prefctl", "doctor", "--json", status=None).stdout)
    key = next(finding for finding in doctor["findings"] if finding["check"] == "key")
    assert key["state"] == "ok" and "credential prefd.master-key" in key["detail"], doctor


def test_a_key_is_never_made_twice(host):
    before = host.path(KEY).read_bytes()
    host.ok("systemctl", "restart", "prefd.service")
    host.ok("systemctl", "start", "prefd-key.service")
    assert host.path(KEY).read_bytes() == before


def test_what_is_installed_is_where_it_belongs(host):
    for unit, state in {"prefd.service": "enabled", "prefd.socket": "enabled", "prefd-admin.socket": "enabled"}.items():
        assert host.ok("systemctl", "is-enabled", unit).strip() == state
    assert owner(host, "/var/lib/prefd") == "prefd:prefd 700"
    assert owner(host, "/run/prefd/prefd.sock").endswith(" 666")
    assert owner(host, "/run/prefd/admin.sock") == "root:prefd-admin 660"
    assert host.ok("getent", "passwd", "prefd").strip().endswith(":/var/lib/prefd:/usr/sbin/nologin")
    conffiles = host.ok("dpkg-query", "--show", "--showformat=${Conffiles}", "prefd")
    for path in CONFFILES:
        assert f" {path} " in conffiles
    installed = host.ok("dpkg", "--listfiles", "prefd").splitlines()
    for page in ("man8/prefd.8", "man1/prefctl.1", "man5/prefd.yaml.5", "man5/prefd-rules.5"):
        assert f"/usr/share/man/{page}.gz" in installed
    for completion in (
        "bash-completion/completions/prefctl", "zsh/vendor-completions/_prefctl", "fish/vendor_completions.d/prefctl.fish"
    ):  # fmt: skip
        assert f"/usr/share/{completion}" in installed


@pytest.mark.skipif(os.environ.get("PREFD_DEB_BUILD") == "debug", reason="a debug build has Swift's libraries beside it")
def test_nothing_but_debian_is_needed(host):
    # Swift's libraries are inside.
    assert "not found" not in host.ok("ldd", "/usr/bin/prefd") and "swift" not in host.ok("ldd", "/usr/bin/prefd")


def test_the_completion_of_bash_completes(host):
    script = """
        . /usr/share/bash-completion/completions/prefctl
        COMP_WORDS=(prefctl cons) COMP_CWORD=1 COMP_LINE="prefctl cons" COMP_POINT=12
        $(complete -p prefctl | sed 's/.*-F \\([^ ]*\\).*/\\1/') prefctl cons prefctl
        echo "${COMPREPLY[@]}"
    """
    assert host.ok("bash", "-c", script).split() == ["consent"]


def test_an_upgrade_keeps_everything_and_refuses_nobody(host):
    host.as_user("alice", "prefctl", "set", "verbosity=terse")
    key, pid = host.path(KEY).read_bytes(), host.main_pid()
    host.write("/etc/prefd/rules.d/house.yaml", "pack: house\nrules: []\n")
    failures: list[str] = []
    upgraded = threading.Event()

    def ask_on_and_on() -> None:
        while not upgraded.is_set():
            try:
                with Wire(host.path("/run/prefd/prefd.sock")) as wire:
                    status = wire.get("/prefd/v1/me").status
                    if status != 200:
                        failures.append(str(status))
            except Exception as error:  # noqa: BLE001: whatever it is, somebody was refused
                failures.append(repr(error))

    asking = [threading.Thread(target=ask_on_and_on) for _ in range(4)]
    for thread in asking:
        thread.start()
    try:
        host.install_again()
    finally:
        upgraded.set()
        for thread in asking:
            thread.join()
    assert failures == []
    assert host.main_pid() not in (0, pid)
    assert host.path(KEY).read_bytes() == key
    assert "terse" in host.as_user("alice", "prefctl", "get").stdout
    assert host.path("/etc/prefd/rules.d/house.yaml").exists()


def test_removing_keeps_what_people_set_and_purging_does_not(host):
    host.ok("apt-get", "remove", "--yes", "prefd")
    assert host.state("prefd.service") == host.state("prefd.socket") == "inactive"
    assert not host.path("/run/prefd/prefd.sock").exists()
    assert host.path("/var/lib/prefd").is_dir() and host.path(KEY).exists()

    host.install()
    host.ready()
    assert "terse" in host.as_user("alice", "prefctl", "get").stdout

    # It asks nothing: there is nobody to answer.
    host.ok("apt-get", "purge", "--yes", "prefd")
    for path in ("/var/lib/prefd", KEY, "/etc/prefd/prefd.yaml", "/usr/bin/prefd", "/run/prefd/prefd.sock"):
        assert not os.path.lexists(host.path(path)), path
    # What the admin made is the admin's.
    assert host.path("/etc/prefd/rules.d/house.yaml").exists()
    assert host.ok("find", "/etc", "/home", "/root", "/run", "/srv", "/var", "-user", "prefd") == ""
