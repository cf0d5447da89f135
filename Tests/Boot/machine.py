"""A machine for one test: Debian with a real systemd, booted in a container from a root file system that is never changed.

systemd-nspawn does it without D-Bus and machined (`--register=no --keep-unit`), so that it also runs on a build machine
that was not booted by systemd itself. Not to be had inside: MemoryMax= and TasksMax= (no controllers are delegated).
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from pathlib import Path

ROOTFS = Path(__file__).resolve().parents[2] / ".build" / "boot" / "rootfs"
CGROUPS = Path("/sys/fs/cgroup")


class CannotBoot(Exception):
    """What this host lacks, for the person who runs the tests."""


class Failed(AssertionError):
    """A command in the machine ended with another status than the test expects."""


class Machine:
    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise CannotBoot("booting a container takes root")
        self.name = f"prefd-{secrets.token_hex(4)}"
        # Where version 2 is mounted beside version 1, systemd's own hierarchy of version 1 gets a group too.
        hybrid = (CGROUPS / "unified" / "cgroup.procs").exists()
        self.groups = [CGROUPS / "unified" / self.name, CGROUPS / "systemd" / self.name] if hybrid else [CGROUPS / self.name]
        if not (self.groups[0].parent / "cgroup.procs").exists():
            raise CannotBoot("no cgroup v2 hierarchy is mounted below /sys/fs/cgroup")
        self.console = ROOTFS.parent / f"{self.name}.console"
        self.nspawn: subprocess.Popen | None = None
        self.leader = 0

    def __enter__(self) -> Machine:
        try:
            self.boot()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def boot(self) -> None:
        group = self.groups[0]
        try:
            group.mkdir()
        except OSError as error:
            raise CannotBoot(f"no control group can be made: {error}") from None
        command = [
            "systemd-nspawn", "--quiet", "--boot", f"--directory={ROOTFS}", "--volatile=overlay", f"--machine={self.name}",
            "--register=no", "--keep-unit", "--settings=no", "--private-network", "--resolv-conf=off",
            # Without bpf(2), IPAddressDeny= would do nothing; without mlock(2), prefd has nowhere to keep a key.
            "--system-call-filter=bpf @memlock", "--console=pipe",
        ]  # fmt: skip
        # The shell moves itself before it becomes nspawn, so that all of the machine is in its own group.
        into = f'echo $$ >"{group}/cgroup.procs" && exec "$@"'
        with open(self.console, "wb") as console:
            self.nspawn = subprocess.Popen(
                ["bash", "-c", into, "bash", *command],
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        self._wait(self._booted, "systemd in the container", 60)
        state = self.command("systemctl", "is-system-running", "--wait", status=None).stdout.strip()
        if state != "running":
            raise CannotBoot(f"the machine is {state}:\n{self.ok('systemctl', '--failed')}")

    def _booted(self) -> bool:
        if self.nspawn.poll() is not None:
            raise CannotBoot(f"systemd-nspawn ended:\n{self.console.read_text(errors='replace')}")
        children = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text().split()
        if children:
            self.leader = int(children[0])
        return bool(children) and self.path("/run/systemd/private").exists()

    def stop(self) -> None:
        if self.nspawn is not None:
            if self.nspawn.poll() is None and self.leader:
                # What systemd takes for `systemctl poweroff`.
                os.kill(self.leader, signal.SIGRTMIN + 4)
            try:
                self.nspawn.wait(20)
            except subprocess.TimeoutExpired:
                self.nspawn.kill()
                self.nspawn.wait()
        for group in self.groups:
            for folder, _, _ in os.walk(group, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    # A process that is about to end is in it yet; the next boot has a group of its own.
                    pass
        self.console.unlink(missing_ok=True)

    # Running things in it.

    def command(self, *words: str, status: int | None = 0, input: str | None = None) -> subprocess.CompletedProcess:
        """Runs a command as root, in the machine's namespaces; `None` takes any status."""
        return self._run(["nsenter", "--target", str(self.leader), "--all", *words], status, input)

    def ok(self, *words: str, input: str | None = None) -> str:
        """Runs a command as root that has to succeed, and returns what it said."""
        return self.command(*words, input=input).stdout

    def as_user(self, user: str, *words: str, status: int | None = 0, input: str | None = None) -> subprocess.CompletedProcess:
        """Runs a command as a user of the machine, in a unit of its own as a service's would be."""
        unit = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--property=User={user}"]
        return self._run(["nsenter", "--target", str(self.leader), "--all", *unit, *words], status, input)

    def _run(self, words: list[str], status: int | None, input: str | None) -> subprocess.CompletedProcess:
        given = {"input": input} if input is not None else {"stdin": subprocess.DEVNULL}
        # A machine's own environment, and not that of whatever runs the tests.
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, **given)
        if status is not None and done.returncode != status:
            shown = " ".join(words[words.index("--all") + 1 :])
            raise Failed(f"{shown}: {done.returncode}, not {status}\n{done.stdout}{done.stderr}{self.journal_tail()}")
        return done

    def journal_tail(self) -> str:
        done = subprocess.run(
            ["nsenter", "--target", str(self.leader), "--all", "journalctl", "--no-pager", "--lines=20", "--output=short"],
            capture_output=True,
            text=True,
            timeout=30,
        )
        return f"\nThe journal's last lines:\n{done.stdout}"

    # Its files and units.

    def path(self, path: str) -> Path:
        """A path in the machine, as this host sees it; absolute links in it would lead astray."""
        return Path(f"/proc/{self.leader}/root") / path.lstrip("/")

    def write(self, path: str, text: str, mode=0o644) -> None:
        target = self.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def show(self, unit: str, *properties: str) -> dict[str, str]:
        """Properties of a unit, as `systemctl show` has them."""
        lines = self.ok("systemctl", "show", unit, f"--property={','.join(properties)}").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def state(self, unit: str) -> str:
        return self.show(unit, "ActiveState")["ActiveState"]

    def drop_in(self, unit: str, text: str, name="test.conf") -> None:
        """Changes a unit as `systemctl edit` does."""
        self.write(f"/etc/systemd/system/{unit}.d/{name}", text)
        self.ok("systemctl", "daemon-reload")

    def wait_for(self, holds, what: str, timeout=30.0):
        """Waits until `holds()` is true, and returns what it returned."""
        return self._wait(holds, what, timeout)

    def _wait(self, holds, what: str, timeout: float):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if found := holds():
                return found
            time.sleep(0.05)
        raise AssertionError(f"waited {timeout} s for {what}" + (self.journal_tail() if self.leader else ""))
