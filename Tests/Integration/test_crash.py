"""What was acknowledged is on disk, and without its key a store stays shut."""

import json

import pytest

from canaries import snapshot

def test_a_write_is_acknowledged_only_when_it_is_on_disk(prefd):
    with prefd.wire() as wire:
        for number in range(5):
            wire.put("/prefd/v1/preferences/language", {"value": f"en-x-{number}0"})
            prefd.kill()
            prefd.start()
            wire.close()
            assert wire.get("/prefd/v1/preferences/language").json()["value"] == f"en-x-{number}0"


@pytest.mark.parametrize("how", ["wrong", "short", "missing", "open to others"])
def test_without_the_right_key_it_refuses_to_start_and_touches_nothing(prefd, home, how):
    with prefd.wire() as wire:
        wire.put("/prefd/v1/preferences/tone", {"value": "casual"})
    prefd.stop()
    key = home / "master.key"
    right = key.read_bytes()
    if how == "wrong":
        key.write_bytes(bytes(32))
    elif how == "short":
        key.write_bytes(right[:31])
    elif how == "missing":
        key.unlink()
    else:
        key.chmod(0o644)
    before = snapshot(prefd.state)
    prefd.log_path.unlink()
    assert prefd.spawn().wait(20) == 78
    assert snapshot(prefd.state) == before
    said = prefd.log()
    assert "key" in said and right.hex() not in said
    assert not (how == "missing" and key.exists()), "it made a new key beside a store that has one"
    # With the right key again, everything is there.
    key.write_bytes(right)
    key.chmod(0o600)
    prefd.start()
    with prefd.wire() as wire:
        assert json.loads(wire.get("/prefd/v1/preferences/tone").body)["value"] == "casual"
