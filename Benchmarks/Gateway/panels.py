"""The picture's panels: lines over several cases, and one row a target."""

from digits import number
from svg import Scale, element, mark, text

WIDTH, HEIGHT = 430, 220
LEFT, RIGHT, TOP, BOTTOM = 72, WIDTH - 16, 40, HEIGHT - 30
ROW_LABELS = 90  # the width that the targets' names take


def _frame(title):
    box = element("rect", cls="panel", width=WIDTH, height=HEIGHT, rx=8)
    return [box, text(14, 24, title, "ink head")]


def _empty(title):
    return "".join([*_frame(title), text(14, 60, "not measured", "soft small")])


def lines(title, places, values):
    """One line a target. `places`: what stands below; `values`: {target: [figure or None, …]}."""
    figures = [value for own in values.values() for value in own if value]
    if not figures:
        return _empty(title)
    up = Scale(figures, BOTTOM, TOP)
    first, last = LEFT + 14, RIGHT - 14
    across = [first + (last - first) * n / (len(places) - 1) for n in range(len(places))]
    parts = _frame(title)
    for value in up.ticks():
        parts.append(element("path", cls="grid", d=f"M{LEFT} {up(value):.1f} H{RIGHT}"))
        parts.append(text(LEFT - 7, up(value) + 4, number(value), "soft small", "end"))
    for x, label in zip(across[:-1], places[:-1]):
        parts.append(text(x, BOTTOM + 18, label, "soft small", "middle"))
    parts.append(text(RIGHT, BOTTOM + 18, places[-1], "soft small", "end"))
    for name, own in values.items():
        points = [(x, up(value)) for x, value in zip(across, own) if value]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(element("polyline", cls=f"line t-{name}", points=path))
        parts += [mark(name, x, y) for x, y in points]
    return "".join(parts)


def rows(title, values, label_width=40, notes=None):
    """One row a target. `values`: {target: [figure, …]}; several are joined by a line.

    `notes`: {target: what stands behind its figures}. `label_width`: of figures and notes.
    """
    values = {name: own for name, own in values.items() if own and all(own)}
    if not values:
        return _empty(title)
    # What stands right of the last mark needs room too.
    scale = Scale(
        [value for own in values.values() for value in own], ROW_LABELS + 14, RIGHT - label_width
    )
    parts = _frame(title)
    for value in scale.ticks():
        parts.append(element("path", cls="grid", d=f"M{scale(value):.1f} {TOP} V{BOTTOM}"))
        parts.append(text(scale(value), BOTTOM + 18, number(value), "soft small", "middle"))
    step = (BOTTOM - TOP) / len(values)
    for index, (name, own) in enumerate(values.items()):
        y, xs = TOP + (index + 0.5) * step, [scale(value) for value in own]
        begin = xs[0] if len(xs) > 1 else scale.first
        label = " · ".join(number(value) for value in own) + (notes or {}).get(name, "")
        parts.append(text(ROW_LABELS, y + 4, name, "ink", "end"))
        parts.append(element("path", cls=f"line t-{name}", d=f"M{begin:.1f} {y:.1f} H{xs[-1]:.1f}"))
        parts += [mark(name, x, y) for x in xs]
        parts.append(text(xs[-1] + 9, y + 4, label, "ink small halo"))
    return "".join(parts)
