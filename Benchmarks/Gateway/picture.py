"""Draws a benchmark's JSON as the README's picture.

    python3 picture.py FIGURES.json PICTURE.svg

Six panels: throughput by connections, CPU, latency and memory. All scales are logarithmic, because
what is compared lies up to three powers of ten apart. The picture brings its own background, and
follows the reader's light or dark scheme.
"""

import json
import sys
from pathlib import Path

from svg import COLORS, STYLE, Scale, element, mark, number, text

WIDTH, HEIGHT = 920, 848
PANEL_WIDTH, PANEL_HEIGHT = 430, 220
LEFT, TOP, GAP = 20, 92, 20
INSIDE = {"left": 62, "right": 16, "top": 40, "bottom": 30}
ROW_LABELS = 90  # the width that the targets' names take in panels with one row a target
CONNECTIONS = [1, 8, 64, 512]


def draw(document):
    """The whole picture, as SVG."""
    summary = document["summary"]
    targets = [name for name in COLORS if any(name in rows for rows in summary.values())]
    panels = [
        _lines(summary, targets, "plain", "Plain JSON: requests a second"),
        _lines(summary, targets, "flood", "Streams: chunks a second"),
        _rows(summary, targets, "plain-64", "CPU a request, 64 connections", "cpu_us", "µs"),
        _rows(summary, targets, "flood-64", "CPU a streamed chunk, 64 connections", "cpu_us", "µs"),
        _latency(summary, targets, "plain-1", "Plain JSON, 1 connection: p50 · p99 · p99.9"),
        _rows(summary, targets, "plain-64", "Peak memory, 64 connections", "peak_mb", "MB"),
    ]
    parts = [
        element("rect", cls="paper", x=0, y=0, width=WIDTH, height=HEIGHT, rx=10),
        text(LEFT + 4, 32, "Gateways in turns against one stub backend", "ink title"),
        text(LEFT + 4, 52, _subtitle(document), "soft small"),
        _legend(targets),
    ]
    for index, panel in enumerate(panels):
        x = LEFT + index % 2 * (PANEL_WIDTH + GAP)
        y = TOP + index // 2 * (PANEL_HEIGHT + GAP)
        parts.append(f'<g transform="translate({x} {y})">{panel}</g>')
    for line, words in enumerate(_footer(document)):
        parts.append(text(LEFT + 4, HEIGHT - 32 + 17 * line, words, "soft small"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title desc" font-family="system-ui, \'Segoe UI\', \'DejaVu Sans\', sans-serif" '
        'font-size="13">\n'
        '<title id="title">What prefd costs beside other gateways</title>\n'
        f'<desc id="desc">{_described(summary, targets)}</desc>\n'
        f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _subtitle(document):
    machine = document["machine"]
    return (
        f"4 KB in, 2 KB out; streams of 200 chunks. {machine['cpu']}, {machine['cpus']} CPUs for load, "
        "gateway and backend together. Medians; all scales are logarithmic."
    )


def _footer(document):
    machine, settings = document["machine"], document["settings"]
    yield (
        f"nginx {machine['nginx']}, 1 worker. HAProxy {machine['haproxy'].partition('-')[0]}, 1 thread. "
        f"LiteLLM {machine['litellm']}, 1 worker, over TCP. prefd at {machine['commit']}. "
        f"{machine['time'][:10]}, rounds: {settings['rounds']}."
    )
    yield (
        "prefd-idle: no preferences, no rules. prefd-full: ten directives in, 200 rules on the answer, "
        f"every {settings['rate_every']}th answer rated and recorded."
    )


def _described(summary, targets):
    """The main figures in words, for who cannot see the picture."""
    said = []
    for name in targets:
        plain, flood = (summary.get(c, {}).get(name, {}) for c in ("plain-64", "flood-64"))
        if "cpu_us" in plain and "cpu_us" in flood:
            said.append(
                f"{name}: {number(plain['cpu_us'])} µs of CPU a request, "
                f"{number(flood['cpu_us'])} µs a chunk, {number(plain['peak_mb'])} MB."
            )
    return "At 64 connections. " + " ".join(said)


def _legend(targets):
    parts, x = [], LEFT + 10
    for name in targets:
        parts += [mark(name, x, 72), text(x + 11, 76, name, "ink")]
        x += 34 + 7.4 * len(name)
    return "".join(parts)


def _frame(title):
    return element("rect", cls="panel", width=PANEL_WIDTH, height=PANEL_HEIGHT, rx=8) + text(
        14, 24, title, "ink head"
    )


def _empty(title):
    return _frame(title) + text(14, 60, "not measured", "soft small")


def _lines(summary, targets, kind, title):
    """One line a target, from 1 to 512 connections."""
    points = {
        name: [
            (place, summary[f"{kind}-{n}"][name]["rate"])
            for place, n in enumerate(CONNECTIONS)
            if "rate" in summary.get(f"{kind}-{n}", {}).get(name, {})
        ]
        for name in targets
    }
    rates = [rate for of_target in points.values() for _, rate in of_target]
    if not rates:
        return _empty(title)
    bottom = PANEL_HEIGHT - INSIDE["bottom"]
    up = Scale(rates, bottom, INSIDE["top"])
    right = PANEL_WIDTH - INSIDE["right"] - 14
    step = (right - INSIDE["left"] - 14) / (len(CONNECTIONS) - 1)

    def across(place):
        return INSIDE["left"] + 14 + place * step

    parts = [_frame(title)]
    for value in up.ticks():
        y = up(value)
        parts.append(element("path", cls="grid", d=f"M{INSIDE['left']} {y:.1f} H{right + 14}"))
        parts.append(text(INSIDE["left"] - 7, y + 4, number(value), "soft small", "end"))
    for place, n in enumerate(CONNECTIONS):
        label = f"{n} connection" + ("s" if n > 1 else "") if place in (0, 3) else str(n)
        anchor = {0: "middle", len(CONNECTIONS) - 1: "end"}.get(place, "middle")
        parts.append(text(across(place) + (14 if anchor == "end" else 0), bottom + 18, label, "soft small", anchor))
    for name, of_target in points.items():
        path = " ".join(f"{across(place):.1f},{up(rate):.1f}" for place, rate in of_target)
        parts.append(element("polyline", cls=f"line t-{name}", points=path))
        parts += [mark(name, across(place), up(rate)) for place, rate in of_target]
    return "".join(parts)


def _row_scale(values, label_width):
    # What stands right of the last mark needs room too.
    return Scale(values, ROW_LABELS + 14, PANEL_WIDTH - INSIDE["right"] - label_width)


def _row_frame(title, scale, names, unit):
    bottom = PANEL_HEIGHT - INSIDE["bottom"]
    parts = [_frame(f"{title} ({unit})")]
    for value in scale.ticks():
        x = scale(value)
        parts.append(element("path", cls="grid", d=f"M{x:.1f} {INSIDE['top']} V{bottom}"))
        parts.append(text(x, bottom + 18, number(value), "soft small", "middle"))
    step = (bottom - INSIDE["top"]) / len(names)
    places = {name: INSIDE["top"] + (index + 0.5) * step for index, name in enumerate(names)}
    parts += [text(ROW_LABELS, y + 4, name, "ink", "end") for name, y in places.items()]
    return parts, places


def _rows(summary, targets, case, title, key, unit):
    """One row a target: its figure, and how many times nginx's it is."""
    rows = summary.get(case, {})
    values = {name: rows[name][key] for name in targets if rows.get(name, {}).get(key)}
    if not values:
        return _empty(title)
    scale = _row_scale(values.values(), 140 if key == "cpu_us" else 40)
    parts, places = _row_frame(title, scale, values, unit)
    for name, value in values.items():
        x, y = scale(value), places[name]
        label = number(value)
        if key == "cpu_us" and name != "nginx" and "cpu_ratio" in rows[name]:
            label += f"  ({number(rows[name]['cpu_ratio'])} × nginx)"
        parts.append(element("path", cls=f"line t-{name}", d=f"M{scale.first} {y:.1f} H{x:.1f}"))
        parts.append(mark(name, x, y))
        parts.append(text(x + 9, y + 4, label, "ink small halo"))
    return "".join(parts)


def _latency(summary, targets, case, title):
    """One row a target: from p50 over p99 to p99.9."""
    rows = summary.get(case, {})
    keys = ["p50_us", "p99_us", "p999_us"]
    values = {name: [rows[name][key] for key in keys] for name in targets if "p50_us" in rows.get(name, {})}
    if not values:
        return _empty(title)
    scale = _row_scale([value for of_target in values.values() for value in of_target], 150)
    parts, places = _row_frame(title, scale, values, "µs")
    for name, of_target in values.items():
        y, xs = places[name], [scale(value) for value in of_target]
        parts.append(element("path", cls=f"line t-{name}", d=f"M{xs[0]:.1f} {y:.1f} H{xs[-1]:.1f}"))
        parts += [mark(name, x, y) for x in xs]
        label = " · ".join(number(value) for value in of_target)
        parts.append(text(xs[-1] + 9, y + 4, label, "ink small halo"))
    return "".join(parts)


if __name__ == "__main__":
    source, target = sys.argv[1:]
    Path(target).write_text(draw(json.loads(Path(source).read_text())))
