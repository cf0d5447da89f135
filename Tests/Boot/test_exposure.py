"""What the services could do if they were taken over, as systemd counts it, and that they work all the same."""

import json
import re
import subprocess

import pytest

from answers import completion, whole
from backend import Backend
from conftest import ROOT

GUIDE = (ROOT / "docs" / "INSTALL.md").read_text()
SECTION = GUIDE.split("## Keys without a network")[1].split("\n## ")[0]
BLOCKS = re.findall(r"^```sh\n(.*?)^```", SECTION, re.S | re.M)


def exposure(host, unit: str) -> tuple[float, set[str]]:
    """The exposure of a loaded unit, and the directives that leave some."""
    shown = host.command("systemd-analyze", "security", "--no-pager", unit, status=None).stdout
    left = {re.split(r"=|:", line.split()[1])[0] for line in shown.splitlines() if line.startswith("✗")}
    return float(re.search(r"exposure level for \S+: ([\d.]+)", shown)[1]), left


@pytest.mark.parametrize("unit", ["prefd", "prefd-egress"])
def test_what_a_service_leaves_open_is_explained_in_its_unit(host, unit):
    exposed, left = exposure(host, f"{unit}.service")
    explained = (ROOT / "systemd" / f"{unit}.service").read_text().split("# --- What stays open")[1]
    assert [name for name in sorted(left) if f"{name}=" not in explained] == []
    assert exposed <= 1.0


def test_the_figures_of_the_guide_are_those_of_the_units(host):
    said = SECTION.split("an exposure of ")[1]
    assert [float(number) for number in re.findall(r"\d\.\d", said)[:2]] == [
        exposure(host, f"{unit}.service")[0] for unit in ("prefd", "prefd-egress")
    ]


def test_the_services_beside_it_are_closed(host):
    assert exposure(host, "prefd-key.service")[0] <= 1.0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of its own for localhost, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "ca.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture
def on_tcp(host, certificate):
    """Starts model servers in the machine's network, which has nothing but a loopback."""
    started = []

    def start(name, **how):
        # In the machine's own /run, where the host sees its control socket.
        within = ["nsenter", "--target", str(host.leader), "--net"]
        started.append(Backend(host.path("/run"), name, within=within, **how))
        return started[-1]

    yield start
    for one in started:
        one.close()
    host.configure({})


def restarted(host, *backends):
    host.configure({"backends": list(backends)})
    host.ok("systemctl", "restart", "prefd.service")


def asked(host, model="any"):
    answer = host.ask("alice", "hi", model=model)
    if "choices" not in answer:
        found = json.loads(host.command("prefctl", "doctor", "--json", status=None).stdout)["findings"]
        raise AssertionError([one["detail"] for one in found if one["state"] == "problem"])
    return answer["choices"][0]["message"]["content"]


def test_without_a_network_prefd_reaches_its_model_servers(host, on_tcp, certificate):
    plain, secure = on_tcp("plain", tcp=True, port=8081), on_tcp("secure", tls=(certificate / "ca.pem", certificate / "key.pem"))
    plain.script(whole(completion("in clear")))
    secure.script(whole(completion("over TLS")))
    host.write("/etc/prefd/ca.pem", (certificate / "ca.pem").read_text())
    restarted(
        host,
        {"name": "plain", "url": "http://127.0.0.1:8081", "models": ["plain"]},
        {"name": "secure", "url": f"https://localhost:{secure.port}", "ca": "ca.pem", "models": ["secure"]},
    )
    for _ in range(3):
        assert asked(host, "plain") == "in clear" and asked(host, "secure") == "over TLS"
    # The process with the keys sees no interface but a loopback of its own; the other has none of its keys.
    links = host.ok("nsenter", "--target", str(host.main_pid()), "--net", "ip", "--json", "link")
    assert [link["ifname"] for link in json.loads(links)] == ["lo"]
    other = host.show("prefd-egress.service", "MainPID")["MainPID"]
    status = dict(line.split(":\t", 1) for line in host.ok("cat", f"/proc/{other}/status").splitlines() if ":\t" in line)
    assert all(int(status[name], 16) == 0 for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb"))
    assert set(status["Uid"].split()) not in ({"0"}, {host.ok("id", "--user", "prefd").strip()})
    for path in ("/var/lib/prefd", "/etc/credstore.encrypted", "/run/credentials"):
        assert host.ok("stat", "--format=%a", f"/proc/{other}/root{path}").strip() == "0", path
    # The way out is prefd's alone.
    door = "/run/prefd/egress.sock"
    assert host.ok("stat", "--format=%U %a", door).strip() == "prefd 600"
    host.as_user("alice", "curl", "--silent", "--unix-socket", door, "http://localhost/v1/models", status=7)
    # People are told apart: that is why there is no PrivateUsers=.
    uid = host.ok("id", "--user", "alice").strip()
    assert json.loads(host.as_user("alice", "prefctl", "whoami", "--json").stdout)["principal"] == f"uid:{uid}"


def test_it_leads_to_what_is_configured_and_to_nothing_else(host, on_tcp):
    on_tcp("other", tcp=True, port=8083)
    restarted(host, {"name": "plain", "url": "http://127.0.0.1:8081"})
    ask = "CONNECT 127.0.0.1:8083 HTTP/1.1\r\nHost: x\r\n\r\n"
    said = host.ok("bash", "-c", f"printf '{ask}' | curl --silent --max-time 5 --unix-socket /run/prefd/egress.sock telnet://localhost")
    assert said.startswith("HTTP/1.1 403 ") and "is no backend of /etc/prefd/prefd.yaml" in said


def test_a_model_server_of_this_machine_is_found(host, on_tcp):
    on_tcp("found", tcp=True, port=8080).script(whole({"object": "list", "data": [{"id": "found"}], **completion("was found")}))
    restarted(host)
    assert asked(host) == "was found"


def test_a_restart_takes_the_way_out_along(host, on_tcp):
    plain = on_tcp("plain", tcp=True, port=8081)
    plain.script(whole(completion("in clear")))
    restarted(host, {"name": "plain", "url": "http://127.0.0.1:8081"})
    asked(host)
    before = host.show("prefd-egress.service", "MainPID")
    host.ok("systemctl", "restart", "prefd.service")
    assert asked(host) == "in clear" and host.show("prefd-egress.service", "MainPID") != before


def test_servers_elsewhere_are_reached_as_the_guide_has_it(host, on_tcp):
    # Another address than the loopback's, without another machine.
    host.ok("ip", "address", "add", "192.0.2.1/32", "dev", "lo")
    on_tcp("far", tcp=True, port=8084, host="192.0.2.1").script(whole(completion("from elsewhere")))
    restarted(host, {"name": "far", "url": "http://192.0.2.1:8084", "timeouts": {"connect": "2s"}})
    assert host.ask("alice", "hi", model="any")["error"]["code"] in ("backend_unreachable", "backend_timeout")
    host.ok("bash", "-ec", BLOCKS[0])
    assert asked(host) == "from elsewhere"


def test_one_process_with_keys_and_a_network_as_the_guide_has_it(host, on_tcp):
    on_tcp("plain", tcp=True, port=8081).script(whole(completion("directly")))
    restarted(host, {"name": "plain", "url": "http://127.0.0.1:8081"})
    host.ok("systemctl", "stop", "prefd-egress.service", "prefd-egress.socket")
    host.ok("bash", "-ec", BLOCKS[1])
    host.ok("systemctl", "stop", "prefd-egress.socket", "prefd-egress.service")
    assert asked(host) == "directly"
    assert exposure(host, "prefd.service")[0] == float(SECTION.split("would have ")[1][:3])
