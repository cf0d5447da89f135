"""Machines with the package under test installed. Run by run.sh, which builds the package and the machine's root file system."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from machine import CannotBoot, Machine

ROOT = Path(__file__).resolve().parents[2]
# Real clients and played model servers are those of the integration tests.
sys.path.append(str(ROOT / "Tests" / "Integration"))

from backend import Backend  # noqa: E402


class Host(Machine):
    """A machine with people on it, and prefd's package at hand."""

    PACKAGE = "/var/cache/prefd.deb"

    def boot(self) -> None:
        super().boot()
        for name in ("alice", "bob", "webchat", "carol"):
            self.ok("useradd", "--create-home", name)
        # As on every machine that is not made by mmdebstrap.
        self.write("/etc/hosts", "127.0.0.1 localhost\n")
        shutil.copyfile(os.environ["PREFD_DEB"], self.path(self.PACKAGE))

    def install(self) -> str:
        """Installs the package as an admin does, and returns what that said."""
        return self.ok("apt-get", "install", "--yes", "--no-install-recommends", self.PACKAGE)

    def install_again(self) -> None:
        """What an upgrade does: the old version's scripts make room, and the new one's take over."""
        self.ok("dpkg", "--install", self.PACKAGE)

    def configure(self, config: dict) -> None:
        """Writes the configuration; JSON is YAML."""
        self.write("/etc/prefd/prefd.yaml", json.dumps(config, indent=1))

    def ready(self) -> None:
        """Waits until prefd answers; the first connection starts it where it does not run."""
        self.ok("curl", "--silent", "--fail", "--retry", "30", "--retry-all-errors", "--retry-delay", "1",
                "--unix-socket", "/run/prefd/prefd.sock", "http://localhost/readyz")  # fmt: skip

    def ask(self, user: str, text: str, *headers: str, model="prefd-mirror") -> dict:
        """One chat completion, as a user's program gets it."""
        body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}]})
        named = [word for header in headers for word in ("--header", header)]
        return json.loads(self.as_user(user, *CURL, *named, "http://localhost/v1/chat/completions", "--json", body).stdout)

    def journal(self, *matches: str) -> list[dict]:
        """prefd's journal entries, as `journalctl -o json` has them."""
        self.ok("journalctl", "--sync")
        lines = self.ok("journalctl", "--output=json", "--all", "--unit=prefd", *matches).splitlines()
        return [json.loads(line) for line in lines]

    def main_pid(self) -> int:
        return int(self.show("prefd.service", "MainPID")["MainPID"])


#: As an app would use it: over the data socket.
CURL = ("curl", "--silent", "--show-error", "--unix-socket", "/run/prefd/prefd.sock")


@pytest.fixture(scope="module")
def bare():
    """A machine on which prefd was never installed, one for all tests of a module."""
    try:
        with Host() as host:
            yield host
    except CannotBoot as error:
        said = f"No machine can be booted here, so nothing was tested on a real systemd: {error}"
        pytest.fail(said, pytrace=False) if os.environ.get("PREFD_BOOT") == "must" else pytest.skip(said)


@pytest.fixture(scope="module")
def host(bare):
    """A machine with prefd installed and running."""
    bare.install()
    bare.ready()
    return bare


@pytest.fixture
def model(host):
    """A model server that listens in the machine, on /run/model/model.sock."""
    folder = host.path("/run/model")
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    played = Backend(folder)
    played.path.chmod(0o666)
    yield played
    played.close()
