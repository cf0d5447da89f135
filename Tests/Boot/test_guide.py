"""From nothing to a personalized, enforced, journaled answer, by the commands of docs/INSTALL.md as written."""

import re
import time

from conftest import ROOT

GUIDE = (ROOT / "docs" / "INSTALL.md").read_text()
SECRET = "AKIAQYLPMN5HHHFPZAM2"


def commands(title: str) -> str:
    """The shell block of a section."""
    section = GUIDE.split(f"\n### {title}\n")[1].split("\n#")[0]
    (block,) = re.findall(r"^```sh\n(.*?)^```", section, re.S | re.M)
    return block


def test_the_commands_of_the_guide_lead_from_nothing_to_an_answer(bare):
    began = time.monotonic()
    # Where the guide supposes one to be: beside the package.
    install = "cd /var/cache\n" + commands("Install, as root")
    bare.ok("bash", "-ec", install)
    said = bare.as_user("alice", "bash", "-ec", commands("Ask, as anyone")).stdout
    # Personalized: the mirror's answer is the prompt that a model would have got. Enforced: a key that was in it is not.
    assert "concise" in said or "few words" in said, said
    assert SECRET in commands("Ask, as anyone") and SECRET not in said
    journal = bare.ok("bash", "-ec", commands("Read the journal, as root"))
    assert "PREFD_RULE" in journal or "rule-fired" in journal or "aws-access-key-id" in journal, journal
    assert "Defined-By: prefd" in journal
    took = time.monotonic() - began
    print(f"from nothing to a journaled answer: {took:.1f} s")
    # The promise of the guide.
    assert took < 60
