"""The test's handle on a `player.py` process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Client
from pathlib import Path

from answers import Answer

HERE = Path(__file__).parent


class Backend:
    """A playing model server: on a Unix socket by default, on loopback TCP or TLS where asked."""

    def __init__(
        self, home: Path, name="model", *, tcp=False, tls: tuple[Path, Path] | None = None, host="127.0.0.1", port=0,
        within: Sequence[str] = (),
    ):  # fmt: skip
        control = home / f"{name}.control"
        # `within` starts it elsewhere, such as in another network.
        command = [*within, sys.executable, str(HERE / "player.py"), "--control", str(control)]
        self.path = None if tcp or tls else home / f"{name}.sock"
        if self.path:
            self.path.unlink(missing_ok=True)
            command += ["--unix", str(self.path)]
        else:
            command += ["--host", host, "--port", str(port)]
        if tls:
            command += ["--certificate", str(tls[0]), "--key", str(tls[1])]
        control.unlink(missing_ok=True)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        first = self.process.stdout.readline()
        self.port = json.loads(first)["port"]
        self.scheme = "https" if tls else "http"
        self.host = host
        self.link = Client(str(control), "AF_UNIX")

    @property
    def url(self) -> str:
        """The address as prefd's config takes it."""
        return f"unix://{self.path}" if self.path else f"{self.scheme}://{self.host}:{self.port}"

    def _say(self, *words):
        self.link.send(words)
        return self.link.recv()

    def script(self, answer: Answer, *, path: str | None = None, model: str | None = None) -> None:
        """Plays `answer` from now on, to every request or to those of a path or model."""
        self._say("script", answer, path, model)

    def clear(self) -> None:
        """Forgets every script and everything recorded."""
        self._say("clear")

    def take(self) -> list[dict]:
        """The requests since the last call, each with its exact head and body."""
        return self._say("take")

    def last(self) -> dict:
        """The last request since the last `take`."""
        taken = self.take()
        assert taken, "the backend was not asked"
        return taken[-1]

    def state(self) -> dict:
        """Counts and the log of disconnects with their monotonic times."""
        return self._say("state")

    def wait_for(self, what: str, timeout=5.0) -> float:
        """Waits for an entry of the log, such as `disconnect`, and returns its monotonic time."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            for entry, at in self.state()["log"]:
                if entry == what:
                    return at
            time.sleep(0.002)
        raise AssertionError(f"the backend saw no {what} within {timeout} s")

    def wait_for_requests(self, count: int, timeout=10.0) -> None:
        """Waits until `count` requests have arrived since the last `take`."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.state()["requests"] >= count:
                return
            time.sleep(0.002)
        raise AssertionError(f"the backend got {self.state()['requests']} of {count} requests")

    def close(self) -> None:
        """Ends the process."""
        self.link.close()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
