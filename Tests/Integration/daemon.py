"""Runs the real `prefd` and `prefctl`."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from wire import Wire

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
#: The rule packs that are shipped.
SHIPPED_RULES = ROOT / "config" / "rules.d"


def binary(name: str) -> Path:
    """The built program: in `PREFD_BIN_DIR`, or else the debug build."""
    folder = Path(os.environ.get("PREFD_BIN_DIR") or ROOT / ".build" / "debug")
    path = (folder / name).resolve()
    assert path.is_file(), f"{path} is missing: build it (swift build) or set PREFD_BIN_DIR"
    return path


_PAIR = re.compile(r'([A-Z_][A-Z0-9_]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)')


def fields(line: str) -> dict[str, str]:
    """The fields of one event line of stderr."""
    found = {}
    for name, value in _PAIR.findall(line):
        if value.startswith('"'):
            value = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), value[1:-1])
        found[name] = value
    return found


class Prefd:
    """One prefd in a folder of its own; everything it writes lies below `home`."""

    def __init__(self, home: Path, config: dict | None, *, env: dict | None = None, command=None, user=None):
        self.home = home
        self.config = config
        self.user = user
        self.temporary = home / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.temporary.chmod(0o1777)
        self.data = home / "prefd.sock"
        self.admin = home / "admin.sock"
        self.state = home / "state"
        self.log_path = home / "stderr.log"
        self.config_path = home / "prefd.yaml"
        self.process: subprocess.Popen | None = None
        self.command = command
        # Without JOURNAL_STREAM and NOTIFY_SOCKET of whatever runs the tests.
        keep = ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "LD_PRELOAD"]
        keep += ["ASAN_OPTIONS", "TSAN_OPTIONS", "LLVM_PROFILE_FILE"]
        self.env = {name: os.environ[name] for name in keep if name in os.environ}
        self.env["TMPDIR"] = str(self.temporary)
        self.env.update(env or {})
        if config is not None:
            self.write_config(config)

    def write_config(self, config: dict) -> None:
        """Writes the config; JSON is YAML."""
        self.config = config
        self.config_path.write_text(json.dumps(config, indent=1))

    def arguments(self) -> list[str]:
        if self.command is not None:
            return [str(part) for part in self.command]
        return [str(binary("prefd")), "serve", "--config", str(self.config_path)]

    def spawn(self) -> subprocess.Popen:
        """Starts it without waiting."""
        extra = {"user": self.user, "group": self.user, "extra_groups": []} if self.user is not None else {}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.arguments(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env,
                cwd=self.home,
                **extra,
            )
        return self.process

    def start(self, timeout=30.0, *, statuses=(200,)) -> Prefd:
        """Starts it and waits until it is ready; with 503 among `statuses`, until it says that it is not."""
        self.spawn()
        self.wait_ready(timeout, statuses)
        return self

    def wait_ready(self, timeout=30.0, statuses=(200,)) -> None:
        deadline = time.monotonic() + timeout
        last = "nothing listens"
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"prefd ended with {self.process.returncode}:\n{self.log()}")
            try:
                with Wire(self.data, timeout=5) as wire:
                    reply = wire.get("/readyz")
                    if reply.status in statuses:
                        return
                    last = f"{reply.status} {reply.body!r}"
            except OSError as error:
                last = str(error)
            time.sleep(0.01)
        raise AssertionError(f"prefd was not ready within {timeout} s ({last}):\n{self.log()}")

    def stop(self, timeout=20.0) -> int:
        """Ends it by SIGTERM and returns its exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"prefd did not end within {timeout} s of SIGTERM:\n{self.log()}") from None

    def kill(self) -> None:
        """Ends it as a power cut would end the process: at once."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Cleans up, whatever happened."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log(self) -> str:
        """Everything it wrote to stderr and stdout."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def events(self, kind: str | None = None) -> list[dict[str, str]]:
        """The events on stderr, those of one kind or all."""
        found = [fields(line) for line in self.log().splitlines() if "PREFD_EVENT=" in line]
        return [event for event in found if kind in (None, event["PREFD_EVENT"])]

    def wait_for_event(self, kind: str, count=1, timeout=10.0) -> dict[str, str]:
        """Waits until an event has been written `count` times and returns the last of them."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = self.events(kind)
            if len(found) >= count:
                return found[-1]
            time.sleep(0.01)
        raise AssertionError(f"no {kind} ({count}) within {timeout} s:\n{self.log()}")

    def wire(self, timeout=30.0) -> Wire:
        """A raw connection to the data socket."""
        return Wire(self.data, timeout)

    def admin_wire(self) -> Wire:
        """A raw connection to the admin socket."""
        return Wire(self.admin)

    def prefctl(self, *arguments: str, user: int | None = None, tool=None, **options) -> subprocess.CompletedProcess:
        """Runs prefctl against this prefd."""
        env = {**self.env, "PREFD_SOCKET": str(self.data), "PREFD_ADMIN_SOCKET": str(self.admin)}
        env.update(options.pop("env", {}))
        extra = {"user": user, "group": user, "extra_groups": []} if user is not None else {}
        return subprocess.run(
            [str(tool or binary("prefctl")), *arguments],
            env=env,
            stdin=options.pop("stdin", subprocess.DEVNULL),
            capture_output=True,
            text=True,
            timeout=60,
            **extra,
            **options,
        )


def standard_config(home: Path, backends: list[dict], **more) -> dict:
    """A config in which everything lies below `home`."""
    config = {
        "listen": {"data": str(home / "prefd.sock"), "admin": str(home / "admin.sock")},
        "state": str(home / "state"),
        "key": {"file": str(home / "master.key")},
        "backends": backends,
        "rules": {"directory": str(home / "rules.d")},
    }
    config.update(more)
    return config


def make_key(path: Path) -> None:
    """A master key: 32 random bytes that only the owner can read."""
    path.touch(mode=0o600)
    path.write_bytes(secrets.token_bytes(32))


def install_rules(folder: Path, packs: dict[str, str] | str) -> None:
    """Puts rule packs into a folder: the given ones by file name, or the `shipped` ones."""
    folder.mkdir(exist_ok=True)
    if packs == "shipped":
        shutil.copytree(SHIPPED_RULES, folder, dirs_exist_ok=True)
        return
    for old in folder.iterdir():
        old.unlink()
    for file, text in packs.items():
        (folder / file).write_text(text)
