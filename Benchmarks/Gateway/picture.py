"""Draws a benchmark's JSON as the README's picture.

    python3 picture.py FIGURES.json PICTURE.svg

All scales are logarithmic, because what is compared lies up to three powers of ten apart. The
picture brings its own background, and follows the reader's light or dark scheme.
"""

import json
import sys
from pathlib import Path
from statistics import median

import panels
from digits import number
from svg import COLORS, STYLE, element, mark, text

WIDTH, HEIGHT = 920, 1088
LEFT, TOP, GAP = 20, 92, 20
FONTS = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"


def draw(document):
    """The whole picture, as SVG."""
    summary = document["summary"]
    targets = [name for name in COLORS if any(name in rows for rows in summary.values())]
    parts = [
        element("rect", cls="paper", x=0, y=0, width=WIDTH, height=HEIGHT, rx=10),
        text(LEFT + 4, 32, "Gateways in turns against one stub backend", "ink title"),
        text(LEFT + 4, 52, _subtitle(document), "soft small"),
        _legend(targets),
    ]
    for index, panel in enumerate(_panels(document, targets)):
        x = LEFT + index % 2 * (panels.WIDTH + GAP)
        y = TOP + index // 2 * (panels.HEIGHT + GAP)
        parts.append(f'<g transform="translate({x} {y})">{panel}</g>')
    for line, words in enumerate(_footer(document)):
        parts.append(text(LEFT + 4, HEIGHT - 32 + 17 * line, words, "soft small"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="title desc" font-family="{FONTS}" font-size="13">\n'
        '<title id="title">What prefd costs beside other gateways</title>\n'
        f'<desc id="desc">{_described(summary, targets)}</desc>\n'
        f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _panels(document, targets):
    summary = document["summary"]

    def figure(case, name, key):
        return summary.get(case, {}).get(name, {}).get(key)

    def over(cases, key):
        return {name: [figure(case, name, key) for case in cases] for name in targets}

    def at(case, *keys):
        return {name: [figure(case, name, key) for key in keys] for name in targets}

    def beside_nginx(case):
        ratios = {name: figure(case, name, "cpu_ratio") for name in targets if name != "nginx"}
        return {name: f"  ({number(ratio)} × nginx)" for name, ratio in ratios.items() if ratio}

    connections = ["1 connection", "8", "64", "512 connections"]
    plain, flood = ([f"{kind}-{n}" for n in (1, 8, 64, 512)] for kind in ("plain", "flood"))
    talks = ["plain-1", "talk-200k", "talk-8m"]
    starts = {
        name: [median(known["first_answer_ms"])]
        for name, known in document["targets"].items()
        if name in targets and "first_answer_ms" in known
    }
    return [
        panels.lines("Plain JSON: requests a second", connections, over(plain, "rate")),
        panels.lines("Streams: chunks a second", connections, over(flood, "rate")),
        panels.rows(
            "CPU a request, 64 connections (µs)",
            at("plain-64", "cpu_us"),
            label_width=140,
            notes=beside_nginx("plain-64"),
        ),
        panels.rows(
            "CPU a streamed chunk, 64 connections (µs)",
            at("flood-64", "cpu_us"),
            label_width=140,
            notes=beside_nginx("flood-64"),
        ),
        panels.rows(
            "Plain JSON, 1 connection: p50 · p99 · p99.9 (µs)",
            at("plain-1", "p50_us", "p99_us", "p999_us"),
            label_width=150,
        ),
        panels.lines(
            "CPU a request, by the conversation's length (µs)",
            ["4 KB", "200 KB", "8 MB"],
            over(talks, "cpu_us"),
        ),
        panels.rows("Peak memory, 512 connections, plain JSON (MB)", at("plain-512", "peak_mb")),
        panels.rows("From start to the first answer (ms)", starts, label_width=50),
    ]


def _subtitle(document):
    machine = document["machine"]
    return (
        f"4 KB in, 2 KB out; streams of 200 chunks. {machine['cpu']}, {machine['cpus']} CPUs for "
        "load, gateway and backend together. Medians; all scales are logarithmic."
    )


def _footer(document):
    machine, settings = document["machine"], document["settings"]
    yield (
        f"nginx {machine['nginx']}, 1 worker. "
        f"HAProxy {machine['haproxy'].partition('-')[0]}, 1 thread. "
        f"LiteLLM {machine['litellm']}, 1 worker, over TCP. prefd at {machine['commit']}. "
        f"{machine['time'][:10]}, rounds: {settings['rounds']}."
    )
    yield (
        "prefd-idle: no preferences, no rules. prefd-full: ten directives in, all shipped rules on the "
        f"answer, every {settings['rate_every']}th answer rated and recorded."
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


if __name__ == "__main__":
    source, target = sys.argv[1:]
    Path(target).write_text(draw(json.loads(Path(source).read_text())))
