"""The audit log: everything decided is in it, whatever is done to it is found, and a crash leaves it right."""

import contextlib
import hashlib
import json
import subprocess
import threading

CYCLES = 12


def verify(prefd, *more: str) -> dict:
    done = prefd.prefctl("audit", "verify", "--json", *more)
    verdict = json.loads(done.stdout)
    assert done.returncode == (0 if verdict["ok"] else 1), done.stderr
    return verdict


def lines(prefd) -> list[list[str]]:
    return [line.split(" ") for line in (prefd.state / "audit.log").read_text().splitlines()]


def openssl_verifies(home, key: str, message: str, signature: str) -> bool:
    # RFC 8410: what stands in front of an Ed25519 key in DER.
    (home / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100" + key))
    (home / "message").write_text(message)
    (home / "signature").write_bytes(bytes.fromhex(signature))
    options = ["-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-in", "message", "-sigfile", "signature"]
    done = subprocess.run(["openssl", "pkeyutl", "-verify", *options], cwd=home, capture_output=True, text=True)
    assert "Signature" in done.stdout + done.stderr, done.stderr
    return done.returncode == 0


def decide(prefd) -> None:
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/tone", {"value": "casual"})
        wire.put("/prefd/v1/consent/signals.explicit", {"granted": True})
        wire.delete("/prefd/v1/consent/signals.explicit")


def test_what_is_decided_is_in_the_log_and_anyone_can_check_the_chain(prefd, home):
    decide(prefd)
    assert prefd.prefctl("rules", "reload").returncode == 0
    assert prefd.prefctl("key", "rotate", "--reason", "wombats at dusk").returncode == 0
    assert "wombat" in prefd.log() and "wombat" not in (prefd.state / "audit.log").read_text()
    receipt = prefd.prefctl("forget-me", "--yes", "--json").stdout
    kinds = [line[2] for line in lines(prefd) if line[2] != "checkpoint"]
    assert kinds == [
        "consent-granted",
        "consent-granted",
        "consent-withdrawn",
        "reloaded",
        "admin-action",
        "master-key-changed",
        "user-erased",
    ]
    # The chain, as the documentation has it.
    before = "0" * 64
    for number, line in enumerate((prefd.state / "audit.log").read_text().splitlines(), 1):
        text, _, stated = line.rpartition(" ")
        assert text.split(" ")[0] == str(number)
        before = hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
        assert before == stated
    verdict = verify(prefd)
    assert verdict["ok"] and verdict["head"] == f"{number}:{before}"
    # And a signature, by another program.
    *_, signed = (line for line in lines(prefd) if line[2] == "checkpoint")
    of, signature = (word.partition("=")[2] for word in signed[4:6])
    assert openssl_verifies(home, verdict["public_key"], f"prefd audit checkpoint\n{of}\n", signature)
    assert not openssl_verifies(home, verdict["public_key"], f"prefd audit checkpoint\n{of}0\n", signature)
    # The journal has checkpoints, and each is one of this log.
    told = [event["PREFD_CHECKPOINT"] for event in prefd.events("audit-checkpoint")]
    assert told
    for checkpoint in told:
        assert verify(prefd, "--checkpoint", checkpoint)["ok"]
    assert verdict["public_key"] == json.loads(prefd.prefctl("key", "status", "--json").stdout)["audit_key"]

    # The receipt is verified later, by whoever has it.
    (home / "receipt.json").write_text(receipt)
    done = prefd.prefctl("audit", "receipt", str(home / "receipt.json"))
    assert done.returncode == 0 and "genuine" in done.stdout
    found = json.loads(prefd.prefctl("audit", "receipt", str(home / "receipt.json"), "--json").stdout)
    assert lines(prefd)[found["entry"] - 1][2] == "user-erased"
    (home / "receipt.json").write_text(receipt.replace('1', '2'))
    assert prefd.prefctl("audit", "receipt", str(home / "receipt.json")).returncode == 1
    (home / "receipt.json").write_text("{}")
    assert prefd.prefctl("audit", "receipt", str(home / "receipt.json")).returncode == 1


def test_what_is_done_to_the_log_is_found_while_prefd_runs_and_at_its_start(prefd):
    decide(prefd)
    prefd.prefctl("rules", "reload")
    path = prefd.state / "audit.log"
    whole = path.read_bytes()
    entries = whole.splitlines(keepends=True)
    for damage, word in [
        (b"".join(entries[:1] + entries[2:]), "entry 2 is missing"),
        (whole.replace(b"signals.explicit", b"signals.implicit", 1), "was changed"),
        (b"".join(entries[:-1]), "is missing"),
        (whole + entries[-1], "more"),
    ]:
        path.write_bytes(damage)
        done = prefd.prefctl("audit", "verify")
        assert done.returncode == 1 and word in done.stdout, done.stdout
    path.write_bytes(whole)
    assert verify(prefd)["ok"]
    prefd.stop()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    prefd.start()
    assert "cut off" in prefd.wait_for_event("audit-broken")["MESSAGE"]
    assert (prefd.state / "audit.log.broken.1").read_bytes() == whole[: len(whole) // 2]
    assert not verify(prefd)["ok"]
    assert "audit.log.broken.N" in prefd.prefctl("doctor").stdout
    with prefd.wire() as wire:
        assert wire.get("/prefd/v1/preferences/tone").json()["value"] == "casual"


def test_the_log_goes_on_in_further_files_and_only_so_many_are_kept(make_prefd, backend):
    prefd = make_prefd(backend, audit={"file_size": "64KiB", "files": 1})

    def files() -> dict[str, int]:
        return {path.name: path.stat().st_size for path in prefd.state.glob("audit.log*")}

    with prefd.wire() as wire:
        for _ in range(500):
            assert wire.put("/prefd/v1/consent/content", {"granted": True}).status == 200
            assert wire.delete("/prefd/v1/consent/content").status == 200
    assert len(files()) == 2 and max(files().values()) < 70_000, files()
    verdict = verify(prefd)
    assert verdict["ok"] and verdict["first"] > 1
    assert f"from entry {verdict['first']} on" in prefd.prefctl("audit", "verify").stdout
    assert prefd.stop() == 0
    prefd.start()
    assert verify(prefd)["ok"] and not prefd.events("audit-broken")
    (full,) = set(files()) - {"audit.log"}
    (prefd.state / full).unlink()
    done = prefd.prefctl("audit", "verify")
    assert done.returncode == 1 and "prefd has not let them go" in done.stdout, done.stdout


def test_a_rolled_back_host_is_told_by_a_checkpoint_from_elsewhere(prefd):
    decide(prefd)
    prefd.stop()
    files = {path: path.read_bytes() for path in prefd.state.iterdir()}
    prefd.start()
    with prefd.wire() as wire:
        wire.put("/prefd/v1/consent/content", {"granted": True})
    prefd.stop()
    checkpoint = prefd.events("audit-checkpoint")[-1]["PREFD_CHECKPOINT"]
    for path in prefd.state.iterdir():
        path.unlink()
    for path, content in files.items():
        path.touch(mode=0o600)
        path.write_bytes(content)
    prefd.start()
    assert verify(prefd)["ok"]
    assert not verify(prefd, "--checkpoint", checkpoint)["ok"]


class Deciding(threading.Thread):
    """Grants, withdraws and forgets as fast as it can, and remembers what was acknowledged."""

    def __init__(self, prefd):
        super().__init__()
        self.prefd = prefd
        self.receipts: list[str] = []

    def run(self) -> None:
        with contextlib.suppress(Exception), self.prefd.wire() as wire:
            while True:
                for _ in range(3):
                    reply = wire.put("/prefd/v1/consent/signals.explicit", {"granted": True})
                    self.receipts.append(reply.json()["receipt"]["id"])
                    wire.delete("/prefd/v1/consent/signals.explicit")
                self.receipts.append(wire.delete("/prefd/v1/me").json()["id"])


def test_kill_9_leaves_a_log_that_verifies_and_has_all_that_was_acknowledged(prefd):
    acknowledged: list[str] = []
    for cycle in range(CYCLES):
        deciders = [Deciding(prefd) for _ in range(2)]
        for one in deciders:
            one.start()
        deciders[0].join(0.1 + 0.019 * cycle)
        prefd.kill()
        for one in deciders:
            one.join()
            acknowledged += one.receipts
        prefd.start()
        verdict = verify(prefd)
        assert verdict["ok"], f"cycle {cycle}: {verdict['problems']}"
    assert not prefd.events("audit-broken")
    entered = {word[8:] for line in lines(prefd) for word in line if word.startswith("receipt=")}
    lost = [receipt for receipt in acknowledged if receipt not in entered and receipt.startswith("c-")]
    assert not lost and len(acknowledged) > CYCLES * 2
    print(f"{CYCLES} kills amid {len(acknowledged)} acknowledged decisions, {verdict['entries']} entries")
