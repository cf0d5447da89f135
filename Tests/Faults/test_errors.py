"""Calls to the disk that fail, each in turn: answers go on, writes are refused, nothing acknowledged is lost."""

import struct
import time

import pytest

from answers import completion, whole
from copies import backends
from daemon import Prefd, install_rules, make_key, standard_config
from packs import few_rules
from script import Kept, script, take

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
KINDS = {"eio": 1, "short": 1, "enospc": 1 << 40}


class Run:
    """One prefd on a disk of which some calls fail."""

    def __init__(self, home, model, library):
        self.home = home
        home.mkdir()
        self.fault, self.counter = home / "fault", home / "count"
        make_key(home / "master.key")
        install_rules(home / "rules.d", few_rules())
        env = {
            "LD_PRELOAD": str(library),
            "DISK": str(home / "state"),
            "DISK_FAIL": str(self.fault),
            "DISK_COUNT": str(self.counter),
        }
        self.prefd = Prefd(home, standard_config(home, backends(model)), env=env)
        #: What may be kept now: one where it is certain.
        self.allowed = {Kept()}
        self.refused = 0

    def calls(self) -> int:
        return struct.unpack("<Q", self.counter.read_bytes())[0] if self.counter.exists() else 0

    def begin(self) -> bool:
        """Starts prefd; false where it refuses to, and says why."""
        try:
            self.prefd.start(statuses=(200, 503))
        except AssertionError:
            status = self.prefd.process.poll()
            assert status not in (None, 0) and status > 0, f"it ended with {status}:\n{self.prefd.log()}"
            said = self.prefd.log().strip().splitlines()
            assert said and said[-1].strip(), "it refused to start and did not say why"
            return False
        return True

    def do(self, step) -> None:
        """Does one step; what becomes of it is certain only where it was acknowledged."""
        if step.restarts:
            return
        with self.prefd.wire() as wire:
            assert wire.chat(HI).status == 200, "a request failed because the disk did"
            reply = take(wire, step)
        if reply.status == 200:
            self.allowed = {step.kept}
            return
        error = reply.json()["error"]
        assert reply.status in (403, 404, 500, 503), reply
        assert error["code"] and error["message"], reply
        self.refused += 1
        self.allowed = self.allowed | {step.kept}

    def mend(self) -> None:
        """Takes the fault away: within seconds, and without help, it works again."""
        self.fault.unlink(missing_ok=True)
        deadline = time.monotonic() + 20
        while True:
            with self.prefd.wire() as wire:
                reply = wire.put("/prefd/v1/preferences/emoji", {"value": "none"})
                if reply.status == 200:
                    break
            assert time.monotonic() < deadline, f"it does not recover: {reply}\n{self.prefd.log()}"
            time.sleep(0.1)

    def compare(self) -> None:
        with self.prefd.wire() as wire:
            kept = Kept.read(wire)
        others = frozenset(pair for pair in kept.preferences if pair[0] != "emoji")
        scopes = kept.scopes - {"preferences"}
        known = {Kept(one.preferences, one.scopes - {"preferences"}, one.signals) for one in self.allowed}
        assert Kept(others, scopes, kept.signals) in known, f"kept is {kept}, and should be one of {self.allowed}"


#: Steps after which a failed one before does not change what is kept.
STEPS = [step for step in script().steps if not step.restarts][:9]


def attempt(run: Run, first: int, kind: str) -> None:
    run.fault.write_text(f"{first} {KINDS[kind]} {kind}")
    if not run.begin():
        run.fault.unlink()
        run.prefd.start()
        run.compare()
        return
    for step in STEPS:
        before = run.refused
        run.do(step)
        if run.refused > before:
            # What follows builds on it.
            break
    run.mend()
    run.compare()
    run.prefd.kill()
    run.prefd.start()
    run.compare()


@pytest.mark.parametrize("kind", KINDS)
def test_a_failing_disk_loses_nothing_and_stops_no_request(stage, backend, disk_library, is_long, figure, kind):
    backend.script(whole(completion("ok")))
    dry = Run(stage.home / "dry", backend, disk_library)
    stage.started.append(dry.prefd)
    assert dry.begin()
    started = dry.calls()
    for step in STEPS:
        dry.do(step)
    assert dry.refused == 0
    dry.prefd.stop()
    count = dry.calls()
    assert started > 10 and count > started + 30, "the calls to the disk are not seen"
    tried = refused = 0
    for first in range(1, count + 1, 1 if is_long else count // 9):
        run = Run(stage.home / f"{kind}{first}", backend, disk_library)
        try:
            attempt(run, first, kind)
        except AssertionError as error:
            raise AssertionError(f"call {first} of {count} ({kind}): {error}") from error
        finally:
            run.prefd.close()
        tried += 1
        refused += run.refused
    assert refused > 0 or kind == "short", "no fault was felt"
    figure(f"calls to the disk that failed, each in turn ({kind})", tried)
    figure("… writes refused with a clear error; requests not answered; acknowledged writes lost", f"{refused}; 0; 0")
