"""Every target in turns, round after round."""

import json
import sys
import time

import people
from cases import ENDPOINT, LITELLM_MODELS, LITELLM_REQUESTS, REQUEST_BYTES, Inputs, request_body
from client import Failed, call
from load import Load
from targets import (
    RULES,
    start_haproxy,
    start_litellm,
    start_nginx,
    start_prefd,
    start_stub,
)

USERS = 512  # of prefd-full, who ask in turns
RATE_EVERY = 50  # of their answers one is rated
STARTS = 5  # of each target, whose median is its start-up time


class Bench:
    """One benchmark: its servers, its inputs and what came out."""

    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.servers = []
        self.stub = self.load = self.inputs = None
        self.targets = {}  # name: Server; None stands for the stub itself, without a proxy
        self.facts = {}  # name: what is known about the target before the load
        self.runs = []

    # Setting up

    def start(self):
        programs = self.options.programs
        self.stub = self._keep(start_stub(programs / "stub", self.directory / "b"))
        self.load = Load(programs / "load", self.directory, self.stub)
        self.inputs = Inputs(self.directory, self.options.cases, self.stub)
        for name in self.options.targets:
            self.targets[name] = server = self._start(name)
            self.facts[name] = facts = {}
            if server:
                server.name = name
                facts.update(self._starts(server))
                if name == "prefd-full":
                    people.set_preferences(self.load, server, USERS, people.PREFERENCES)
                    people.consent_to_signals(self.load, server, USERS)
            facts.update(self._check(name, server))
            if name == "litellm":
                server.rest()

    def _start(self, name):
        options, folder = self.options, self.directory / name
        if name == "direct":
            return None
        if name.startswith("nginx"):
            return self._keep(start_nginx(folder, self.stub))
        if name == "haproxy":
            return self._keep(start_haproxy(folder, self.stub))
        if name == "litellm":
            return self._keep(start_litellm(options.litellm, folder, self.stub))
        if name == "prefd-idle":
            return self._keep(start_prefd(name, options.prefd, folder, self.stub))
        return self._keep(
            start_prefd(name, options.prefd, folder, self.stub, options.rules, delegate=True)
        )

    def _keep(self, server):
        self.servers.append(server)
        return server

    def stop(self):
        for server in reversed(self.servers):
            server.stop()

    def _starts(self, server):
        """Start-up time and idle memory; what takes seconds is started once."""
        times, memories = [server.first_answer_ms], [server.memory()]
        while len(times) < STARTS and times[0] < 2000:
            server.stop()
            server.start()
            times.append(server.first_answer_ms)
            memories.append(server.memory())
        return {"first_answer_ms": times, "idle_memory": memories[-1]}

    def _stub_counts(self):
        return json.loads(call(self.stub.address, "GET", "/stub/stats")[2])

    def _check(self, name, server):
        """Sends one request and makes sure that the target does what it is there for."""
        case = self.options.cases[0]._replace(pace_us=None, body=REQUEST_BYTES)
        body = request_body(case, LITELLM_MODELS[None] if name == "litellm" else "bench-model")
        user = {"X-Prefd-User": people.name_of(1)} if name == "prefd-full" else {}
        before = self._stub_counts()["body_bytes"]
        address = (server or self.stub).address
        status, headers, answer = call(address, "POST", ENDPOINT, body, user)
        if status != 200:
            raise Failed(f"{name} answered {status}: {answer[:300]!r}")
        forwarded = self._stub_counts()["body_bytes"] - before
        facts = {"forwarded_body_bytes": forwarded}
        if name == "prefd-full":
            facts["directives_applied"] = int(headers.get("x-prefd-applied", 0))
            facts["rules"] = json.loads(server.admin_answer("/prefd/v1/admin/status"))["rules"]
            applied = facts["directives_applied"] == len(people.PREFERENCES)
            if not applied or facts["rules"] < RULES or forwarded <= REQUEST_BYTES:
                raise Failed(f"prefd-full does not do all it is to do: {facts}")
        elif name != "litellm" and forwarded != REQUEST_BYTES:
            raise Failed(f"{name} changed the request's length to {forwarded}")
        return facts

    # Measuring

    def measure(self):
        deadline = time.monotonic() + self.options.max_seconds
        for number in range(self.options.rounds):
            for case in self.options.cases:
                self._turns(number, case)
            print(f"round {number + 1} of {self.options.rounds} done", file=sys.stderr)
            if time.monotonic() > deadline and number + 1 < self.options.rounds:
                print(f"--max-seconds is over: stopping after {number + 1} rounds", file=sys.stderr)
                break
        for name, server in self.targets.items():
            if server:
                # What is logged per request costs CPU too, and would explain it.
                self.facts[name]["log_bytes"] = server.log.stat().st_size

    def _turns(self, number, case):
        """One case, on each target that takes part in this round."""
        requests = {name: self._requests(number, case, name) for name in self.targets}
        names = [name for name, count in requests.items() if count]
        # Every target comes first, second, … equally often, so that what the one before it left
        # behind (caches, clock frequency, a full run queue) hits all alike.
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            self.runs.append(self._run(number, case, name, requests[name]))

    def _requests(self, number, case, name):
        """How many this target gets in this round; 0: the case is not for it."""
        if name == "litellm":
            # Twice are enough to see figures that are so far off.
            requests = LITELLM_REQUESTS.get(case.name, 0)
            takes_part = requests and number in (0, self.options.rounds // 2)
            return max(1, requests // self.options.divide) if takes_part else 0
        if case.connections == 1 and case.pace_us:
            return case.requests
        return max(case.connections, case.requests // self.options.divide)

    def _run(self, number, case, name, requests):
        server = self.targets[name]
        rewritten = name == "litellm"
        warmup = min(8, requests) if rewritten else max(case.connections, requests // 10)
        arguments = [
            *self.inputs.expected(case, rewritten),
            *("--connections", str(case.connections), "--timeout", "60"),
            *("--requests", str(requests), "--warmup", str(warmup)),
        ]
        if name == "prefd-full":
            arguments += ["--users", str(USERS), "--rate-every", str(RATE_EVERY)]
        if server:
            server.resume()
            server.reset_peak()
        before = self._stub_counts()
        result = self.load.run(server, self.inputs.body(case, rewritten), arguments)
        after = self._stub_counts()
        asked = after["requests"] - before["requests"]
        result.update(
            round=number,
            case=case.name,
            target=name,
            memory=server.memory() if server else None,
            forwarded_body_bytes=(after["body_bytes"] - before["body_bytes"]) / max(asked, 1),
        )
        if rewritten:
            server.rest()
        return result
