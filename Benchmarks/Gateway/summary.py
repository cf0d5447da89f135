"""From single runs to medians and ratios."""

from statistics import median

RATIOS = {"rate": "rate_ratio", "p50_us": "p50_ratio", "p99_us": "p99_ratio", "cpu_us": "cpu_ratio"}


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
        "rated": run["rated"],
        "rating_p50_us": run["rating_latency"]["p50"] / 1000,
    }
    if run["memory"]:
        found |= {
            "cpu_us": run["proxy"]["cpu"] / 1000 / units,
            "peak_mb": run["memory"]["peak_kib"] / 1024,
            "pss_mb": run["memory"]["pss_kib"] / 1024,
        }
    return found


def compare(of_round):
    """Adds to one round's {target: figures} how they compare to that round's direct and nginx."""
    direct, nginx = of_round.get("direct"), of_round.get("nginx")
    for target, found in of_round.items():
        if not found or target == "direct":
            continue
        if direct:
            for key in ("p50_us", "p99_us", "p999_us"):
                found["added_" + key] = found[key] - direct[key]
        if nginx:
            for key, ratio in RATIOS.items():
                found[ratio] = found[key] / nginx[key]


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
        values = {}
        for of_case in rounds.values():
            of_round = {target: figures(run, case) for target, run in of_case.items()}
            compare(of_round)
            for target, found in of_round.items():
                for key, value in found.items():
                    values.setdefault(target, {}).setdefault(key, []).append(value)
        summary[case.name] = {}
        for target in targets:
            own = [of_case[target] for of_case in rounds.values() if target in of_case]
            if own:
                summary[case.name][target] = _row(own, values.get(target, {}))
    return summary


def _row(own, values):
    """One target's line: `own` are its runs of one case, `values` their figures."""
    row = {key: median(several) for key, several in values.items()}
    # The kernel tells user from system time in ticks of 10 ms only: too coarse for one run, so the
    # exact total is divided as the ticks of all rounds together say.
    user, system = (sum(run["proxy"][k] for run in own) for k in ("user", "system"))
    if user + system and "cpu_us" in row:
        row["user_us"] = row["cpu_us"] * user / (user + system)
        row["system_us"] = row["cpu_us"] * system / (user + system)
    row["rounds"] = len(own)
    row["errors"] = sum(sum(run["errors"].values()) for run in own)
    row["first_error"] = next((run["first_error"] for run in own if run["first_error"]), "")
    row["reconnects"] = sum(run["reconnects"] for run in own)
    row["forwarded_body_bytes"] = median(run["forwarded_body_bytes"] for run in own)
    # The same for all targets, unless one of them frames or writes events anew.
    answers = max(sum(run["completed"] for run in own), 1)
    row["body_bytes_per_answer"] = sum(run["body_bytes"] for run in own) / answers
    row["range"] = {key: [min(several), max(several)] for key, several in values.items()}
    return row
