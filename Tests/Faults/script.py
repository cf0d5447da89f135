"""What one user does, step by step, and what must be kept of it after each step."""

from __future__ import annotations

from dataclasses import dataclass, field

from wire import Wire


@dataclass(frozen=True)
class Kept:
    """What is kept of a user: what an export shows, as far as the steps decide it."""

    preferences: frozenset[tuple[str, str]] = frozenset()
    scopes: frozenset[str] = frozenset()
    signals: int = 0

    @classmethod
    def read(cls, wire: Wire) -> Kept:
        reply = wire.get("/prefd/v1/export")
        assert reply.status == 200, f"the export gives {reply.status}: {reply.body!r}"
        export = reply.json()
        return cls(
            frozenset(
                (entry["dimension"], entry["value"])
                for entry in export["preferences"]
                if entry["source"] == "explicit"
            ),
            frozenset(entry["scope"] for entry in export["consents"] if not entry.get("withdrawn_at")),
            len(export["signals"]),
        )


@dataclass
class Step:
    method: str
    target: str
    body: dict | None
    #: What is kept when it has been done.
    kept: Kept
    #: Whether it is a restart instead.
    restarts: bool = False


@dataclass
class Script:
    steps: list[Step] = field(default_factory=list)
    kept: Kept = Kept()

    def _add(self, method: str, target: str, body: dict | None, kept: Kept) -> Script:
        self.kept = kept
        self.steps.append(Step(method, f"/prefd/v1/{target}", body, kept))
        return self

    def set(self, dimension: str, value: str) -> Script:
        others = {pair for pair in self.kept.preferences if pair[0] != dimension}
        scopes = self.kept.scopes | {"preferences"}
        kept = Kept(frozenset(others | {(dimension, value)}), scopes, self.kept.signals)
        return self._add("PUT", f"preferences/{dimension}", {"value": value}, kept)

    def unset(self, dimension: str) -> Script:
        others = {pair for pair in self.kept.preferences if pair[0] != dimension}
        kept = Kept(frozenset(others), self.kept.scopes, self.kept.signals)
        return self._add("DELETE", f"preferences/{dimension}", None, kept)

    def grant(self, scope: str) -> Script:
        kept = Kept(self.kept.preferences, self.kept.scopes | {scope}, self.kept.signals)
        return self._add("PUT", f"consent/{scope}", {"granted": True}, kept)

    def withdraw(self, scope: str) -> Script:
        signals = 0 if scope == "signals.explicit" else self.kept.signals
        kept = Kept(self.kept.preferences, self.kept.scopes - {scope}, signals)
        return self._add("DELETE", f"consent/{scope}", None, kept)

    def rate(self, value: int) -> Script:
        kept = Kept(self.kept.preferences, self.kept.scopes, self.kept.signals + 1)
        return self._add("POST", "signals", {"kind": "rating", "value": value}, kept)

    def forget(self) -> Script:
        return self._add("DELETE", "me", None, Kept())

    def restart(self) -> Script:
        self.steps.append(Step("", "", None, self.kept, restarts=True))
        return self


def script() -> Script:
    """A bit of everything that writes."""
    one = Script()
    one.set("verbosity", "concise").set("tone", "casual").grant("signals.explicit")
    one.rate(5).rate(4).set("verbosity", "balanced").unset("tone").restart()
    one.rate(3).withdraw("signals.explicit").set("tone", "formal").forget()
    one.set("verbosity", "exhaustive").grant("signals.explicit").rate(2)
    return one


def take(wire: Wire, step: Step):
    """Does one step and returns its answer."""
    if step.body is None:
        return wire.request(step.method, step.target)
    return wire.put(step.target, step.body) if step.method == "PUT" else wire.post(step.target, step.body)
