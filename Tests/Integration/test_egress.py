"""Backends on TCP reached through `prefd egress`: a process with a network and no keys, for a prefd with keys and no network."""

import json
import shutil
import socket
import subprocess
import time

import pytest

from answers import completion, pieces_of, sse, stream, whole
from daemon import binary

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-socket-activate") is None, reason="systemd-socket-activate is missing (Debian package: systemd)"
)


def listens(path) -> bool:
    """Whether a socket is bound and listens; there is a moment between the two."""
    listening = "00010000"
    rows = [line.split() for line in open("/proc/net/unix")]
    return any(row[3] == listening and row[-1] == str(path) for row in rows)


class WayOut:
    """`prefd egress` on a socket of systemd's, in front of the backends of a configuration."""

    def __init__(self, home):
        self.socket = home / "egress.sock"
        self.config = home / "prefd.yaml"
        self.log = open(home / "egress.log", "wb")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["systemd-socket-activate", f"--listen={self.socket}", "--fdname=egress",
             binary("prefd"), "egress", "--config", self.config],
            stdout=self.log, stderr=self.log,
        )  # fmt: skip
        while not listens(self.socket):
            assert self.process.poll() is None
            time.sleep(0.01)

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def ask(self, text: str) -> bytes:
        """What it answers to a request head."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(self.socket))
            client.sendall(text.encode())
            got = b""
            while b"\r\n\r\n" not in got and (part := client.recv(4096)):
                got += part
            return got


@pytest.fixture
def way(home):
    made = WayOut(home)
    yield made
    made.close()


@pytest.fixture(params=["via", "the unit's"])
def make_closed(request, way, make_prefd):
    """Starts prefd in front of backends on TCP, all of them through the way out: named by each, or by the unit."""

    def make(backends, **more):
        if request.param == "via":
            backends = [{**one, "via": f"unix://{way.socket}"} for one in backends]
        else:
            more["env"] = {"PREFD_EGRESS": str(way.socket)}
        prefd = make_prefd(backends, start=False, **more)
        way.start()
        return prefd.start(statuses=(200, 503))

    return make


def secure(certificates, backend, host="localhost", **more):
    backend.host = host
    return {"name": "secure", "url": backend.url, "models": ["*"], "ca": str(certificates / "ca.pem"), **more}


def tls(make_backend, certificates, served="localhost"):
    return make_backend("tls", tls=(certificates / f"{served}.pem", certificates / f"{served}.key"))


def test_https_is_spoken_through_it_from_end_to_end(make_closed, make_backend, certificates):
    backend = tls(make_backend, certificates)
    prefd = make_closed([secure(certificates, backend)])
    body = stream(pieces_of("Over TLS in small pieces.", 3))
    with prefd.wire() as wire:
        backend.script(whole(completion("over TLS")))
        assert wire.chat(HI).json()["choices"][0]["message"]["content"] == "over TLS"
        backend.script(sse(body, each_byte=True))
        for _ in range(5):
            assert wire.chat({**HI, "stream": True}).body == body
    assert all(["host", f"localhost:{backend.port}"] in [[name.lower(), value] for name, value in one["headers"]] for one in backend.take())
    assert backend.state()["connections"] <= 3, "connections through it are kept as others are"


def test_a_server_that_cannot_prove_its_name_gets_nothing(make_closed, make_backend, certificates):
    backend = tls(make_backend, certificates, served="elsewhere")
    prefd = make_closed([secure(certificates, backend)])
    with prefd.wire() as wire:
        reply = wire.chat(HI)
        assert reply.status == 502 and "secure" in reply.json()["error"]["message"]
        (state,) = wire.get("/readyz").json()["backends"]
    assert backend.take() == []
    assert state["state"] == "unreachable" and "certificate" in state["detail"]


def test_an_address_proves_nothing_behind_it_and_the_admin_is_told(way, make_prefd, make_backend, certificates):
    backend = tls(make_backend, certificates)
    one = secure(certificates, backend, "127.0.0.1")
    prefd = make_prefd([one], start=False, env={"PREFD_EGRESS": str(way.socket)})
    way.start()
    prefd.start(statuses=(200, 503))
    with prefd.wire() as wire:
        assert wire.chat(HI).status == 502
        (state,) = wire.get("/readyz").json()["backends"]
    assert backend.take() == [] and "write the name" in state["detail"]
    # Where the file names the proxy, it is found before a start.
    prefd.write_config({**prefd.config, "backends": [{**one, "via": f"unix://{way.socket}"}]})
    checked = subprocess.run([binary("prefd"), "check", "--config", prefd.config_path], capture_output=True, text=True)
    assert checked.returncode == 1 and "write the name" in checked.stderr


def test_plain_http_and_large_bodies_both_ways(make_closed, make_backend):
    backend = make_backend("plain", tcp=True)
    prefd = make_closed([{"name": "plain", "url": backend.url, "models": ["*"]}])
    said = "word " * 400_000
    backend.script(whole(completion(said)))
    with prefd.wire() as wire:
        for _ in range(3):
            reply = wire.chat({**HI, "messages": [{"role": "user", "content": said}]})
            assert reply.json()["choices"][0]["message"]["content"] == said
    assert len(backend.last()["body"]) > len(said)


@pytest.mark.pitfall(20)
def test_a_client_that_goes_away_ends_the_backends_work_behind_it(make_closed, make_backend):
    backend = make_backend("plain", tcp=True)
    prefd = make_closed([{"name": "plain", "url": backend.url, "models": ["*"]}])
    backend.script(whole(completion("never"), hold="head"))
    with prefd.wire() as wire:
        wire.ask("POST", "/v1/chat/completions", json.dumps(HI).encode())
        backend.wait_for_requests(1)
    backend.wait_for("disconnect")


def test_a_dead_backend_behind_it_is_told_as_such_and_its_fallback_serves(make_closed, make_backend):
    gone, spare = make_backend("gone", tcp=True), make_backend("spare", tcp=True)
    gone.close()
    spare.script(whole(completion("the spare")))
    prefd = make_closed(
        [{"name": "gone", "url": gone.url, "models": ["*"], "fallback": "spare"}, {"name": "spare", "url": spare.url, "models": ["none"]}]
    )
    with prefd.wire() as wire:
        assert wire.chat(HI).json()["choices"][0]["message"]["content"] == "the spare"
        state = wire.get("/readyz").json()["backends"][0]
    assert state["state"] == "unreachable" and "Connection refused" in state["detail"]


def test_a_way_out_that_is_not_there_is_named(way, make_backend, make_prefd):
    backend = make_backend("plain", tcp=True)
    one = {"name": "plain", "url": backend.url, "models": ["*"], "via": f"unix://{way.socket}"}
    prefd = make_prefd([one], start=False).start(statuses=(200, 503))
    with prefd.wire() as wire:
        assert wire.chat(HI).status == 502
    done = prefd.prefctl("doctor", "--json")
    (found,) = [one for one in json.loads(done.stdout)["findings"] if one["check"] == "backend plain"]
    assert found["state"] == "problem" and str(way.socket) in found["detail"] and "prefd-egress.socket" in found["hint"]
    checked = subprocess.run([binary("prefd"), "check", "--config", prefd.config_path], capture_output=True, text=True)
    assert checked.returncode == 0 and str(way.socket) in checked.stdout and "prefd-egress.socket" in checked.stdout


def test_it_connects_to_the_configured_backends_and_to_nothing_else(way, make_backend, make_prefd):
    known, other = make_backend("known", tcp=True), make_backend("other", tcp=True)
    prefd = make_prefd([{"name": "known", "url": known.url, "models": ["*"]}], start=False)
    way.start()

    def asked(port, host="127.0.0.1"):
        return way.ask(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n")

    assert asked(known.port).startswith(b"HTTP/1.1 200 ")
    refused = asked(other.port)
    assert refused.startswith(b"HTTP/1.1 403 ") and b"is no backend of" in refused
    # By another name it is another server.
    assert asked(known.port, "localhost").startswith(b"HTTP/1.1 403 ")
    assert other.state()["connections"] == 0
    # What the file says is in force at once; what is wrong in it changes nothing.
    prefd.write_config({**prefd.config, "backends": [{"name": "other", "url": other.url, "models": ["*"]}]})
    assert asked(other.port).startswith(b"HTTP/1.1 200 ") and asked(known.port).startswith(b"HTTP/1.1 403 ")
    prefd.config_path.write_text("backends: [\n")
    assert asked(other.port).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("GET http://127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n", 400),
        ("CONNECT 127.0.0.1:0 HTTP/1.1\r\n\r\n", 400),
        ("CONNECT u@127.0.0.1:80 HTTP/1.1\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
        ("CONNECT 127.0.0.1:80 HTTP/1.1\r\nx: " + "x" * 10_000 + "\r\n\r\n", 400),
    ],
)
def test_what_is_no_tunnel_is_refused(way, backend, make_prefd, said, status):
    make_prefd(backend, start=False)
    way.start()
    assert way.ask(said).startswith(f"HTTP/1.1 {status} ".encode())
