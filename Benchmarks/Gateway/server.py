"""A process that is measured: started, watched and stopped."""

import ctypes
import http.client
import os
import signal
import subprocess
import time
from pathlib import Path

from client import Failed, call


class Server:
    """A process that serves at an address of its own, with its working files beside it."""

    def __init__(
        self,
        name,
        directory,
        argv,
        address=None,
        environment=None,
        patience=20,
        death_signal=signal.SIGTERM,
    ):
        self.name = name
        self.directory = Path(directory)
        self.address = address or f"unix:{self.directory}/s"
        self.log = self.directory / "log"
        self.patience = patience  # seconds until its first answer
        self.first_answer_ms = None
        self._argv, self._environment, self._death_signal = argv, environment, death_signal
        self.process = None
        self.start()

    def start(self):
        """Starts it, also again with what an earlier run left, and waits for its first answer."""
        with open(self.log, "wb") as log:
            begun = time.monotonic()
            self.process = subprocess.Popen(
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                preexec_fn=lambda: _end_with_parent(self._death_signal),
            )
        try:
            self._wait_for_answer(begun)
        except BaseException:
            self.stop()
            raise

    def _wait_for_answer(self, begun):
        while True:
            try:
                status, _, _ = call(self.address, "GET", "/v1/models")
                if status == 200:
                    self.first_answer_ms = (time.monotonic() - begun) * 1000
                    return
            except (OSError, http.client.HTTPException):
                pass
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with {self.process.returncode}: {self.tail()}")
            if time.monotonic() - begun > self.patience:
                raise Failed(f"{self.name} did not answer GET /v1/models: {self.tail()}")
            # What takes long is not to be slowed down by being asked.
            time.sleep(0.0005 if time.monotonic() - begun < 1 else 0.05)

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
        pss = own = peak = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    pss += int(line.split()[1])
                elif line.startswith("Pss_Anon:"):
                    own += int(line.split()[1])
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak += int(line.split()[1])
        return {"pss_kib": pss, "own_kib": own, "peak_kib": peak}

    def reset_peak(self):
        for pid in self.pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def rest(self):
        """Takes no CPU until `resume`."""
        for pid in self.pids():
            _signal(pid, signal.SIGSTOP)

    def resume(self):
        for pid in self.pids():
            _signal(pid, signal.SIGCONT)

    def stop(self):
        if self.process.poll() is None:
            self.resume()
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def _end_with_parent(number):
    """The benchmark may be killed: leave nothing behind."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, number)


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it ended meanwhile
