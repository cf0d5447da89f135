"""Reads Prometheus' text format 0.0.4 as strictly as promtool checks it: whatever it would complain of is an assertion."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)\Z")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|\Z)')
#: Prometheus, Metric and label naming: base units.
UNITS = ("_seconds", "_bytes", "_total", "_info", "_fds")


@dataclass
class Family:
    help: str
    kind: str
    samples: dict[tuple[str, tuple], float] = field(default_factory=dict)

    def value(self, **labels) -> float:
        """The one sample with these labels, of a counter or gauge."""
        (found,) = [v for (_, have), v in self.samples.items() if dict(have) == labels]
        return found

    def count_of(self, **labels) -> float:
        """As `value`, 0 where there is no such sample yet."""
        return sum(v for (_, have), v in self.samples.items() if dict(have) == labels)

    def count(self, **labels) -> float:
        """How many values a histogram holds."""
        return sum(v for (name, have), v in self.samples.items() if name.endswith("_count") and labels.items() <= dict(have).items())


def labels_of(text: str | None) -> tuple:
    found, rest = [], text or ""
    while rest:
        match = LABEL.match(rest)
        assert match, f"labels cannot be read: {text}"
        found.append((match[1], match[2]))
        rest = rest[match.end() :]
    assert len({name for name, _ in found}) == len(found), f"a label is there twice: {text}"
    return tuple(found)


def number(text: str) -> float:
    assert re.fullmatch(r"[+-]?(\d+(\.\d+)?(e[+-]?\d+)?|Inf)|NaN", text), f"no number: {text}"
    return float(text)


def parse(text: str) -> dict[str, Family]:
    assert text.endswith("\n"), "the last line is not ended"
    families: dict[str, Family] = {}
    helps: dict[str, str] = {}
    current = None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name, _, words = line[7:].partition(" ")
            assert name not in helps, f"{name} has two helps"
            assert words and words[-1] == ".", f"the help of {name} is no sentence"
            helps[name], current = words, None
        elif line.startswith("# TYPE "):
            name, _, kind = line[7:].partition(" ")
            assert name not in families and name in helps, f"{name} is typed twice, or before its help"
            assert kind in ("counter", "gauge", "histogram"), line
            families[name] = Family(helps[name], kind)
            current = name
        else:
            match = SAMPLE.match(line)
            assert match and current, f"neither a comment nor a sample of a family: {line}"
            suffix = match[1].removeprefix(current)
            allowed = ("_bucket", "_sum", "_count") if families[current].kind == "histogram" else ("",)
            assert suffix in allowed, f"{match[1]} stands under {current}"
            key = (match[1], labels_of(match[2]))
            assert key not in families[current].samples, f"twice: {line}"
            families[current].samples[key] = number(match[3])
    assert set(helps) == set(families), "a help without a type"
    for name, family in families.items():
        check(name, family)
    return families


def check(name: str, family: Family) -> None:
    assert NAME.match(name), name
    assert (family.kind == "counter") == name.endswith("_total"), f"{name} is a {family.kind}"
    if family.kind == "histogram":
        assert name.endswith(("_seconds", "_bytes")), f"{name} says no unit"
        check_histogram(name, family)
    for wrong in ("_milliseconds", "_ms", "_us", "_kb", "_percent", "_counter", "_gauge", "_histogram"):
        assert not name.endswith(wrong), name
    assert family.kind == "gauge" or all(v >= 0 and not math.isnan(v) for v in family.samples.values()), name
    shapes = {tuple(sorted(k for k, _ in have if k != "le")) for _, have in family.samples}
    assert len(shapes) <= 1, f"{name} has samples of different labels: {shapes}"


def check_histogram(name: str, family: Family) -> None:
    series: dict[tuple, dict] = {}
    for (sample, have), value in family.samples.items():
        of = series.setdefault(tuple(pair for pair in have if pair[0] != "le"), {"le": [], "sum": None, "count": None})
        if sample.endswith("_bucket"):
            of["le"].append((float(dict(have)["le"]), value))
        else:
            of[sample.rpartition("_")[2]] = value
    for labels, one in series.items():
        bounds, counts = zip(*one["le"])
        assert list(bounds) == sorted(set(bounds)) and bounds[-1] == math.inf, f"{name}{labels}: {bounds}"
        assert list(counts) == sorted(counts), f"{name}{labels} does not add its buckets up"
        assert one["count"] == counts[-1] and one["sum"] is not None, f"{name}{labels}"
