"""Runs direct, nginx and prefd in turns against one stub backend. See README.md."""

import argparse
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from pathlib import Path

import report
from servers import Failed, call, set_preferences, start_nginx, start_prefd, start_stub

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
REQUEST_BYTES = 4096
ANSWER_BYTES = 2048
EVENTS = 200
EVENT_BYTES = 200

# `pace_us`: the time between two events of one stream, None where nothing is streamed, 0 where
# the backend writes as fast as it can. `requests`: of one round; each target's run takes about a
# second or less.
Case = namedtuple("Case", "name title pace_us connections requests")
CASES = [
    Case("plain-1", "Plain JSON, 4 KB in, 2 KB out, 1 connection", None, 1, 5000),
    Case("plain-64", "Plain JSON, 4 KB in, 2 KB out, 64 connections", None, 64, 16000),
    Case("paced-1", "Stream, a chunk every 1 ms, 1 connection", 1000, 1, 5),
    Case("paced-64", "Stream, a chunk every 5 ms, 64 connections", 5000, 64, 64),
    Case("flood-1", "Stream, chunks without pause, 1 connection", 0, 1, 200),
    Case("flood-64", "Stream, chunks without pause, 64 connections", 0, 64, 320),
]


def request_body(pace_us):
    """A chat of exactly 4,096 bytes: a system prompt, earlier turns, a question."""
    pick = random.Random(20240607).choice
    vocabulary = (
        "please could you explain how the garden water pump works when its filter is old and "
        "what I should check first before calling somebody who repairs such machines today"
    ).split()

    def prose(count):
        return " ".join(pick(vocabulary) for _ in range(count))

    # The stub looks for these two in the first bytes only.
    body = {"stream": pace_us is not None, "bench_pace_us": pace_us or 0, "model": "bench-model"}
    body["messages"] = [
        {"role": "system", "content": "You are the assistant of a repair shop. " + prose(150)},
        {"role": "user", "content": prose(120)},
        {"role": "assistant", "content": prose(160)},
        {"role": "user", "content": ""},
    ]
    body["temperature"] = 0.7
    body["max_tokens"] = 800

    def encode():
        return json.dumps(body, separators=(",", ":")).encode()

    room = REQUEST_BYTES - len(encode())
    body["messages"][-1]["content"] = prose(room)[:room]
    encoded = encode()
    if len(encoded) != REQUEST_BYTES:
        raise Failed(f"the request has {len(encoded)} bytes instead of {REQUEST_BYTES}")
    return encoded


def answer_text(body):
    """The deltas' text of a stream, after checking that the stream is what it should be."""
    events = body.split(b"\n\n")
    if len(events) != EVENTS + 2 or events[-2:] != [b"data: [DONE]", b""]:
        raise Failed(f"the stub's stream has {len(events)} events")
    if any(len(event) + 2 != EVENT_BYTES for event in events[:EVENTS]):
        raise Failed(f"the stub's events are not {EVENT_BYTES} bytes long")
    deltas = [json.loads(event[6:])["choices"][0]["delta"] for event in events[:EVENTS]]
    return "".join(delta.get("content", "") for delta in deltas).encode()


