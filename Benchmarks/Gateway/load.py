"""Runs the load generator."""

import json
import subprocess

from client import Failed


class Load:
    """The load generator, and the stub that all of it ends at."""

    def __init__(self, program, directory, stub):
        self.program = program
        self.directory = directory
        self.stub = stub

    def run(self, server, body, arguments):
        """What it measured. `server` is asked, or the stub itself where it is None; `body` is a
        file, or bytes."""
        if isinstance(body, bytes):
            path = self.directory / "body"
            path.write_bytes(body)
            body = path
        asked = server or self.stub
        argv = [str(self.program), "--to", asked.address, "--body", str(body), *arguments]
        for pid in [self.stub.process.pid] + (server.pids() if server else []):
            argv += ["--pid", str(pid)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=900, check=False)
        if done.returncode != 0:
            raise Failed(f"load on {asked.name}: {done.stderr.strip()}\n{asked.tail()}")
        result = json.loads(done.stdout)
        stub, *proxy = result.pop("processes") or [None]
        result["stub"] = stub
        result["proxy"] = {k: sum(p[k] for p in proxy) for k in ("cpu", "user", "system")}
        return result
