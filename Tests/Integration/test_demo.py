"""The README's first command shows what it promises."""

import os
import subprocess

from daemon import ROOT, binary


def test_the_demo_shows_the_main_job_and_leaves_nothing_behind(home):
    env = {
        **os.environ,
        "PREFD_BIN_DIR": str(binary("prefd").parent),
        "TMPDIR": str(home),
    }
    env.pop("XDG_RUNTIME_DIR", None)
    done = subprocess.run(
        ["bash", ROOT / "packaging" / "demo.sh"],
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    shown = done.stdout
    assert done.returncode == 0, shown + done.stderr
    # It says that there is no model behind it.
    assert "mirror" in shown
    # The same question before and after, and the block that made the difference.
    before, after = shown.split("prefctl set verbosity=concise tone=casual", 1)
    assert "Be concise" not in before
    assert "Be concise" in after and "casual" in after
    assert "prefctl explain" in after
    explained = after.split("prefctl explain", 1)[1]
    assert "Added to the system prompt" in explained and "never facts" in explained
    # The secret in the stream.
    assert "AKIAQYLPMN5HHHFPZAM2" not in explained.split("Received", 1)[-1]
    assert "[credential removed]" in explained
    assert sorted(path.name for path in home.iterdir()) == []