class Bench:
    """One benchmark: its servers, its inputs and what came out."""

    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.servers = []
        self.stub = None
        self.targets = {}  # name: Server; None stands for the stub itself, without a proxy
        self.facts = {}  # name: what is known about the target before the load
        self.runs = []

    # Setting up

    def start(self):
        self.stub = self._keep(start_stub(self.options.programs / "stub", self.directory / "b"))
        backend = self.stub.socket
        for name in self.options.targets:
            if name == "direct":
                self.targets[name] = None
            elif name.startswith("nginx"):
                self.targets[name] = self._keep(start_nginx(self.directory / name, backend))
            elif name == "prefd-idle":
                self.targets[name] = self._keep(
                    start_prefd(name, self.options.prefd, self.directory / "i", backend, None)
                )
            elif name == "prefd-full":
                server = self._keep(
                    start_prefd(
                        name, self.options.prefd, self.directory / "f", backend, self.options.rules
                    )
                )
                self.targets[name] = server
                set_preferences(server)
        self._prepare_inputs()
        for name in self.targets:
            self.facts[name] = self._check(name)

    def _keep(self, server):
        self.servers.append(server)
        return server

    def stop(self):
        for server in reversed(self.servers):
            server.stop()

    def _prepare_inputs(self):
        for pace in {case.pace_us for case in self.options.cases}:
            (self.directory / f"body-{pace}").write_bytes(request_body(pace))
        endpoint = "/v1/chat/completions"
        _, _, plain = call(self.stub.socket, "POST", endpoint, request_body(None))
        if len(plain) != ANSWER_BYTES:
            raise Failed(f"the stub's answer has {len(plain)} bytes")
        _, _, stream = call(self.stub.socket, "POST", endpoint, request_body(0))
        (self.directory / "expect-plain").write_bytes(plain)
        (self.directory / "expect-stream").write_bytes(answer_text(stream))

    def _stub_counts(self):
        return json.loads(call(self.stub.socket, "GET", "/stub/stats")[2])

    def _check(self, name):
        """Sends one request and makes sure that the target does what it is there for."""
        server = self.targets[name]
        before = self._stub_counts()["body_bytes"]
        path = (server or self.stub).socket
        status, headers, body = call(path, "POST", "/v1/chat/completions", request_body(None))
        if status != 200:
            raise Failed(f"{name} answered {status}: {body[:300]!r}")
        forwarded = self._stub_counts()["body_bytes"] - before
        facts = {
            "forwarded_body_bytes": forwarded,
            "directives_applied": int(headers.get("x-prefd-applied", 0)),
        }
        if name == "prefd-full" and (forwarded == REQUEST_BYTES or not facts["directives_applied"]):
            raise Failed("prefd did not rewrite the request although preferences are set")
        if name != "prefd-full" and forwarded != REQUEST_BYTES:
            raise Failed(f"{name} changed the request's length to {forwarded}")
        if server:
            facts["first_answer_ms"] = server.first_answer_ms
            facts["idle_memory"] = server.memory()
        return facts

    # Measuring

    def measure(self):
        deadline = time.monotonic() + self.options.max_seconds
        names = list(self.targets)
        for round_number in range(self.options.rounds):
            for case in self.options.cases:
                # Every target comes first, second, … equally often, so that what the one before
                # it left behind (caches, clock frequency, a full run queue) hits all alike.
                turn = round_number % len(names)
                for name in names[turn:] + names[:turn]:
                    self.runs.append(self._run(round_number, case, name))
                    if self.targets[name]:
                        # What is logged per request costs CPU too, and would explain it.
                        self.facts[name]["log_bytes"] = self.targets[name].log.stat().st_size
            left = deadline - time.monotonic()
            print(f"round {round_number + 1} of {self.options.rounds} done", file=sys.stderr)
            if left < 0 and round_number + 1 < self.options.rounds:
                print(
                    f"stopping after {round_number + 1} rounds: --max-seconds is over",
                    file=sys.stderr,
                )
                return

    def _run(self, round_number, case, name):
        server = self.targets[name]
        requests = max(case.connections, case.requests // self.options.divide)
        if case.pace_us == 1000:
            requests = case.requests
        kind = "plain" if case.pace_us is None else "stream"
        argv = [
            str(self.options.programs / "load"),
            *("--to", f"unix:{(server or self.stub).socket}"),
            *("--body", str(self.directory / f"body-{case.pace_us}")),
            *("--expect", str(self.directory / f"expect-{kind}")),
            *("--connections", str(case.connections)),
            *("--requests", str(requests)),
            *("--warmup", str(max(case.connections, requests // 10))),
            *("--timeout", "30"),
        ]
        if kind == "stream":
            argv.append("--stream")
        processes = [self.stub.process.pid] + (server.pids() if server else [])
        for pid in processes:
            argv += ["--pid", str(pid)]
        if server:
            server.reset_peak()
        before = self._stub_counts()
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            log = f"\n{server.tail()}" if server else ""
            raise Failed(f"{case.name} on {name}: {done.stderr.strip()}{log}")
        result = json.loads(done.stdout)
        after = self._stub_counts()
        asked = after["requests"] - before["requests"]
        stub, *proxy = result.pop("processes") or [None]
        result.update(
            round=round_number,
            case=case.name,
            target=name,
            stub=stub,
            proxy={k: sum(p[k] for p in proxy) for k in ("cpu", "user", "system")},
            memory=server.memory() if server else None,
            forwarded_body_bytes=(after["body_bytes"] - before["body_bytes"]) / max(asked, 1),
        )
        return result


def machine():
    def first(path, key):
        for line in Path(path).read_text().splitlines():
            if line.startswith(key):
                return line.partition("=" if "=" in line else ":")[2].strip().strip('"')
        return "unknown"

    def output(*argv):
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)
        except OSError:
            return "unknown"
        return (done.stdout + done.stderr).strip()

    return {
        "cpu": first("/proc/cpuinfo", "model name"),
        "cpus": os.cpu_count(),
        "memory_kib": int(first("/proc/meminfo", "MemTotal").split()[0]),
        "system": first("/etc/os-release", "PRETTY_NAME"),
        "kernel": platform.release(),
        "nginx": output("nginx", "-v"),
        "commit": output("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"),
        "load_average_at_start": os.getloadavg()[0],
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def parse_options():
    usual = ["direct", "nginx", "prefd-idle", "prefd-full"]
    # A second nginx with nothing different: how far its ratios are from 1 is the noise.
    known = usual + ["nginx-again"]
    parser = argparse.ArgumentParser(
        prog="run.sh", description="nginx and prefd in turns against a stub backend"
    )
    parser.add_argument("--rounds", type=int, help="default 8, with --quick 2")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and requests")
    parser.add_argument("--cases", help="comma-separated: " + ",".join(c.name for c in CASES))
    parser.add_argument("--targets", help="comma-separated: " + ",".join(known))
    parser.add_argument("--prefd", type=Path, help="the binary; default .build/release/prefd")
    parser.add_argument("--rules", type=Path, default=REPOSITORY / "config/rules.d")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all figures there")
    parser.add_argument("--max-seconds", type=float, default=300)
    parser.add_argument("--programs", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()

    options.rounds = options.rounds or (2 if options.quick else 8)
    options.divide = 4 if options.quick else 1
    options.rules = options.rules.resolve()
    names = options.cases.split(",") if options.cases else [c.name for c in CASES]
    options.cases = [c for c in CASES if c.name in names]
    if len(options.cases) != len(names):
        parser.error("--cases: unknown case")
    asked = options.targets.split(",") if options.targets else usual
    if set(asked) - set(known):
        parser.error("--targets: unknown target")
    options.targets = [name for name in known if name in asked]
    options.prefd = (options.prefd or REPOSITORY / ".build/release/prefd").resolve()
    if not options.prefd.exists():
        if options.targets != (rest := [t for t in options.targets if "prefd" not in t]):
            print(
                f"{options.prefd} is not there: prefd is left out "
                "(swift build -c release, or --prefd PATH)",
                file=sys.stderr,
            )
        options.targets = rest
    return options


def main():
    options = parse_options()
    # So that `finally` runs, and nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    described = machine()
    with tempfile.TemporaryDirectory(prefix="prefd-bench-") as directory:
        bench = Bench(options, Path(directory))
        try:
            bench.start()
            bench.measure()
        except Failed as failure:
            print(f"error: {failure}", file=sys.stderr)
            return 1
        finally:
            bench.stop()
    summary = report.summarize(bench.runs, options.cases, list(bench.targets))
    report.print_tables(described, summary, options.cases, bench.facts)
    if options.json:
        document = {
            "machine": described,
            "settings": {
                "rounds": options.rounds,
                "request_bytes": REQUEST_BYTES,
                "answer_bytes": ANSWER_BYTES,
                "events": EVENTS,
                "event_bytes": EVENT_BYTES,
                "nginx_workers": 1,
                "cases": [case._asdict() for case in options.cases],
            },
            "targets": bench.facts,
            "summary": summary,
            "runs": bench.runs,
        }
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    failed = sum(sum(run["errors"].values()) for run in bench.runs)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
