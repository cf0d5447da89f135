"""Rule packs that tests write."""

from __future__ import annotations

import json


def pack(*rules: dict, name="planted") -> dict[str, str]:
    """A folder of one pack; JSON is YAML."""
    return {f"{name}.yaml": json.dumps({"pack": name, "rules": list(rules)}, indent=1)}


def rule(id: str, action, *, detect: dict, where=("output",), match=(), passes=(), **more) -> dict:
    """One rule with its own cases."""
    return {
        "id": id,
        "description": f"Planted by a test: {id}",
        "detect": detect,
        "where": list(where),
        "action": action,
        "match": list(match),
        "pass": list(passes),
        **more,
    }


def block_pack(word: str, where=("output", "reasoning", "tool_args")) -> dict[str, str]:
    """A pack that blocks one literal."""
    return pack(rule("forbidden", "block", detect={"literal": [word]}, where=where, match=[f"a {word}"], passes=["fine"]))


def few_rules() -> dict[str, str]:
    """For tests that are not about rules: one that nothing matches."""
    return block_pack("a word that no test says")
