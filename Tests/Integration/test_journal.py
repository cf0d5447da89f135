"""Events: their fields, and that they hold nothing of what was said."""

import json
import os
import shutil
import signal
import subprocess
import textwrap
import time
from pathlib import Path

import pytest

from answers import completion, whole
from canaries import canary
from daemon import ROOT
from packs import block_pack
from people import needs_root

HI = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
JOURNALD = Path("/lib/systemd/systemd-journald")


def make_events(prefd, backend) -> str:
    """One request that a rule blocks, a preference, a consent; returns the request's id."""
    backend.script(whole(completion("a forbidden-word")))
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/tone", {"value": "casual"})
        wire.put("/prefd/v1/preferences/facts", {"value": "mine"})
        wire.put("/prefd/v1/consent/signals.explicit", {"granted": True})
        wire.post("/prefd/v1/signals", {"kind": "rating", "value": 3})
        wire.post("/prefd/v1/signals", {"kind": "regenerate"})
        request = wire.chat(HI).header("x-prefd-request-id")
        wire.delete("/prefd/v1/consent/signals.explicit")
        wire.chat(b"{")
    return request


def check_event(event: dict[str, str], request: str) -> None:
    """The fields of the contract, on the event of a rule that fired."""
    assert len(event["MESSAGE_ID"]) == 32 and int(event["MESSAGE_ID"], 16)
    assert event["PREFD_REQUEST_ID"] == request
    assert event["PREFD_RULE"] == "forbidden" and event["PREFD_ACTION"] == "block"
    assert event["PREFD_TIER"] in ("personalizable", "safeguarded", "universal")
    assert event["PREFD_APP"]
    assert event["PREFD_PRINCIPAL"] and str(os.getuid()) != event["PREFD_PRINCIPAL"]
    assert "uid:" not in event["PREFD_PRINCIPAL"]
    assert int(event["PREFD_DURATION_US"]) > 0


def test_without_a_journal_each_event_is_one_line_with_its_fields(make_prefd, backend):
    prefd = make_prefd(backend, rules=block_pack("forbidden-word"))
    request = make_events(prefd, backend)
    check_event(prefd.wait_for_event("answer-blocked"), request)
    prefd.stop()
    kinds = {event["PREFD_EVENT"] for event in prefd.events()}
    assert kinds >= {
        "started", "preference-changed", "preference-refused", "consent-granted", "signal-recorded", "signal-refused",
        "request-served", "answer-blocked", "consent-withdrawn", "request-refused", "stopping",
    }  # fmt: skip
    ids = {event["PREFD_EVENT"]: event["MESSAGE_ID"] for event in prefd.events()}
    assert len(set(ids.values())) == len(ids)
    for event in prefd.events():
        assert event["MESSAGE"] and event["PRIORITY"] in "34567"


def test_one_user_has_one_pseudonym_and_another_key_gives_another(make_prefd, backend, home):
    prefd = make_prefd(backend, rules=block_pack("forbidden-word"))
    for _ in range(2):
        make_events(prefd, backend)
    prefd.stop()
    names = {event["PREFD_PRINCIPAL"] for event in prefd.events() if "PREFD_PRINCIPAL" in event}
    assert len(names) == 1


def test_nothing_of_what_was_said_is_in_an_event(prefd, backend):
    marks = [canary(label) for label in ("prompt", "answer", "note", "model", "path", "header")]
    backend.script(whole(completion(marks[1])))
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/note", {"value": marks[2]})
        wire.chat({"model": marks[3], "messages": [{"role": "user", "content": marks[0]}]})
        wire.get(f"/{marks[4]}")
        wire.chat(HI, headers=[("X-Prefd-Task", marks[5])])
    prefd.stop()
    assert [mark for mark in marks if mark in prefd.log()] == []


def test_every_event_is_explained_in_the_catalog(prefd, backend):
    make_events(prefd, backend)
    prefd.stop()
    catalog = (ROOT / "systemd" / "prefd.catalog").read_text()
    explained = {line[3:].strip() for line in catalog.splitlines() if line.startswith("-- ") and len(line.strip()) == 35}
    missing = {event["PREFD_EVENT"] for event in prefd.events() if event["MESSAGE_ID"] not in explained}
    assert not missing


SCENE = """
    # A journal of its own: in a private mount namespace, so that the machine's is not touched.
    set -eu
    home=$1
    shift
    mount --make-rprivate /
    mkdir -p "$home/run" "$home/varlib"
    mount --bind "$home/run" /run
    mount --bind "$home/varlib" /var/lib/systemd
    mount -t tmpfs catalog /usr/lib/systemd/catalog
    mkdir -p /run/systemd/journal /run/log/journal /var/lib/systemd/catalog
    cp "$CATALOG" /usr/lib/systemd/catalog/
    journalctl --update-catalog
    /lib/systemd/systemd-journald &
    journald=$!
    for _ in $(seq 200); do
        [ -S /run/systemd/journal/socket ] && break
        sleep 0.02
    done
    # Connected to the journal, as a service's stderr is: prefd can tell by JOURNAL_STREAM.
    systemd-cat --identifier=prefd "$@" &
    prefd=$!
    trap 'kill $prefd; wait $prefd || true' TERM
    wait $prefd || true
    wait $prefd || true
    journalctl --sync
    journalctl --output=json > "$home/journal.json"
    journalctl --catalog PREFD_EVENT=answer-blocked > "$home/journal.txt"
    kill $journald
    wait $journald || true
"""


@needs_root
def test_the_journal_gets_the_fields_natively_and_explains_them(make_prefd, backend, home):
    for program in ("unshare", "journalctl", "systemd-cat"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing (Debian packages: util-linux, systemd)")
    if not JOURNALD.exists():
        pytest.skip(f"{JOURNALD} is missing (Debian package: systemd)")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine allows no mount namespace of one's own")
    script = home / "scene.sh"
    script.write_text(textwrap.dedent(SCENE))
    prefd = make_prefd(
        backend, rules=block_pack("forbidden-word"), start=False, env={"CATALOG": str(ROOT / "systemd" / "prefd.catalog")}
    )
    prefd.command = ["unshare", "--mount", "bash", script, home, *prefd.arguments()]
    prefd.start()
    request = make_events(prefd, backend)
    time.sleep(0.2)
    prefd.process.send_signal(signal.SIGTERM)
    prefd.process.wait(30)
    entries = [json.loads(line) for line in (home / "journal.json").read_text().splitlines()]
    blocked = [entry for entry in entries if entry.get("PREFD_EVENT") == "answer-blocked"]
    assert len(blocked) == 1, (home / "stderr.log").read_text()
    check_event(blocked[0], request)
    # Natively, not as a line of text that journald took from stderr.
    assert blocked[0]["_TRANSPORT"] == "journal" and blocked[0]["_COMM"] == "prefd"
    assert blocked[0]["SYSLOG_IDENTIFIER"] == "prefd"
    assert {entry.get("PREFD_EVENT") for entry in entries} >= {"started", "request-served", "stopping"}
    explained = (home / "journal.txt").read_text()
    assert "░░" in explained or "-- Subject:" in explained, explained
