"""What stored users cost: prefds that are alike but for how many users they hold."""

import json
import sys
from statistics import median

import people
from cases import CASES
from client import Failed
from rounds import STARTS
from targets import start_prefd

SIZES = [0, 1_000, 100_000]  # unless asked otherwise
ROUNDS = 5
# What each user has set.
PREFERENCES = {key: people.PREFERENCES[key] for key in ("verbosity", "tone", "expertise")}
# Of users that nobody has stored, where there are none: they are asked about all the same.
STRANGERS = 1_000
LOADS = [case for case in CASES if case.name in ("plain-1", "plain-64")]


def measure(bench, sizes):
    """{size: figures}. One prefd for each size; the load goes to them in turns."""
    grown = {size: _grow(bench, size) for size in sizes}
    for number in range(ROUNDS):
        for case in LOADS:
            turn = number % len(sizes)
            for size in sizes[turn:] + sizes[:turn]:
                server, found = grown[size]
                found["runs"][case.name].append(_ask(bench, server, size, case))
        print(f"growth: round {number + 1} of {ROUNDS} done", file=sys.stderr)
    for server, found in grown.values():
        runs = found.pop("runs")
        peaks = [run["memory"]["peak_kib"] for own in runs.values() for run in own]
        found["peak_mb"] = max(peaks) / 1024
        found["asked"] = {name: _figures(own) for name, own in runs.items()}
        server.stop()
    return {str(size): found for size, (_, found) in grown.items()}


def _grow(bench, size):
    folder = bench.directory / f"grown-{size}"
    server = start_prefd(f"prefd-{size}", bench.options.prefd, folder, bench.stub, delegate=True)
    bench.servers.append(server)
    found = {"runs": {case.name: [] for case in LOADS}}
    if size:
        written = people.set_preferences(bench.load, server, size, PREFERENCES)
        found["writes"] = {
            "per_second": size / written["elapsed"] * 1e9,
            "p50_us": written["latency"]["p50"] / 1000,
            "p99_us": written["latency"]["p99"] / 1000,
            "cpu_us": written["proxy"]["cpu"] / 1000 / size,
        }
        stored = json.loads(server.admin_answer("/prefd/v1/admin/status"))["users"]
        if stored != size:
            raise Failed(f"{server.name} holds {stored} users instead of {size}")
        print(f"growth: {size} users stored", file=sys.stderr)
    times = []
    for _ in range(STARTS):
        server.stop()
        server.start()
        times.append(server.first_answer_ms)
    found["first_answer_ms"] = times
    found["idle_memory"] = server.memory()
    state = folder / "state"
    found["disk_bytes"] = sum(f.stat().st_size for f in state.rglob("*") if f.is_file())
    return server, found


def _ask(bench, server, size, case):
    requests = case.requests // bench.options.divide
    server.reset_peak()
    run = bench.load.run(
        server,
        bench.inputs.body(case),
        [
            *bench.inputs.expected(case),
            *("--connections", str(case.connections), "--users", str(size or STRANGERS)),
            *("--requests", str(requests), "--warmup", str(requests // 4)),
        ],
    )
    run["memory"] = server.memory()
    return run


def _figures(runs):
    """Medians over the rounds."""
    return {
        "rate": median(run["completed"] / run["elapsed"] * 1e9 for run in runs),
        "p50_us": median(run["latency"]["p50"] for run in runs) / 1000,
        "p99_us": median(run["latency"]["p99"] for run in runs) / 1000,
        "cpu_us": median(run["proxy"]["cpu"] / max(run["completed"], 1) for run in runs) / 1000,
        "errors": sum(sum(run["errors"].values()) for run in runs),
        "first_error": next((run["first_error"] for run in runs if run["first_error"]), ""),
    }


def print_table(found):
    print("\nStored users (prefd alone, no rules; asked in the name of each in turn)")
    heads = ["users", "PUT/s", "PUT p99 us", "disk MB", "start ms", "idle MB", "peak MB"]
    for case in LOADS:
        heads += [f"{case.name}/s", "p50 us", "p99 us", "cpu us"]
    print("".join(f"{head:>12}" for head in heads))
    for size, row in found.items():
        writes = row.get("writes")
        cells = [
            f"{int(size):,}",
            f"{writes['per_second']:,.0f}" if writes else "",
            f"{writes['p99_us']:,.0f}" if writes else "",
            f"{row['disk_bytes'] / 1e6:.1f}",
            f"{median(row['first_answer_ms']):.0f}",
            f"{row['idle_memory']['pss_kib'] / 1024:.1f}",
            f"{row['peak_mb']:.1f}",
        ]
        for asked in row["asked"].values():
            cells += [f"{asked['rate']:,.0f}"]
            cells += [f"{asked[key]:,.1f}" for key in ("p50_us", "p99_us", "cpu_us")]
        print("".join(f"{cell:>12}" for cell in cells))
        for name, asked in row["asked"].items():
            if asked["errors"]:
                print(f"  {asked['errors']} errors at {name}: {asked['first_error']}")
