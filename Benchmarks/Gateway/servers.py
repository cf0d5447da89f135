"""Starting, watching and stopping what is measured: the stub backend, nginx, prefd."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

# Ten preferences of the kind that ask for a directive each.
PREFERENCES = {
    "verbosity": "concise",
    "tone": "casual",
    "warmth": "matter-of-fact",
    "directness": "answer-first",
    "hedging": "direct",
    "format": "prose",
    "expertise": "advanced",
    "examples": "some",
    "units": "metric",
    "code-style": "commented",
}

NGINX_CONFIG = """\
# Pass-through with the settings that its documentation advises for streaming from a kept-alive
# upstream, and without an access log.
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log error;
{user}
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_max_body_size 32m;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    keepalive_requests 100000000;
    upstream backend {{
        server unix:{backend};
        keepalive 1024;
        keepalive_requests 100000000;
    }}
    server {{
        listen unix:{listen} backlog=4096;
        location / {{
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""

PREFD_CONFIG = """\
listen: {{ data: {listen}, admin: {directory}/admin.sock }}
state: {directory}/state
key: {{ file: {directory}/master.key }}
backends:
  - name: stub
    url: unix://{backend}
    dialects: [openai]
    models: ["*"]
# Room for all ten directives.
personalization: {{ block_tokens: 400 }}
rules: {{ directory: {rules} }}
# All load comes from one user here.
limits: {{ connections_per_user: 4096, requests_per_user: 4096 }}
"""


class Unix(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def call(path, method, target, body=None):
    """One request over the Unix socket at `path`: (status, headers, body)."""
    connection = Unix(path)
    try:
        headers = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, target, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


class Failed(Exception):
    """Something could not be set up or measured; the text says what."""


class Server:
    """A process that serves on a Unix socket of its own, with its working files beside it."""

    def __init__(self, name, directory, argv, environment=None):
        self.name = name
        self.directory = Path(directory)
        self.socket = self.directory / "s"
        self.log = self.directory / "log"
        self.first_answer_ms = None
        with open(self.log, "wb") as log:
            begun = time.monotonic()
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
        try:
            self._wait_for_answer(begun)
        except BaseException:
            self.stop()
            raise

    def _wait_for_answer(self, begun):
        while True:
            try:
                status, _, _ = call(self.socket, "GET", "/v1/models")
                if status == 200:
                    self.first_answer_ms = (time.monotonic() - begun) * 1000
                    return
            except (OSError, http.client.HTTPException):
                pass
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with {self.process.returncode}: {self.tail()}")
            if time.monotonic() - begun > 20:
                raise Failed(f"{self.name} did not answer GET /v1/models: {self.tail()}")
            time.sleep(0.0005)

    def tail(self):
        return self.log.read_text(errors="replace")[-1500:].strip()

    def pids(self):
        """The process and its children: nginx's work is done by its workers."""
        found = [self.process.pid]
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid:
                found.append(int(stat.parent.name))
        return found

    def memory(self):
        """KiB, all processes summed: proportional set size now, and the peak resident size."""
        pss = peak = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    pss += int(line.split()[1])
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak += int(line.split()[1])
        return {"pss_kib": pss, "peak_kib": peak}

    def reset_peak(self):
        for pid in self.pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start_stub(program, directory):
    directory.mkdir(mode=0o700)
    return Server("stub", directory, [program, f"unix:{directory}/s"])


def start_nginx(directory, backend):
    directory.mkdir(mode=0o700)
    config = directory / "nginx.conf"
    # As root its workers would become another user, who may not enter our directory.
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(
        NGINX_CONFIG.format(
            directory=directory, listen=directory / "s", backend=backend, user=user
        )
    )
    return Server("nginx", directory, ["nginx", "-p", str(directory), "-c", str(config)])


def start_prefd(name, program, directory, backend, rules):
    """`rules`: the directory of the rule packs, or None for an empty one."""
    directory.mkdir(mode=0o700)
    (directory / "state").mkdir(mode=0o700)
    key = directory / "master.key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(32))
    if rules is None:
        rules = directory / "rules.d"
        rules.mkdir()
    config = directory / "prefd.yaml"
    config.write_text(
        PREFD_CONFIG.format(
            directory=directory, listen=directory / "s", backend=backend, rules=rules
        )
    )
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(directory)}
    return Server(
        name, directory, [str(program), "serve", "--config", str(config)], environment
    )


def set_preferences(server):
    for dimension, value in PREFERENCES.items():
        body = json.dumps({"value": value})
        status, _, answer = call(
            server.socket, "PUT", f"/prefd/v1/preferences/{dimension}", body
        )
        if status != 200:
            raise Failed(f"{server.name}: {dimension}={value} was answered {status}: {answer!r}")
