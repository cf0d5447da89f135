"""The tables that are printed."""

from statistics import median

from digits import number

# In this order: heading, key in the summary, how it is written.
COLUMNS = [
    ("rate/s", "rate", number),
    ("x nginx", "rate_ratio", number),
    ("p50 us", "p50_us", "{:,.0f}".format),
    ("p99 us", "p99_us", "{:,.0f}".format),
    ("p99.9 us", "p999_us", "{:,.0f}".format),
    ("x ng. p99", "p99_ratio", number),
    ("+p50 us", "added_p50_us", "{:+,.0f}".format),
    ("+p99 us", "added_p99_us", "{:+,.0f}".format),
    ("cpu us", "cpu_us", number),
    ("user", "user_us", number),
    ("sys", "system_us", number),
    ("x nginx", "cpu_ratio", number),
    ("peak MB", "peak_mb", "{:.1f}".format),
    ("PSS MB", "pss_mb", "{:.1f}".format),
    ("errors", "errors", "{:d}".format),
]


def print_tables(machine, summary, cases, facts):
    print(
        f"\n{machine['cpu']}, {machine['cpus']} CPUs, {machine['memory_kib'] // 1024} MB, "
        f"{machine['system']}, Linux {machine['kernel']}; nginx {machine['nginx']}, 1 worker; "
        f"HAProxy {machine['haproxy']}, 1 thread; LiteLLM {machine['litellm']}, 1 worker, over TCP"
    )
    print(f"commit {machine['commit']}, {machine['time']}")
    if machine["load_average_at_start"] > 0.5:
        print(
            f"The machine was not idle (load {machine['load_average_at_start']:.1f}): "
            "trust the ratios more than the figures."
        )
    for case in cases:
        _print_case(case, summary[case.name])
    _print_starts(facts)


def _print_case(case, rows):
    unit = "request" if case.pace_us is None else "chunk"
    timed = "a chunk's time under way" if case.pace_us else "whole answers"
    print(f"\n{case.title}  (rate and cpu per {unit}; p50, p99 and p99.9: {timed})")
    width = max(len(name) for name in rows) + 1
    print(" " * width + "".join(f"{heading:>12}" for heading, _, _ in COLUMNS))
    for target, row in rows.items():
        cells = [write(row[key]) if key in row else "" for _, key, write in COLUMNS]
        print(f"{target:<{width}}" + "".join(f"{cell:>12}" for cell in cells))
    for target, row in rows.items():
        if row["first_error"]:
            print(f"  first error of {target}: {row['first_error']}")
        if row["reconnects"]:
            print(f"  {target} closed {row['reconnects']} kept-alive connections")
        if row.get("rated"):
            print(
                f"  {target} recorded {row['rated']:,.0f} ratings a run, "
                f"each in {row['rating_p50_us']:,.0f} us (p50)"
            )


def _print_starts(facts):
    print()
    for target, known in facts.items():
        if "idle_memory" not in known:
            continue
        memory, times = known["idle_memory"], known["first_answer_ms"]
        line = (
            f"{target}: start to first answer {median(times):,.0f} ms (of {len(times)}); idle "
            f"{memory['pss_kib'] / 1024:.1f} MB PSS, {memory['own_kib'] / 1024:.1f} of them its own "
            f"and the rest mapped files, peak {memory['peak_kib'] / 1024:.1f} MB; "
            f"of {4096:,} bytes the backend got {known['forwarded_body_bytes']:,}"
        )
        if "rules" in known:
            line += f", {known['directives_applied']} directives; {known['rules']} rules"
        if known.get("log_bytes"):
            line += f"; logged {known['log_bytes']:,} bytes"
        print(line)
