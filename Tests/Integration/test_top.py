"""`prefctl top`: for a script, and for a person at a terminal."""

import json
import os
import pty
import re
import select
import subprocess
import threading
import time

import pytest

from answers import completion, whole
from daemon import binary
from packs import block_pack

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def busy(make_prefd, backend):
    """prefd with someone who asks all the time, and a rule that fires."""
    prefd = make_prefd(backend, rules=block_pack("forbidden-word"))
    backend.script(whole(completion("forbidden-word")))
    done = threading.Event()

    def ask():
        with prefd.wire() as wire:
            while not done.is_set():
                wire.chat(CHAT)

    asking = threading.Thread(target=ask)
    asking.start()
    yield prefd
    done.set()
    asking.join()


def test_one_view_for_scripts(busy):
    figures = json.loads(busy.prefctl("top", "--once", "--json", "--interval", "0.5").stdout)
    assert figures["answers_per_second"] > 0 and figures["refused_per_second"] == 0
    assert 0 < figures["added"]["p50"] <= figures["duration"]["p95"]
    (backend,) = figures["backends"]
    assert (backend["name"], backend["state"], backend["waiting"], backend["failures"]) == ("played", "ready", 0, 0)
    (rule,) = figures["rules"]
    assert rule["action"] == "block" and 0 < rule["hits"] <= rule["total"]
    shown = busy.prefctl("top", "--once", "--interval", "0.5").stdout
    for word in ("answers/s", "added by prefd", "BACKEND", "played", "ready", "block", "SINCE START"):
        assert word in shown
    assert "\x1b" not in shown


def test_a_quiet_prefd_shows_dashes_and_not_zeros(prefd):
    shown = prefd.prefctl("top", "--once", "--interval", "0.1").stdout
    assert re.search(r"added by prefd\s+–", shown) and "No rule has fired" in shown
    figures = json.loads(prefd.prefctl("top", "--once", "--json", "--interval", "0.1").stdout)
    assert "p50" not in figures["added"]


def test_bad_intervals_and_a_prefd_that_is_not_there(prefd):
    assert prefd.prefctl("top", "--interval", "0").returncode == 2
    prefd.stop()
    assert prefd.prefctl("top").returncode == 3


class Terminal:
    """A program on a terminal of its own, and what it wrote there."""

    def __init__(self, prefd, *arguments):
        ours, theirs = pty.openpty()
        env = {**prefd.env, "PREFD_ADMIN_SOCKET": str(prefd.admin), "TERM": "xterm"}
        self.process = subprocess.Popen([str(binary("prefctl")), *arguments], env=env, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.fd, self.text = ours, ""

    def wait_for(self, mark: str, timeout=20.0) -> None:
        deadline = time.monotonic() + timeout
        while mark not in self.text:
            assert time.monotonic() < deadline, self.text[-2000:]
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.fd, 1 << 16).decode(errors="replace")
                except OSError:
                    raise AssertionError(f"it ended: {self.text[-2000:]}") from None

    def press(self, keys: bytes) -> None:
        os.write(self.fd, keys)


@pytest.mark.parametrize("how", ["q", "\x03", "signal"])
def test_a_live_view_that_gives_the_terminal_back(busy, how):
    terminal = Terminal(busy, "top", "--interval", "0.3")
    terminal.wait_for("\x1b[?1049h")
    for mark in ("added by prefd", "SINCE START", "played"):
        terminal.wait_for(mark)
    if how == "signal":
        terminal.process.terminate()
    else:
        terminal.press(how.encode())
    terminal.wait_for("\x1b[?1049l")
    assert "\x1b[?25h" in terminal.text and terminal.process.wait(10) == 0
    os.close(terminal.fd)


def test_a_live_view_outlives_prefd(busy):
    terminal = Terminal(busy, "top", "--interval", "0.2")
    terminal.wait_for("played")
    busy.kill()
    terminal.wait_for("Still trying")
    busy.start()
    terminal.text = ""
    terminal.wait_for("played")
    terminal.press(b"q")
    assert terminal.process.wait(10) == 0
    os.close(terminal.fd)
