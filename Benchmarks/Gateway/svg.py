"""The pieces that the picture is made of."""

import math
from html import escape

# Each target's color in the light and in the dark scheme, and its mark: not by color alone.
COLORS = {
    "direct": ("#818b98", "#7d8590", "circle"),
    "nginx": ("#1a7f37", "#3fb950", "square"),
    "haproxy": ("#9a6700", "#d29922", "diamond"),
    "litellm": ("#cf222e", "#f85149", "down"),
    "prefd-idle": ("#8250df", "#bc8cff", "up"),
    "prefd-full": ("#0969da", "#58a6ff", "circle"),
}


def _colored(which):
    return " ".join(
        f".t-{name} {{ stroke: {colors[which]} }} .m-{name} {{ fill: {colors[which]} }}"
        for name, colors in COLORS.items()
    )


STYLE = f"""
  .paper {{ fill: #ffffff }} .panel {{ fill: #f6f8fa; stroke: #d1d9e0 }} .grid {{ stroke: #d1d9e0 }}
  .ink {{ fill: #1f2328 }} .soft {{ fill: #59636e }} .small {{ font-size: 11.5px }}
  .title {{ font-weight: 600; font-size: 17px }} .head {{ font-weight: 600 }}
  .line {{ fill: none; stroke-width: 2 }}
  .halo {{ paint-order: stroke; stroke: #f6f8fa; stroke-width: 4px }}
  {_colored(0)}
  @media (prefers-color-scheme: dark) {{
    .paper {{ fill: #0d1117 }} .panel {{ fill: #161b22; stroke: #3d444d }} .grid {{ stroke: #3d444d }}
    .ink {{ fill: #f0f6fc }} .soft {{ fill: #b1bac4 }} .halo {{ stroke: #161b22 }}
    {_colored(1)}
  }}
"""


def element(name, cls=None, **attributes):
    """An empty element."""
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}" + (f' class="{cls}"' if cls else "") + said + "/>"


def text(x, y, content, cls, anchor=None):
    placed = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{cls}" x="{x:.1f}" y="{y:.1f}"{placed}>{escape(content)}</text>'


def mark(target, x, y):
    """The target's own mark, at a point."""
    shape = {
        "circle": "M{l} {y} a5 5 0 1 0 10 0 a5 5 0 1 0 -10 0",
        "square": "M{l} {t} h10 v10 h-10 z",
        "diamond": "M{x} {t} l6 5 l-6 5 l-6 -5 z",
        "up": "M{x} {t} l6 10 h-12 z",
        "down": "M{x} {b} l6 -10 h-12 z",
    }[COLORS[target][2]]
    places = {"x": x, "y": y, "l": x - 5, "t": y - 5, "b": y + 5}
    path = shape.format(**{key: f"{value:.1f}" for key, value in places.items()})
    return element("path", cls=f"m-{target}", d=path)


class Scale:
    """A logarithmic scale from `first` to `last`, in the picture's units."""

    def __init__(self, values, first, last):
        values = list(values)
        self.first, self.last = first, last
        # A little more than the values need; at least one power of ten.
        self.low = math.log10(min(values)) - 0.15
        self.high = max(math.log10(max(values)) + 0.1, self.low + 1)

    def __call__(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)

    def ticks(self):
        """Powers of ten; where there are few of them, what lies between too."""
        span = self.high - self.low
        steps = [1] if span > 2.2 else [1, 3] if span > 1.2 else [1, 2, 5]
        powers = range(math.floor(self.low), math.ceil(self.high) + 1)
        candidates = [step * 10.0**power for power in powers for step in steps]
        return [value for value in candidates if self.low <= math.log10(value) <= self.high]
