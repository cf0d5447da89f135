"""A directory of rule packs with as many rules as asked for: the shipped ones, and made-up ones.

The made-up rules are such as an organization writes: most look for tokens with a prefix of their
own, some for phrases, and a few are patterns without any literal. None of them matches the stub's
answers, so that every byte is looked at and none is changed.
"""

import json
import random
import re
import shutil
import string

SEED = 20240607
SYLLABLES = "ba ce di fo gu ka le mi no pu ra se ti vo zu".split()


def write_rules(directory, shipped, count):
    """Fills `directory` with `shipped`'s packs, and up to `count` rules with made-up ones."""
    directory.mkdir()
    there = 0
    for pack in sorted(shipped.glob("*.yaml")):
        shutil.copy(pack, directory / pack.name)
        there += len(re.findall(r"^ {2}- id:", pack.read_text(), re.MULTILINE))
    if there < count:
        made = {"pack": "made-up", "rules": make_rules(count - there)}
        (directory / "made-up.yaml").write_text(json.dumps(made, indent=1))  # JSON is YAML
    return directory


def make_rules(count):
    """`count` rules, the same ones every time."""
    pick = random.Random(SEED)
    return [_rule(pick, number) for number in range(count)]


def _rule(pick, number):
    word = "".join(pick.choices(SYLLABLES, k=3)) + str(number)
    if number % 12 == 0:
        digits = pick.randint(5, 9)
        letters = pick.choice("QXZJK")
        detect = {"regex": rf"\b\d{{{digits}}}[{letters}{pick.choice('WYV')}]\d{{3}}\b"}
        match = "4" * digits + letters + "123"
    elif number % 3 == 0:
        phrases = [f"project {word}", f"{word} {pick.choice(SYLLABLES)}{pick.choice(SYLLABLES)}"]
        detect, match = {"literal": phrases}, phrases[1]
    else:
        length = pick.randint(16, 40)
        detect = {"regex": rf"\b{word}[_-][A-Za-z0-9]{{{length}}}\b"}
        match = word + "_" + "".join(pick.choices(string.ascii_letters + string.digits, k=length))
    return {
        "id": f"made-up-{number}",
        "description": f"Made up for the benchmark: {word}",
        "detect": detect,
        "where": ["output", "reasoning", "tool_args"],
        "action": {"redact": "[removed]"},
        "match": [f"it is {match}, I think"],
        "pass": ["the river turns slowly under an old bridge"],
    }
