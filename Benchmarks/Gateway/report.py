"""From single runs to medians and ratios, and to the table that is printed."""

from statistics import median

# In the table, in this order: heading, key in the summary, format.
COLUMNS = [
    ("rate/s", "rate", "{:,.0f}"),
    ("x nginx", "rate_ratio", "{:.2f}"),
    ("p50 us", "p50_us", "{:,.0f}"),
    ("p99 us", "p99_us", "{:,.0f}"),
    ("x nginx", "p99_ratio", "{:.2f}"),
    ("+p50 us", "added_p50_us", "{:+,.0f}"),
    ("+p99 us", "added_p99_us", "{:+,.0f}"),
    ("cpu us", "cpu_us", "{:.2f}"),
    ("user", "user_us", "{:.2f}"),
    ("sys", "system_us", "{:.2f}"),
    ("x nginx", "cpu_ratio", "{:.2f}"),
    ("peak MB", "peak_mb", "{:.1f}"),
    ("PSS MB", "pss_mb", "{:.1f}"),
    ("errors", "errors", "{:d}"),
]


def figures(run, case):
    """What one run says, per request, or per chunk where the answer is streamed."""
    units = run["events"] if case.pace_us is not None else run["completed"]
    if not units:
        return {}
    # With pauses between chunks the time of a whole stream says nothing: what matters is how long
    # a chunk is under way. Without pauses a chunk waits for those before it, in whatever buffer.
    latency = run["event_transit"] if case.pace_us else run["latency"]
    found = {
        "rate": units / run["elapsed"] * 1e9,
        "p50_us": latency["p50"] / 1000,
        "p99_us": latency["p99"] / 1000,
        "p999_us": latency["p999"] / 1000,
        "first_event_p50_us": run["first_event"]["p50"] / 1000,
    }
    if run["memory"]:
        found |= {
            "cpu_us": run["proxy"]["cpu"] / 1000 / units,
            "peak_mb": run["memory"]["peak_kib"] / 1024,
            "pss_mb": run["memory"]["pss_kib"] / 1024,
        }
    return found


def summarize(runs, cases, targets):
    """{case: {target: figures}}: medians over the rounds.

    Ratios and added times are taken within a round, against the nginx or direct run of the same
    round, and then their median: what disturbs a whole round cancels.
    """
    summary = {}
    for case in cases:
        rounds = {}
        for run in runs:
            if run["case"] == case.name:
                rounds.setdefault(run["round"], {})[run["target"]] = run
        rows = {target: {} for target in targets}
        for number in rounds:
            of_round = {t: figures(run, case) for t, run in rounds[number].items()}
            direct, nginx = of_round.get("direct"), of_round.get("nginx")
            for target, found in of_round.items():
                if direct and found and target != "direct":
                    for key in ("p50_us", "p99_us"):
                        found["added_" + key] = found[key] - direct[key]
                if nginx and found and target != "direct":
                    for key, ratio in (("rate", "rate_ratio"), ("p99_us", "p99_ratio"),
                                       ("p50_us", "p50_ratio"), ("cpu_us", "cpu_ratio")):
                        found[ratio] = found[key] / nginx[key]
                for key, value in found.items():
                    rows[target].setdefault(key, []).append(value)
        for target, row in rows.items():
            medians = {key: median(values) for key, values in row.items()}
            ranges = {key: [min(values), max(values)] for key, values in row.items()}
            own = [r[target] for r in rounds.values() if target in r]
            # The kernel tells user from system time in ticks of 10 ms only: too coarse for one run,
            # so the exact total is divided as the ticks of all rounds together say.
            user, system = (sum(r["proxy"][k] for r in own) for k in ("user", "system"))
            if user + system and "cpu_us" in medians:
                medians["user_us"] = medians["cpu_us"] * user / (user + system)
                medians["system_us"] = medians["cpu_us"] * system / (user + system)
            medians["errors"] = sum(sum(run["errors"].values()) for run in own)
            medians["first_error"] = next((r["first_error"] for r in own if r["first_error"]), "")
            medians["reconnects"] = sum(run["reconnects"] for run in own)
            medians["forwarded_body_bytes"] = median(r["forwarded_body_bytes"] for r in own)
            # The same for all targets, unless one of them frames or writes events anew.
            medians["body_bytes_per_answer"] = (
                sum(r["body_bytes"] for r in own) / max(sum(r["completed"] for r in own), 1)
            )
            medians["range"] = ranges
            rows[target] = medians
        summary[case.name] = rows
    return summary


def print_tables(machine, summary, cases, facts):
    print(
        f"\n{machine['cpu']}, {machine['cpus']} CPUs, {machine['memory_kib'] // 1024} MB, "
        f"{machine['system']}, Linux {machine['kernel']}, {machine['nginx']}, 1 worker"
    )
    print(f"commit {machine['commit']}, {machine['time']}")
    if machine["load_average_at_start"] > 0.5:
        print(
            f"The machine was not idle (load {machine['load_average_at_start']:.1f}): "
            "trust the ratios more than the figures."
        )
    for case in cases:
        unit = "request" if case.pace_us is None else "chunk"
        timed = "a chunk's time under way" if case.pace_us else "whole answers"
        print(f"\n{case.title}  (rate and cpu per {unit}; p50 and p99: {timed})")
        width = max(len(name) for name in summary[case.name]) + 2
        print(" " * width + "".join(f"{heading:>11}" for heading, _, _ in COLUMNS))
        for target, row in summary[case.name].items():
            cells = [form.format(row[key]) if key in row else "" for _, key, form in COLUMNS]
            print(f"{target:<{width}}" + "".join(f"{cell:>11}" for cell in cells))
        for target, row in summary[case.name].items():
            if row["first_error"]:
                print(f"  first error of {target}: {row['first_error']}")
            if row["reconnects"]:
                print(f"  {target} closed {row['reconnects']} kept-alive connections")
    print()
    for target, known in facts.items():
        if "idle_memory" not in known:
            continue
        memory = known["idle_memory"]
        print(
            f"{target}: start to first answer {known['first_answer_ms']:.0f} ms; idle "
            f"{memory['pss_kib'] / 1024:.1f} MB PSS, peak {memory['peak_kib'] / 1024:.1f} MB; "
            f"of {4096:,} bytes the backend got {known['forwarded_body_bytes']:,}"
            + (f", {known['directives_applied']} directives" if "prefd" in target else "")
            + (f"; logged {known['log_bytes']:,} bytes" if known.get("log_bytes") else "")
        )
