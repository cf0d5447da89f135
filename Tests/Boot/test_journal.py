"""What an admin reads in the journal: fields, explanations, and nothing that anyone said."""

CANARY = "AKIAQYLPMN5HHHFPZAM2"


def test_an_events_fields_are_read_back(host):
    answer = host.ask("alice", f"my key is {CANARY}")
    assert CANARY not in answer["choices"][0]["message"]["content"]
    (fired,) = host.journal("PREFD_EVENT=rule-fired")
    assert fired["PREFD_RULE"] == "aws-access-key-id" and fired["PREFD_ACTION"] == "redact"
    # systemd knows from whom it came: no one can forge that.
    assert fired["_SYSTEMD_UNIT"] == "prefd.service" and fired["_EXE"] == "/usr/bin/prefd"
    served = host.journal(f"PREFD_REQUEST_ID={fired['PREFD_REQUEST_ID']}", "PREFD_EVENT=request-served")
    assert len(served) == 1 and int(served[0]["PREFD_DURATION_US"]) > 0 and served[0]["PREFD_TIER"]
    assert served[0]["PREFD_PRINCIPAL"] and "1000" not in served[0]["PREFD_PRINCIPAL"]


def test_every_kind_of_event_so_far_is_explained(host):
    host.as_user("alice", "prefctl", "set", "verbosity=terse")
    host.as_user("alice", "prefctl", "set", "safety=off", status=1)
    host.ok("prefctl", "reload")
    host.ok("systemctl", "restart", "prefd.service")
    host.ready()
    kinds = {entry["PREFD_EVENT"]: entry["MESSAGE_ID"] for entry in host.journal() if "PREFD_EVENT" in entry}
    assert {"started", "stopping", "reloaded", "preference-changed", "preference-refused", "rule-fired"} <= set(kinds)
    for kind, number in kinds.items():
        explained = host.ok("journalctl", "--unit=prefd", "--catalog", "--lines=1", f"MESSAGE_ID={number}")
        assert "Defined-By: prefd" in explained and "Subject: " in explained, kind


def test_nothing_that_was_said_or_set_is_in_the_journal(host):
    host.as_user("alice", "prefctl", "set", "note=canary-in-a-note")
    host.ask("alice", "canary-in-a-prompt")
    host.ok("journalctl", "--sync")
    everything = host.ok("journalctl", "--all", "--output=export", "_SYSTEMD_UNIT=prefd.service")
    assert "request-served" in everything
    for said in (CANARY, "canary-in-a-note", "canary-in-a-prompt"):
        assert said not in everything
