"""What the services could do if they were taken over, as systemd counts it, and that they work all the same."""

import json
import re

import pytest

from answers import completion, whole
from backend import Backend
from conftest import ROOT

GUIDE = (ROOT / "docs" / "INSTALL.md").read_text()


def exposure(host, unit: str) -> tuple[float, set[str]]:
    """The exposure of a loaded unit, and the directives that leave some."""
    shown = host.command("systemd-analyze", "security", "--no-pager", unit, status=None).stdout
    left = {re.split(r"=|:", line.split()[1])[0] for line in shown.splitlines() if line.startswith("✗")}
    return float(re.search(r"exposure level for \S+: ([\d.]+)", shown)[1]), left


def test_what_the_service_leaves_open_is_explained_in_its_unit(host):
    exposed, left = exposure(host, "prefd.service")
    explained = (ROOT / "systemd" / "prefd.service").read_text().split("# --- What stays open")[1]
    assert [name for name in sorted(left) if f"{name}=" not in explained] == []
    # As far as it goes for one process with TCP backends that tells its peers apart; see the next test.
    assert exposed <= 1.3


def test_the_services_beside_it_are_closed(host):
    assert exposure(host, "prefd-key.service")[0] <= 1.0


@pytest.fixture
def shared_host(host):
    """A model server on TCP, and prefd without a network, as the guide has it."""
    section = GUIDE.split("## A host that many share")[1].split("\n## ")[0]
    (commands,) = re.findall(r"^```sh\n(.*?)^```", section, re.S | re.M)
    (config,) = re.findall(r"^```yaml\n(.*?)^```", section, re.S | re.M)
    # In the machine's network, which has nothing but a loopback.
    folder = host.path("/run")
    played = Backend(folder, "served", tcp=True, port=8080, within=["nsenter", "--target", str(host.leader), "--net"])
    host.write("/etc/prefd/prefd.yaml", config)
    host.ok("bash", "-ec", commands)
    yield played
    played.close()


def test_without_a_network_prefd_still_reaches_its_model_server(host, shared_host):
    shared_host.script(whole(completion("from the model server")))
    for _ in range(3):
        answer = host.ask("alice", "hi", model="any")
        assert answer["choices"][0]["message"]["content"] == "from the model server"
    exposed, left = exposure(host, "prefd.service")
    assert exposed <= 1.0 and not {"PrivateNetwork", "IPAddressDeny"} & left
    assert exposure(host, "prefd-egress@127.0.0.1:8080.service")[0] <= 1.0
    # It sees no interface but a loopback of its own, and the door is prefd's alone.
    links = host.ok("nsenter", "--target", str(host.main_pid()), "--net", "ip", "--json", "link")
    assert [link["ifname"] for link in json.loads(links)] == ["lo"]
    door = "/run/prefd-egress/127.0.0.1:8080.sock"
    assert host.ok("stat", "--format=%U %a", door).strip() == "prefd 600"
    host.as_user("alice", "curl", "--silent", "--unix-socket", door, "http://localhost/v1/models", status=7)
    # People are still told apart: that is why there is no PrivateUsers=.
    uid = host.ok("id", "--user", "alice").strip()
    assert json.loads(host.as_user("alice", "prefctl", "whoami", "--json").stdout)["principal"] == f"uid:{uid}"
