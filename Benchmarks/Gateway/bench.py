"""Runs all targets in turns against one stub backend. See README.md."""

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

import growth
import leaving
import machine
import picture
import report
from cases import ANSWER_BYTES, CASES, EVENT_BYTES, EVENTS, REQUEST_BYTES
from client import Failed
from rounds import RATE_EVERY, USERS, Bench
from summary import summarize

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PICTURE = REPOSITORY / "docs/gateway-benchmark.svg"
USUAL = ["direct", "nginx", "haproxy", "litellm", "prefd-idle", "prefd-full"]
# A second nginx with nothing different: how far its ratios are from 1 is the noise.
KNOWN = USUAL + ["nginx-again"]


def parse_options():
    parser = argparse.ArgumentParser(
        prog="run.sh", description="Gateways in turns against a stub backend"
    )
    parser.add_argument("--rounds", type=int, help="default 5, with --quick 1")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and requests")
    parser.add_argument(
        "--growth",
        nargs="?",
        const=",".join(map(str, growth.SIZES)),
        metavar="N,N,...",
        help="also prefd with so many stored users; default %(const)s",
    )
    parser.add_argument(
        "--leaving",
        action="store_true",
        help="also how soon a backend hears of a client's going; always in a full run",
    )
    parser.add_argument("--cases", help="comma-separated: " + ",".join(c.name for c in CASES))
    parser.add_argument("--targets", help="comma-separated: " + ",".join(KNOWN))
    parser.add_argument("--prefd", type=Path, help="the binary; default .build/release/prefd")
    parser.add_argument("--rules", type=Path, default=REPOSITORY / "config/rules.d")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write all figures there")
    parser.add_argument(
        "--picture", type=Path, metavar="PATH", help=f"default {PICTURE.name}, of a full run only"
    )
    parser.add_argument("--max-seconds", type=float, default=600)
    parser.add_argument("--programs", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--litellm", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()

    options.divide = 8 if options.quick else 1
    options.rules = options.rules.resolve()
    names = options.cases.split(",") if options.cases else [c.name for c in CASES]
    if set(names) - {c.name for c in CASES}:
        parser.error("--cases: unknown case")
    options.cases = [c for c in CASES if c.name in names]
    options.growth = [int(size) for size in (options.growth or "").split(",") if size]
    asked = options.targets.split(",") if options.targets else USUAL
    if set(asked) - set(KNOWN):
        parser.error("--targets: unknown target")
    options.targets = [name for name in KNOWN if name in asked]
    _leave_out_what_is_missing(options)
    whole = options.cases == CASES and options.targets == USUAL and not options.quick
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.leaving = options.prefd.exists() and (options.leaving or whole)
    options.picture = options.picture or (PICTURE if whole else None)
    return options


def _leave_out_what_is_missing(options):
    options.prefd = (options.prefd or REPOSITORY / ".build/release/prefd").resolve()
    reasons = {}
    if not options.prefd.exists():
        reasons["prefd"] = f"{options.prefd} is not there (swift build -c release, or --prefd PATH)"
        options.growth = []
    if not options.litellm or not options.litellm.exists():
        reasons["litellm"] = "it could not be installed"
    for name in list(options.targets):
        reason = reasons.get(name.partition("-")[0])
        if reason:
            print(f"{name} is left out: {reason}", file=sys.stderr)
            options.targets.remove(name)


def main():
    options = parse_options()
    # So that `finally` runs, and nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    machine.raise_descriptor_limit()
    described = machine.describe(REPOSITORY)
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(options, Path(directory))
        try:
            bench.start()
            bench.measure()
            left = leaving.measure(bench) if options.leaving else None
            grown = growth.measure(bench, options.growth) if options.growth else None
        except Failed as failure:
            print(f"error: {failure}", file=sys.stderr)
            return 1
        finally:
            bench.stop()
    document = {
        "machine": described,
        "settings": {
            "rounds": options.rounds,
            "request_bytes": REQUEST_BYTES,
            "answer_bytes": ANSWER_BYTES,
            "events": EVENTS,
            "event_bytes": EVENT_BYTES,
            "users": USERS,
            "rate_every": RATE_EVERY,
            "cases": [case._asdict() for case in options.cases],
        },
        "targets": bench.facts,
        "summary": summarize(bench.runs, options.cases, list(bench.targets)),
        "leaving": left,
        "growth": grown,
        "runs": bench.runs,
    }
    report.print_tables(described, document["summary"], options.cases, bench.facts)
    if left:
        leaving.print_table(left)
    if grown:
        growth.print_table(grown)
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    if options.picture:
        options.picture.write_text(picture.draw(document))
    return 1 if errors(document) else 0


def errors(document):
    """How many answers were wrong."""
    found = sum(sum(run["errors"].values()) for run in document["runs"])
    for row in (document["growth"] or {}).values():
        found += sum(asked["errors"] for asked in row["asked"].values())
    return found


if __name__ == "__main__":
    sys.exit(main())
